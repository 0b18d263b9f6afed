//! A request for the roadmap and who is behind it.

use kernel::{FromValue, PartnerId, Timestamp, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{RequestId, VoiceId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for triage.
    Submitted,
    /// Waits for a decision; its return and security were looked at.
    InReview,
    /// Will be built.
    Planned,
    /// Will not be built.
    Declined,
    /// Is there.
    Shipped,
    /// Goes on as part of another request.
    Merged,
}

impl State {
    pub const ALL: [Self; 6] =
        [Self::Submitted, Self::InReview, Self::Planned, Self::Declined, Self::Shipped, Self::Merged];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::InReview => "in_review",
            Self::Planned => "planned",
            Self::Declined => "declined",
            Self::Shipped => "shipped",
            Self::Merged => "merged",
        }
    }

    pub const fn is_open(self) -> bool {
        matches!(self, Self::Submitted | Self::InReview)
    }
}

impl From<State> for Value {
    fn from(state: State) -> Self {
        Self::from(state.name())
    }
}

impl FromValue for State {
    fn from_value(value: &Value) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|state| *value == Value::from(*state));
        found.ok_or_else(|| format!("{value:?} is no state of a request"))
    }
}

/// Something that partners ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Request {
    pub id: RequestId,
    pub title: String,
    /// What it is needed for.
    pub need: String,
    pub state: State,
    /// The request that it goes on as a part of.
    pub merged_into: Option<RequestId>,
    /// What it would bring, 0 to 5; the vendor's own.
    pub return_score: Option<u32>,
    /// How safe it is, 0 to 5; the vendor's own.
    pub security_score: Option<u32>,
    /// What the triage found; the vendor's own.
    pub triage: Option<String>,
    /// Why it is built or not; everyone who asked reads it.
    pub rationale: Option<String>,
    pub decided_by_name: Option<String>,
    pub decided_at: Option<Timestamp>,
    /// When the next answer is due.
    pub due_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

impl Request {
    /// What a partner may see of it.
    pub(super) fn for_partner(mut self) -> Self {
        self.return_score = None;
        self.security_score = None;
        self.triage = None;
        self.decided_by_name = None;
        self
    }
}

/// A partner that asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Voice {
    pub id: VoiceId,
    pub request: RequestId,
    pub partner: PartnerId,
    /// Why this partner needs it.
    pub note: String,
    pub since: Timestamp,
}
