//! `partnership.toml`: the rhythm of a partnership: how an applicant is judged, how often people speak, how it is reviewed,
//! what is asked for on the roadmap, and what happens before it ends.

use kernel::Rate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::expr::Rule;

/// The rhythm of a partnership, from the first look to the last (`partnership.toml`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Partnership {
    /// How an applicant is judged before it is taken in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("requirement" = "P2"))]
    pub qualification: Option<Qualification>,
    /// How often people speak with a partner; the first entry that fits decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("requirement" = "P23"))]
    pub cadence: Vec<Cadence>,
    /// When a partnership is in question, and what is tried before it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("requirement" = "B1.9"))]
    pub exit: Option<Exit>,
    /// The quarterly business review with each partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("requirement" = "B1.8"))]
    pub review: Option<Review>,
    /// How requests for the roadmap are answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("requirement" = "B1.10"))]
    pub roadmap: Option<Roadmap>,
}

impl Partnership {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// How often people speak with a partner of that tier and archetype, with the place of the entry in the file.
    pub fn cadence_of(&self, tier: Option<&str>, archetype: Option<&str>) -> Option<(usize, &Cadence)> {
        let fits = |wanted: &Option<String>, is: Option<&str>| wanted.is_none() || wanted.as_deref() == is;
        let mut entries = self.cadence.iter().enumerate();
        entries.find(|(_, entry)| fits(&entry.tier, tier) && fits(&entry.archetype, archetype))
    }
}

/// Criteria scored 0 to 5, and what their weighted total recommends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Qualification {
    /// What is judged; the weights are 100% together.
    #[serde(rename = "criterion")]
    #[schemars(length(min = 1))]
    pub criteria: Vec<QualificationCriterion>,
    /// The share of the best possible total from which an applicant is recommended.
    pub recommend_from: Rate,
    /// The share from which it deserves a closer look; below it, turning down is recommended.
    pub consider_from: Rate,
}

impl Qualification {
    pub fn criterion(&self, key: &str) -> Option<&QualificationCriterion> {
        self.criteria.iter().find(|criterion| criterion.key == key)
    }
}

/// One thing that an applicant is judged by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QualificationCriterion {
    /// The name of the criterion, such as `strategic-fit`.
    #[schemars(extend("format" = "key"))]
    pub key: String,
    /// The name of the criterion for people.
    pub title: String,
    /// Its share of the total.
    pub weight: Rate,
    /// What 0 and 5 mean.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// The least score without which an applicant is not recommended, whatever the total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 5))]
    pub least: Option<u8>,
}

/// How often people speak with some partners.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cadence {
    /// Partners in this tier; absent means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("refers" = "tier"))]
    pub tier: Option<String>,
    /// Partners of this archetype; absent means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("refers" = "archetype"))]
    pub archetype: Option<String>,
    /// The longest time between two contacts.
    #[schemars(range(min = 1, max = 3650), extend("unit" = "days"))]
    pub days: u32,
}

/// When a partnership is in question, and what is tried before it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exit {
    /// The procedure that is gone through before a partnership ends, such as `remediation`.
    #[schemars(extend("refers" = "procedure"))]
    pub ladder: String,
    /// Where the terms say so, such as `terms/standard.md, section 9`; decisions cite it.
    pub clause: String,
    /// How long a partner may appeal after the ladder began.
    #[serde(default = "appeal_days")]
    #[schemars(range(min = 1, max = 365), extend("unit" = "days"))]
    pub appeal_days: u32,
    /// What puts a partnership in question; one of them is enough.
    #[serde(rename = "criterion")]
    #[schemars(length(min = 1))]
    pub criteria: Vec<ExitCriterion>,
}

const fn appeal_days() -> u32 {
    14
}

/// One thing that puts a partnership in question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExitCriterion {
    /// The name of the criterion, such as `low-return`.
    #[schemars(extend("format" = "key"))]
    pub key: String,
    /// The name of the criterion for people.
    pub title: String,
    /// A rule over metrics that holds for a partnership in question.
    pub when: Rule,
}

/// The quarterly business review with each partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// How long before the meeting the pack must be with the other side.
    #[serde(default = "preread_hours")]
    #[schemars(range(min = 1, max = 720), extend("unit" = "hours"))]
    pub preread_hours: u32,
    /// What is talked about, in this order.
    #[serde(default = "agenda")]
    #[schemars(length(min = 1))]
    pub agenda: Vec<String>,
}

impl Default for Review {
    fn default() -> Self {
        Self { preread_hours: preread_hours(), agenda: agenda() }
    }
}

const fn preread_hours() -> u32 {
    72
}

fn agenda() -> Vec<String> {
    ["Actions since the last review", "Performance against targets", "Pipeline", "Joint roadmap", "Risks", "Asks"]
        .map(str::to_owned)
        .to_vec()
}

/// How requests for the roadmap are answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Roadmap {
    /// How soon a request is triaged.
    #[schemars(range(min = 1, max = 365), extend("unit" = "days"))]
    pub triage_days: u32,
    /// How soon a triaged request is decided.
    #[schemars(range(min = 1, max = 730), extend("unit" = "days"))]
    pub decide_days: u32,
}

impl Default for Roadmap {
    fn default() -> Self {
        Self { triage_days: 14, decide_days: 60 }
    }
}
