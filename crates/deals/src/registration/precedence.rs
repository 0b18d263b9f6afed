//! The order between claims: which of them leads, who comes next, and which step of the program told two of them apart.
//!
//! The program names the ways, most important first. What is still equal after them is settled by the time of the valid
//! registration and at last by the id of the deal, so that there is always exactly one order and it is the same for any
//! order of arrival.

use kernel::{Money, Timestamp};
use law::TieBreak;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::DealId;
use super::claim::{Claim, ClaimFacts, ClaimTerms, Rival, Standing};

/// What speaks for a claim beside its tier and its time; only what the program asks for is gathered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Merits {
    /// What the partner has to do with the customer, as far as it is evidenced here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relationship: Option<Relationship>,
    /// The partner has every benefit that the program asks for in the region and for the products.
    #[serde(skip_serializing_if = "is_false")]
    pub capable: bool,
    /// The partner serves the customer today.
    #[serde(skip_serializing_if = "is_false")]
    pub incumbent: bool,
    /// The claim comes from a public tender and gives its reference.
    #[serde(skip_serializing_if = "is_false")]
    pub tender: bool,
    /// The claim renews what the partner has sold to the customer.
    #[serde(skip_serializing_if = "is_false")]
    pub renewal: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Money>,
    /// How many parts of the registration form are given.
    #[serde(skip_serializing_if = "is_nothing")]
    pub completeness: u8,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde calls it
const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[allow(clippy::trivially_copy_pass_by_ref)]
const fn is_nothing(count: &u8) -> bool {
    *count == 0
}

impl Merits {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A relationship with the evidence that it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Relationship {
    pub kind: RelationshipKind,
    /// The id of the deal, the entry of the list, or what else shows it.
    pub evidence: String,
}

/// The kinds of relationship, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RelationshipKind {
    /// A deal that was won with the customer.
    WonDeal,
    /// Revenue that the partner brings with the customer today.
    Revenue,
    /// The customer is a named account of the partner.
    NamedAccount,
}

/// A place in the order; the smallest leads. Total: the id settles what is still equal.
pub type Place = (Vec<i64>, Option<Timestamp>, DealId);

pub fn precedence(terms: &ClaimTerms, claim: &Claim) -> Place {
    let first = |yes: bool| i64::from(!yes);
    let merits = &claim.merits;
    let key = |by: &TieBreak| match by {
        TieBreak::Tier => -(terms.rank(claim.tier.as_deref()) as i64),
        TieBreak::RegisteredAt => claim.valid_at.micros(),
        TieBreak::Relationship => -merits.relationship.as_ref().map_or(0, |one| one.kind as i64 + 1),
        TieBreak::Capability => first(merits.capable),
        TieBreak::Incumbency => first(merits.incumbent),
        TieBreak::Tender => first(merits.tender),
        TieBreak::Renewal => first(merits.renewal),
        TieBreak::Value => merits.value.map_or(0, |value| i64::try_from(-value.minor).unwrap_or(i64::MIN)),
        TieBreak::Completeness => -i64::from(merits.completeness),
        _ => 0,
    };
    let settled = terms.time_settles.then_some(claim.valid_at);
    (terms.precedence.iter().map(key).collect(), settled, claim.deal)
}

/// The claim that leads among those given.
pub fn leader<'a>(terms: &ClaimTerms, claims: impl Iterator<Item = &'a Claim>) -> Option<&'a Claim> {
    claims.min_by_key(|claim| precedence(terms, claim))
}

/// Puts claims in order, the one that leads first.
pub fn in_order<T>(terms: &ClaimTerms, claims: &mut [T], claim: impl Fn(&T) -> &Claim) {
    claims.sort_by_cached_key(|one| precedence(terms, claim(one)));
}

/// The place of every claim among those for the same customer, 1 for the one that leads; in the order of the input.
pub fn places<C: Ord + Copy>(terms: &ClaimTerms, claims: &[(C, Claim)]) -> Vec<usize> {
    let mut order: Vec<(C, Place, usize)> =
        claims.iter().enumerate().map(|(n, (customer, claim))| (*customer, precedence(terms, claim), n)).collect();
    order.sort_unstable();
    let mut places = vec![0; claims.len()];
    let mut before = None;
    let mut place = 0;
    for (customer, _, n) in order {
        place = if before == Some(customer) { place + 1 } else { 1 };
        before = Some(customer);
        places[n] = place;
    }
    places
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

/// 1 for the next in line behind `first`.
pub(super) fn place_behind(terms: &ClaimTerms, facts: &ClaimFacts, first: &Claim) -> usize {
    let own = precedence(terms, &facts.claim);
    let waiting = facts.rivals.iter().filter(|r| r.standing == Standing::Undecided && r.claim.deal != first.deal);
    1 + waiting.filter(|rival| precedence(terms, &rival.claim) < own).count()
}

/// Which step of the precedence tells two claims apart, in a sentence.
pub(super) fn deciding(terms: &ClaimTerms, first: &Claim, second: &Claim) -> String {
    let ((a, ..), (b, ..)) = (precedence(terms, first), precedence(terms, second));
    let step = a.iter().zip(&b).position(|(a, b)| a != b).and_then(|place| terms.precedence.get(place));
    let by_time = terms.time_settles && first.valid_at != second.valid_at;
    let words = match step {
        Some(TieBreak::Tier) => "the higher tier goes first",
        Some(TieBreak::RegisteredAt) => "the registration that was valid first goes first",
        Some(TieBreak::Relationship) => "the stronger relationship with the customer goes first",
        Some(TieBreak::Capability) => "a partner that is entitled for the region and the product goes first",
        Some(TieBreak::Incumbency) => "the partner that serves the customer today goes first",
        Some(TieBreak::Tender) => "a claim from a public tender goes first",
        Some(TieBreak::Renewal) => "the renewal of what the partner has sold goes first",
        Some(TieBreak::Value) => "the claim of the higher value goes first",
        Some(TieBreak::Completeness) => "the most qualified claim goes first",
        _ if by_time => {
            "both are equal in everything that the program compares, so the registration that was valid first goes first"
        }
        _ => "both are equal in everything that the program compares, so the older id goes first",
    };
    words.to_owned()
}
