//! What a clock is and how it moves: pure rules over its times.

use kernel::time::{DAY, MINUTE};
use kernel::{FromValue, PartnerId, Timestamp, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::ClockId;

/// How long a clock whose operation failed waits at first; each further failure doubles it.
const FIRST_WAIT: i64 = 15 * MINUTE;
/// The longest wait between two attempts.
const LONGEST_WAIT: i64 = DAY;

/// What an area says when it starts a clock.
#[derive(Debug, Clone)]
pub struct NewClock {
    /// What kind of date it is, such as `deals.protection`; a thing has one live clock of each kind.
    pub kind: &'static str,
    /// The id of the thing that it belongs to.
    pub subject: String,
    /// The partner that may see it; absent for the vendor's own dates.
    pub partner: Option<PartnerId>,
    /// What is due, for lists and timelines, such as `Protection of Brandt Logistik ends`.
    pub title: String,
    pub due_at: Timestamp,
    /// When to warn before; instants that have passed at the start, or that are not before the due date, are left out.
    pub warn_at: Vec<Timestamp>,
    /// The operation that runs when it lapses.
    pub on_lapse: &'static str,
    /// The operation that runs at each warning, if any.
    pub on_warn: Option<&'static str>,
    /// The input of both.
    pub input: Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Running,
    /// Stands still; resuming gives back the time that was left.
    Paused,
    /// Ended before it was due: what it waited for has happened.
    Stopped,
    /// Was due, and its operation has run.
    Lapsed,
}

impl State {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Lapsed => "lapsed",
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
        [Self::Running, Self::Paused, Self::Stopped, Self::Lapsed]
            .into_iter()
            .find(|state| *value == Value::from(*state))
            .ok_or_else(|| format!("{value:?} is no state of a clock"))
    }
}

/// A due date that acts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Clock {
    pub id: ClockId,
    /// What kind of date it is, such as `deals.protection`.
    pub kind: String,
    /// The id of the thing that it belongs to.
    pub subject: String,
    pub partner: Option<PartnerId>,
    pub title: String,
    pub state: State,
    pub started_at: Timestamp,
    pub due_at: Timestamp,
    /// The warnings still to come, soonest first.
    pub warn_at: Vec<Timestamp>,
    /// When it fires next: at a warning, when it is due, or at the next attempt.
    pub next_at: Timestamp,
    pub paused_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// The operation that runs when it lapses.
    pub on_lapse: String,
    /// The operation that runs at each warning.
    pub on_warn: Option<String>,
    /// How often its operation has failed since it last worked.
    pub attempts: u32,
    /// The input of its operations; it stays inside.
    #[serde(skip)]
    #[schemars(skip)]
    pub input: Json,
}

/// What a clock does when it fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Warn,
    Lapse,
}

impl Clock {
    pub(crate) fn new(id: ClockId, new: NewClock, now: Timestamp) -> Self {
        let mut warn_at: Vec<Timestamp> = new.warn_at.into_iter().filter(|at| *at > now && *at < new.due_at).collect();
        warn_at.sort_unstable();
        warn_at.dedup();
        Self {
            id,
            kind: new.kind.to_owned(),
            subject: new.subject,
            partner: new.partner,
            title: new.title,
            state: State::Running,
            started_at: now,
            due_at: new.due_at,
            next_at: warn_at.first().copied().unwrap_or(new.due_at),
            warn_at,
            paused_at: None,
            ended_at: None,
            on_lapse: new.on_lapse.to_owned(),
            on_warn: new.on_warn.map(str::to_owned),
            attempts: 0,
            input: new.input,
        }
    }

    /// What it has to do now, if anything. A clock that is due no longer warns.
    pub fn step(&self, now: Timestamp) -> Option<Step> {
        if self.state != State::Running || self.next_at > now {
            return None;
        }
        Some(if self.due_at <= now { Step::Lapse } else { Step::Warn })
    }

    /// Has warned: warnings that were missed together count as one.
    pub(crate) fn warned(&mut self, now: Timestamp) {
        self.warn_at.retain(|at| *at > now);
        self.attempts = 0;
        self.rewind();
    }

    pub(crate) fn end(&mut self, state: State, now: Timestamp) {
        self.state = state;
        self.ended_at = Some(now);
    }

    pub(crate) fn pause(&mut self, now: Timestamp) {
        if self.state == State::Running {
            self.state = State::Paused;
            self.paused_at = Some(now);
        }
    }

    /// Runs again, with the time that was left when it was paused.
    pub(crate) fn resume(&mut self, now: Timestamp) {
        let (State::Paused, Some(paused_at)) = (self.state, self.paused_at) else { return };
        let stood_still = now.since(paused_at);
        self.due_at = self.due_at.plus_micros(stood_still);
        for at in &mut self.warn_at {
            *at = at.plus_micros(stood_still);
        }
        self.state = State::Running;
        self.paused_at = None;
        self.rewind();
    }

    /// Its operation failed: tries again later, ever later up to a day.
    pub(crate) fn postpone(&mut self, now: Timestamp) {
        let doublings = self.attempts.min(16);
        self.attempts = self.attempts.saturating_add(1);
        self.next_at = now.plus_micros((FIRST_WAIT << doublings).min(LONGEST_WAIT));
    }

    fn rewind(&mut self) {
        self.next_at = self.warn_at.first().copied().unwrap_or(self.due_at);
    }
}
