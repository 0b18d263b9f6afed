//! Attribution: which partner brought the revenue of an event, and why.
//!
//! A won registered deal says more than a hint of the sender; a refund follows its invoice; what neither explains belongs to
//! nobody. An ordinary event cites the decision that stands for its customer and deal, made at the first of them; an event
//! with something special (a hint against the deal, a hint alone, rival deals) gets a decision of its own. So a million
//! events leave as many decisions as there are reasons.

mod operations;
mod rule;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use kernel::{Cx, DecisionId, PartnerId, Registry, Result, Scope, Timestamp, Tx};
pub use operations::AttributeRevenue;
use partners::CustomerId;
use programs::Law as _;
pub use rule::{Attributed, AttributionFacts, AttributionRule, AttributionTerms, Basis, Candidate};

use crate::intake::{BatchId, InvoiceEventId, InvoiceKind};

kernel::ids! { StandingId = StandingKind "ats" }

pub fn install(registry: &mut Registry) {
    registry
        .migration("money/002", include_str!("../../migrations/002_attribution.sql"))
        .sealed("attribution", "batch")
        .sealed("attribution_standing", "id")
        .rule::<AttributionRule>()
        .operation::<AttributeRevenue>();
}

/// A revenue event, as far as attribution looks at it.
#[derive(Debug, Clone)]
pub(crate) struct Revenue {
    pub event: InvoiceEventId,
    pub customer: CustomerId,
    pub kind: InvoiceKind,
    /// The invoice that it takes back.
    pub reverses: Option<InvoiceEventId>,
    pub occurred_at: Timestamp,
    pub hint: Option<PartnerId>,
}

/// Attributes a batch of events that have just been recorded.
pub(crate) async fn attribute(cx: &mut Cx<'_>, batch: BatchId, events: impl Iterator<Item = Revenue>) -> Result<usize> {
    let mut events: Vec<Revenue> = events.collect();
    // Invoices first, so that refunds in the same batch find theirs.
    events.sort_by_key(|revenue| (revenue.kind, revenue.event));
    let mut won: BTreeMap<CustomerId, Vec<Candidate>> = BTreeMap::new();
    let mut rows: BTreeMap<InvoiceEventId, store::AttributionRow> = BTreeMap::new();
    for revenue in events {
        if let Some(invoice) = revenue.reverses.filter(|_| revenue.kind.reverses()) {
            let of_invoice = match rows.get(&invoice) {
                Some(row) => Some(row.clone()),
                None => store::of_event(cx.tx, &cx.scope, invoice).await?,
            };
            if let Some(row) = of_invoice {
                rows.insert(revenue.event, row.for_reversal(&revenue, cx.now));
            }
            continue;
        }
        let deals = match won.entry(revenue.customer) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(candidates(cx, revenue.customer).await?),
        };
        let facts = facts(cx, &revenue, deals).await?;
        if let Some((attributed, decision)) = decide(cx, &facts).await?
            && let Some(partner) = attributed.partner
        {
            let row = store::AttributionRow {
                event: revenue.event,
                partner,
                customer: revenue.customer,
                deal: attributed.deal,
                basis: attributed.basis,
                decision,
                occurred_at: revenue.occurred_at,
                attributed_at: cx.now,
            };
            rows.insert(revenue.event, row);
        }
    }
    let rows: Vec<store::AttributionRow> = rows.into_values().collect();
    store::insert(cx.tx, &cx.scope, batch, &rows).await?;
    Ok(rows.len())
}

/// The won deals of a customer, the last one first.
pub(crate) async fn candidates(cx: &mut Cx<'_>, customer: CustomerId) -> Result<Vec<Candidate>> {
    let mut found = Vec::new();
    let mut at = cx.now;
    while let Some(deal) = deals::won_by_customer(cx.tx, &cx.scope, customer, at).await? {
        let Some(won_at) = deal.closed_at else { break };
        found.push(Candidate { deal: deal.id, number: deal.number, partner: deal.partner, won_at });
        at = won_at.plus_micros(-1);
    }
    Ok(found)
}

async fn facts(cx: &mut Cx<'_>, revenue: &Revenue, won: &[Candidate]) -> Result<AttributionFacts> {
    let hint = match revenue.hint {
        Some(partner) => partners::find(cx.tx, &cx.scope, partner).await?.map(|partner| partner.id),
        None => None,
    };
    Ok(AttributionFacts {
        event: revenue.event,
        customer: revenue.customer,
        kind: revenue.kind,
        occurred_at: revenue.occurred_at,
        candidates: won.iter().filter(|c| c.won_at <= revenue.occurred_at).cloned().collect(),
        hint,
    })
}

/// Decides, or finds the decision that stands; `None` when there is nothing to decide.
async fn decide(cx: &mut Cx<'_>, facts: &AttributionFacts) -> Result<Option<(Attributed, DecisionId)>> {
    if facts.candidates.is_empty() && facts.hint.is_none() {
        return Ok(None);
    }
    let ordinary = facts.is_ordinary().then(|| facts.candidates[0].clone());
    if let Some(first) = &ordinary
        && let Some(decision) = store::standing(cx.tx, &cx.scope, facts.customer, first.deal).await?
    {
        let attributed = Attributed { partner: Some(first.partner), deal: Some(first.deal), basis: Basis::WonDeal };
        return Ok(Some((attributed, decision)));
    }
    let law = cx.law().await?.citation();
    let partner = facts.candidates.first().map(|c| c.partner).or(facts.hint);
    let subject = facts.event;
    let decided = cx.decide::<AttributionRule>(subject, partner, &law, &AttributionTerms::default(), facts)?;
    if let Some(first) = ordinary {
        store::keep_standing(cx, facts.customer, &first, decided.id).await?;
    }
    Ok(Some((decided.outcome, decided.id)))
}

/// On what the attribution of an event rests, and the decision that says so.
pub(crate) async fn basis_of(tx: &mut Tx, scope: &Scope, event: InvoiceEventId) -> Result<Option<(Basis, DecisionId)>> {
    let row = store::of_event(tx, scope, event).await?;
    Ok(row.map(|row| (row.basis, row.decision)))
}
