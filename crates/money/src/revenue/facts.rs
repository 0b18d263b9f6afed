//! The attributed revenue of each partner as facts that rules can look into entry by entry.

use futures::future::BoxFuture;
use kernel::{App, Money, OrganizationId, PartnerId, Registry, Result, Row, Scope, Timestamp, Tx, params};
use law::{Type, Value};
use partners::CustomerId;
use scoring::{FactRow, FactSet, Field, Times};

const FIELDS: &[Field] = &[
    Field::new("id", Type::Text),
    Field::new("customer", Type::Text),
    Field::new("product", Type::Text),
    Field::new("region", Type::Text),
    Field::new("kind", Type::Text),
    Field::new("amount", Type::Money),
    Field::new("at", Type::Instant),
    Field::new("known_at", Type::Instant),
];

pub(super) fn install(registry: &mut Registry) {
    registry.add(FactSet { key: "revenue", title: "revenue entries", fields: FIELDS, since: Some("at"), load });
}

/// An attributed event with the deal and customer that say more about it.
struct Entry {
    partner: PartnerId,
    deal: Option<deals::DealId>,
    customer: CustomerId,
    cells: Vec<Value>,
}

/// Invoices count for the partner, what takes them back counts against it. The region is the customer's country, the product
/// the first one of the deal.
fn load<'a>(
    _: &'a App,
    tx: &'a mut Tx,
    organization: OrganizationId,
    times: Times,
) -> BoxFuture<'a, Result<Vec<FactRow>>> {
    Box::pin(async move {
        let sql = "SELECT a.partner, a.deal, a.customer, a.attributed_at, e.id, e.kind, e.amount_minor, e.currency,
                          e.occurred_at
                   FROM attribution a JOIN invoice_event e ON e.id = a.id
                   WHERE a.organization = $1 AND a.occurred_at <= $2 AND a.attributed_at <= $3
                   ORDER BY a.partner, a.occurred_at, a.id";
        let entries = tx.all(sql, params![organization, times.at, times.known_at], read).await?;
        let scope = Scope { organization, partner: None };
        let products = deals::first_products_of_won(tx, &scope).await?;
        let countries = partners::customers::countries(tx, &scope).await?;
        // Customers that counted as one then are one; the country is that of the one that was kept, where it has one.
        let merged = partners::customers::roots_at(tx, &scope, times.known_at).await?;
        let told = |text: Option<&String>| text.map_or(Value::Absent, |text| Value::text(text.clone()));
        let rows = entries.into_iter().map(|mut entry| {
            entry.cells[2] = told(entry.deal.and_then(|deal| products.get(&deal)));
            let root = merged.get(&entry.customer).copied().unwrap_or(entry.customer);
            entry.cells[1] = Value::text(root.to_string());
            entry.cells[3] = told(countries.get(&root).or_else(|| countries.get(&entry.customer)));
            (entry.partner, entry.cells)
        });
        Ok(rows.collect())
    })
}

fn read(row: &Row) -> Result<Entry> {
    let kind: String = row.get("kind")?;
    let minor = i128::from(row.get::<i64>("amount_minor")?);
    let signed = if kind == "invoice" { minor } else { -minor };
    let customer: CustomerId = row.get("customer")?;
    let cells = vec![
        Value::text(row.get::<String>("id")?),
        Value::text(customer.to_string()),
        Value::Absent,
        Value::Absent,
        Value::text(kind),
        Money::new(signed, row.get("currency")?).into(),
        row.get::<Timestamp>("occurred_at")?.into(),
        row.get::<Timestamp>("attributed_at")?.into(),
    ];
    Ok(Entry { partner: row.get("partner")?, deal: row.get("deal")?, customer, cells })
}
