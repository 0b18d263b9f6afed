//! A run of a procedure: where it stands and under which law it was started.

use kernel::{Error, FromValue, PartnerId, Result, Timestamp, Value};
use law::{Procedure, Stage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::RunId;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Running,
    /// Stands still until it is let go on, such as during an appeal.
    Held,
    Completed,
    /// Ended before its last stage.
    Closed,
}

impl State {
    pub const ALL: [Self; 4] = [Self::Running, Self::Held, Self::Completed, Self::Closed];

    /// Whether it can still be completed.
    pub const fn is_alive(self) -> bool {
        matches!(self, Self::Running | Self::Held)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Held => "held",
            Self::Completed => "completed",
            Self::Closed => "closed",
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
        found.ok_or_else(|| format!("{value:?} is no state of a run"))
    }
}

/// A stage that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Completed {
    pub stage: String,
    pub at: Timestamp,
    /// Who completed it.
    pub by: String,
    pub by_name: String,
    /// Whether its target had passed.
    pub late: bool,
}

/// A procedure that somebody goes through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    pub id: RunId,
    pub partner: Option<PartnerId>,
    /// The key of the procedure, such as `onboarding`.
    pub procedure: String,
    /// The name of the procedure.
    pub title: String,
    /// The id of the thing that goes through it.
    pub subject: String,
    /// The name of that thing.
    pub about: String,
    /// The version of the program that it was started under.
    pub law: String,
    pub state: State,
    /// The stage that it is in; the last one when it is completed.
    pub stage: String,
    pub stage_since: Timestamp,
    /// When the stage should be done, if it has a target.
    pub due_at: Option<Timestamp>,
    pub completed: Vec<Completed>,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// The procedure as the law said it at the start.
    #[serde(skip, default = "undefined")]
    #[schemars(skip)]
    pub definition: Procedure,
}

fn undefined() -> Procedure {
    Procedure {
        title: String::new(),
        description: String::new(),
        starts_on: Vec::new(),
        every: None,
        stages: Vec::new(),
    }
}

impl Run {
    pub(crate) fn current(&self) -> Result<&Stage> {
        let stage = self.definition.stage(&self.stage);
        stage
            .ok_or_else(|| Error::internal(format!("{} is in a stage `{}` that it does not have", self.id, self.stage)))
    }

    /// The stage that can be worked on; a run that has ended has none.
    pub(crate) fn open_stage(&self) -> Result<Stage> {
        let (code, word) = match self.state {
            State::Running => return self.current().cloned(),
            State::Held => ("held", "is held; nothing is completed until it goes on"),
            State::Completed => ("completed", "is completed"),
            State::Closed => ("closed", "was closed"),
        };
        Err(Error::conflict(code, format!("{} of {} {word}", self.title, self.about)))
    }

    pub(crate) fn is_done(&self, stage: &str) -> bool {
        self.completed.iter().any(|completed| completed.stage == stage)
    }

    pub(crate) fn enter(&mut self, stage: &Stage, now: Timestamp) {
        self.stage = stage.key.clone();
        self.stage_since = now;
        self.due_at = stage.days.map(|days| now.plus_days(i64::from(days)));
    }

    /// Ends the current stage and, if none follows, the run. Returns the stage that follows.
    pub(crate) fn complete(&mut self, by: String, by_name: String, now: Timestamp) -> Option<Stage> {
        let late = self.due_at.is_some_and(|due| due < now);
        self.completed.push(Completed { stage: self.stage.clone(), at: now, by, by_name, late });
        let next = self.definition.after(&self.stage).cloned();
        match &next {
            Some(stage) => self.enter(stage, now),
            None => {
                self.state = State::Completed;
                self.ended_at = Some(now);
                self.due_at = None;
            }
        }
        next
    }
}
