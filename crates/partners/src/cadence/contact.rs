//! A contact with a partner: how, with whom, about what.

use kernel::{FromValue, PartnerId, Timestamp, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ContactId;

/// How people spoke with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Meeting,
    Call,
    Email,
    Event,
    /// Executives of both sides met.
    Executive,
    Other,
}

impl Channel {
    pub const ALL: [Self; 6] = [Self::Meeting, Self::Call, Self::Email, Self::Event, Self::Executive, Self::Other];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Meeting => "meeting",
            Self::Call => "call",
            Self::Email => "email",
            Self::Event => "event",
            Self::Executive => "executive",
            Self::Other => "other",
        }
    }
}

impl From<Channel> for Value {
    fn from(channel: Channel) -> Self {
        Self::from(channel.name())
    }
}

impl FromValue for Channel {
    fn from_value(value: &Value) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|channel| *value == Value::from(*channel));
        found.ok_or_else(|| format!("{value:?} is no channel"))
    }
}

/// A contact that was noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Contacted {
    pub id: ContactId,
    pub partner: PartnerId,
    pub channel: Channel,
    /// Who was there for the partner.
    pub with: String,
    /// What it was about and what came of it.
    pub note: String,
    pub contacted_at: Timestamp,
    pub logged_by: String,
    pub logged_by_name: String,
}
