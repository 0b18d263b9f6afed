//! `deals.conflict`: what a decided conflict means for one of the claims. A pure rule.

use kernel::{Reason, Rule, Timestamp, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::registration::{Claim, ClaimTerms, DealId, leader};

/// What the law says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictTerms {
    pub claim: ClaimTerms,
    /// How long the claim that is upheld is protected.
    pub protection_days: u32,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictFacts {
    pub now: Timestamp,
    pub own: Claim,
    pub others: Vec<Claim>,
    /// The claim that a person has decided for.
    pub chosen: DealId,
    pub reason: String,
    /// An end of its protection that it has already.
    pub protected_until: Option<Timestamp>,
}

/// What becomes of the claim. Both sides read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Ruling {
    Upheld { protected_until: Timestamp },
    Yields,
}

/// What a decided conflict means for one of the claims.
pub struct ConflictRule;

impl Rule for ConflictRule {
    const KIND: &'static str = "deals.conflict";
    type Terms = ConflictTerms;
    type Facts = ConflictFacts;
    type Outcome = Ruling;

    fn decide(terms: &ConflictTerms, facts: &ConflictFacts) -> Verdict<Ruling> {
        const PLACE: &str = "engagement.toml: precedence";
        let mut reasons = Vec::new();
        let outcome = if facts.chosen == facts.own.deal {
            let fresh = facts.now.plus_days(i64::from(terms.protection_days));
            let protected_until = facts.protected_until.filter(|until| *until > facts.now).unwrap_or(fresh);
            let text = "A conflict over this customer was decided in favor of your registration.";
            reasons.push(Reason::new("conflict_upheld", text).citing(PLACE));
            Ruling::Upheld { protected_until }
        } else {
            let text = "A conflict over this customer was decided in favor of another valid registration.";
            let remedy = "Yours waits behind it and moves up by itself when it ends.";
            reasons.push(Reason::new("conflict_yields", text).citing(PLACE).remedy(remedy));
            Ruling::Yields
        };
        reasons.push(Reason::new("decided_because", format!("Decided because: {}", facts.reason)).for_vendor());
        let all = std::iter::once(&facts.own).chain(&facts.others);
        if let Some(first) = leader(&terms.claim, all).filter(|first| first.deal != facts.chosen) {
            let text = format!("The order of the program would have put {} first.", first.partner_name);
            reasons.push(Reason::new("departs", text).citing(PLACE).resting_on(first.deal).for_vendor());
        }
        Verdict { outcome, reasons }
    }
}
