//! `money.attribution`: who brought the revenue. A pure rule over one event and everything that speaks for a partner.

use kernel::{PartnerId, Reason, Rule, Timestamp, Verdict};
use partners::CustomerId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::intake::{InvoiceEventId, InvoiceKind};

/// What speaks for a partner, in the order in which it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributionTerms {
    pub precedence: Vec<Basis>,
}

impl Default for AttributionTerms {
    fn default() -> Self {
        Self { precedence: vec![Basis::WonDeal, Basis::Hint] }
    }
}

/// On what an attribution rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A registered deal with the customer that was won by then.
    WonDeal,
    /// The sender of the event, or a person of the vendor, named the partner.
    Hint,
    /// The invoice that it takes back.
    Invoice,
    /// Nothing speaks for a partner.
    Nothing,
}

impl Basis {
    pub const ALL: [Self; 4] = [Self::WonDeal, Self::Hint, Self::Invoice, Self::Nothing];

    pub const fn name(self) -> &'static str {
        match self {
            Self::WonDeal => "won_deal",
            Self::Hint => "hint",
            Self::Invoice => "invoice",
            Self::Nothing => "nothing",
        }
    }
}

/// A won deal with the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    pub deal: deals::DealId,
    pub number: String,
    pub partner: PartnerId,
    pub won_at: Timestamp,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributionFacts {
    pub event: InvoiceEventId,
    pub customer: CustomerId,
    pub kind: InvoiceKind,
    pub occurred_at: Timestamp,
    /// Deals with the customer that were won by then, the last one first.
    pub candidates: Vec<Candidate>,
    /// The partner that was named, if it exists.
    pub hint: Option<PartnerId>,
}

impl AttributionFacts {
    /// Whether one partner's deal explains it and nothing speaks against.
    pub fn is_ordinary(&self) -> bool {
        let Some(first) = self.candidates.first() else { return false };
        self.candidates.iter().all(|c| c.partner == first.partner) && self.hint.is_none_or(|hint| hint == first.partner)
    }
}

/// Whose revenue it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attributed {
    pub partner: Option<PartnerId>,
    pub deal: Option<deals::DealId>,
    pub basis: Basis,
}

/// The rule.
pub struct AttributionRule;

impl Rule for AttributionRule {
    const KIND: &'static str = "money.attribution";
    type Terms = AttributionTerms;
    type Facts = AttributionFacts;
    type Outcome = Attributed;

    fn decide(terms: &AttributionTerms, facts: &AttributionFacts) -> Verdict<Attributed> {
        let mut reasons = Vec::new();
        let found = terms.precedence.iter().find_map(|basis| match basis {
            Basis::WonDeal => by_deal(facts, &mut reasons),
            Basis::Hint => by_hint(facts, &mut reasons),
            Basis::Invoice | Basis::Nothing => None,
        });
        let outcome = found.unwrap_or_else(|| {
            let reason =
                Reason::new("nobody", "No won deal with the customer and no named partner explain this revenue.");
            reasons.push(reason.remedy("Register and win the deal, or name the partner.").for_vendor());
            Attributed { partner: None, deal: None, basis: Basis::Nothing }
        });
        Verdict { outcome, reasons }
    }
}

fn by_deal(facts: &AttributionFacts, reasons: &mut Vec<Reason>) -> Option<Attributed> {
    let (first, others) = facts.candidates.split_first()?;
    let text = format!("The registered deal {} with this customer was won on {}.", first.number, first.won_at);
    reasons.push(Reason::new("won_deal", text).resting_on(first.deal));
    for other in others {
        let text = format!(
            "The deal {} was won earlier, on {}; the one that was won last counts.",
            other.number, other.won_at
        );
        let reason = Reason::new("earlier_deal", text).resting_on(other.deal);
        reasons.push(if other.partner == first.partner { reason } else { reason.for_vendor() });
    }
    if let Some(hint) = facts.hint.filter(|hint| *hint != first.partner) {
        let reason = Reason::new("hint_outweighed", "Another partner was named; a won registered deal says more.");
        reasons.push(reason.resting_on(hint).for_vendor());
    }
    Some(Attributed { partner: Some(first.partner), deal: Some(first.deal), basis: Basis::WonDeal })
}

fn by_hint(facts: &AttributionFacts, reasons: &mut Vec<Reason>) -> Option<Attributed> {
    let partner = facts.hint?;
    let text = "The partner was named with the event, and no won deal with the customer says otherwise.";
    reasons.push(Reason::new("named", text).resting_on(partner));
    Some(Attributed { partner: Some(partner), deal: None, basis: Basis::Hint })
}
