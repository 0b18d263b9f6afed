//! The answer of the gate, and who stands behind it.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::source::Mode;

/// Who enforces every policy of the gate.
pub const ENFORCER: &str = "platform";

/// What the dispatch system is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Allow,
    Warn,
    Deny,
}

impl Answer {
    /// Whether the assignment goes through.
    pub const fn allows(self) -> bool {
        !matches!(self, Self::Deny)
    }
}

/// The outcome of a dispatch decision; its reasons stand beside it in the verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Dispatch {
    pub answer: Answer,
    /// Whether the assignment would be denied if every policy that was asked were enforced.
    pub would_deny: bool,
    /// The rules that forbade it or could not be evaluated, in the order of the program.
    pub fired: Vec<Fired>,
    /// Everyone who had a part in the decision, also when nothing fired.
    pub parties: Arc<[Parties]>,
}

/// Who defines, who attests and who enforces: three roles that are never mixed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Parties {
    /// Owns the policy definition.
    pub owner: String,
    /// Attests the status that the policy reads.
    pub attests: String,
    /// Enforces the policy.
    pub enforcer: String,
}

/// One rule that spoke against the assignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fired {
    /// The key of the policy.
    pub policy: String,
    /// The id of the rule within it: its `@id`, or the policy's key.
    pub rule: String,
    pub mode: Mode,
    pub effect: Effect,
    /// The sentence for people.
    pub text: String,
    #[serde(flatten)]
    pub parties: Parties,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The rule forbids the assignment.
    Forbade,
    /// The rule could not be evaluated, which counts as a prohibition.
    Failed,
}
