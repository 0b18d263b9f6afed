//! The tables of attribution.

use kernel::{Cx, DecisionId, FromValue, PartnerId, Result, Row, Scope, Timestamp, Tx, Value, params};
use partners::CustomerId;

use super::rule::{Basis, Candidate};
use super::{Revenue, StandingId};
use crate::intake::{BatchId, InvoiceEventId};

/// To whom the revenue of an event belongs.
#[derive(Debug, Clone)]
pub(crate) struct AttributionRow {
    pub event: InvoiceEventId,
    pub partner: PartnerId,
    pub customer: CustomerId,
    pub deal: Option<deals::DealId>,
    pub basis: Basis,
    pub decision: DecisionId,
    pub occurred_at: Timestamp,
    pub attributed_at: Timestamp,
}

impl AttributionRow {
    /// What takes an invoice back follows it, under the same decision.
    pub fn for_reversal(&self, revenue: &Revenue, now: Timestamp) -> Self {
        Self {
            event: revenue.event,
            basis: Basis::Invoice,
            occurred_at: revenue.occurred_at,
            attributed_at: now,
            ..self.clone()
        }
    }
}

impl FromValue for Basis {
    fn from_value(value: &Value) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|basis| *value == Value::from(basis.name()));
        found.ok_or_else(|| format!("{value:?} is no basis of an attribution"))
    }
}

fn read(row: &Row) -> Result<AttributionRow> {
    Ok(AttributionRow {
        event: row.get("id")?,
        partner: row.get("partner")?,
        customer: row.get("customer")?,
        deal: row.get("deal")?,
        basis: row.get("basis")?,
        decision: row.get("decision")?,
        occurred_at: row.get("occurred_at")?,
        attributed_at: row.get("attributed_at")?,
    })
}

pub(crate) async fn of_event(tx: &mut Tx, scope: &Scope, event: InvoiceEventId) -> Result<Option<AttributionRow>> {
    let sql = "SELECT * FROM attribution WHERE organization = $1 AND id = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)";
    tx.one(sql, params![scope.organization, event, scope.partner], read).await
}

/// Rows come in the order of their events.
pub(crate) async fn insert(tx: &mut Tx, scope: &Scope, batch: BatchId, rows: &[AttributionRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let values = |row: &AttributionRow| {
        vec![
            Value::from(row.event),
            Value::from(scope.organization),
            Value::from(batch),
            Value::from(row.partner),
            Value::from(row.customer),
            Value::from(row.deal),
            Value::from(row.basis.name()),
            Value::from(row.decision),
            Value::from(row.occurred_at),
            Value::from(row.attributed_at),
        ]
    };
    let rows: Vec<Vec<Value>> = rows.iter().map(values).collect();
    let columns = [
        "id",
        "organization",
        "batch",
        "partner",
        "customer",
        "deal",
        "basis",
        "decision",
        "occurred_at",
        "attributed_at",
    ];
    tx.insert_many("attribution", ("batch", &batch.to_string()), &columns, &rows).await
}

/// The decision that stands for a customer and a won deal.
pub(crate) async fn standing(
    tx: &mut Tx,
    scope: &Scope,
    customer: CustomerId,
    deal: deals::DealId,
) -> Result<Option<DecisionId>> {
    let sql = "SELECT decision FROM attribution_standing WHERE organization = $1 AND customer = $2 AND deal = $3
               AND (partner = $4 OR CAST($4 AS TEXT) IS NULL)";
    tx.one(sql, params![scope.organization, customer, deal, scope.partner], |row| row.get("decision")).await
}

pub(crate) async fn keep_standing(
    cx: &mut Cx<'_>,
    customer: CustomerId,
    candidate: &Candidate,
    decision: DecisionId,
) -> Result<()> {
    let id: StandingId = cx.id();
    cx.tx
        .insert(
            "attribution_standing",
            &[
                ("id", id.into()),
                ("organization", cx.scope.organization.into()),
                ("customer", customer.into()),
                ("deal", candidate.deal.into()),
                ("partner", candidate.partner.into()),
                ("decision", decision.into()),
                ("decided_at", cx.now.into()),
            ],
        )
        .await
}
