//! Hears a claim: gathers what stands for and against it, has the rule decide, and carries the outcome out.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use clocks::NewClock;
use kernel::app::Decided;
use kernel::{Cx, Error, Operation as _, PartnerId, Reason, Result, Scope, Tx};
use partners::{CustomerId, NewCustomer, Partner, customers};
use programs::{InForce, Law};
use serde_json::json;

use super::approvals;
use super::claim::{
    ClaimFacts, ClaimTerms, Class, Look, Match, Occasion, Outcome, OwnSale, Recognized, Rival, Standing, recognize,
};
use super::deal::{Deal, Source, State};
use super::keeping::protect;
use super::matcher::Matcher;
use super::merits::Bench;
use super::precedence::{ahead, in_order};
use super::protection::AdjudicateClaims;
use super::ruling::ClaimRule;
use super::{DealId, store};
use crate::{lists, opportunities};

const ADJUDICATION: &str = "deals.adjudication";

/// The whole organization. What a claim is decided by lies outside of what its partner may see; what is handed back is
/// cut to the reader's scope again.
pub(crate) fn everywhere(cx: &Cx<'_>) -> Scope {
    Scope { partner: None, ..cx.scope }
}

/// The deal that the actor means, as it is stored.
pub(crate) async fn meant(cx: &mut Cx<'_>, deal: DealId) -> Result<Deal> {
    let scope = cx.scope;
    store::stored(cx.tx, &scope, deal).await
}

/// What a person has said about the customer of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Nothing,
    IsKnown(CustomerId),
    IsNew,
}

/// One claim before the rule.
pub(crate) struct Hearing {
    law: Arc<InForce>,
    pub(crate) terms: ClaimTerms,
    pub(crate) facts: ClaimFacts,
    recognized: Recognized,
}

impl Hearing {
    /// Gathers what the rule has to know.
    pub(crate) async fn of(cx: &mut Cx<'_>, deal: &Deal, occasion: Occasion, said: Said) -> Result<Self> {
        let law = cx.law().await?;
        let terms = ClaimTerms::of(&law.program);
        let scope = everywhere(cx);
        let mut matches = Vec::new();
        let known = match said {
            Said::IsKnown(customer) => Some(customer),
            _ => deal.customer,
        };
        if known.is_none() {
            let matcher = cx.app.registry().part::<Matcher>()?;
            let keys = deal.identity.normalized();
            matches = matcher.matches(cx.tx, scope.organization, &terms, &keys, deal.id).await?;
        }
        let recognized = match (known, recognize(&terms, &matches)) {
            (Some(customer), _) | (None, Recognized::Known(customer)) => Recognized::Known(customer),
            (None, Recognized::Doubtful) if said == Said::IsNew => Recognized::New,
            (None, other) => other,
        };
        let bench = Bench { app: cx.app, scope: &scope, program: &law.program, now: cx.now };
        let rivals = rivals(cx.tx, &bench, &terms, deal, recognized, &matches).await?;
        let facts = facts_of(cx.tx, &bench, &terms, deal, occasion, recognized).await?;
        Ok(Self { law, terms, facts: ClaimFacts { matches, rivals, ..facts }, recognized })
    }

    pub(crate) fn recognized(&self) -> Recognized {
        self.recognized
    }

    /// The claim that this one would wait for.
    pub(crate) fn behind(&self) -> Option<DealId> {
        ahead(&self.terms, &self.facts).map(|rival| rival.claim.deal)
    }

    /// Whether claims that nobody has decided stand beside this one.
    pub(crate) fn is_contested(&self) -> bool {
        self.facts.rivals.iter().any(|rival| rival.standing == Standing::Undecided)
    }

    fn sold_while_waiting(&self) -> bool {
        let own = &self.facts.claim;
        let others = self.facts.rivals.iter().filter(|rival| rival.claim.partner != own.partner);
        others.into_iter().any(|rival| matches!(rival.standing, Standing::Won(at) if at >= own.valid_at))
    }

    /// Has the rule decide, and writes what becomes of the deal.
    pub(crate) async fn decide(self, cx: &mut Cx<'_>, deal: &mut Deal) -> Result<Decided<Outcome>> {
        let law = self.law.citation();
        let decided = cx.decide::<ClaimRule>(deal.id, Some(deal.partner), &law, &self.terms, &self.facts)?;
        let rejected = decided.outcome == Outcome::Rejected;
        deal.customer = match self.recognized {
            Recognized::Known(customer) => Some(customer),
            Recognized::New if !rejected && deal.customer.is_none() => Some(new_customer(cx, deal).await?),
            _ => deal.customer,
        };
        let (before, waited_for) = (deal.state, deal.approval.take().map(|waiting| waiting.step));
        deal.behind = None;
        match decided.outcome {
            Outcome::Approved { protected_until } => {
                deal.state = State::Approved;
                deal.protected_until = Some(protected_until);
                deal.approved_at = Some(cx.now);
                deal.last_activity_at = cx.now;
                deal.closed_at = None;
                if self.facts.own_sale.is_some() && self.terms.sells_together() {
                    deal.source = Source::CoSell;
                }
            }
            Outcome::Review { look: Look::Approval } => {
                deal.state = State::PendingApproval;
                deal.approval = approvals::awaited(&self.terms, deal, self.facts.approvals_given);
            }
            Outcome::Review { look: Look::DoubtfulMatch } => deal.state = State::UnderReview,
            Outcome::Review { .. } => deal.state = State::PendingApproval,
            Outcome::Queued { .. } => {
                deal.state = State::Submitted;
                deal.behind = self.behind();
            }
            Outcome::Rejected => {
                deal.state = State::Rejected;
                deal.closed_at = Some(cx.now);
                note_reason(deal, &decided.reasons);
            }
        }
        save(cx, deal).await?;
        if deal.state == State::Approved {
            protect(cx, deal, &self.law).await?;
        }
        // What was asked of the partner does not count against those who approve.
        let comes_back = before == State::Returned && deal.approval.as_ref().map(|waiting| waiting.step) == waited_for;
        approvals::watch(cx, deal, &self.law, comes_back && waited_for.is_some()).await?;
        if deal.state != before || self.facts.occasion != Occasion::Adjudication {
            tell(cx, deal, &self.terms);
        }
        Ok(decided)
    }
}

fn note_reason(deal: &mut Deal, reasons: &[Reason]) {
    let shown = reasons.iter().find(|reason| reason.audience == kernel::Audience::Both);
    deal.reason_code = shown.map(|reason| reason.code.clone());
    deal.reason_text = shown.map(|reason| reason.text.clone());
}

/// What is known about a claim itself, as far as the program asks.
async fn facts_of(
    tx: &mut Tx,
    bench: &Bench<'_>,
    terms: &ClaimTerms,
    deal: &Deal,
    occasion: Occasion,
    recognized: Recognized,
) -> Result<ClaimFacts> {
    let scope = bench.scope;
    let customer = match recognized {
        Recognized::Known(customer) => Some(customer),
        _ => None,
    };
    let partner = partners::get(tx, scope, deal.partner).await?;
    let keys = bench.keys_of(tx, deal, customer).await?;
    let examined = lists::examined(tx, scope, bench.program, &partner, &keys, deal.valid_at).await?;
    let asks_for_sale = terms.registration.existing_opportunity.is_some();
    let sale = match customer.filter(|_| asks_for_sale) {
        Some(customer) => opportunities::open_at(tx, scope, customer, deal.valid_at, bench.now).await?,
        None => None,
    };
    let given = match terms.approvals.is_empty() {
        true => 0,
        false => store::approvals(tx, scope, deal).await?.len(),
    };
    Ok(ClaimFacts {
        now: bench.now,
        occasion,
        claim: bench.claim_of(tx, deal, &partner, customer).await?,
        value: deal.value,
        matches: Vec::new(),
        rivals: Vec::new(),
        class: (!terms.windows.is_empty()).then(|| class_of(deal, &partner)),
        restrictions: examined.restrictions,
        own_sale: sale.map(|one| OwnSale { evidence: one.id.to_string(), title: one.title, since: one.opened_at }),
        approvals_given: given,
    })
}

/// What a window asks of a deal.
pub(crate) fn class_of(deal: &Deal, partner: &Partner) -> Class {
    Class { archetype: partner.archetype.clone(), tier: partner.tier.clone(), products: deal.products.clone() }
}

/// What the other claims on the customer hold. Claims that a person still has to match count as undecided rivals where
/// they mean the same customer beyond doubt.
async fn rivals(
    tx: &mut Tx,
    bench: &Bench<'_>,
    terms: &ClaimTerms,
    deal: &Deal,
    recognized: Recognized,
    matches: &[Match],
) -> Result<Vec<Rival>> {
    let scope = bench.scope;
    let mut others = Vec::new();
    let mut customer = None;
    if let Recognized::Known(known) = recognized {
        others = store::claims_on(tx, scope, known).await?;
        customer = Some(known);
    }
    if deal.state == State::UnderReview {
        let same = matches.iter().filter(|found| found.customer.is_none() && found.score.total >= terms.same);
        for id in same.filter_map(|found| found.deal) {
            others.extend(store::find(tx, scope, id).await?.filter(|other| other.state == State::UnderReview));
        }
    }
    let mut known: BTreeMap<PartnerId, Partner> = BTreeMap::new();
    let mut rivals = Vec::new();
    for other in others.into_iter().filter(|other| other.id != deal.id) {
        let standing = match (other.state, other.protected_until, other.closed_at) {
            (State::Approved, Some(until), _) => Standing::Protected(until),
            (State::ClosedWon, _, Some(at)) => Standing::Won(at),
            (State::PendingApproval | State::Submitted, _, _) => Standing::Undecided,
            (State::UnderReview, _, _) if deal.state == State::UnderReview => Standing::Undecided,
            _ => continue,
        };
        let partner = match known.entry(other.partner) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(partners::get(tx, scope, other.partner).await?),
        };
        rivals.push(Rival { claim: bench.claim_of(tx, &other, partner, customer).await?, standing });
    }
    Ok(rivals)
}

/// The customer enters the vendor's accounts as the partner wrote it.
async fn new_customer(cx: &mut Cx<'_>, deal: &Deal) -> Result<CustomerId> {
    let identity = &deal.identity;
    let new = NewCustomer {
        name: identity.name.clone(),
        domain: identity.domain.clone(),
        country: identity.normalized().country,
        vat_number: identity.vat_number.clone(),
        registration_number: identity.registration_number.clone(),
        source: "deal".to_owned(),
        account_owner: None,
    };
    let customer = customers::insert(cx, &new).await?;
    cx.app.registry().part::<Matcher>()?.note_customer(cx.scope.organization, &customer);
    Ok(customer.id)
}

/// Writes a deal; the index in memory hears of it at once.
pub(crate) async fn save(cx: &mut Cx<'_>, deal: &Deal) -> Result<()> {
    let scope = everywhere(cx);
    store::save(cx.tx, &scope, deal).await?;
    cx.app.registry().part::<Matcher>()?.note(scope.organization, deal);
    Ok(())
}

/// Tells the partner what became of its claim, in words that name nobody else.
fn tell(cx: &mut Cx<'_>, deal: &Deal, terms: &ClaimTerms) {
    let (kind, summary) = match (deal.state, deal.protected_until) {
        (State::Approved, Some(until)) => ("deal.approved", format!("Approved; protected until {}", terms.day(until))),
        (State::Submitted, _) => ("deal.queued", "Waits behind another valid registration".to_owned()),
        (State::UnderReview, _) => ("deal.sent_to_review", "A person compares the customer with known ones".to_owned()),
        (State::PendingApproval, _) => ("deal.awaits_approval", "A person decides about it".to_owned()),
        _ => {
            let why = deal.reason_text.as_deref().unwrap_or("the program does not allow it");
            ("deal.rejected", format!("Rejected: {why}"))
        }
    };
    announce(cx, deal, kind, summary);
}

/// An event on a deal, with the deal as its partner may see it.
pub(crate) fn announce(cx: &mut Cx<'_>, deal: &Deal, kind: &str, summary: impl Into<String>) {
    let shown = deal.clone().seen_by(&Scope { partner: Some(deal.partner), ..cx.scope });
    cx.emit(kind, deal.id, Some(deal.partner), summary, &shown);
}

/// Brings the claims around a deal in order after it has changed: those on its customer, and those that wait for it.
pub(crate) async fn settle_around(cx: &mut Cx<'_>, deal: &Deal) -> Result<()> {
    let scope = everywhere(cx);
    let mut touched: Vec<CustomerId> = deal.customer.into_iter().collect();
    touched.extend(store::waiting_for(cx.tx, &scope, deal.id).await?.into_iter().filter_map(|other| other.customer));
    touched.sort_unstable();
    touched.dedup();
    for customer in touched {
        settle(cx, customer).await?;
    }
    Ok(())
}

/// Decides between the claims on a customer. What a partner sets off is carried out by the clock an instant later, in the
/// name of the program: nobody's timeline shows a person of another partner.
pub(crate) async fn settle(cx: &mut Cx<'_>, customer: CustomerId) -> Result<()> {
    let scope = everywhere(cx);
    let claims = store::claims_on(cx.tx, &scope, customer).await?;
    if !claims.iter().any(|claim| matches!(claim.state, State::Submitted | State::PendingApproval)) {
        return Ok(());
    }
    if cx.actor.partner.is_some() {
        let clock = NewClock {
            kind: ADJUDICATION,
            subject: customer.to_string(),
            partner: None,
            title: "Claims on a customer are put in order".to_owned(),
            due_at: cx.now,
            warn_at: Vec::new(),
            on_lapse: AdjudicateClaims::NAME,
            on_warn: None,
            input: json!({ "customer": customer }),
        };
        return clocks::start(cx, clock).await.map(|_| ());
    }
    let law = cx.law().await?;
    let terms = ClaimTerms::of(&law.program);
    let bench = Bench { app: cx.app, scope: &scope, program: &law.program, now: cx.now };
    let mut contenders = Vec::new();
    for deal in claims {
        if matches!(deal.state, State::Submitted | State::PendingApproval) {
            let partner = partners::get(cx.tx, &scope, deal.partner).await?;
            contenders.push((bench.claim_of(cx.tx, &deal, &partner, Some(customer)).await?, deal));
        }
    }
    in_order(&terms, &mut contenders, |(claim, _)| claim);
    for (_, mut deal) in contenders {
        let hearing = Hearing::of(cx, &deal, Occasion::Adjudication, Said::Nothing).await?;
        let stays = match (deal.state, hearing.behind()) {
            _ if hearing.sold_while_waiting() => false,
            (State::PendingApproval, None) => true,
            (State::Submitted, Some(first)) => deal.behind == Some(first),
            _ => false,
        };
        if !stays {
            hearing.decide(cx, &mut deal).await?;
        }
    }
    Ok(())
}

/// The sentence for an act that the state of the deal does not allow.
pub(crate) fn not_now(deal: &Deal, act: &str, needed: &str) -> Error {
    let state = deal.state.name().replace('_', " ");
    Error::conflict("wrong_state", format!("{} is {state}; {act} needs {needed}", deal.number))
}
