//! `archetypes.toml`: the kinds of partner that the program takes, and what each kind gets.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kinds of partner that the program takes (`archetypes.toml`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArchetypesFile {
    /// Archetypes by key, such as `[archetype.reseller]`.
    #[schemars(length(min = 1), extend("requirement" = "B1.1"))]
    pub archetype: BTreeMap<String, Archetype>,
}

/// A kind of partner: why it is worth having, what can go wrong, what it needs, and which terms it gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Archetype {
    /// The name of the archetype for people.
    pub title: String,
    /// One or two sentences for partners who choose between archetypes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What such a partner is worth to the vendor.
    #[serde(default)]
    #[schemars(extend("requirement" = "B1.1"))]
    pub value_drivers: Vec<String>,
    /// What can go wrong with such a partner.
    #[serde(default)]
    #[schemars(extend("requirement" = "B1.1"))]
    pub risk_drivers: Vec<String>,
    /// What such a partner needs to succeed.
    #[serde(default)]
    #[schemars(extend("requirement" = "B1.1"))]
    pub enablement_needs: Vec<String>,
    /// The procedure that takes such a partner in.
    #[schemars(extend("refers" = "procedure", "requirement" = "B0.3"))]
    pub onboarding: String,
    /// The plan that computes such a partner's commission.
    #[schemars(extend("refers" = "plan"))]
    pub plan: String,
    /// The terms that such a partner accepts before anything else works.
    #[schemars(extend("refers" = "terms", "requirement" = "B1.11"))]
    pub terms: String,
}
