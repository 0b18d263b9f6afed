//! Recorded facts as the rule language reads them.

use futures::future::BoxFuture;
use kernel::{OrganizationId, Result, Timestamp, Tx};
use law::{FactKind, Value};
use scoring::{FactRow, Times};

use super::fact::Fact;
use super::store;

/// The end of a fact without one, so that `valid_until > now` asks what it says: 9999-01-01.
const WITHOUT_END: Timestamp = Timestamp::from_micros(253_370_764_800_000_000);

/// The facts of a kind that counted at an instant, as they were known at another one; cells in the order of the set's fields.
pub(super) fn load<'a>(
    tx: &'a mut Tx,
    organization: OrganizationId,
    (name, kind): (&'a str, &'a FactKind),
    times: Times,
) -> BoxFuture<'a, Result<Vec<FactRow>>> {
    Box::pin(async move {
        let fields: Vec<String> = kind.set().fields.into_keys().collect();
        let facts = store::known(tx, organization, name, times.at, times.known_at).await?;
        let row = |fact: Fact| (fact.partner, fields.iter().map(|field| cell(&fact, field)).collect());
        Ok(facts.into_iter().map(row).collect())
    })
}

fn cell(fact: &Fact, field: &str) -> Value {
    match field {
        "id" => Value::text(fact.id.to_string()),
        "recorded_at" => fact.recorded_at.map_or(Value::Absent, Value::Instant),
        "valid_from" => fact.valid_from.into(),
        "valid_until" => fact.valid_until.unwrap_or(WITHOUT_END).into(),
        // People write the same name in any case.
        "person" if fact.person.is_some() => {
            fact.person.as_ref().map_or(Value::Absent, |person| Value::text(person.to_lowercase()))
        }
        other => fact.fields.get(other).cloned().unwrap_or(Value::Absent),
    }
}
