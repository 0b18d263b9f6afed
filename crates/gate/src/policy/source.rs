//! What the program says about the gate, as this crate needs it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The terms of a dispatch decision: the credentials that the program knows and its policies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateTerms {
    /// The credential types that policies may read, such as `licence`.
    pub credential_types: Vec<String>,
    pub policies: Vec<PolicySource>,
}

/// One policy of the program: a file of Cedar rules and how strictly they hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicySource {
    pub key: String,
    pub title: String,
    /// The file that holds the text, cited in reasons.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// The Cedar rules.
    pub text: String,
    pub mode: Mode,
    /// Who owns the definition: the customer.
    pub owner: String,
    /// Who attests the status: the provider.
    pub attests: String,
    /// How many days a verification counts as fresh; missing means any age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freshness_days: Option<u32>,
}

impl PolicySource {
    /// The place that a reason cites.
    pub(super) fn place(&self) -> String {
        let entry = format!("gate.toml: policy {}", self.key);
        if self.file.is_empty() { entry } else { format!("{entry} ({})", self.file) }
    }
}

/// How strictly a policy holds, from the mildest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It is checked for mistakes and not asked.
    Off,
    /// It is asked and its answer recorded; nobody is told.
    Shadow,
    /// It warns, and the assignment goes through.
    Warn,
    /// It denies.
    Enforce,
}

impl Mode {
    pub const ALL: [Self; 4] = [Self::Off, Self::Shadow, Self::Warn, Self::Enforce];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Shadow => "shadow",
            Self::Warn => "warn",
            Self::Enforce => "enforce",
        }
    }
}

/// A mistake in a policy, at its place in the policy's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyDiagnostic {
    /// The key of the policy; empty where the mistake lies in the list of credential types.
    pub key: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub message: String,
}

impl fmt::Display for PolicyDiagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.key, self.line, self.column, self.message)
    }
}
