//! What a tier run is: the moves that it proposes, who must agree, and where it stands.

use std::collections::BTreeMap;

use kernel::{DecisionId, Error, FromValue, Money, PartnerId, Reason, Result, Timestamp, Value};
use law::{BenefitValue, TierRuns};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AppealId, MoveId, RunId};
use crate::tiers::Direction;

/// Declares an enum of words that a column holds.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $case:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$of])* $case),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$case),+];

            pub const fn word(self) -> &'static str {
                match self { $(Self::$case => $word),+ }
            }
        }

        impl From<$name> for Value {
            fn from(value: $name) -> Self {
                Self::from(value.word())
            }
        }

        impl FromValue for $name {
            fn from_value(value: &Value) -> Result<Self, String> {
                let known = Self::ALL.iter().copied().find(|one| *value == Value::from(*one));
                known.ok_or_else(|| format!("{value:?} is not known here"))
            }
        }
    };
}

words! {
    /// Why a run exists.
    RunKind {
        /// The figures call for it.
        Computed = "computed",
        /// It takes another run back.
        Rollback = "rollback",
    }
}

words! {
    /// Where a run stands.
    RunState {
        /// It proposes moves; partners can be excluded.
        Draft = "draft",
        /// One person has agreed, and another one must.
        AwaitingSecond = "awaiting_second",
        /// Its moves are being made.
        Applying = "applying",
        /// Its moves have been made.
        Applied = "applied",
        /// Nobody was moved.
        Discarded = "discarded",
    }
}

words! {
    /// What is moved.
    MoveKind {
        Tier = "tier",
        Segment = "segment",
    }
}

words! {
    /// What became of a planned move.
    Fate {
        Planned = "planned",
        /// Somebody left it out, with a reason.
        Excluded = "excluded",
        Applied = "applied",
        /// The partner had changed in the meantime.
        Skipped = "skipped",
    }
}

words! {
    /// Where an appeal stands.
    AppealState {
        Open = "open",
        Granted = "granted",
        Refused = "refused",
    }
}

/// A tier run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TierRun {
    pub id: RunId,
    pub kind: RunKind,
    pub state: RunState,
    /// The version whose rules were applied.
    pub law: String,
    /// Active partners that were looked at.
    pub partners: i64,
    /// Moves that it proposes.
    pub moves: i64,
    pub note: String,
    /// The run that it takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverses: Option<RunId>,
    pub proposed: Signed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Signed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<Signed>,
    /// The move up to which it has been applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied_through: Option<MoveId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Signed {
    pub at: Timestamp,
    pub by: String,
    pub name: String,
}

/// One partner that a run moves, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Move {
    pub id: MoveId,
    pub run: RunId,
    pub partner: PartnerId,
    pub name: String,
    pub kind: MoveKind,
    pub from: Option<String>,
    pub to: String,
    pub direction: Direction,
    /// What the benefits cost the company that runs the program more in a year; negative if less.
    pub cost: Option<Money>,
    pub state: Fate,
    /// Why it was excluded or skipped.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub because: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Signed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionId>,
    /// Until when the partner can appeal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal_until: Option<Timestamp>,
    /// Whether the benefits of the old tier are kept for the time of the appeal.
    #[serde(default)]
    pub held: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal: Option<AppealState>,
    pub reasons: Vec<Reason>,
}

/// What a partner says against a move, and the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Appeal {
    pub id: AppealId,
    #[serde(rename = "move")]
    pub of: MoveId,
    pub partner: PartnerId,
    pub text: String,
    pub filed: Signed,
    pub state: AppealState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Signed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionId>,
}

/// What the moves of a run come to, without those that were left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Weight {
    pub moves: i64,
    pub up: i64,
    pub down: i64,
    pub excluded: i64,
    pub applied: i64,
    pub skipped: i64,
    /// What the benefits cost more in a year; absent where nothing has a value in money.
    pub cost: Option<Money>,
}

/// Why a run needs a second person; none if one is enough.
pub fn second_because(runs: &TierRuns, weight: &Weight) -> Option<Reason> {
    if let Some(limit) = runs.second_above_moves
        && weight.moves > i64::from(limit)
    {
        let text = format!("It makes {} moves, and more than {limit} need a second person.", weight.moves);
        return Some(Reason::new("second_person", text).citing("tiers.toml: runs.second_above_moves"));
    }
    let (limit, cost) = (runs.second_above_amount?, weight.cost?);
    let amount = if cost.minor < 0 { cost.negated() } else { cost };
    (amount.currency == limit.currency && amount.minor > limit.minor).then(|| {
        let (amount, limit) = (amount.pretty(), limit.pretty());
        let text = format!("Its benefits come to {amount}, and more than {limit} needs a second person.");
        Reason::new("second_person", text).citing("tiers.toml: runs.second_above_amount")
    })
}

impl TierRun {
    /// Agrees in the name of a person. The second one must be another than the first.
    pub fn approve(&mut self, by: Signed, second: Option<&Reason>) -> Result<()> {
        match (self.state, &self.first) {
            (RunState::Draft, _) => {
                self.first = Some(by);
                self.state = if second.is_some() { RunState::AwaitingSecond } else { RunState::Applying };
            }
            (RunState::AwaitingSecond, Some(first)) if first.by == by.by => {
                let reason = Reason::new("same_person", format!("{} has agreed already.", first.name))
                    .citing("tiers.toml: runs")
                    .remedy("Ask another person who may approve tier runs.");
                return Err(Error::refused("same_person", "the second person must be another one", vec![reason]));
            }
            (RunState::AwaitingSecond, _) => {
                self.second = Some(by);
                self.state = RunState::Applying;
            }
            _ => return Err(self.refusal("approved")),
        }
        Ok(())
    }

    /// Only a draft can still be changed: what was approved is what is applied.
    pub fn open_to_change(&self) -> Result<()> {
        match self.state {
            RunState::Draft => Ok(()),
            _ => Err(self.refusal("changed")),
        }
    }

    pub fn discard(&mut self, now: Timestamp) -> Result<()> {
        match self.state {
            RunState::Draft | RunState::AwaitingSecond => {
                (self.state, self.ended_at) = (RunState::Discarded, Some(now));
                Ok(())
            }
            _ => Err(self.refusal("discarded")),
        }
    }

    fn refusal(&self, what: &str) -> Error {
        let state = self.state.word().replace('_', " ");
        Error::conflict("wrong_state", format!("this run is {state}, so it cannot be {what} any more"))
    }

    /// Whether that person has had a hand in it.
    pub fn involves(&self, person: &str) -> bool {
        [Some(&self.proposed), self.first.as_ref(), self.second.as_ref()]
            .into_iter()
            .flatten()
            .any(|one| one.by == person)
    }
}

impl Move {
    /// Why it is made, in a line: what the higher places still need is left to the page of the move.
    pub fn why(&self) -> String {
        let further = ["missing", "not_met", "way"];
        let told = self.reasons.iter().filter(|reason| !further.contains(&reason.code.as_str()));
        let texts: Vec<&str> = told.map(|reason| reason.text.as_str()).collect();
        texts.join(" ")
    }

    /// Whether the partner can still say something against it.
    pub fn open_to_appeal(&self, now: Timestamp) -> Result<()> {
        if self.appeal.is_some() {
            return Err(Error::conflict("appealed", "there is an appeal against this move already"));
        }
        match self.appeal_until.filter(|_| self.state == Fate::Applied) {
            None => Err(Error::conflict("no_appeal", "the program gives no time for an appeal against this move")),
            Some(until) if until <= now => {
                Err(Error::conflict("too_late", format!("the time for an appeal ended at {until}")))
            }
            Some(_) => Ok(()),
        }
    }
}

/// What benefits cost more than before, where they have a value in money.
pub fn dearer(before: &BTreeMap<String, BenefitValue>, after: &BTreeMap<String, BenefitValue>) -> Option<Money> {
    let money = |(_, value): (&String, &BenefitValue)| match value {
        BenefitValue::Money(amount) => Some(*amount),
        _ => None,
    };
    let after = after.iter().filter_map(money);
    let before = before.iter().filter_map(money).map(Money::negated);
    after.chain(before).map(Some).reduce(|sum, next| sum?.checked_add(next?).ok()).flatten()
}
