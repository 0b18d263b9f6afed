//! What a finding is and how it moves: pure rules.

use kernel::{Error, FromValue, Money, PartnerId, Result, Timestamp, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::FindingId;
use crate::check::{Check, Found, Severity};

/// The longest time for which a finding can be accepted at once.
const LONGEST_ACCEPTANCE_DAYS: i64 = 366;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Open,
    /// Known and lived with until a date, for a reason.
    Accepted,
    Resolved,
}

impl State {
    pub const ALL: [Self; 3] = [Self::Open, Self::Accepted, Self::Resolved];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Resolved => "resolved",
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
        found.ok_or_else(|| format!("{value:?} is no state of a finding"))
    }
}

/// Something that should not be so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    pub id: FindingId,
    /// The check that found it.
    pub check: String,
    /// The id of the thing that it is about.
    pub subject: String,
    /// The partner that the thing belongs to.
    pub partner: Option<PartnerId>,
    pub title: String,
    pub severity: Severity,
    pub state: State,
    /// The amount at stake.
    pub amount: Option<Money>,
    pub first_seen: Timestamp,
    /// When it was last found to be different from before.
    pub last_seen: Timestamp,
    /// Who looks after it.
    pub owner: Option<String>,
    /// What was decided about it, and why.
    pub note: Option<String>,
    pub disposed_by: Option<String>,
    /// When an accepted finding opens again.
    pub accepted_until: Option<Timestamp>,
}

/// What a person decides about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Live with it until a date, for a reason.
    Accept,
    /// Look into it again.
    Reopen,
    /// It is dealt with; should the check still find it, it opens again.
    Resolve,
}

/// What finding it again did to a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// As it was.
    Unchanged,
    Changed,
    /// Open again, with the reason.
    Reopened(&'static str),
}

impl Finding {
    pub(crate) fn new(id: FindingId, check: &Check, found: Found, now: Timestamp) -> Self {
        Self {
            id,
            check: check.key.to_owned(),
            subject: found.subject,
            partner: found.partner,
            title: found.title,
            severity: check.severity,
            state: State::Open,
            amount: found.amount,
            first_seen: now,
            last_seen: now,
            owner: None,
            note: None,
            disposed_by: None,
            accepted_until: None,
        }
    }

    /// The check still finds it, or finds it again.
    pub(crate) fn seen(&mut self, check: &Check, found: Found, now: Timestamp) -> Seen {
        let before = self.clone();
        let reopened = self.reason_to_reopen(&found, now);
        self.partner = found.partner;
        self.title = found.title;
        self.severity = check.severity;
        self.amount = found.amount;
        if let Some(why) = reopened {
            self.reopen();
            self.last_seen = now;
            return Seen::Reopened(why);
        }
        if *self == before {
            return Seen::Unchanged;
        }
        self.last_seen = now;
        Seen::Changed
    }

    /// A finding that comes back, outlives its acceptance or outgrows it is not silenced.
    fn reason_to_reopen(&self, found: &Found, now: Timestamp) -> Option<&'static str> {
        match self.state {
            State::Open => None,
            State::Resolved => Some("it is there again"),
            State::Accepted if self.accepted_until.is_none_or(|until| until <= now) => Some("its acceptance has ended"),
            State::Accepted => match (self.amount, found.amount) {
                (Some(before), Some(after)) if before.currency == after.currency && after.minor <= before.minor => None,
                (None, None) | (Some(_), None) => None,
                _ => Some("more is at stake than was accepted"),
            },
        }
    }

    fn reopen(&mut self) {
        self.state = State::Open;
        self.accepted_until = None;
    }

    /// The check no longer finds it.
    pub(crate) fn vanished(&mut self, now: Timestamp) {
        self.state = State::Resolved;
        self.accepted_until = None;
        self.last_seen = now;
    }

    /// A person decides about it.
    pub(crate) fn dispose(
        &mut self,
        disposition: Disposition,
        note: &str,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<()> {
        let note = note.trim();
        if note.is_empty() {
            return Err(Error::invalid("note", "say why in a sentence; whoever reads it next depends on it"));
        }
        match (disposition, self.state) {
            (Disposition::Accept, State::Resolved) | (Disposition::Resolve, State::Resolved) => {
                return Err(Error::conflict("resolved", "this finding is resolved; reopen it first"));
            }
            (Disposition::Reopen, State::Open) => {
                return Err(Error::conflict("open", "this finding is open already"));
            }
            (Disposition::Accept, _) => {
                self.accepted_until = Some(end_of_acceptance(until, now)?);
                self.state = State::Accepted;
            }
            (Disposition::Reopen, _) => self.reopen(),
            (Disposition::Resolve, _) => {
                self.state = State::Resolved;
                self.accepted_until = None;
            }
        }
        self.note = Some(note.to_owned());
        Ok(())
    }
}

fn end_of_acceptance(until: Option<Timestamp>, now: Timestamp) -> Result<Timestamp> {
    let Some(until) = until else {
        return Err(Error::invalid("until", "an accepted finding needs a date after which it opens again"));
    };
    let latest = now.plus_days(LONGEST_ACCEPTANCE_DAYS);
    if until <= now || until > latest {
        let rule =
            format!("{until} is not between now and {LONGEST_ACCEPTANCE_DAYS} days from now; choose a date in between");
        return Err(Error::invalid("until", rule));
    }
    Ok(until)
}
