//! Sets of facts that areas publish, and what rules read about each partner: metrics, facts, the past, other partners.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use kernel::{App, OrganizationId, PartnerId, Registry, Result, Scope, Timestamp, Tx};
use law::expr::{Needs, SetType};
use law::{Basis, Case, Catalog, FactKind, Type, Value};

use crate::metric::{Metric, measure_all};
use crate::store;

/// Loads the rows of all partners of an organization that were facts at an instant, as they were known at another one; the
/// cells of a row stand in the order of the fields, and what is not set is [`Value::Absent`].
pub type Load = for<'a> fn(&'a App, &'a mut Tx, OrganizationId, Times) -> BoxFuture<'a, Result<Vec<FactRow>>>;

/// The two times of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Only what was so at this instant counts.
    pub at: Timestamp,
    /// Only what had been recorded by this instant counts.
    pub known_at: Timestamp,
}

impl Times {
    /// What is so and known now, or was at an instant.
    pub const fn of(now: Timestamp) -> Self {
        Self { at: now, known_at: now }
    }
}

/// A row of facts, with the partner that it is about.
pub type FactRow = (PartnerId, Vec<Value>);

/// A set of facts about partners; areas add theirs with `registry.add(FactSet { … })`.
#[derive(Clone, Copy)]
pub struct FactSet {
    /// The name that rules use, such as `deals`.
    pub key: &'static str,
    /// The name for people, such as `Deals`.
    pub title: &'static str,
    pub fields: &'static [Field],
    /// The field that says from when on a row is a fact; before that instant nobody knew of it.
    pub since: Option<&'static str>,
    pub load: Load,
}

/// A field of a set of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    pub key: &'static str,
    pub kind: Type,
    /// Whether it is an instant that is known before it comes, such as an expiry.
    pub ahead: bool,
}

impl Field {
    pub const fn new(key: &'static str, kind: Type) -> Self {
        Self { key, kind, ahead: false }
    }

    /// An instant that is planned.
    pub const fn planned(key: &'static str) -> Self {
        Self { key, kind: Type::Instant, ahead: true }
    }
}

impl FactSet {
    /// Its type, as the catalog of rules has it.
    pub fn kind(&self) -> SetType {
        SetType {
            title: self.title.to_owned(),
            fields: self.fields.iter().map(|field| (field.key.to_owned(), field.kind)).collect(),
            since: self.since.map(str::to_owned),
            ahead: self.fields.iter().filter(|field| field.ahead).map(|field| field.key.to_owned()).collect(),
        }
    }

    fn empty(&self) -> law::FactSet {
        law::FactSet {
            fields: self.fields.iter().map(|field| field.key.to_owned()).collect(),
            since: self.since.map(str::to_owned),
            ahead: self.fields.iter().filter(|field| field.ahead).map(|field| field.key.to_owned()).collect(),
            rows: Vec::new(),
        }
    }
}

/// Loads the facts of a kind that the program itself declares, named with its declaration; the cells of a row stand in the
/// order of the fields of its set.
pub type LoadRecorded =
    for<'a> fn(&'a mut Tx, OrganizationId, (&'a str, &'a FactKind), Times) -> BoxFuture<'a, Result<Vec<FactRow>>>;

/// Where the facts are that programs declare in `facts.toml`; one area adds it.
#[derive(Clone, Copy)]
pub struct Recorded(pub LoadRecorded);

/// The names that rules can use where these areas are installed: the metrics and sets of facts that they really publish, with
/// the standard benefits, roles and operations. It is what [`programs::Published`] is for.
pub fn published(registry: &Registry) -> Catalog {
    let metrics = registry.parts::<Metric>().iter().map(|metric| (metric.key.to_owned(), metric.kind)).collect();
    let sets = registry.parts::<FactSet>().iter().map(|set| (set.key.to_owned(), set.kind())).collect();
    Catalog { metrics, sets, ..Catalog::standard() }
}

/// What rules read about each of these partners now; they are also those that are compared with each other.
///
/// Only the sets, columns and comparisons that the rules need are loaded and kept, so that they can be stored with a decision.
pub async fn cases_of(
    app: &App,
    tx: &mut Tx,
    organization: OrganizationId,
    partners: &[PartnerId],
    (needs, basis): (&Needs, &Basis),
    now: Timestamp,
) -> Result<BTreeMap<PartnerId, Case>> {
    let mut measured = measure_all(app, tx, organization, now).await?;
    let mut cases: BTreeMap<PartnerId, Case> = BTreeMap::new();
    let timed = needs.time || !needs.fields.is_empty();
    for partner in partners {
        let values = measured.remove(partner).unwrap_or_default();
        cases.insert(*partner, Case { now: timed.then_some(now), values, ..Case::default() });
    }
    for set in app.registry().parts::<FactSet>().iter().filter(|set| needs.names.contains(set.key)) {
        let rows = (set.load)(app, tx, organization, Times::of(now)).await?;
        place(set.key, &set.empty(), rows, needs, &mut cases);
    }
    for (name, kind) in basis.facts.iter().filter(|(name, _)| needs.names.contains(*name)) {
        let recorded = app.registry().part::<Recorded>()?;
        let rows = (recorded.0)(tx, organization, (name, kind), Times::of(now)).await?;
        place(name, &law::FactSet::of(&kind.set()), rows, needs, &mut cases);
    }
    if !needs.past.is_empty() {
        let scope = Scope { organization, partner: None };
        for (partner, metric, measured) in store::past(tx, &scope, now).await? {
            if let Some(case) = cases.get_mut(&partner).filter(|_| needs.past.contains(&metric)) {
                case.history.entry(metric).or_default().push((measured.as_of, measured.value));
            }
        }
    }
    if !needs.compared.is_empty() {
        let (ids, mut all): (Vec<PartnerId>, Vec<Case>) = cases.into_iter().unzip();
        needs.compare(basis, &mut all);
        cases = ids.into_iter().zip(all).collect();
    }
    Ok(cases)
}

/// Puts the columns that the rules need into the cases of those that the rows are about.
fn place(name: &str, set: &law::FactSet, rows: Vec<FactRow>, needs: &Needs, cases: &mut BTreeMap<PartnerId, Case>) {
    let columns = needs.columns(set);
    for case in cases.values_mut() {
        case.sets.insert(name.to_owned(), columns.clone());
    }
    let places: Vec<usize> = columns.fields.iter().filter_map(|field| set.field(field)).collect();
    for (partner, row) in rows {
        let Some(rows) = cases.get_mut(&partner).and_then(|case| case.sets.get_mut(name)) else { continue };
        let cell = |place: &usize| row.get(*place).cloned().unwrap_or(Value::Absent);
        rows.rows.push(places.iter().map(cell).collect());
    }
}
