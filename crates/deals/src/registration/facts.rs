//! The deals of each partner as facts that rules can look into one by one.

use futures::future::BoxFuture;
use kernel::{Money, OrganizationId, PartnerId, Registry, Result, Row, Timestamp, Tx, params};
use law::{Type, Value};
use scoring::{FactRow, FactSet, Field};

const FIELDS: &[Field] = &[
    Field::new("id", Type::Text),
    Field::new("customer", Type::Text),
    Field::new("product", Type::Text),
    Field::new("region", Type::Text),
    Field::new("source", Type::Text),
    Field::new("state", Type::Text),
    Field::new("value", Type::Money),
    Field::new("registered_at", Type::Instant),
    Field::new("won_at", Type::Instant),
    Field::new("lost_at", Type::Instant),
    Field::new("segment", Type::Text),
];

pub(crate) fn install(registry: &mut Registry) {
    registry.add(FactSet { key: "deals", title: "deals", fields: FIELDS, since: Some("registered_at"), load });
}

/// Deals that were registered by then. The region is the customer's country, the product the first one that is named; the
/// segment is the program's and not kept with a deal.
fn load(
    tx: &mut Tx,
    organization: OrganizationId,
    at: Timestamp,
    known_at: Timestamp,
) -> BoxFuture<'_, Result<Vec<FactRow>>> {
    Box::pin(async move {
        let sql =
            "SELECT id, partner, COALESCE(customer, customer_name) AS customer, products, customer_country, source,
                          state, value_minor, currency, valid_at, closed_at FROM deal
                   WHERE organization = $1 AND valid_at <= $2 AND submitted_at <= $3 ORDER BY valid_at, id";
        tx.all(sql, params![organization, at, known_at], read).await
    })
}

fn read(row: &Row) -> Result<(PartnerId, Vec<Value>)> {
    let text = |column| row.get::<String>(column).map(Value::text);
    let state: String = row.get("state")?;
    let closed: Option<Timestamp> = row.get("closed_at")?;
    let closed_as = |wanted: &str| closed.filter(|_| state == wanted).map_or(Value::Absent, Value::Instant);
    let products: Vec<String> = row.json("products")?;
    let region: Option<String> = row.get("customer_country")?;
    let cells = vec![
        text("id")?,
        text("customer")?,
        products.into_iter().next().map_or(Value::Absent, Value::text),
        region.map_or(Value::Absent, Value::text),
        text("source")?,
        Value::text(state.clone()),
        Money::new(i128::from(row.get::<i64>("value_minor")?), row.get("currency")?).into(),
        row.get::<Timestamp>("valid_at")?.into(),
        closed_as("closed_won"),
        closed_as("closed_lost"),
        Value::Absent,
    ];
    Ok((row.get("partner")?, cells))
}
