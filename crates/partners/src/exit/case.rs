//! A partnership in question: why, where it stands, and what was said.

use kernel::{FromValue, PartnerId, Timestamp, Value};
use procedures::RunId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::CaseId;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A criterion holds; nothing was begun.
    Detected,
    /// The ladder is gone through.
    Remediation,
    /// The partner has appealed; the ladder is held.
    Appealed,
    /// The partnership is out of question again.
    Recovered,
    /// It was not what it looked like.
    Dismissed,
    /// The partnership has ended.
    Ended,
}

impl State {
    pub const ALL: [Self; 6] =
        [Self::Detected, Self::Remediation, Self::Appealed, Self::Recovered, Self::Dismissed, Self::Ended];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Detected => "detected",
            Self::Remediation => "remediation",
            Self::Appealed => "appealed",
            Self::Recovered => "recovered",
            Self::Dismissed => "dismissed",
            Self::Ended => "ended",
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
        found.ok_or_else(|| format!("{value:?} is no state of an exit"))
    }
}

/// Why a partnership is in question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ground {
    /// The key of the criterion; `stated` where a person said so.
    pub key: String,
    pub title: String,
    /// What holds, in words.
    pub text: String,
}

/// A partnership in question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    pub id: CaseId,
    pub partner: PartnerId,
    /// The name of the partner.
    pub about: String,
    pub state: State,
    pub grounds: Vec<Ground>,
    /// Where the terms say so.
    pub clause: String,
    /// The run of the ladder.
    pub run: Option<RunId>,
    pub opened_at: Timestamp,
    pub begun_at: Option<Timestamp>,
    /// Until when the partner may appeal.
    pub appeal_until: Option<Timestamp>,
    pub appeal: Option<String>,
    pub appealed_by_name: Option<String>,
    pub appealed_at: Option<Timestamp>,
    pub answer: Option<String>,
    pub answered_by_name: Option<String>,
    pub answered_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub closing: Option<String>,
}

impl Case {
    pub(super) fn new(id: CaseId, partner: PartnerId, about: String, clause: String, now: Timestamp) -> Self {
        Self {
            id,
            partner,
            about,
            state: State::Detected,
            grounds: Vec::new(),
            clause,
            run: None,
            opened_at: now,
            begun_at: None,
            appeal_until: None,
            appeal: None,
            appealed_by_name: None,
            appealed_at: None,
            answer: None,
            answered_by_name: None,
            answered_at: None,
            closed_at: None,
            closing: None,
        }
    }

    pub(super) fn close(&mut self, state: State, why: &str, now: Timestamp) {
        self.state = state;
        self.closed_at = Some(now);
        self.closing = Some(why.to_owned());
    }

    /// What the partner may know: a case that nobody has begun is the vendor's own.
    pub(super) fn is_open_to_partner(&self) -> bool {
        self.begun_at.is_some()
    }
}
