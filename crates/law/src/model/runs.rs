//! `[runs]` and `[[segment]]` in `tiers.toml`: how partners are moved by decision, and in which of them is invested.

use std::collections::BTreeMap;

use kernel::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::benefits::BenefitValue;
use super::movement::Rhythm;
use crate::expr::Rule;

/// Partners are moved by tier runs: what a computation would move is proposed, approved and then applied as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierRuns {
    /// How often a run is proposed by itself; `immediate` proposes one on each day on which somebody would move.
    #[serde(default = "quarterly")]
    #[schemars(extend("requirement" = "B10.1"))]
    pub every: Rhythm,
    /// The roles of which one approves a run.
    #[schemars(
        length(min = 1),
        extend("refers" = "role", "requirement" = "B0.3")
    )]
    pub roles: Vec<String>,
    /// A run that moves more partners than this needs a second person; absent if the number does not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("requirement" = "B1.2"))]
    pub second_above_moves: Option<u32>,
    /// A run whose benefits cost or save more than this in a year needs a second person; absent if the amount does not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("requirement" = "B1.2"))]
    pub second_above_amount: Option<Money>,
    /// How long a partner can appeal against a move; absent if there is no appeal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 180), extend("unit" = "days", "requirement" = "B1.2"))]
    pub appeal_days: Option<u32>,
    /// Whether a partner that moves down keeps the benefits of its old tier until the time for an appeal is over, and until
    /// its appeal is decided.
    #[serde(default)]
    #[schemars(extend("requirement" = "B1.2"))]
    pub hold_benefits: bool,
}

const fn quarterly() -> Rhythm {
    Rhythm::Quarterly
}

/// Partners in which the same is invested. A partner is in the first segment whose rule it meets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartnerSegment {
    /// The name of the segment in decisions, such as `invest`.
    #[schemars(extend("format" = "key"))]
    pub key: String,
    /// The name of the segment for people.
    pub title: String,
    /// One or two sentences for partners.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Who belongs to it, often by `scorecard.total`; absent for the last one, which takes the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("requirement" = "B1.7"))]
    pub requires: Option<Rule>,
    /// What is invested in each partner of it: benefit key and value.
    #[serde(default)]
    #[schemars(extend("keys_refer" = "benefit", "requirement" = "B1.7"))]
    pub invests: BTreeMap<String, BenefitValue>,
}
