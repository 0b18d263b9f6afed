//! `scorecard.toml`: criteria scored 0 to 5 by a rubric over measured facts, weighted by quarter.

use std::collections::BTreeMap;

use kernel::{Day, Rate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::expr::Rule;

/// How partners are scored (`scorecard.toml`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScorecardFile {
    /// Criteria and their weights.
    #[serde(default)]
    #[schemars(extend("requirement" = "B1.2"))]
    pub scorecard: Rubric,
}

/// Criteria with their rubrics, and the weights from each quarter on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rubric {
    /// Criteria by the name that rules use after `scorecard.`, such as `[scorecard.criterion.revenue]`.
    #[serde(default)]
    #[schemars(extend("requirement" = "B1.2"))]
    pub criterion: BTreeMap<String, Criterion>,
    /// Weights from a day on, usually the first of a quarter, until the next ones.
    #[serde(default)]
    #[schemars(extend("requirement" = "B1.2"))]
    pub weights: Vec<Weights>,
}

impl Rubric {
    pub fn is_empty(&self) -> bool {
        self.criterion.is_empty() && self.weights.is_empty()
    }

    /// The weights in force on a day, with their place in the file.
    pub fn weights_on(&self, day: Day) -> Option<&Weights> {
        self.weights.iter().filter(|weights| weights.from <= day).max_by_key(|weights| weights.from)
    }
}

/// One thing that is scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// The name of the criterion for people.
    pub title: String,
    /// What is scored: a metric or a formula.
    #[schemars(extend("format" = "formula"))]
    pub metric: Rule,
    /// The rubric, ascending: a value has the score of the last band that starts at or below it.
    #[schemars(length(min = 1))]
    pub bands: Vec<RubricBand>,
    /// A value that was measured longer ago is stale; absent if it never is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3650), extend("unit" = "days", "requirement" = "B1.3"))]
    pub fresh_days: Option<u32>,
    /// The score of a stale value; absent if it counts as not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 5), extend("requirement" = "B1.3"))]
    pub stale_score: Option<u8>,
    /// The score of a value that is not known; absent if the total is then not known either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 5))]
    pub unknown_score: Option<u8>,
}

/// The score from a value on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RubricBand {
    /// The score in this band.
    #[schemars(range(min = 0, max = 5))]
    pub score: u8,
    /// The least value in this band, such as `"EUR 50000.00"`, `"30%"` or `"4"`; absent in the first band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "formula"))]
    pub from: Option<Rule>,
}

/// How much each criterion counts from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// The first day on which they apply.
    #[schemars(extend("format" = "date"))]
    pub from: Day,
    /// Shares by criterion; together they are 100%.
    pub of: BTreeMap<String, Rate>,
}
