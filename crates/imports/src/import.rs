//! What an import is and what becomes of its rows.

use kernel::{Actor, ActorKind, FromValue, Grants, OrganizationId, Timestamp, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ImportId;
use crate::target::Texts;

macro_rules! words {
    ($(#[$meta:meta])* $type:ident { $($variant:ident $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $type { $($variant,)+ }

        impl $type {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl From<$type> for Value {
            fn from(one: $type) -> Self {
                Self::from(one.name())
            }
        }

        impl FromValue for $type {
            fn from_value(value: &Value) -> Result<Self, String> {
                let found = Self::ALL.iter().copied().find(|one| *value == Value::from(*one));
                found.ok_or_else(|| format!("{value:?} is no {}", stringify!($type)))
            }
        }
    };
}

words! {
    /// Where an import stands.
    State {
        Draft "draft",
        Checking "checking",
        Checked "checked",
        Running "running",
        Done "done",
        Refused "refused",
        Undoing "undoing",
        Undone "undone",
    }
}

words! {
    /// What became of a row, or would become of it.
    RowState {
        Waiting "waiting",
        New "new",
        Changed "changed",
        Unchanged "unchanged",
        Skipped "skipped",
        Refused "refused",
        Undone "undone",
        Kept "kept",
    }
}

impl State {
    /// Whether something is being done with its rows.
    pub const fn is_at_work(self) -> bool {
        matches!(self, Self::Checking | Self::Running | Self::Undoing)
    }
}

/// How many rows ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Counts {
    pub new: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub skipped: u64,
    pub refused: u64,
    pub undone: u64,
    pub kept: u64,
}

impl Counts {
    pub fn add(&mut self, state: RowState) {
        let count = match state {
            RowState::Waiting => return,
            RowState::New => &mut self.new,
            RowState::Changed => &mut self.changed,
            RowState::Unchanged => &mut self.unchanged,
            RowState::Skipped => &mut self.skipped,
            RowState::Refused => &mut self.refused,
            RowState::Undone => &mut self.undone,
            RowState::Kept => &mut self.kept,
        };
        *count += 1;
    }
}

/// A file that is brought in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Import {
    pub id: ImportId,
    /// The name of the file.
    pub name: String,
    pub target: String,
    /// The system that the file comes from; keys are unique within it.
    pub source: String,
    /// The mapping, as TOML.
    pub mapping: String,
    pub headers: Vec<String>,
    /// SHA-256 of the file.
    pub file_hash: String,
    pub rows: u64,
    pub state: State,
    /// Rows that were dealt with in this state.
    pub position: u64,
    pub counts: Counts,
    pub all_or_nothing: bool,
    pub created_at: Timestamp,
    pub created_by: String,
    pub finished_at: Option<Timestamp>,
}

/// Why a row is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// The column of the file, where one is to blame; else the field.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub column: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// What is wrong and what to do about it.
    pub rule: String,
}

impl Problem {
    pub fn new(column: impl Into<String>, value: impl Into<String>, rule: impl Into<String>) -> Self {
        let value: String = value.into();
        Self { column: column.into(), value: value.chars().take(200).collect(), rule: rule.into() }
    }

    /// One line for a person.
    pub fn sentence(&self) -> String {
        match (self.column.is_empty(), self.value.is_empty()) {
            (true, _) => self.rule.clone(),
            (false, true) => format!("{}: {}", self.column, self.rule),
            (false, false) => format!("{} `{}`: {}", self.column, self.value, self.rule),
        }
    }
}

/// What is kept about a row that was dealt with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Outcome {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// What is worth knowing, such as why it was taken for something known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// Fields that were changed, as they were before.
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub before: Texts,
    /// What was known after the row.
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub after: Texts,
}

/// Who started a run: it goes on with these rights, on whichever node.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Behalf {
    kind: ActorKind,
    name: String,
    grants: Grants,
    scopes: Option<Grants>,
    roles: Vec<String>,
}

impl Behalf {
    pub fn of(actor: &Actor) -> Self {
        Self {
            kind: actor.kind.clone(),
            name: actor.name.clone(),
            grants: actor.grants.clone(),
            scopes: actor.scopes.clone(),
            roles: actor.roles.clone(),
        }
    }

    pub fn actor(self, organization: OrganizationId) -> Actor {
        let Self { kind, name, grants, scopes, roles } = self;
        Actor { kind, name, organization, partner: None, grants, scopes, roles }
    }
}
