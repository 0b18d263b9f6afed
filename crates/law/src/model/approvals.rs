//! `[[approval]]` in `deals.toml`: which role approves claims above which value, how soon, and what silence means.

use kernel::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One step of the approval of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Claims worth more than this need the step.
    pub above: Money,
    /// The roles of which one gives it.
    #[schemars(
        length(min = 1),
        extend("refers" = "role", "requirement" = "P19")
    )]
    pub roles: Vec<String>,
    /// How long they have, counted from the claim or from the step before; absent means that nothing presses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        range(min = 1, max = 260),
        extend("unit" = "business days", "requirement" = "B1.6")
    )]
    pub within_days: Option<u32>,
    /// What their silence means.
    #[serde(default)]
    #[schemars(extend("requirement" = "B1.6"))]
    pub on_silence: OnSilence,
    /// Who may give the step as well once it has been escalated; the roles of the next step if this is absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("refers" = "role", "requirement" = "B1.6"))]
    pub escalate_to: Vec<String>,
}

/// What it means that nobody has given an approval in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnSilence {
    /// Somebody further up may give it as well, and is told.
    #[default]
    Escalate,
    /// The step counts as given.
    Approve,
    /// The claim is rejected.
    Reject,
}
