//! Scores a partner by the rubric of the program: 0 to 5 for each criterion, and the weighted total, exactly.

use kernel::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::facts::View;
use super::machine::Machine;
use super::number::Number;
use super::ops::compared;
use super::tree::{Compare, Node};
use super::value::Value;
use crate::model::{Criterion, Rubric};

/// How a partner scores, criterion by criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScoredCard {
    /// The weighted sum of the scores, 0 to 5.
    pub total: Value,
    pub criteria: Vec<Scored>,
}

/// The score of one criterion, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scored {
    pub key: String,
    pub title: String,
    /// What was measured.
    pub actual: Value,
    /// 0 to 5, or not known.
    pub score: Value,
    /// The share with which it counts now.
    pub weight: Value,
    /// Whether what was measured is too old to be taken as it is.
    pub stale: bool,
    /// A sentence for people.
    pub text: String,
}

impl View<'_> {
    /// How the partner scores by the rubric of the program; none if it has no rubric.
    pub fn score(self) -> Option<ScoredCard> {
        let rubric = &self.basis.scorecard;
        if rubric.is_empty() {
            return None;
        }
        let mut machine = Machine::new(self);
        let criteria = rubric.criterion.iter().map(|(key, criterion)| machine.scored(rubric, key, criterion)).collect();
        Some(ScoredCard { total: machine.scorecard("total"), criteria })
    }
}

impl<'a> Machine<'a> {
    /// What a rule reads as `scorecard.NAME`.
    pub(super) fn scorecard(&mut self, name: &str) -> Value {
        let rubric = &self.view.basis.scorecard;
        if name != "total" {
            return match rubric.criterion.get(name) {
                Some(criterion) => self.score_of(criterion).1,
                None => Value::unknown(format!("the scorecard has no criterion {name}")),
            };
        }
        let mut total = Number::ZERO;
        for (key, criterion) in &rubric.criterion {
            let weight = match self.weight(rubric, key) {
                Value::Ratio(weight) => weight,
                other => return other,
            };
            if weight.is_zero() {
                continue;
            }
            let (_, score, _) = self.score_of(criterion);
            let Value::Count(score) = score else {
                let title = &criterion.title;
                return match score {
                    Value::Unknown(reason) => Value::unknown(format!("{title}: {reason}")),
                    _ => Value::unknown(format!("{title} has no score")),
                };
            };
            match score.checked_mul(weight).and_then(|part| total.checked_add(part)) {
                Some(sum) => total = sum,
                None => return Value::unknown("the total is too large to compute"),
            }
        }
        Value::Count(total)
    }

    /// The share of a criterion by the weights in force now; of what they do not name, nothing.
    fn weight(&mut self, rubric: &Rubric, key: &str) -> Value {
        let Some(now) = self.view.now else {
            return Value::unknown("the instant of evaluation is not given");
        };
        let day = self.calendar().day(now);
        match rubric.weights_on(day) {
            Some(weights) => weights.of.get(key).map_or(Value::Ratio(Number::ZERO), |weight| (*weight).into()),
            None => Value::unknown(format!("no weights are in force on {day}")),
        }
    }

    /// What was measured, its score, and whether it is stale.
    fn score_of(&mut self, criterion: &'a Criterion) -> (Value, Value, bool) {
        let actual = self.value(criterion.metric.tree()).into_owned();
        let fixed = |score: Option<u8>, reason: String| score.map_or(Value::Unknown(reason), Value::count);
        if let (Some(days), Some(measured)) = (criterion.fresh_days, self.measured(criterion)) {
            let old = self.view.now.is_some_and(|now| measured.plus_days(i64::from(days)) < now);
            if old {
                let score = fixed(criterion.stale_score, format!("it was last measured more than {days} days ago"));
                return (actual, score, true);
            }
        }
        match &actual {
            Value::Unknown(reason) => {
                let score = fixed(criterion.unknown_score, reason.clone());
                return (actual, score, false);
            }
            Value::Absent => {
                let score = fixed(criterion.unknown_score, "there is nothing to score".to_owned());
                return (actual, score, false);
            }
            _ => {}
        }
        let mut score = Value::unknown("no band of the rubric has this value");
        for band in &criterion.bands {
            let reached = band.from.as_ref().map_or(Some(true), |from| {
                let from = self.value(from.tree());
                compared(Compare::AtLeast, &actual, &from)
            });
            if reached == Some(true) {
                score = Value::count(band.score);
            }
        }
        (actual, score, false)
    }

    /// When the oldest metric that the criterion reads was measured.
    fn measured(&self, criterion: &Criterion) -> Option<Timestamp> {
        let case = self.view.case?;
        let mut oldest = None;
        criterion.metric.tree().walk(&mut |part| {
            if let Node::Name(name) = &part.node
                && let Some(at) = case.measured_at.get(name)
            {
                oldest = Some(oldest.map_or(*at, |known: Timestamp| known.min(*at)));
            }
        });
        oldest
    }

    fn scored(&mut self, rubric: &'a Rubric, key: &str, criterion: &'a Criterion) -> Scored {
        let (actual, score, stale) = self.score_of(criterion);
        let weight = self.weight(rubric, key);
        let title = criterion.title.clone();
        let age = if stale { " (stale)" } else { "" };
        let text = match &score {
            Value::Count(points) => {
                format!("{title} is {}{age}: {points} of 5, counting {}.", actual.pretty(), weight.pretty())
            }
            _ => format!("{title} is {}{age}: no score.", actual.pretty()),
        };
        Scored { key: key.to_owned(), title, actual, score, weight, stale, text }
    }
}
