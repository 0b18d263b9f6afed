//! `deals.toml`: how long a registration protects, what it needs, and when two customers count as the same.

use kernel::{Money, Rate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Deal registration and customer matching (`deals.toml`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deals {
    /// The terms of a registration.
    #[serde(default)]
    pub registration: Registration,
    /// When two customers count as the same.
    #[serde(default)]
    pub matching: Matching,
}

/// The terms of a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Registration {
    /// How long an approved claim protects its partner.
    #[schemars(
        range(min = 1, max = 3650),
        extend("unit" = "days", "requirement" = "B1.5")
    )]
    pub protection_days: u32,
    /// How much longer a renewal protects, counted from the old end.
    #[schemars(
        range(min = 1, max = 3650),
        extend("unit" = "days", "requirement" = "B1.5")
    )]
    pub renewal_days: u32,
    /// How often a claim can be renewed.
    #[schemars(range(max = 100), extend("unit" = "times", "requirement" = "B1.5"))]
    pub renewals_max: u32,
    /// How long before the end a renewal can be asked for.
    #[schemars(range(max = 3650), extend("unit" = "days", "requirement" = "B1.5"))]
    pub renewals_open_days: u32,
    /// Whether a renewal needs proof of activity.
    #[schemars(extend("requirement" = "B1.5"))]
    pub proof_required: bool,
    /// A claim without any activity for so long expires early; absent means that it never does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        range(min = 1, max = 3650),
        extend("unit" = "days", "requirement" = "B1.5")
    )]
    pub inactivity_days: Option<u32>,
    /// How long before the end the partner is warned, each once.
    #[schemars(
        inner(range(max = 3650)),
        extend("unit" = "days", "requirement" = "B1.5")
    )]
    pub warn_days: Vec<u32>,
    /// Whether valid claims without conflict are approved at once or wait for a person.
    pub decision: DecisionMode,
    /// The smallest deal that can be registered; absent means any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_value: Option<Money>,
    /// A deal worth more than this waits for a person even if decisions are automatic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_above: Option<Money>,
    /// The only role that can re-open a claim that has expired.
    #[schemars(extend("refers" = "role", "requirement" = "B1.5"))]
    pub reopen_role: String,
}

impl Default for Registration {
    fn default() -> Self {
        Self {
            protection_days: 90,
            renewal_days: 90,
            renewals_max: 1,
            renewals_open_days: 30,
            proof_required: true,
            inactivity_days: None,
            warn_days: vec![14, 7, 1],
            decision: DecisionMode::Automatic,
            minimum_value: None,
            review_above: None,
            reopen_role: "head_of_partnerships".to_owned(),
        }
    }
}

/// Who decides a valid claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionMode {
    /// The rules decide at once; a person sees doubtful matches and large deals.
    #[default]
    Automatic,
    /// A person approves every claim.
    Manual,
}

/// When two customers count as the same: likeness of their normalized names, domains and numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Matching {
    /// Likeness from which two customers are the same.
    #[schemars(extend("format" = "share", "unit" = "0% to 100%", "requirement" = "P5"))]
    pub same: Rate,
    /// Likeness from which a person looks; at most `same`.
    #[schemars(extend("format" = "share", "unit" = "0% to 100%", "requirement" = "P5"))]
    pub review: Rate,
}

impl Default for Matching {
    fn default() -> Self {
        Self { same: Rate::percent(90), review: Rate::percent(70) }
    }
}
