//! Metrics: named, typed figures that areas publish about partners.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use kernel::{App, Money, OrganizationId, PartnerId, Result, Scope, Timestamp, Tx};
use law::{Facts, Type, Value};

/// Measures one figure for every partner of an organization that has any, at an instant.
pub type Measure = for<'a> fn(&'a mut Tx, OrganizationId, Timestamp) -> BoxFuture<'a, Result<Vec<(PartnerId, Value)>>>;

/// A figure about partners; areas add theirs with `registry.add(Metric { … })`.
#[derive(Clone, Copy)]
pub struct Metric {
    /// The name that rules use, such as `won_value_12m`.
    pub key: &'static str,
    /// The name for people, such as `Value won in 12 months`.
    pub title: &'static str,
    pub kind: Type,
    /// What is counted, and what is not.
    pub help: &'static str,
    pub measure: Measure,
}

/// Everything that is measured about each partner, by metric.
///
/// A partner that one metric knows and another does not has nothing of the latter: counts and amounts are 0, while a share of
/// nothing stays unknown.
pub async fn measure_all(
    app: &App,
    tx: &mut Tx,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<BTreeMap<PartnerId, Facts>> {
    let scope = Scope { organization, partner: None };
    let currency = match programs::law_at(app, tx, &scope, now, now).await {
        Ok(law) => Some(law.program.settings.currency),
        Err(kernel::Error::Conflict { .. }) => None,
        Err(error) => return Err(error),
    };
    let metrics = app.registry().parts::<Metric>();
    let mut measured: BTreeMap<PartnerId, Facts> = BTreeMap::new();
    for metric in &metrics {
        for (partner, value) in (metric.measure)(tx, organization, now).await? {
            measured.entry(partner).or_default().insert(metric.key.to_owned(), value);
        }
    }
    for facts in measured.values_mut() {
        for metric in &metrics {
            let nothing = || match (metric.kind, currency) {
                (Type::Count, _) => Value::count(0),
                (Type::Money, Some(currency)) => Money::zero(currency).into(),
                _ => Value::unknown("nothing to measure yet"),
            };
            facts.entry(metric.key.to_owned()).or_insert_with(nothing);
        }
    }
    Ok(measured)
}
