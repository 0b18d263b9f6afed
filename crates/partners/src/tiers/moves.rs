//! Which partners move between tiers, and what a tier grants: pure rules over measured values.

use std::collections::BTreeMap;

use controls::Grant;
use jiff::Unit;
use jiff::tz::TimeZone;
use kernel::{PartnerId, Reason, Rule as _, Timestamp, Verdict};
use law::{Case, Program, Tier};
use schemars::JsonSchema;
use scoring::{TierFacts, TierRule, TierTerms, Watch};
use serde::{Deserialize, Serialize};

use crate::profile::Partner;

/// Whether a partner goes up or down the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Up,
    Down,
    /// The old tier is not on the ladder any more.
    Placed,
}

impl Direction {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Placed => "placed",
        }
    }
}

impl From<Direction> for kernel::Value {
    fn from(direction: Direction) -> Self {
        Self::from(direction.word())
    }
}

impl kernel::FromValue for Direction {
    fn from_value(value: &kernel::Value) -> Result<Self, String> {
        [Self::Up, Self::Down, Self::Placed]
            .into_iter()
            .find(|direction| *value == kernel::Value::from(*direction))
            .ok_or_else(|| format!("{value:?} is no direction"))
    }
}

/// A partner that goes from one tier to another, with the reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TierMove {
    pub partner: PartnerId,
    pub name: String,
    pub from: Option<String>,
    pub to: String,
    pub direction: Direction,
    pub reasons: Vec<Reason>,
}

/// What the rule of tiers reads about a partner.
pub(crate) fn facts_of(partner: &Partner, measured: &BTreeMap<PartnerId, Case>) -> TierFacts {
    let case = measured.get(&partner.id).cloned().unwrap_or_default();
    TierFacts { current: partner.tier.clone(), case, ..TierFacts::default() }
}

/// The same with what the movement between tiers remembers, which only programs with rules of movement look at.
pub(crate) fn with_history(
    mut facts: TierFacts,
    terms: &TierTerms,
    partner: &Partner,
    watch: &Watch,
    now: Timestamp,
) -> TierFacts {
    if terms.moves() {
        facts.tiers = watch.history(partner.id, partner.tier.as_deref().zip(partner.tier_since));
        facts.now = Some(now);
    }
    facts
}

/// The move that the values call for, if any.
pub(crate) fn move_of(program: &Program, terms: &TierTerms, partner: &Partner, facts: &TierFacts) -> Option<TierMove> {
    // Reasons take longer than the answer, and most partners stay where they are.
    if terms.outcome(facts).is_none_or(|outcome| partner.tier.as_deref() == Some(outcome)) {
        return None;
    }
    let Verdict { outcome, reasons } = TierRule::decide(terms, facts);
    let rank = |key: &str| program.tier(key).map(|tier| tier.rank);
    let direction = match (partner.tier.as_deref().and_then(rank), rank(&outcome)) {
        (Some(before), Some(after)) if after > before => Direction::Up,
        (Some(_), Some(_)) => Direction::Down,
        _ => Direction::Placed,
    };
    let (name, from) = (partner.name.clone(), partner.tier.clone());
    Some(TierMove { partner: partner.id, name, from, to: outcome, direction, reasons })
}

/// What a tier grants, each with the place in the program that says so.
pub(crate) fn grants(tier: &Tier) -> Vec<Grant> {
    let grant = |(control, value): (&String, &law::BenefitValue)| Grant {
        control: control.clone(),
        value: value.clone(),
        cites: format!("tiers.toml: tier.{}.benefits.{control}", tier.key),
    };
    tier.benefits.iter().map(grant).collect()
}

/// Whole months of the calendar (in UTC) from one instant to a later one; 0 if it is not later.
pub(crate) fn whole_months(from: Timestamp, to: Timestamp) -> i64 {
    let zoned = |at: Timestamp| at.jiff().to_zoned(TimeZone::UTC);
    let span = zoned(from).until((Unit::Month, &zoned(to)));
    span.map_or(0, |span| i64::from(span.get_months()).max(0))
}
