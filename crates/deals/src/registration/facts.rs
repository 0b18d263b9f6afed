//! The deals of each partner as facts that rules can look into one by one.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use kernel::{App, Error, Money, OrganizationId, Registry, Result, Row, Scope, Timestamp, Tx, params};
use law::{Program, Type, Value};
use partners::CustomerId;
use scoring::{FactRow, FactSet, Field, Times};

use super::DealId;

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

/// Deals that were registered by then, in the state that they were in then. The region is the customer's country, the product
/// the first one that is named, the segment that of the program in force then.
fn load<'a>(
    app: &'a App,
    tx: &'a mut Tx,
    organization: OrganizationId,
    times: Times,
) -> BoxFuture<'a, Result<Vec<FactRow>>> {
    Box::pin(async move {
        let scope = Scope { organization, partner: None };
        let law = match programs::law_at(app, tx, &scope, times.at, times.known_at).await {
            Ok(law) => Some(law),
            Err(Error::Conflict { .. }) => None,
            Err(error) => return Err(error),
        };
        let program = law.as_ref().map(|law| &law.program);
        let sql = "SELECT id, partner, customer, customer_name, products, customer_country, source,
                          state, value_minor, currency, valid_at, approved_at, closed_at FROM deal
                   WHERE organization = $1 AND valid_at <= $2 AND submitted_at <= $3 ORDER BY valid_at, id";
        let until = times.at.min(times.known_at);
        // Customers that counted as one then are one.
        let merged = partners::customers::roots_at(tx, &scope, times.known_at).await?;
        tx.all(sql, params![organization, times.at, times.known_at], |row| read(row, until, program, &merged)).await
    })
}

fn read(
    row: &Row,
    until: Timestamp,
    program: Option<&Program>,
    merged: &BTreeMap<CustomerId, CustomerId>,
) -> Result<FactRow> {
    let text = |column| row.get::<String>(column).map(Value::text);
    let (approved, closed): (Option<Timestamp>, Option<Timestamp>) = (row.get("approved_at")?, row.get("closed_at")?);
    let state = state_at(row.get("state")?, approved, closed, until);
    let closed_as = |wanted: &str| closed.filter(|_| state == wanted).map_or(Value::Absent, Value::Instant);
    let products: Vec<String> = row.json("products")?;
    let customer: Option<CustomerId> = row.get("customer")?;
    let customer = customer.map(|id| merged.get(&id).copied().unwrap_or(id));
    let region: Option<String> = row.get("customer_country")?;
    let value = Money::new(i128::from(row.get::<i64>("value_minor")?), row.get("currency")?);
    // Segments are in the program's currency; a deal in another one is in none.
    let program = program.filter(|program| program.settings.currency == value.currency);
    let segment = program.and_then(|program| program.engagement.segment_of(value));
    let cells = vec![
        text("id")?,
        customer.map_or_else(|| text("customer_name"), |id| Ok(Value::text(id.to_string())))?,
        products.into_iter().next().map_or(Value::Absent, Value::text),
        region.map_or(Value::Absent, Value::text),
        text("source")?,
        Value::text(state.clone()),
        value.into(),
        row.get::<Timestamp>("valid_at")?.into(),
        closed_as("closed_won"),
        closed_as("closed_lost"),
        segment.map_or(Value::Absent, |segment| Value::text(segment.key.clone())),
    ];
    Ok((row.get("partner")?, cells))
}

/// The state at an instant, as far as a row tells it: what was closed or approved later was still before that.
fn state_at(state: String, approved: Option<Timestamp>, closed: Option<Timestamp>, at: Timestamp) -> String {
    let later = |moment: Option<Timestamp>| moment.is_some_and(|moment| moment > at);
    if later(approved) {
        "submitted".to_owned()
    } else if later(closed) {
        if approved.is_some() { "approved" } else { "submitted" }.to_owned()
    } else {
        state
    }
}

/// The first product of every won deal that names one.
pub async fn first_products_of_won(tx: &mut Tx, scope: &Scope) -> Result<BTreeMap<DealId, String>> {
    let sql = "SELECT id, products FROM deal WHERE organization = $1 AND state = 'closed_won'
               AND (partner = $2 OR CAST($2 AS TEXT) IS NULL)";
    let rows: Vec<(DealId, Vec<String>)> = tx
        .all(sql, params![scope.organization, scope.partner], |row| Ok((row.get("id")?, row.json("products")?)))
        .await?;
    Ok(rows.into_iter().filter_map(|(id, products)| Some((id, products.into_iter().next()?))).collect())
}
