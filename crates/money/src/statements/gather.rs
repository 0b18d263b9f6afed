//! Gathers what a statement rests on.

use std::collections::BTreeSet;

use kernel::{Cx, Money, PageRequest, PartnerId, Result, Timestamp};
use law::How;

use super::month::Month;
use super::rule::{StatementFacts, StatementTerms};
use super::store;
use crate::attribution;
use crate::commission::{RatingFacts, RevenueLine, UsageLine, spans};

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
    let lines = store::unsettled(cx.tx, &scope, partner, end).await?;
    let mut reached = Vec::new();
    for span in spans(&terms.plan, &lines, &zone) {
        reached.push(store::reached(cx.tx, &scope, partner, &span, terms.currency).await?);
    }
    let has_fees = terms.plan.components.iter().any(|component| matches!(component.how, How::Fixed(_)));
    let charged = if has_fees { store::charged(cx.tx, &scope, partner).await? } else { Vec::new() };
    let mut settled = Vec::new();
    for original in settled_before(&lines) {
        settled.extend(store::settled(cx.tx, &scope, original).await?);
    }
    let usage = usage(cx, terms, partner, end).await?;
    let last = store::last(cx.tx, &scope, partner).await?;
    let carried_in = last.map_or(Money::zero(terms.currency), |statement| statement.carried_out);
    Ok(StatementFacts { partner, month, rating: RatingFacts { lines, usage, reached, charged, settled }, carried_in })
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
    let mut lines = Vec::new();
    for deal in won_deals(cx, partner).await? {
        let (Some(customer), Some(from)) = (deal.customer, deal.closed_at) else { continue };
        let later = attribution::candidates(cx, customer).await?;
        let before = later.iter().map(|c| c.won_at).filter(|at| *at > from && *at < end).min().unwrap_or(end);
        for unit in units.iter().filter(|_| from < end) {
            let (quantity, events) = store::used(cx.tx, &cx.scope, customer, unit, (from, before)).await?;
            let settled = store::used_and_settled(cx.tx, &cx.scope, partner, deal.id, unit).await?;
            if quantity != settled {
                let (unit, deal) = (unit.clone(), Some(deal.id));
                lines.push(UsageLine { customer, deal, unit, from, before, quantity, events, settled });
            }
        }
    }
    Ok(lines)
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
