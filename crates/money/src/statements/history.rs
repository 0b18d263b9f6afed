//! What is still to be settled, and what earlier statements settled: the tables as the rating of a statement reads them.

use std::collections::BTreeMap;

use kernel::{Money, PartnerId, Result, Row, Scope, Timestamp, Tx, params};
use partners::CustomerId;

use super::month::Month;
use crate::commission::{Charged, Part, Reached, RevenueLine, Settled, Span};
use crate::intake::{InvoiceEventId, Quantity, revenue_of, revenue_word};

/// Partners with revenue before that instant that no statement has settled, and without a statement of the month or later.
pub(crate) async fn due(tx: &mut Tx, scope: &Scope, month: Month, end: Timestamp) -> Result<Vec<PartnerId>> {
    let sql = "SELECT DISTINCT a.partner FROM attribution a
               WHERE a.organization = $1 AND a.occurred_at < $2
                 AND NOT EXISTS (SELECT 1 FROM settled_event s WHERE s.id = a.id)
                 AND NOT EXISTS (SELECT 1 FROM statement t
                                 WHERE t.organization = $1 AND t.partner = a.partner AND t.month >= $3)
               ORDER BY a.partner";
    tx.all(sql, params![scope.organization, end, month], |row| row.get("partner")).await
}

/// Revenue of a partner before that instant that no statement has settled.
pub(crate) async fn unsettled(
    tx: &mut Tx,
    scope: &Scope,
    partner: PartnerId,
    end: Timestamp,
) -> Result<Vec<RevenueLine>> {
    let sql =
        "SELECT e.id, e.external_id, e.kind, e.invoice, e.revenue, e.customer, a.deal, e.amount_minor, e.currency,
                      e.occurred_at, e.recorded_at, COALESCE(o.occurred_at, e.occurred_at) AS counts_at
               FROM attribution a JOIN invoice_event e ON e.id = a.id LEFT JOIN invoice_event o ON o.id = e.invoice
               WHERE a.organization = $1 AND a.partner = $2 AND a.occurred_at < $3
                 AND NOT EXISTS (SELECT 1 FROM settled_event s WHERE s.id = a.id)
               ORDER BY a.occurred_at, e.recorded_at, e.id";
    tx.all(sql, params![scope.organization, partner, end], |row| {
        Ok(RevenueLine {
            event: row.get("id")?,
            reference: row.get("external_id")?,
            kind: row.get("kind")?,
            original: row.get("invoice")?,
            counts_at: row.get("counts_at")?,
            revenue: revenue_of(&row.get::<String>("revenue")?)?,
            customer: row.get("customer")?,
            deal: row.get("deal")?,
            amount: row.money("amount_minor")?,
            occurred_at: row.get("occurred_at")?,
            recorded_at: row.get("recorded_at")?,
        })
    })
    .await
}

/// The revenue that earlier statements brought to a period.
pub(crate) async fn reached(
    tx: &mut Tx,
    scope: &Scope,
    partner: PartnerId,
    span: &Span,
    currency: kernel::Currency,
) -> Result<Reached> {
    let revenue = revenue_word(span.revenue);
    let reached = match span.engagement {
        Some((Some(deal), _)) => {
            let sql = "SELECT COALESCE(CAST(SUM(s.amount_minor) AS BIGINT), 0) AS reached
                       FROM attribution a JOIN settled_event s ON s.id = a.id
                       WHERE a.deal = $3 AND s.organization = $1 AND s.partner = $2 AND s.revenue = $4";
            tx.number(sql, params![scope.organization, partner, deal, revenue]).await?
        }
        Some((None, customer)) => {
            let sql = "SELECT COALESCE(CAST(SUM(s.amount_minor) AS BIGINT), 0) AS reached
                       FROM attribution a JOIN settled_event s ON s.id = a.id
                       WHERE a.organization = $1 AND a.partner = $2 AND a.customer = $3 AND a.deal IS NULL
                         AND s.revenue = $4";
            tx.number(sql, params![scope.organization, partner, customer, revenue]).await?
        }
        None => {
            let sql = "SELECT COALESCE(CAST(SUM(amount_minor) AS BIGINT), 0) AS reached FROM settled_event
                       WHERE organization = $1 AND partner = $2 AND counts_at >= $3 AND counts_at < $4
                         AND revenue = $5";
            tx.number(sql, params![scope.organization, partner, span.from, span.before, revenue]).await?
        }
    };
    let amount = Money::new(i128::from(reached), currency);
    Ok(Reached { revenue: span.revenue, period: span.key.clone(), amount })
}

/// Fixed fees that earlier statements posted and that were not taken back entirely.
pub(crate) async fn charged(tx: &mut Tx, scope: &Scope, partner: PartnerId) -> Result<Vec<Charged>> {
    // What is taken back has the month of no fee: it counts for the fee of its invoice.
    let sql = "SELECT l.component, COALESCE(l.deal, l.customer) AS engagement, l.month FROM statement_line l
               WHERE l.organization = $1 AND l.partner = $2 AND l.method = 'fixed' AND l.reverses IS NULL
                 AND l.amount_minor + COALESCE((SELECT SUM(r.amount_minor) FROM statement_line r
                     WHERE r.reverses = l.event AND r.component = l.component AND r.method = 'fixed'), 0) <> 0";
    tx.all(sql, params![scope.organization, partner], |row| {
        Ok(Charged { component: row.get("component")?, engagement: row.get("engagement")?, month: row.get("month")? })
    })
    .await
}

/// What an invoice earned in an earlier statement, and what was taken back of it since.
pub(crate) async fn settled(tx: &mut Tx, scope: &Scope, event: InvoiceEventId) -> Result<Option<Settled>> {
    let sql = "SELECT amount_minor, currency,
                      COALESCE((SELECT CAST(SUM(-r.amount_minor) AS BIGINT) FROM invoice_event e
                                JOIN settled_event r ON r.id = e.id
                                WHERE e.invoice = $2 AND e.kind IN ('refund', 'chargeback')), 0) AS refunded_minor
               FROM settled_event WHERE organization = $1 AND id = $2";
    let found = tx
        .one(sql, params![scope.organization, event], |row| {
            Ok((row.money("amount_minor")?, row.money("refunded_minor")?))
        })
        .await?;
    let Some((base, refunded)) = found else { return Ok(None) };
    let sql =
        "SELECT component, method, currency, CAST(SUM(amount_minor) AS BIGINT) AS amount_minor FROM statement_line
               WHERE organization = $1 AND event = $2 GROUP BY component, method, currency ORDER BY component, method";
    let mut parts = tx
        .all(sql, params![scope.organization, event], |row| {
            let amount = row.money("amount_minor")?;
            let reversed = Money::zero(amount.currency);
            Ok(Part { component: row.get("component")?, method: row.get("method")?, amount, reversed })
        })
        .await?;
    let sql = "SELECT component, currency, CAST(SUM(amount_minor) AS BIGINT) AS amount_minor FROM statement_line
               WHERE organization = $1 AND reverses = $2 GROUP BY component, currency ORDER BY component";
    let reversed: BTreeMap<String, Money> = tx
        .all(sql, params![scope.organization, event], |row| Ok((row.get("component")?, row.money("amount_minor")?)))
        .await?
        .into_iter()
        .collect();
    for part in &mut parts {
        if let Some(amount) = reversed.get(&part.component) {
            part.reversed = amount.negated();
        }
    }
    Ok(Some(Settled { event, base, refunded, parts }))
}

/// What was used of a unit in a span, by customer, with the number of events.
pub(crate) async fn used(
    tx: &mut Tx,
    scope: &Scope,
    unit: &str,
    span: (Timestamp, Timestamp),
) -> Result<BTreeMap<CustomerId, (Quantity, u64)>> {
    let sql = "SELECT customer, CAST(SUM(quantity_micros) AS BIGINT) AS micros, COUNT(*) AS events FROM usage_event
               WHERE organization = $1 AND occurred_at >= $2 AND occurred_at < $3 AND unit = $4 GROUP BY customer";
    let params = params![scope.organization, span.0, span.1, unit];
    let read =
        |row: &Row| Ok((row.get("customer")?, (Quantity { micros: row.get("micros")? }, row.get::<u64>("events")?)));
    Ok(tx.all(sql, params, read).await?.into_iter().collect())
}

/// What earlier statements settled of what was used under a deal.
pub(crate) async fn used_and_settled(
    tx: &mut Tx,
    scope: &Scope,
    partner: PartnerId,
    deal: deals::DealId,
    unit: &str,
) -> Result<Quantity> {
    let sql = "SELECT COALESCE(CAST(SUM(quantity_micros) AS BIGINT), 0) FROM statement_line
               WHERE organization = $1 AND partner = $2 AND method = 'each' AND deal = $3 AND unit = $4";
    let micros = tx.number(sql, params![scope.organization, partner, deal, unit]).await?;
    Ok(Quantity { micros })
}
