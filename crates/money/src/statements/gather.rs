//! Gathers what a statement rests on.

use std::collections::BTreeSet;

use kernel::{Cx, Money, PageRequest, PartnerId, Result, Timestamp};
use law::How;
use partners::CustomerId;

use super::month::Month;
use super::rule::{StatementFacts, StatementTerms};
use super::{history, store};
use crate::attribution;
use crate::commission::{RatingFacts, RevenueLine, UsageLine, spans};
use crate::intake::Quantity;

/// Everything that happened to a partner until the end of a month and that no statement has settled.
pub(crate) async fn facts(
    cx: &mut Cx<'_>,
    terms: &StatementTerms,
    partner: PartnerId,
    month: Month,
) -> Result<StatementFacts> {
    let scope = cx.scope;
    let zone = terms.zone();
    let end = month.end(&zone);
    let lines = history::unsettled(cx.tx, &scope, partner, end).await?;
    let mut reached = Vec::new();
    for span in spans(&terms.plan, &lines, &zone) {
        reached.push(history::reached(cx.tx, &scope, partner, &span, terms.currency).await?);
    }
    let has_fees = terms.plan.components.iter().any(|component| matches!(component.how, How::Fixed(_)));
    let charged = if has_fees { history::charged(cx.tx, &scope, partner).await? } else { Vec::new() };
    let mut settled = Vec::new();
    for original in settled_before(&lines) {
        settled.extend(history::settled(cx.tx, &scope, original).await?);
    }
    let usage = usage(cx, terms, partner, end).await?;
    let last = store::last(cx.tx, &scope, partner).await?;
    let carried_since = last.as_ref().and_then(|statement| statement.carried_since);
    let carried_in = last.map_or(Money::zero(terms.currency), |statement| statement.carried_out);
    // The tier counts where a component asks for it; elsewhere a change of tier changes no facts.
    let asks = terms.plan.components.iter().any(|component| !component.tiers.is_empty());
    let tier = if asks { partners::get(cx.tx, &scope, partner).await?.tier } else { None };
    let rating = RatingFacts { tier, lines, usage, reached, charged, settled };
    Ok(StatementFacts { partner, month, rating, carried_in, carried_since })
}

/// Invoices that are taken back now and were settled by an earlier statement.
fn settled_before(lines: &[RevenueLine]) -> BTreeSet<crate::intake::InvoiceEventId> {
    let now: BTreeSet<_> = lines.iter().map(|line| line.event).collect();
    lines.iter().filter_map(|line| line.original).filter(|original| !now.contains(original)).collect()
}

/// What the customers of a partner used, where its plan counts use: from the day on which its deal was won until another
/// one is.
async fn usage(cx: &mut Cx<'_>, terms: &StatementTerms, partner: PartnerId, end: Timestamp) -> Result<Vec<UsageLine>> {
    let each = terms.plan.components.iter().filter_map(|component| match &component.how {
        How::Each(each) => Some(each.unit.clone()),
        _ => None,
    });
    let units: BTreeSet<String> = each.collect();
    if units.is_empty() {
        return Ok(Vec::new());
    }
    let terms = held(cx, partner, end).await?;
    // The spans cut time into pieces, and each piece of usage is read once for all customers.
    let cuts: BTreeSet<Timestamp> = terms.iter().flat_map(|term| [term.from, term.before]).collect();
    let cuts: Vec<Timestamp> = cuts.into_iter().collect();
    let mut lines = Vec::new();
    for unit in &units {
        let mut sums = vec![(Quantity::default(), 0); terms.len()];
        for piece in cuts.windows(2) {
            let used = history::used(cx.tx, &cx.scope, unit, (piece[0], piece[1])).await?;
            for (term, sum) in terms.iter().zip(&mut sums) {
                let within = term.from <= piece[0] && piece[1] <= term.before;
                for (quantity, events) in term.records.iter().filter(|_| within).filter_map(|one| used.get(one)) {
                    *sum = (Quantity { micros: sum.0.micros + quantity.micros }, sum.1 + events);
                }
            }
        }
        for (term, (quantity, events)) in terms.iter().zip(sums) {
            let settled = history::used_and_settled(cx.tx, &cx.scope, partner, term.deal, unit).await?;
            if quantity != settled {
                let Term { deal, customer, from, before, .. } = *term;
                let (unit, deal) = (unit.clone(), Some(deal));
                lines.push(UsageLine { customer, deal, unit, from, before, quantity, events, settled });
            }
        }
    }
    Ok(lines)
}

/// The span in which the use of a customer counts for a deal.
struct Term {
    deal: deals::DealId,
    customer: CustomerId,
    /// The records that the customer is merged with, itself among them: their use is its use.
    records: Vec<CustomerId>,
    from: Timestamp,
    before: Timestamp,
}

/// The spans of a partner's won deals up to an instant.
async fn held(cx: &mut Cx<'_>, partner: PartnerId, end: Timestamp) -> Result<Vec<Term>> {
    let mut terms = Vec::new();
    for deal in won_deals(cx, partner).await? {
        let (Some(customer), Some(from)) = (deal.customer, deal.closed_at) else { continue };
        let won = attribution::candidates(cx, customer).await?;
        let before = won.iter().map(|c| c.won_at).filter(|at| *at > from && *at < end).min().unwrap_or(end);
        if from < before {
            let scope = cx.scope;
            let records = partners::customers::family(cx.tx, &scope, customer).await?;
            terms.push(Term { deal: deal.id, customer, records, from, before });
        }
    }
    Ok(terms)
}

async fn won_deals(cx: &mut Cx<'_>, partner: PartnerId) -> Result<Vec<deals::Deal>> {
    let mut found = Vec::new();
    let mut page = PageRequest { limit: Some(500), ..PageRequest::default() };
    loop {
        let asked = deals::registration::ListDeals {
            state: Some(deals::State::ClosedWon),
            partner: Some(partner),
            customer: None,
            text: None,
            closes_from: None,
            closes_before: None,
            page: page.clone(),
        };
        let answer = cx.ask(asked).await?;
        found.extend(answer.items.into_iter().map(|listed| listed.deal));
        match answer.next {
            Some(next) => page.cursor = Some(next),
            None => return Ok(found),
        }
    }
}
