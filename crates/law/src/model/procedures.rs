//! `procedures.toml`: standard flows such as onboarding, as stages with evidence, dates and effects.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Party;

/// The standard flows of the program (`procedures.toml`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProceduresFile {
    /// Procedures by key, such as `[procedure.onboarding]`.
    #[serde(default)]
    #[schemars(extend("requirement" = "B0.3"))]
    pub procedure: BTreeMap<String, Procedure>,
}

/// A standard flow: everyone goes through the same stages in the same order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// The name of the procedure for people.
    pub title: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What begins it for a partner by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("requirement" = "P3"))]
    pub starts_on: Vec<Trigger>,
    /// How often it begins by itself for the program as a whole: on the first day of each week, month, quarter or year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("requirement" = "B10.1"))]
    pub every: Option<Every>,
    /// The stages in their order.
    #[serde(rename = "stage")]
    #[schemars(length(min = 1))]
    pub stages: Vec<Stage>,
}

impl Procedure {
    pub fn stage(&self, key: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.key == key)
    }

    /// The stage that follows this one, if any.
    pub fn after(&self, key: &str) -> Option<&Stage> {
        let place = self.stages.iter().position(|stage| stage.key == key)?;
        self.stages.get(place + 1)
    }
}

/// What begins a procedure for a partner by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// A company applies.
    Applied,
    /// A company is taken in, by invitation or after its application.
    TakenIn,
    /// A partner is active.
    Activated,
}

/// How often a procedure of the whole program begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// On Mondays.
    Week,
    /// On the first day of a month.
    Month,
    /// On the first day of a quarter.
    Quarter,
    /// On the first day of a year.
    Year,
}

/// One stage of a procedure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The name of the stage, such as `accept-terms`.
    #[schemars(extend("format" = "key"))]
    pub key: String,
    /// The name of the stage for people.
    pub title: String,
    /// What happens in it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// How long it should take; absent means that it has no target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        range(min = 1, max = 3650),
        extend("unit" = "days", "requirement" = "B3.6")
    )]
    pub days: Option<u32>,
    /// Who completes it.
    pub moved_by: Party,
    /// What must be there before it can be completed.
    #[serde(default)]
    #[schemars(extend("requirement" = "B3.11"))]
    pub evidence: Vec<Evidence>,
    /// Operations that run when the stage begins.
    #[serde(default)]
    #[schemars(extend("refers" = "operation"))]
    pub on_enter: Vec<String>,
    /// Operations that run when the stage is completed.
    #[serde(default)]
    #[schemars(extend("refers" = "operation"))]
    pub on_complete: Vec<String>,
}

/// Something that must be there before a stage can be completed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The name of the evidence, such as `tax-number`.
    #[schemars(extend("format" = "key"))]
    pub key: String,
    /// What is asked for, as the form shows it.
    pub title: String,
    /// What kind of answer it takes.
    pub kind: EvidenceKind,
    /// A sentence that helps to give it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
}

/// What kind of answer evidence takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// A written answer.
    Text,
    /// A file.
    File,
    /// A tick by the side that completes the stage.
    Check,
    /// The acceptance of the archetype's terms in their current version.
    Terms,
}
