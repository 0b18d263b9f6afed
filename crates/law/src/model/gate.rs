//! `gate.toml`: the policies that guard an assignment, who owns and who attests what, and how strictly each holds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The policies of the gate (`gate.toml`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Credentials that providers attest.
    #[serde(default, rename = "credential")]
    #[schemars(extend("requirement" = "G1"))]
    pub credentials: Vec<CredentialType>,
    /// Policies, each a file of Cedar rules.
    #[serde(default, rename = "policy")]
    #[schemars(extend("requirement" = "G3"))]
    pub policies: Vec<Policy>,
}

/// A kind of credential that providers attest, such as a driving licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialType {
    /// The name of the credential in webhooks and policies, such as `licence`.
    #[schemars(extend("format" = "key"))]
    pub key: String,
    /// The name of the credential for people.
    pub title: String,
    /// What it proves.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// One policy of the gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The name of the policy in decisions, such as `licence-valid`.
    #[schemars(extend("format" = "key"))]
    pub key: String,
    /// The name of the policy for people.
    pub title: String,
    /// The file with its Cedar rules, such as `policies/licence-valid.cedar`.
    #[schemars(extend("refers" = "file"))]
    pub file: String,
    /// How strictly it holds.
    #[schemars(extend("requirement" = "G3"))]
    pub mode: PolicyMode,
    /// Who owns the definition, such as the customer.
    #[schemars(extend("requirement" = "G4"))]
    pub owner: String,
    /// Who attests the facts that it reads.
    #[schemars(extend("requirement" = "G4"))]
    pub attests: String,
    /// The credentials that it reads.
    #[serde(default)]
    #[schemars(extend("refers" = "credential"))]
    pub credentials: Vec<String>,
    /// How old an attestation may be before the credential counts as stale; absent means any age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        range(min = 1, max = 3650),
        extend("unit" = "days", "requirement" = "G5")
    )]
    pub freshness_days: Option<u32>,
    /// Roles that may override a denial with a reason; empty means nobody.
    #[serde(default)]
    #[schemars(extend("refers" = "role", "requirement" = "G3"))]
    pub override_roles: Vec<String>,
    /// The Cedar rules, read from `file`.
    #[serde(default)]
    #[schemars(skip)]
    pub text: String,
}

/// How strictly a policy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PolicyMode {
    /// It is not evaluated.
    Off,
    /// It is evaluated and recorded; nobody is told.
    Shadow,
    /// It warns; the assignment goes through.
    Warn,
    /// It denies.
    Enforce,
}
