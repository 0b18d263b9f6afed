//! The table of what became of statements.

use kernel::db::minor;
use kernel::{Cx, Day, FromValue, Listing, Money, PartnerId, Result, Row, Scope, Timestamp, Tx, Value, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::statements::{Month, StatementId};

/// What became of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettlementState {
    /// It rests until its day, for refunds to arrive.
    Held,
    /// A person holds it back.
    OnHold,
    /// It is due.
    Payable,
    /// It was paid to the partner.
    Paid,
    /// The partner owes it.
    Owed,
    /// The partner has paid it.
    Received,
    /// Nothing is paid; the next statement takes it over.
    Carried,
}

impl SettlementState {
    pub const ALL: [Self; 7] =
        [Self::Held, Self::OnHold, Self::Payable, Self::Paid, Self::Owed, Self::Received, Self::Carried];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::OnHold => "on_hold",
            Self::Payable => "payable",
            Self::Paid => "paid",
            Self::Owed => "owed",
            Self::Received => "received",
            Self::Carried => "carried",
        }
    }
}

impl FromValue for SettlementState {
    fn from_value(value: &Value) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|state| *value == Value::from(state.name()));
        found.ok_or_else(|| format!("{value:?} is no state of a settlement"))
    }
}

/// Where the amount of a statement is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Settlement {
    pub statement: StatementId,
    pub partner: PartnerId,
    pub month: Month,
    pub state: SettlementState,
    /// What is paid; negative is what the partner owes.
    pub amount: Money,
    /// The first day on which it can be paid.
    pub payable_from: Day,
    /// Why a person holds it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_on: Option<Day>,
    /// What the bank or the other side calls the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    pub updated_at: Timestamp,
}

pub(crate) const SETTLEMENTS: Listing = Listing {
    from: "statement_settlement",
    select: "*",
    organization: "organization",
    partner: Some("partner"),
    id: "id",
    sorts: &[("month", "month")],
    newest_first: true,
};

pub(crate) fn read(row: &Row) -> Result<Settlement> {
    Ok(Settlement {
        statement: row.get("id")?,
        partner: row.get("partner")?,
        month: row.get("month")?,
        state: row.get("state")?,
        amount: row.money("amount_minor")?,
        payable_from: row.get("payable_from")?,
        reason: row.get("reason")?,
        paid_on: row.get("paid_on")?,
        reference: row.get("reference")?,
        updated_at: row.get("updated_at")?,
    })
}

pub(crate) async fn find(tx: &mut Tx, scope: &Scope, id: StatementId) -> Result<Option<Settlement>> {
    let sql = "SELECT * FROM statement_settlement WHERE organization = $1 AND id = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)";
    tx.one(sql, params![scope.organization, id, scope.partner], read).await
}

/// Statements that rest no longer on that day.
pub(crate) async fn due(tx: &mut Tx, scope: &Scope, day: Day, limit: u32) -> Result<Vec<Settlement>> {
    let sql = "SELECT * FROM statement_settlement WHERE organization = $1 AND state = 'held' AND payable_from <= $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY payable_from, id LIMIT $4";
    tx.all(sql, params![scope.organization, day, scope.partner, limit], read).await
}

pub(crate) async fn save(cx: &mut Cx<'_>, settlement: &Settlement) -> Result<()> {
    let columns = [
        ("id", settlement.statement.into()),
        ("organization", cx.scope.organization.into()),
        ("partner", settlement.partner.into()),
        ("month", settlement.month.into()),
        ("state", settlement.state.name().into()),
        ("amount_minor", minor(settlement.amount)),
        ("currency", settlement.amount.currency.into()),
        ("payable_from", settlement.payable_from.into()),
        ("reason", settlement.reason.as_ref().into()),
        ("paid_on", settlement.paid_on.into()),
        ("reference", settlement.reference.as_ref().into()),
        ("updated_at", settlement.updated_at.into()),
    ];
    cx.tx.save("statement_settlement", &columns).await
}
