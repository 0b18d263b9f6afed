//! What a partner is.

use kernel::{FromValue, PartnerId, PersonId, Timestamp, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::company;

/// Where a partner stands in the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Has applied and waits for an answer.
    Applied,
    /// Is going through the onboarding of its archetype.
    Onboarding,
    /// Is in the program.
    Active,
    /// Is held: every door is closed until it is reinstated.
    Suspended,
    /// Has left the program.
    Ended,
    /// Has applied and was turned down.
    Rejected,
}

impl Status {
    pub const ALL: [Self; 6] =
        [Self::Applied, Self::Onboarding, Self::Active, Self::Suspended, Self::Ended, Self::Rejected];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Onboarding => "onboarding",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Ended => "ended",
            Self::Rejected => "rejected",
        }
    }
}

impl From<Status> for Value {
    fn from(status: Status) -> Self {
        Self::from(status.name())
    }
}

impl FromValue for Status {
    fn from_value(value: &Value) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|status| *value == Value::from(*status))
            .ok_or_else(|| format!("{value:?} is no status of a partner"))
    }
}

/// The terms that a partner has accepted, by the hash of their text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AcceptedTerms {
    /// Such as `standard`.
    pub key: String,
    /// SHA-256 of the text that was accepted.
    pub version: String,
    pub accepted_at: Timestamp,
    /// The id of whoever accepted.
    pub accepted_by: String,
}

/// Why a partner was turned down, held or let go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// A word for programs, such as `overdue_payment`.
    pub code: String,
    /// A sentence that the partner may read.
    pub text: String,
    /// Whom to ask about it.
    pub contact: Option<String>,
}

/// Whom to write to at the partner until its people are here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Contact {
    pub name: String,
    pub email: String,
}

/// A company in the program, or one that wants to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Partner {
    pub id: PartnerId,
    pub name: String,
    pub legal_name: Option<String>,
    /// Such as `brandt.example`.
    pub domain: Option<String>,
    /// ISO 3166 code of two letters.
    pub country: String,
    pub vat_number: Option<String>,
    pub registration_number: Option<String>,
    pub status: Status,
    /// Why it was turned down, held or let go, where it was.
    pub note: Option<Note>,
    /// The archetype that it applied for.
    pub wanted: Option<String>,
    /// Key of the kind of partner, such as `reseller`.
    pub archetype: Option<String>,
    /// Key of the tier, such as `gold`.
    pub tier: Option<String>,
    pub tier_since: Option<Timestamp>,
    /// Key of the segment, such as `invest`, where the program has segments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment_since: Option<Timestamp>,
    pub terms: Option<AcceptedTerms>,
    /// The person of the vendor who looks after it.
    pub manager: Option<PersonId>,
    pub contact: Option<Contact>,
    /// What it wrote with its application.
    pub message: Option<String>,
    /// IANA name.
    pub time_zone: String,
    pub applied_at: Timestamp,
    pub activated_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

impl Partner {
    pub fn is_active(&self) -> bool {
        self.status == Status::Active
    }

    /// Where searches look.
    pub(crate) fn search_key(&self) -> String {
        company::search_key(&[Some(&self.name), self.legal_name.as_deref(), self.domain.as_deref()])
    }
}
