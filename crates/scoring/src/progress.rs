//! A tier's rule against the measured values, condition by condition, in the words of the metrics' titles.

use std::collections::BTreeMap;

use law::expr::{Compare, Comparison, Condition, Flag, Trace};
use law::{Evaluation, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::way::WayUp;

/// One condition of a tier: what is measured, what is needed, and what would help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Requirement {
    /// A sentence for people.
    pub text: String,
    pub met: bool,
    /// What would meet it; absent if it is met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// The tier that the measured values give, and the way to the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TierProgress {
    /// The key of the tier.
    pub tier: String,
    pub title: String,
    /// What the tier requires, as it is met.
    pub because: Vec<Requirement>,
    /// Absent in the highest tier.
    pub next: Option<NextTier>,
}

/// The next tier up with its conditions, met or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NextTier {
    pub tier: String,
    pub title: String,
    pub requirements: Vec<Requirement>,
    /// The smallest change that leads there by the end of the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<WayUp>,
}

/// Names of metrics for people, by key.
pub type Titles = BTreeMap<String, String>;

/// The conditions that an evaluation saw. Alternatives count as one condition, met by those that hold.
pub fn requirements(evaluation: &Evaluation, titles: &Titles) -> Vec<Requirement> {
    let mut found = Vec::new();
    collect(&evaluation.trace, titles, &mut found);
    found
}

fn collect(trace: &Trace, titles: &Titles, found: &mut Vec<Requirement>) {
    match trace {
        Trace::All(parts) => parts.iter().for_each(|part| collect(part, titles, found)),
        Trace::Any(parts) => found.push(alternatives(parts, titles)),
        Trace::Compare(comparison) => found.push(compared(comparison, titles)),
        Trace::Flag(flag) => found.push(flagged(flag, titles)),
        Trace::Condition(condition) => found.push(conditional(condition)),
        Trace::Constant(Some(true)) => {}
        Trace::Constant(_) => {
            let text = "The rule of the tier lets nobody in.".to_owned();
            found.push(Requirement { text, met: false, remedy: None });
        }
    }
}

/// One condition out of several ways: the ways that are met if any is, all of them otherwise.
fn alternatives(parts: &[Trace], titles: &Titles) -> Requirement {
    let ways: Vec<Vec<Requirement>> = parts
        .iter()
        .map(|part| {
            let mut way = Vec::new();
            collect(part, titles, &mut way);
            way
        })
        .collect();
    let is_met = |way: &Vec<Requirement>| way.iter().all(|one| one.met);
    let met = ways.iter().any(is_met);
    let told = ways.iter().filter(|way| !met || is_met(way));
    let text: Vec<String> =
        told.map(|way| join(way.iter().map(|one| one.text.trim_end_matches('.')), " and ")).collect();
    let remedies = ways.iter().map(|way| {
        let missing = way.iter().filter_map(|one| one.remedy.as_deref());
        join(missing.map(|remedy| remedy.trim_end_matches('.')), " and ")
    });
    let remedy = (!met).then(|| format!("{}.", join(remedies.filter(|remedy| !remedy.is_empty()), ", or ")));
    let either = if text.len() > 1 { "Either " } else { "" };
    Requirement { text: format!("{either}{}.", text.join(", or ")), met, remedy }
}

fn join<T: AsRef<str>>(parts: impl Iterator<Item = T>, between: &str) -> String {
    parts.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join(between)
}

fn compared(comparison: &Comparison, titles: &Titles) -> Requirement {
    let Comparison { measured, actual, compare, needed, holds } = comparison;
    let name = titles.get(measured).cloned().unwrap_or_else(|| sentence(measured));
    let (words, needed) = (compare.words(), needed.pretty());
    let met = *holds == Some(true);
    let text = format!("{name} is {}, needed is {words} {needed}.", actual.pretty());
    let remedy = match (met, actual, comparison.shortfall()) {
        (true, ..) => None,
        (false, Value::Unknown(_), _) => Some(format!("{name} counts as soon as it is measured.")),
        (false, _, Some(gap)) if *compare == Compare::AtLeast => Some(format!("{name}: {} more.", gap.pretty())),
        (false, _, Some(gap)) => Some(format!("{name}: over {} more.", gap.pretty())),
        (false, ..) => Some(format!("{name}: get to {words} {needed}.")),
    };
    Requirement { text, met, remedy }
}

fn flagged(flag: &Flag, titles: &Titles) -> Requirement {
    let name = titles.get(&flag.name).unwrap_or(&flag.name);
    let met = flag.actual == Value::Bool(flag.needed);
    let text = format!("{name} is {}, needed is {}.", flag.actual.pretty(), flag.needed);
    let remedy = (!met).then(|| format!("{name}: get to {}.", flag.needed));
    Requirement { text, met, remedy }
}

fn conditional(condition: &Condition) -> Requirement {
    let met = condition.holds() == Some(true);
    let text = format!("{}.", sentence(&condition.sentence()));
    let what = if condition.needed { "get to" } else { "get away from" };
    let remedy = (!met).then(|| format!("What helps is to {what} this: {}.", condition.text));
    Requirement { text, met, remedy }
}

/// Words begin with a capital; the bare name of a metric stays as it is.
pub fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    match letters.next() {
        Some(first) if words.contains(' ') => format!("{}{}", first.to_uppercase(), letters.as_str()),
        _ => words.to_owned(),
    }
}
