//! `metrics.toml`: figures that the program computes from the published ones, by formulas in the rule language.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::expr::{Rule, Type};

/// Figures that the program computes (`metrics.toml`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricsFile {
    /// Metrics by the name that rules use, such as `[metric.delivery_score]`.
    #[serde(default)]
    #[schemars(extend("requirement" = "B1.2"))]
    pub metric: BTreeMap<String, ComputedMetric>,
}

/// A figure that is computed for each partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ComputedMetric {
    /// The name of the figure for people.
    pub title: String,
    /// What it says, and why it is computed so.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// How it is computed from metrics, sets of facts and other computed metrics.
    #[schemars(extend("format" = "formula"))]
    pub formula: Rule,
    /// The type that the formula must give; absent if it may follow from the formula.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Type>,
    /// A field of the facts, such as `region`: the formula is computed for each of its values over the facts with that value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Which of the results by `by` counts.
    #[serde(default, skip_serializing_if = "Combine::is_best")]
    pub combine: Combine,
}

/// Which of several results counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// The highest.
    #[default]
    Best,
    /// The lowest.
    Worst,
    /// All of them together.
    Sum,
}

impl Combine {
    pub(crate) fn is_best(&self) -> bool {
        *self == Self::Best
    }
}
