//! What deals say about partners: open, won, and the share that is won.

use futures::future::BoxFuture;
use kernel::{Money, OrganizationId, PartnerId, Registry, Result, Row, Timestamp, Tx, params};
use law::{Type, Value};
use scoring::Metric;

/// Twelve months, reckoned as 365 days.
const YEAR_DAYS: i64 = 365;

pub(crate) fn install(registry: &mut Registry) {
    registry
        .add(Metric {
            key: "won_value_12m",
            title: "Value won in 12 months",
            kind: Type::Money,
            help: "What deals closed as won in the last 365 days were sold for.",
            measure: won_value,
        })
        .add(Metric {
            key: "won_deals_12m",
            title: "Deals won in 12 months",
            kind: Type::Count,
            help: "Deals closed as won in the last 365 days.",
            measure: won_deals,
        })
        .add(Metric {
            key: "open_deals",
            title: "Open deals",
            kind: Type::Count,
            help: "Registrations that are neither decided against nor closed, protected ones included.",
            measure: open_deals,
        })
        .add(Metric {
            key: "win_rate_12m",
            title: "Win rate in 12 months",
            kind: Type::Ratio,
            help: "Of the deals closed as won or lost in the last 365 days, the share that was won.",
            measure: win_rate,
        });
}

type Measured<'a> = BoxFuture<'a, Result<Vec<(PartnerId, Value)>>>;

async fn measured(
    tx: &mut Tx,
    sql: &str,
    organization: OrganizationId,
    now: Timestamp,
    value: impl Fn(&Row) -> Result<Value>,
) -> Result<Vec<(PartnerId, Value)>> {
    let params = params![organization, now.plus_days(-YEAR_DAYS), now];
    tx.all(sql, params, |row| Ok((row.get("partner")?, value(row)?))).await
}

fn won_value<'a>(tx: &'a mut Tx, organization: OrganizationId, now: Timestamp) -> Measured<'a> {
    Box::pin(async move {
        let sql = "SELECT partner, currency, CAST(SUM(value_minor) AS BIGINT) AS won_minor FROM deal
                   WHERE organization = $1 AND state = 'closed_won' AND closed_at > $2 AND closed_at <= $3
                   GROUP BY partner, currency ORDER BY partner, currency";
        measured(tx, sql, organization, now, |row| {
            Ok(Money::new(i128::from(row.get::<i64>("won_minor")?), row.get("currency")?).into())
        })
        .await
    })
}

fn won_deals<'a>(tx: &'a mut Tx, organization: OrganizationId, now: Timestamp) -> Measured<'a> {
    Box::pin(async move {
        let sql = "SELECT partner, COUNT(*) AS won FROM deal
                   WHERE organization = $1 AND state = 'closed_won' AND closed_at > $2 AND closed_at <= $3
                   GROUP BY partner ORDER BY partner";
        measured(tx, sql, organization, now, |row| Ok(Value::count(row.get::<i64>("won")?))).await
    })
}

fn open_deals<'a>(tx: &'a mut Tx, organization: OrganizationId, now: Timestamp) -> Measured<'a> {
    Box::pin(async move {
        // What was closed later was still open then.
        let sql = "SELECT partner, COUNT(*) AS open FROM (
                       SELECT partner FROM deal WHERE organization = $1 AND submitted_at <= $2
                       AND state IN ('submitted', 'pending_approval', 'under_review', 'returned', 'approved')
                       UNION ALL
                       SELECT partner FROM deal WHERE organization = $1 AND submitted_at <= $2 AND closed_at > $2
                       AND state IN ('closed_won', 'closed_lost', 'withdrawn', 'rejected', 'expired')
                   ) AS open_then GROUP BY partner ORDER BY partner";
        let read = |row: &Row| Ok((row.get("partner")?, Value::count(row.get::<i64>("open")?)));
        tx.all(sql, params![organization, now], read).await
    })
}

fn win_rate<'a>(tx: &'a mut Tx, organization: OrganizationId, now: Timestamp) -> Measured<'a> {
    Box::pin(async move {
        let sql = "SELECT partner, CAST(SUM(CASE WHEN state = 'closed_won' THEN 1 ELSE 0 END) AS BIGINT) AS won,
                          COUNT(*) AS closed FROM deal
                   WHERE organization = $1 AND state IN ('closed_won', 'closed_lost')
                   AND closed_at > $2 AND closed_at <= $3 GROUP BY partner ORDER BY partner";
        measured(tx, sql, organization, now, |row| Ok(Value::ratio(row.get::<i64>("won")?, row.get::<i64>("closed")?)))
            .await
    })
}
