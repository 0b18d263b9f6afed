//! What a claim is decided by: the terms, the facts, and the order between claims.
//!
//! Protection is a promise: an approved claim keeps its customer until its window ends, whatever comes later. Between
//! claims that nobody has decided yet, the precedence of the program says which one leads (a higher tier, the earlier
//! valid registration); the id of the deal settles what is still equal, so that there is always exactly one leader and it
//! is the same for any order of arrival. All others queue behind it.

use std::cmp::Reverse;

use kernel::{Money, PartnerId, Timestamp};
use law::{Program, Registration, TieBreak};
use partners::CustomerId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::DealId;
use crate::matching::{Score, Thresholds, Zone};

/// What the law says about claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimTerms {
    pub registration: Registration,
    pub same: u16,
    pub review: u16,
    pub precedence: Vec<TieBreak>,
    /// The keys of the tiers, lowest first.
    pub tiers: Vec<String>,
    pub time_zone: String,
}

impl ClaimTerms {
    pub fn of(program: &Program) -> Self {
        let per_mille = |rate: kernel::Rate| u16::try_from(rate.basis_points() / 10).unwrap_or(1000).min(1000);
        Self {
            registration: program.deals.registration.clone(),
            same: per_mille(program.deals.matching.same),
            review: per_mille(program.deals.matching.review),
            precedence: program.engagement.precedence.clone(),
            tiers: program.tiers.iter().map(|tier| tier.key.clone()).collect(),
            time_zone: program.settings.time_zone.clone(),
        }
    }

    pub fn thresholds(&self) -> Thresholds {
        Thresholds { same: self.same, review: self.review }
    }

    /// The day as people of the program write it.
    pub(crate) fn day(&self, at: Timestamp) -> String {
        let zone = jiff::tz::TimeZone::get(&self.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        at.day_in(&zone).date().strftime("%-d %B %Y").to_string()
    }

    fn rank(&self, tier: Option<&str>) -> usize {
        tier.and_then(|tier| self.tiers.iter().position(|key| key == tier)).map_or(0, |rank| rank + 1)
    }
}

/// One claim as the precedence sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    pub deal: DealId,
    pub partner: PartnerId,
    /// The name of the partner, for the vendor's reasons.
    pub partner_name: String,
    pub tier: Option<String>,
    /// Since when the registration is valid.
    pub valid_at: Timestamp,
}

/// Another claim for the same customer, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rival {
    #[serde(flatten)]
    pub claim: Claim,
    pub standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "is", content = "at")]
pub enum Standing {
    /// Approved until that instant.
    Protected(Timestamp),
    /// Nobody has decided it yet, whether it leads or queues.
    Undecided,
    /// Sold then.
    Won(Timestamp),
}

/// A customer, or a claim whose customer is still open, that the registered one resembles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Match {
    pub customer: Option<CustomerId>,
    /// The claim, where it is a claim that resembles and not a known customer.
    pub deal: Option<DealId>,
    pub name: String,
    pub score: Score,
}

/// Why the claim is decided now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// It has just been registered or completed.
    Registration,
    /// A person approves it.
    Approval,
    /// The role that the program names re-opens it.
    Reopening,
    /// Something changed among the claims for its customer.
    Adjudication,
}

impl Occasion {
    /// A person has looked: what only asks for a look no longer holds it up.
    pub(crate) const fn is_personal(self) -> bool {
        matches!(self, Self::Approval | Self::Reopening)
    }

    /// It did not hold its customer before.
    pub(crate) const fn is_new(self) -> bool {
        matches!(self, Self::Registration | Self::Approval)
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimFacts {
    pub now: Timestamp,
    pub occasion: Occasion,
    pub claim: Claim,
    pub value: Money,
    /// What the customer resembles, the closest first; what a person has settled is no longer among it.
    pub matches: Vec<Match>,
    /// Other claims for the same customer.
    pub rivals: Vec<Rival>,
}

/// Why a person has to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// The customer may be one that is known.
    DoubtfulMatch,
    /// The customer buys already.
    ExistingAccount,
    LargeValue,
    /// The program has every claim approved by a person.
    Manual,
}

/// What becomes of the claim. It names no other deal: both sides read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Outcome {
    Approved {
        protected_until: Timestamp,
    },
    Review {
        look: Look,
    },
    /// Its place behind the claim that leads: 1 is next.
    Queued {
        place: usize,
    },
    Rejected,
}

/// Which customer the registered one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognized {
    Known(CustomerId),
    Doubtful,
    New,
}

/// Reads the matches by the thresholds of the program: the closest customer that counts as the same is the one.
pub fn recognize(terms: &ClaimTerms, matches: &[Match]) -> Recognized {
    let zone = |found: &Match| found.score.zone(terms.thresholds());
    let same = matches.iter().filter(|found| zone(found) == Zone::Same);
    let best = same.filter_map(|found| Some((Reverse(found.score.total), found.customer?))).min();
    match best {
        Some((_, customer)) => Recognized::Known(customer),
        None if matches.iter().any(|found| zone(found) != Zone::Different) => Recognized::Doubtful,
        None => Recognized::New,
    }
}

/// The order between claims: the smallest leads. Total: the id settles what is still equal.
pub fn precedence(terms: &ClaimTerms, claim: &Claim) -> (Vec<i64>, DealId) {
    let key = |by: &TieBreak| match by {
        TieBreak::Tier => -(terms.rank(claim.tier.as_deref()) as i64),
        TieBreak::RegisteredAt => claim.valid_at.micros(),
        _ => 0,
    };
    (terms.precedence.iter().map(key).collect(), claim.deal)
}

/// The claim that leads among those given.
pub fn leader<'a>(terms: &ClaimTerms, claims: impl Iterator<Item = &'a Claim>) -> Option<&'a Claim> {
    claims.min_by_key(|claim| precedence(terms, claim))
}

/// The claim that this one has to wait for, if any: a protected one first, else the undecided one that leads.
pub fn ahead<'a>(terms: &ClaimTerms, facts: &'a ClaimFacts) -> Option<&'a Rival> {
    let protected = |rival: &&Rival| matches!(rival.standing, Standing::Protected(until) if facts.now < until);
    if let Some(rival) = facts.rivals.iter().find(protected) {
        return Some(rival);
    }
    let undecided = facts.rivals.iter().filter(|rival| rival.standing == Standing::Undecided);
    let first = undecided.min_by_key(|rival| precedence(terms, &rival.claim))?;
    (precedence(terms, &first.claim) < precedence(terms, &facts.claim)).then_some(first)
}
