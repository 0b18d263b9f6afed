//! A business review and its actions.

use documents::DocumentId;
use kernel::{FromValue, PartnerId, Timestamp, Value};
use law::Party;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ActionId, ReviewId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The meeting has a time; the pack is still to come.
    Scheduled,
    /// The pack is with both sides.
    Issued,
    /// The meeting took place.
    Held,
}

impl State {
    pub const ALL: [Self; 3] = [Self::Scheduled, Self::Issued, Self::Held];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Issued => "issued",
            Self::Held => "held",
        }
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
        found.ok_or_else(|| format!("{value:?} is no state of a review"))
    }
}

/// A business review with a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Review {
    pub id: ReviewId,
    pub partner: PartnerId,
    /// The name of the partner.
    pub about: String,
    pub state: State,
    pub meeting_at: Timestamp,
    /// When the pack must be with both sides.
    pub preread_at: Timestamp,
    pub agenda: Vec<String>,
    /// What the partner sees as risks.
    pub risks: Option<String>,
    /// What the partner asks for.
    pub asks: Option<String>,
    /// The pack.
    pub document: Option<DocumentId>,
    pub issued_at: Option<Timestamp>,
    pub minutes: Option<String>,
    pub held_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// Something that was agreed in a review; it is carried forward until it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Action {
    pub id: ActionId,
    pub partner: PartnerId,
    /// The review in which it was agreed.
    pub review: ReviewId,
    pub text: String,
    /// Who does it.
    pub side: Party,
    pub due_at: Timestamp,
    pub raised_at: Timestamp,
    pub note: Option<String>,
    pub done_by_name: Option<String>,
    pub done_at: Option<Timestamp>,
}
