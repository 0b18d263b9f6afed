//! Decisions: the stored result of a pure rule, with everything needed to compute it again.
//!
//! A rule takes *terms* (what the law says) and *facts* (what happened) and returns a verdict with reasons. Terms are
//! stored once, under their hash; facts are stored with each decision. `explain` recomputes the verdict from both.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use values::{Audience, Reason};

use crate::actor::Scope;
use crate::db::hex;
use crate::error::{Error, Result};
use crate::ids::{DecisionId, OrganizationId, PartnerId};
use crate::time::Timestamp;

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

/// Terms with their text and digest, made once for a rule that decides under the same terms many times.
#[derive(Debug)]
pub struct Stated<T> {
    pub terms: T,
    pub(crate) body: Arc<str>,
    pub(crate) digest: Arc<str>,
}

impl<T: Serialize> Stated<T> {
    pub fn of(terms: T) -> Result<Self> {
        let (digest, body) = stated(&terms)?;
        Ok(Self { terms, body, digest })
    }
}

/// The digest of terms, and their text.
pub(crate) fn stated(terms: &impl Serialize) -> Result<(Arc<str>, Arc<str>)> {
    let body = serde_json::to_string(terms)?;
    Ok((hex(&Sha256::digest(&body)).into(), body.into()))
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
