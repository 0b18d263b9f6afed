//! `tiers.toml`: the ladder of tiers, what each requires and what each grants.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::benefits::{Benefit, BenefitValue};
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
    /// What the tier grants: benefit key and value.
    #[serde(default)]
    #[schemars(extend("keys_refer" = "benefit", "requirement" = "B8.4"))]
    pub benefits: BTreeMap<String, BenefitValue>,
}
