//! An invitation and when its link works.

use kernel::{Error, OrganizationId, PartnerId, PersonId, Result, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::InvitationId;

pub const DAYS: i64 = 7;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Pending,
    Accepted,
    Revoked,
    /// Nobody used it in time. Such an invitation is stored as pending.
    Expired,
}

impl State {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }

    pub(super) fn read(text: &str) -> Result<Self> {
        [Self::Pending, Self::Accepted, Self::Revoked]
            .into_iter()
            .find(|state| state.name() == text)
            .ok_or_else(|| Error::internal(format!("`{text}` is no state of an invitation")))
    }
}

/// Somebody was asked to join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Invitation {
    pub id: InvitationId,
    pub organization: OrganizationId,
    pub partner: Option<PartnerId>,
    pub name: String,
    pub email: String,
    pub role: String,
    pub state: State,
    pub invited_by: String,
    pub invited_at: Timestamp,
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// Who came in by it.
    pub person: Option<PersonId>,
}

impl Invitation {
    pub fn state_at(&self, now: Timestamp) -> State {
        match self.state {
            State::Pending if now >= self.expires_at => State::Expired,
            state => state,
        }
    }

    pub(super) fn seen_at(mut self, now: Timestamp) -> Self {
        self.state = self.state_at(now);
        self
    }

    /// Whether the link still works, with the reason when it does not.
    pub(super) fn check_open(&self, now: Timestamp) -> Result<()> {
        match self.state_at(now) {
            State::Pending => Ok(()),
            State::Accepted => Err(Error::conflict("invitation_used", "this invitation was used already; sign in")),
            State::Revoked => {
                Err(Error::conflict("invitation_revoked", "this invitation was withdrawn; ask for a new one"))
            }
            State::Expired => {
                Err(Error::conflict("invitation_expired", "this invitation has expired; ask for a new one"))
            }
        }
    }

    pub(super) fn accept(&mut self, person: PersonId, now: Timestamp) -> Result<()> {
        self.check_open(now)?;
        self.state = State::Accepted;
        self.ended_at = Some(now);
        self.person = Some(person);
        Ok(())
    }

    pub(super) fn revoke(&mut self, now: Timestamp) -> Result<()> {
        if self.state != State::Pending {
            return Err(Error::conflict("not_pending", format!("this invitation is {} already", self.state.name())));
        }
        self.state = State::Revoked;
        self.ended_at = Some(now);
        Ok(())
    }
}
