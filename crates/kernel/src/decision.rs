//! Decisions: the stored result of a pure rule, with everything needed to compute it again.
//!
//! A rule takes *terms* (what the law says) and *facts* (what happened) and returns a verdict with reasons. Terms are
//! stored once, under their hash; facts are stored with each decision. `explain` recomputes the verdict from both.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use crate::actor::Scope;
use crate::error::{Error, Result};
use crate::ids::{DecisionId, OrganizationId, PartnerId};
use crate::time::Timestamp;

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

/// What a rule returns: the outcome and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict<O> {
    pub outcome: O,
    pub reasons: Vec<Reason>,
}

/// A pure rule: no clock, no database, no randomness; the same terms and facts always give the same verdict.
pub trait Rule: 'static {
    /// Its name, such as `deals.claim`; old decisions are recomputed under it.
    const KIND: &'static str;
    /// What the law says (an extract of the program or agreement).
    type Terms: Serialize + DeserializeOwned + Sync;
    /// What happened, with `now` among it where the rule needs the time.
    type Facts: Serialize + DeserializeOwned + Sync;
    type Outcome: Serialize + DeserializeOwned + Send;

    fn decide(terms: &Self::Terms, facts: &Self::Facts) -> Verdict<Self::Outcome>;
}

/// A stored decision.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DecisionRecord {
    pub id: DecisionId,
    pub organization: OrganizationId,
    /// The partner that may read it, if any.
    pub partner: Option<PartnerId>,
    /// The rule, such as `deals.claim`.
    pub kind: String,
    /// The id of the thing decided about.
    pub subject: String,
    /// The version of the program that it was made under, such as `northwind/3`.
    pub law: String,
    /// SHA-256 of the terms, under which they are stored.
    pub terms: String,
    pub facts: Json,
    pub outcome: Json,
    pub reasons: Vec<Reason>,
    pub decided_at: Timestamp,
    pub decided_by: String,
}

impl DecisionRecord {
    /// What somebody in that scope may see of it: a partner sees neither reasons meant for the vendor nor the facts, which
    /// may hold other partners' data.
    #[must_use]
    pub fn seen_by(mut self, scope: &Scope) -> Self {
        if scope.partner.is_some() {
            self.reasons.retain(|reason| reason.audience == Audience::Both);
            self.facts = Json::Null;
        }
        self
    }
}

/// How a recomputation came out.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    pub decision: DecisionRecord,
    /// Whether the same terms and facts give the same outcome and reasons today.
    pub reproduced: bool,
    /// What the recomputation gave, where it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recomputed: Option<Json>,
}

/// Recomputes a stored decision of one kind; kept in the registry under the rule's name.
pub type Recompute = fn(terms: &Json, facts: &Json) -> Result<Json>;

/// The recomputation of one rule: outcome and reasons as JSON.
pub fn recompute<R: Rule>(terms: &Json, facts: &Json) -> Result<Json> {
    let terms: R::Terms =
        serde_json::from_value(terms.clone()).map_err(|e| Error::internal(format!("terms of {}: {e}", R::KIND)))?;
    let facts: R::Facts =
        serde_json::from_value(facts.clone()).map_err(|e| Error::internal(format!("facts of {}: {e}", R::KIND)))?;
    let verdict = R::decide(&terms, &facts);
    Ok(serde_json::json!({ "outcome": verdict.outcome, "reasons": verdict.reasons }))
}
