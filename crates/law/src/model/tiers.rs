//! `tiers.toml`: the ladder of tiers, what each requires and what each grants.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::benefits::{Benefit, BenefitValue};
use super::metrics::Combine;
use super::movement::Movement;
use super::runs::{PartnerSegment, TierRuns};
use crate::expr::Rule;

/// The ladder of tiers (`tiers.toml`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TiersFile {
    /// Tiers, lowest first. The first one is the entry tier and has no `requires`.
    #[schemars(length(min = 1), extend("requirement" = "B0.1"))]
    pub tier: Vec<Tier>,
    /// Benefits that this program adds to the standard ones, such as `[benefit.lounge]`.
    #[serde(default)]
    pub benefit: BTreeMap<String, Benefit>,
    /// When a computed tier takes effect; without it, at once in both directions.
    #[serde(default, skip_serializing_if = "Movement::is_immediate")]
    #[schemars(extend("requirement" = "B0.1"))]
    pub movement: Movement,
    /// Partners are moved by runs that somebody approves; without it, whenever tiers are computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("requirement" = "B10.1"))]
    pub runs: Option<TierRuns>,
    /// Segments of partners with what is invested in them, first match first; they need `[runs]`, which moves partners
    /// between them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("requirement" = "B1.7"))]
    pub segment: Vec<PartnerSegment>,
}

/// One rung of the ladder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The name of the tier in rules and decisions, such as `gold`.
    #[schemars(extend("format" = "key"))]
    pub key: String,
    /// The name of the tier for people.
    pub title: String,
    /// One or two sentences for partners.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The place on the ladder, 0 for the entry tier. It follows from the order in the file.
    #[serde(default)]
    #[schemars(skip)]
    pub rank: u32,
    /// What a partner must have measured to be in this tier; absent for the entry tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("requirement" = "B0.1"))]
    pub requires: Option<Rule>,
    /// Ways into the tier, such as `sell` and `build`: besides `requires`, one of them must hold.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("requirement" = "B0.1"))]
    pub tracks: BTreeMap<String, Rule>,
    /// A field of the facts, such as `region`: the rules are computed for each of its values over the facts with that value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// With `by`: whether the rules must hold somewhere (`best`), everywhere (`worst`) or over all facts together (`sum`).
    #[serde(default, skip_serializing_if = "Combine::is_best")]
    pub counts: Combine,
    /// How long a partner stays at least before it can be demoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 120), extend("unit" = "months"))]
    pub least_months: Option<u32>,
    /// How long a partner may stay at most; after that it is one tier lower unless it has been promoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 120), extend("unit" = "months"))]
    pub most_months: Option<u32>,
    /// What the tier grants: benefit key and value.
    #[serde(default)]
    #[schemars(extend("keys_refer" = "benefit", "requirement" = "B8.4"))]
    pub benefits: BTreeMap<String, BenefitValue>,
}
