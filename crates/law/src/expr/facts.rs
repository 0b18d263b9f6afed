//! What a rule is evaluated over: the facts about one partner, in a form that can be stored with a decision.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use kernel::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::basis::Basis;
use super::population::Standing;
use super::value::{Facts, Value};

/// The facts about one partner at an instant. [`super::Needs::trim`] leaves only what the rules of a decision read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    /// The instant of evaluation; without it nothing that depends on the time is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Timestamp>,
    /// Metrics by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: Facts,
    /// Rows of facts by the name of their set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sets: BTreeMap<String, FactSet>,
    /// How the partner compares with all others, by metric.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub standings: BTreeMap<String, Standing>,
    /// What metrics were in the past, oldest first.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub history: BTreeMap<String, Vec<(Timestamp, Value)>>,
    /// When metrics were measured, for those that may be stale.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub measured_at: BTreeMap<String, Timestamp>,
}

/// The rows that a partner has in one set of facts: names of fields once, then the values of each row in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct FactSet {
    pub fields: Vec<String>,
    /// The field that says from when on a row is a fact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Fields whose instants are planned, so that they are known before they come.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub ahead: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Vec<Value>>,
}

impl FactSet {
    /// An empty set with the fields that its type declares, in their order.
    pub fn of(kind: &super::SetType) -> Self {
        Self {
            fields: kind.fields.keys().cloned().collect(),
            since: kind.since.clone(),
            ahead: kind.ahead.clone(),
            rows: Vec::new(),
        }
    }

    /// The place of a field in each row.
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field == name)
    }
}

impl Case {
    /// Nothing but metrics.
    pub fn of(values: Facts) -> Self {
        Self { values, ..Self::default() }
    }

    pub fn view<'a>(&'a self, basis: &'a Basis) -> View<'a> {
        View { values: &self.values, case: Some(self), basis, now: self.now, only: None, memo: None }
    }
}

/// Facts and law together, as an evaluation reads them. It is cheap to copy.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub(super) values: &'a Facts,
    pub(super) case: Option<&'a Case>,
    pub(super) basis: &'a Basis,
    pub(super) now: Option<Timestamp>,
    /// Only rows whose field has this text count, such as those of one region.
    pub(super) only: Option<(&'a str, &'a str)>,
    /// What computed metrics gave in evaluations before over the same facts.
    pub(super) memo: Option<&'a Memo>,
}

/// What computed metrics gave, for several evaluations over the same facts and the same basis.
#[derive(Debug, Default)]
pub struct Memo(RefCell<Vec<(String, Value)>>);

impl Memo {
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        self.0.borrow().iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    pub(super) fn put(&self, name: &str, value: &Value) {
        self.0.borrow_mut().push((name.to_owned(), value.clone()));
    }
}

impl<'a> View<'a> {
    /// Metrics alone, with nothing that a program says beyond its rules.
    pub fn plain(values: &'a Facts) -> Self {
        Self { values, case: None, basis: Basis::none(), now: None, only: None, memo: None }
    }

    /// Remembers in a memo what computed metrics give, which must be used for these facts and this basis only.
    #[must_use]
    pub const fn remembering(mut self, memo: &'a Memo) -> Self {
        self.memo = Some(memo);
        self
    }

    /// The same facts at another instant.
    #[must_use]
    pub const fn at(mut self, now: Timestamp) -> Self {
        self.memo = None;
        self.now = Some(now);
        self
    }

    /// Only the rows whose field has this text.
    #[must_use]
    pub const fn only(mut self, field: &'a str, text: &'a str) -> Self {
        self.only = Some((field, text));
        self
    }

    pub const fn basis(&self) -> &'a Basis {
        self.basis
    }

    pub const fn now(&self) -> Option<Timestamp> {
        self.now
    }

    /// Of these names, those that are published metrics and measured in numbers.
    pub fn measured<'n>(&self, names: &'n BTreeSet<String>) -> Vec<&'n str> {
        let is_number = |name: &&String| {
            let kind = self.values.get(*name).and_then(Value::kind);
            !self.basis.metrics.contains_key(*name) && kind.is_some_and(super::Type::is_measured)
        };
        names.iter().filter(is_number).map(String::as_str).collect()
    }

    /// The least figure with which a partner is in a share of all partners, such as `5%`.
    pub fn bar(&self, metric: &str, share: &str) -> Option<&'a Value> {
        self.case?.standings.get(metric)?.bars.get(share)
    }

    /// The texts that a field has in any set of facts, sorted: the regions in which the partner is at work.
    pub fn texts_of(&self, field: &str) -> Vec<&'a str> {
        let mut found = BTreeSet::new();
        for set in self.case.iter().flat_map(|case| case.sets.values()) {
            let Some(place) = set.field(field) else { continue };
            for row in &set.rows {
                if let Some(Value::Text(text)) = row.get(place) {
                    found.insert(text.as_str());
                }
            }
        }
        found.into_iter().collect()
    }
}
