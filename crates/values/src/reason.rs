//! Why a rule says what it says: one sentence for people, with its evidence, its place in the law and what would help.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who may read a reason: a decision is shown to both sides without leaking one side's data to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The vendor and the partner that the decision is about.
    Both,
    /// The vendor alone: it names another partner or an internal figure.
    Vendor,
}

/// One sentence of a verdict: which rule fired, on which evidence, and what would help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// A word for programs, such as `earlier_registration`.
    pub code: String,
    /// A sentence for people.
    pub text: String,
    /// The place in the program file or agreement that says so, such as `deals.toml: registration.protection_days`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cites: Option<String>,
    /// Ids of the facts that it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// What would change the outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    pub audience: Audience,
}

impl Reason {
    pub fn new(code: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            text: text.into(),
            cites: None,
            evidence: Vec::new(),
            remedy: None,
            audience: Audience::Both,
        }
    }

    pub fn citing(mut self, place: impl Into<String>) -> Self {
        self.cites = Some(place.into());
        self
    }

    pub fn resting_on(mut self, evidence: impl ToString) -> Self {
        self.evidence.push(evidence.to_string());
        self
    }

    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    pub fn for_vendor(mut self) -> Self {
        self.audience = Audience::Vendor;
        self
    }
}
