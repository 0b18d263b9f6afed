//! What a merge of customers brings together here: what the folded one was invoiced.

use kernel::{Money, Registry, Result, Row, Scope, Tx, params};
use partners::customers::merging::{Holding, Pair};

pub(super) fn install(registry: &mut Registry) {
    registry.add(Holding { title: "Revenue", moves: |tx, scope, pair| Box::pin(invoiced(tx, scope, pair)) });
}

async fn invoiced(tx: &mut Tx, scope: Scope, pair: Pair) -> Result<Vec<String>> {
    let sql =
        "SELECT currency, COUNT(*) AS invoices, CAST(SUM(amount_minor) AS BIGINT) AS amount_minor FROM invoice_event
               WHERE organization = $1 AND customer = $2 AND kind = 'invoice' GROUP BY currency ORDER BY currency";
    let mut found = Vec::new();
    for one in partners::customers::family(tx, &scope, pair.folded).await? {
        let read = |row: &Row| {
            let amount = Money::new(i128::from(row.get::<i64>("amount_minor")?), row.get("currency")?);
            Ok(format!("{} invoices over {amount} are of it", row.get::<i64>("invoices")?))
        };
        found.extend(tx.all(sql, params![scope.organization, one], read).await?);
    }
    Ok(found)
}
