//! What a conflict does to the claims in it: they are weighed, one is upheld, the others wait behind it.

use std::collections::BTreeSet;

use kernel::{Cx, Error, Result, Timestamp};
use partners::{CustomerId, customers};
use programs::InForce;

use super::claim::{Claim, ClaimTerms};
use super::deal::{Deal, State};
use super::hearing::{announce, everywhere, meant, save};
use super::keeping::{protect, release, terms_of};
use super::merits::Bench;
use super::precedence::{in_order, precedence};
use super::{DealId, approvals};

pub(crate) use super::hearing::settle;

/// A claim in a conflict.
pub(crate) struct Contender {
    pub deal: Deal,
    pub claim: Claim,
    /// How long its window protects.
    pub protection_days: u32,
}

/// The claims of these deals in the order of the program; those that are no longer open are left out.
pub(crate) async fn contenders(cx: &mut Cx<'_>, ids: &BTreeSet<DealId>, law: &InForce) -> Result<Vec<Contender>> {
    let scope = everywhere(cx);
    let bench = Bench { app: cx.app, scope: &scope, program: &law.program, now: cx.now };
    let mut found = Vec::new();
    for id in ids {
        let deal = meant(cx, *id).await?;
        if !deal.state.is_open() {
            continue;
        }
        let partner = partners::get(cx.tx, &scope, deal.partner).await?;
        let claim = bench.claim_of(cx.tx, &deal, &partner, deal.customer).await?;
        let protection_days = terms_of(cx.tx, &scope, &deal, law).await?.0.protection_days;
        found.push(Contender { deal, claim, protection_days });
    }
    in_order(&ClaimTerms::of(&law.program), &mut found, |one| &one.claim);
    Ok(found)
}

/// The customer that all of them claim; records that are merged are one.
pub(crate) async fn one_customer(cx: &mut Cx<'_>, contenders: &[Contender]) -> Result<CustomerId> {
    let scope = everywhere(cx);
    let named = contenders.iter().filter_map(|one| one.deal.customer);
    let merged = customers::resolved(cx.tx, &scope, named).await?;
    let meant = |customer: CustomerId| merged.get(&customer).copied().unwrap_or(customer);
    let customers: BTreeSet<Option<CustomerId>> = contenders.iter().map(|one| one.deal.customer.map(meant)).collect();
    let mut customers = customers.into_iter();
    match (customers.next(), customers.next()) {
        (Some(Some(customer)), None) if contenders.len() > 1 => Ok(customer),
        (None, _) | (Some(Some(_)), None) => {
            Err(Error::invalid("deals", "are not open any more, but for one at most; nothing is contested"))
        }
        _ => {
            let rule = "are not for one known customer; say first which customer each of them means";
            Err(Error::invalid("deals", rule))
        }
    }
}

/// The way of the precedence that tells two claims apart; `id` where none does.
pub(crate) fn issue(terms: &ClaimTerms, first: &Claim, second: &Claim) -> String {
    let ((a, ..), (b, ..)) = (precedence(terms, first), precedence(terms, second));
    let step = a.iter().zip(&b).position(|(a, b)| a != b).and_then(|place| terms.precedence.get(place));
    let word = step.and_then(|by| serde_json::to_value(by).ok()?.as_str().map(str::to_owned));
    word.unwrap_or_else(|| "id".to_owned())
}

/// Tells the partner of a claim, in words that name nobody else.
pub(crate) fn tell(cx: &mut Cx<'_>, deal: &Deal, kind: &str, summary: &str) {
    announce(cx, deal, kind, summary);
}

/// The claim is protected until that instant.
pub(crate) async fn uphold(cx: &mut Cx<'_>, one: &Contender, until: Timestamp, law: &InForce) -> Result<()> {
    let mut deal = one.deal.clone();
    if deal.state != State::Approved || deal.protected_until != Some(until) {
        deal.state = State::Approved;
        deal.behind = None;
        deal.approval = None;
        deal.approved_at = Some(cx.now);
        deal.protected_until = Some(until);
        deal.last_activity_at = cx.now;
        (deal.reason_code, deal.reason_text) = (None, None);
        save(cx, &deal).await?;
        approvals::watch(cx, &deal, law, false).await?;
        protect(cx, &deal, law).await?;
    }
    tell(
        cx,
        &deal,
        "deal.conflict_upheld",
        "The conflict over this customer was decided in favor of this registration",
    );
    Ok(())
}

/// The claim waits behind the one that is upheld.
pub(crate) async fn yield_to(cx: &mut Cx<'_>, one: &Contender, winner: DealId) -> Result<()> {
    let mut deal = one.deal.clone();
    if matches!(deal.state, State::Approved | State::PendingApproval | State::Submitted) {
        release(cx, &deal).await?;
        clocks::stop(cx, approvals::APPROVAL, &deal.id.to_string()).await?;
        deal.state = State::Submitted;
        deal.behind = Some(winner);
        deal.approval = None;
        deal.protected_until = None;
        save(cx, &deal).await?;
    }
    let summary = "The conflict over this customer was decided in favor of another registration; this one waits";
    tell(cx, &deal, "deal.conflict_yields", summary);
    Ok(())
}
