//! Sessions: how long they live, and what a browser, its forms and the command line carry.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::db::hex;
use kernel::time::{DAY, HOUR, MINUTE};
use kernel::{Error, PersonId, Result, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What the token of a session begins with, so that secret scanners know it.
pub const PREFIX: &str = "ccs_";
/// A session that nobody uses ends after this.
pub const IDLE: i64 = 12 * HOUR;
/// A session ends after this in any case.
pub const LIFETIME: i64 = 7 * DAY;
/// How long a code may take after the password was right.
pub const TICKET_LIFETIME: i64 = 5 * MINUTE;
/// How exactly the last use is known.
pub const SEEN_EVERY: i64 = MINUTE;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The password was right, the code is still to come. Opens nothing.
    AwaitingCode,
    /// The program wants a second factor and there is none yet. Opens its set-up only.
    EnrollSecondFactor,
    Active,
}

impl State {
    pub const fn name(self) -> &'static str {
        match self {
            Self::AwaitingCode => "awaiting_code",
            Self::EnrollSecondFactor => "enroll_second_factor",
            Self::Active => "active",
        }
    }

    pub fn read(text: &str) -> Result<Self> {
        [Self::AwaitingCode, Self::EnrollSecondFactor, Self::Active]
            .into_iter()
            .find(|state| state.name() == text)
            .ok_or_else(|| Error::internal(format!("`{text}` is no state of a session")))
    }
}

/// A session as it is stored.
#[derive(Debug, Clone)]
pub struct Session {
    /// The hash of its token.
    pub id: String,
    pub person: PersonId,
    pub state: State,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Session {
    pub fn open(id: String, person: PersonId, state: State, now: Timestamp) -> Self {
        let lifetime = if state == State::AwaitingCode { TICKET_LIFETIME } else { LIFETIME };
        Self { id, person, state, created_at: now, last_seen_at: now, expires_at: now.plus_micros(lifetime) }
    }
}

/// A session as its person sees it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SessionSummary {
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A token as its bearer carries it.
pub(crate) fn token_text(random: [u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(random)
}

/// What is kept of a token. Its 256 random bits need no slow hash.
pub(crate) fn token_hash(token: &str) -> String {
    hex(&Sha256::digest(token))
}

/// What the forms of a session carry, so that no other site can post them. It says nothing about the token.
pub fn csrf(token: &str) -> String {
    hex(&Sha256::digest(format!("csrf\n{token}\ncsrf")))[..32].to_owned()
}
