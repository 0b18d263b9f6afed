//! What a claim is decided by: the terms and the facts.
//!
//! Protection is a promise: an approved claim keeps its customer until its window ends, whatever comes later. Between
//! claims that nobody has decided yet, the precedence of the program says which one leads (see [`super::precedence`]);
//! all others queue behind it. Facts that a program does not ask for are left out, so that what was decided before they
//! were known is computed again to the bit.

use std::cmp::Reverse;

use kernel::{Money, PartnerId, Timestamp};
use law::{Approval, ClaimClass, Engagement, OnOpportunity, Program, Registration, Segment, TieBreak, Window};
use partners::CustomerId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::DealId;
use super::precedence::Merits;
use crate::lists::Restriction;
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
    /// Other terms for some claims.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<Window>,
    /// Segments by value, where a window asks for one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
    /// Claims that are equal in everything else are told apart by their time before their id.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub time_settles: bool,
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
            windows: program.deals.windows.clone(),
            segments: if program.deals.windows.iter().any(|window| window.segment.is_some()) {
                program.engagement.segments.clone()
            } else {
                Vec::new()
            },
            approvals: program.deals.approvals.clone(),
            // Where the order ends with the time it is settled already; terms stay as they always were.
            time_settles: !program.engagement.precedence.contains(&TieBreak::RegisteredAt),
        }
    }

    /// The terms of this claim, and the window that they come from.
    pub fn registration_of(&self, class: &Class, value: Money) -> (Registration, Option<usize>) {
        let segments = Engagement { segments: self.segments.clone(), ..Engagement::default() };
        let class = ClaimClass {
            archetype: class.archetype.as_deref(),
            tier: class.tier.as_deref(),
            segment: segments.segment_of(value).map(|segment| segment.key.as_str()),
            products: &class.products,
        };
        self.registration.within(&self.windows, &class)
    }

    /// The approvals that a claim of that value needs, with their places in the file.
    pub fn approvals_for(&self, value: Money) -> Vec<(usize, &Approval)> {
        self.approvals.iter().enumerate().filter(|(_, step)| value.minor > step.above.minor).collect()
    }

    /// A claim on a customer that the vendor sells to itself is protected, and both sell together.
    pub fn sells_together(&self) -> bool {
        self.registration.existing_opportunity == Some(OnOpportunity::CoSell)
    }

    pub fn thresholds(&self) -> Thresholds {
        Thresholds { same: self.same, review: self.review }
    }

    /// The day as people of the program write it.
    pub(crate) fn day(&self, at: Timestamp) -> String {
        let zone = jiff::tz::TimeZone::get(&self.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        at.day_in(&zone).date().strftime("%-d %B %Y").to_string()
    }

    pub(super) fn rank(&self, tier: Option<&str>) -> usize {
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
    /// What else speaks for it.
    #[serde(default, skip_serializing_if = "Merits::is_empty")]
    pub merits: Merits,
}

/// What a window asks of a claim.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Class {
    pub archetype: Option<String>,
    pub tier: Option<String>,
    pub products: Vec<String>,
}

/// An opportunity that the vendor itself had open with the customer when the claim became valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OwnSale {
    /// Its id.
    pub evidence: String,
    pub title: String,
    pub since: Timestamp,
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
    /// Absent where no window asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    /// The lists that stand against it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restrictions: Vec<Restriction>,
    /// What the vendor was selling to the customer itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_sale: Option<OwnSale>,
    /// How many approvals it has.
    #[serde(default, skip_serializing_if = "is_none_given")]
    pub approvals_given: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde calls it
const fn is_none_given(given: &usize) -> bool {
    *given == 0
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
    /// Its value needs the approval of a role.
    Approval,
    /// A territory, a named account or another list stands against it.
    Listed,
    /// The vendor sells to the customer itself.
    OwnSale,
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
