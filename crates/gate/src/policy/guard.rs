//! Finding the policies that can speak about an order, so that a thousand policies cost what the few that matter cost.
//!
//! A policy that begins with `when { resource.segment == "…" && … }` or `when { resource.requires.contains("…") && … }`
//! is false for every other order before anything else in it is looked at. Leaving it out there changes no answer and
//! hides no failure.

use std::collections::HashMap;

use cedar_policy::PolicySet;
use serde_json::{Value, json};

use super::question::Order;

/// What an order must be for a policy to say anything about it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Guard {
    Segment(String),
    Requires(String),
}

/// The guard of a policy in its JSON form: the leftmost operand of its first clause.
pub(super) fn guard(policy: &Value) -> Option<Guard> {
    let clause = policy.get("conditions")?.get(0)?;
    if clause.get("kind")? != "when" {
        return None;
    }
    let mut expression = clause.get("body")?;
    while let Some(both) = expression.get("&&") {
        expression = both.get("left")?;
    }
    let of_order = |attribute| json!({ ".": { "left": { "Var": "resource" }, "attr": attribute } });
    let literal = |operand: &Value| operand.get("Value")?.as_str().map(str::to_owned);
    if let Some(equal) = expression.get("==") {
        let (left, right) = (equal.get("left")?, equal.get("right")?);
        let other = match (*left == of_order("segment"), *right == of_order("segment")) {
            (true, false) => right,
            (false, true) => left,
            _ => return None,
        };
        return literal(other).map(Guard::Segment);
    }
    let contains = expression.get("contains")?;
    let of_requirements = *contains.get("left")? == of_order("requires");
    of_requirements.then(|| literal(contains.get("right")?)).flatten().map(Guard::Requires)
}

/// The policies that see the same facts, sorted by the orders that they can speak about.
pub(super) struct Panel {
    pub(super) freshness_days: Option<u32>,
    always: PolicySet,
    guarded: HashMap<Guard, PolicySet>,
}

impl Panel {
    pub(super) fn new(freshness_days: Option<u32>) -> Self {
        Self { freshness_days, always: PolicySet::new(), guarded: HashMap::new() }
    }

    /// The set to which a policy with that guard belongs.
    pub(super) fn set_for(&mut self, guard: Option<&Guard>) -> &mut PolicySet {
        match guard {
            None => &mut self.always,
            Some(guard) => self.guarded.entry(guard.clone()).or_default(),
        }
    }

    /// The sets that can speak about the order.
    pub(super) fn about(&self, order: &Order) -> Vec<&PolicySet> {
        let mut sets = Vec::new();
        if !self.always.is_empty() {
            sets.push(&self.always);
        }
        if !self.guarded.is_empty() {
            sets.extend(self.guarded.get(&Guard::Segment(order.segment.clone())));
            sets.extend(order.requires.iter().filter_map(|each| self.guarded.get(&Guard::Requires(each.clone()))));
        }
        sets
    }
}
