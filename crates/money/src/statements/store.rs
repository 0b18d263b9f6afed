//! The tables of statements.

use kernel::db::{OF_ORGANIZATION, minor};
use kernel::{
    Cx, DecisionId, Error, FromValue, Listing, Money, PartnerId, Result, Row, Scope, Timestamp, Tx, Value, params,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::month::Month;
use super::queries::StatementTotals;
use super::rule::{StatementFacts, StatementOutcome};
use super::{LineId, StatementId};
use crate::commission::{BandPart, CommissionLine, Method, RevenueLine};
use crate::intake::{InvoiceEventId, Quantity, revenue_of, revenue_word};

/// What becomes of the amount of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is paid, or owed.
    Final,
    /// Too little to be paid; the next statement adds it.
    Carried,
}

impl State {
    pub const ALL: [Self; 2] = [Self::Final, Self::Carried];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Final => "final",
            Self::Carried => "carried",
        }
    }
}

impl FromValue for State {
    fn from_value(value: &Value) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|state| *value == Value::from(state.name()));
        found.ok_or_else(|| format!("{value:?} is no state of a statement"))
    }
}

/// A statement without its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Statement {
    pub id: StatementId,
    pub partner: PartnerId,
    pub month: Month,
    /// The number of its document, such as `NW-STM-2026-00042`.
    pub number: String,
    /// The key of the plan.
    pub plan: String,
    /// The version of the program that it was made under.
    pub law: String,
    pub lines: u64,
    /// The revenue that it settles, refunds taken off.
    pub revenue: Money,
    /// The sum of its lines.
    pub total: Money,
    pub carried_in: Money,
    /// What is paid; negative is what the partner owes.
    pub payable: Money,
    pub carried_out: Money,
    /// Since which month a negative balance is carried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried_since: Option<Month>,
    pub state: State,
    /// The first day on which it can be paid.
    pub payable_from: kernel::Day,
    pub decision: DecisionId,
    pub document: documents::DocumentId,
    pub produced_at: Timestamp,
}

/// A line of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    pub id: LineId,
    pub statement: StatementId,
    pub partner: PartnerId,
    #[serde(flatten)]
    pub line: CommissionLine,
}

pub(crate) const STATEMENTS: Listing = Listing {
    from: "statement",
    select: "*",
    organization: "organization",
    partner: Some("partner"),
    id: "id",
    sorts: &[("month", "month"), ("total", "total_minor"), ("payable", "payable_minor")],
    newest_first: true,
};

pub(crate) const LINES: Listing = Listing {
    from: "statement_line",
    select: "*",
    organization: "organization",
    partner: Some("partner"),
    id: "id",
    sorts: &[("occurred", "occurred_at"), ("amount", "amount_minor")],
    newest_first: false,
};

pub(crate) fn read(row: &Row) -> Result<Statement> {
    Ok(Statement {
        id: row.get("id")?,
        partner: row.get("partner")?,
        month: row.get("month")?,
        number: row.get("number")?,
        plan: row.get("plan")?,
        law: row.get("law")?,
        lines: row.get("lines")?,
        revenue: row.money("revenue_minor")?,
        total: row.money("total_minor")?,
        carried_in: row.money("carried_in_minor")?,
        payable: row.money("payable_minor")?,
        carried_out: row.money("carried_out_minor")?,
        carried_since: row.get("carried_since")?,
        state: row.get("state")?,
        payable_from: row.get("payable_from")?,
        decision: row.get("decision")?,
        document: row.get("document")?,
        produced_at: row.get("produced_at")?,
    })
}

impl FromValue for Method {
    fn from_value(value: &Value) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|method| *value == Value::from(method.name()));
        found.ok_or_else(|| format!("{value:?} is no method of a line"))
    }
}

pub(crate) fn read_line(row: &Row) -> Result<Line> {
    let line = CommissionLine {
        component: row.get("component")?,
        method: row.get("method")?,
        event: row.get("event")?,
        reverses: row.get("reverses")?,
        reference: row.get("reference")?,
        customer: row.get("customer")?,
        deal: row.get("deal")?,
        revenue: revenue_of(&row.get::<String>("revenue")?)?,
        base: row.money("base_minor")?,
        quantity: row.get::<Option<i64>>("quantity_micros")?.map(|micros| Quantity { micros }),
        unit: row.get("unit")?,
        month: row.get("month")?,
        occurred_at: row.get("occurred_at")?,
        amount: row.money("amount_minor")?,
        rule: row.get("rule")?,
        parts: row.json::<Vec<BandPart>>("parts")?,
        cites: row.get("cites")?,
    };
    Ok(Line { id: row.get("id")?, statement: row.get("statement")?, partner: row.get("partner")?, line })
}

pub(crate) async fn of_month(
    tx: &mut Tx,
    scope: &Scope,
    partner: PartnerId,
    month: Month,
) -> Result<Option<Statement>> {
    let sql = "SELECT * FROM statement WHERE organization = $1 AND partner = $2 AND month = $3
               AND (partner = $4 OR CAST($4 AS TEXT) IS NULL)";
    tx.one(sql, params![scope.organization, partner, month, scope.partner], read).await
}

/// The newest statement of a partner.
pub(crate) async fn last(tx: &mut Tx, scope: &Scope, partner: PartnerId) -> Result<Option<Statement>> {
    let sql = "SELECT * FROM statement WHERE organization = $1 AND partner = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY month DESC LIMIT 1";
    tx.one(sql, params![scope.organization, partner, scope.partner], read).await
}

/// The newest statement of a partner before a month.
pub(crate) async fn before(tx: &mut Tx, scope: &Scope, partner: PartnerId, month: Month) -> Result<Option<Statement>> {
    let sql = "SELECT * FROM statement WHERE organization = $1 AND partner = $2 AND month < $4
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY month DESC LIMIT 1";
    tx.one(sql, params![scope.organization, partner, scope.partner, month], read).await
}

pub(crate) async fn get(tx: &mut Tx, scope: &Scope, id: StatementId) -> Result<Statement> {
    let sql = "SELECT * FROM statement WHERE organization = $1 AND id = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)";
    let found = tx.one(sql, params![scope.organization, id, scope.partner], read).await?;
    found.ok_or_else(|| Error::not_found("statement", id))
}

pub(crate) async fn get_line(tx: &mut Tx, scope: &Scope, id: LineId) -> Result<Line> {
    let sql = "SELECT * FROM statement_line WHERE organization = $1 AND id = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)";
    let found = tx.one(sql, params![scope.organization, id, scope.partner], read_line).await?;
    found.ok_or_else(|| Error::not_found("statement line", id))
}

pub(crate) async fn lines_of(tx: &mut Tx, scope: &Scope, statement: StatementId, limit: u32) -> Result<Vec<Line>> {
    let sql = "SELECT * FROM statement_line WHERE organization = $1 AND statement = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY id LIMIT $4";
    tx.all(sql, params![scope.organization, statement, scope.partner, limit], read_line).await
}

/// Writes a statement that has just been decided.
pub(crate) async fn insert(cx: &mut Cx<'_>, statement: &Statement) -> Result<()> {
    cx.tx
        .insert(
            "statement",
            &[
                ("id", statement.id.into()),
                ("organization", cx.scope.organization.into()),
                ("partner", statement.partner.into()),
                ("month", statement.month.into()),
                ("number", (&statement.number).into()),
                ("plan", (&statement.plan).into()),
                ("law", (&statement.law).into()),
                ("currency", statement.total.currency.into()),
                ("lines", Value::Int(i64::try_from(statement.lines).unwrap_or(i64::MAX))),
                ("revenue_minor", minor(statement.revenue)),
                ("total_minor", minor(statement.total)),
                ("carried_in_minor", minor(statement.carried_in)),
                ("payable_minor", minor(statement.payable)),
                ("carried_out_minor", minor(statement.carried_out)),
                ("carried_since", statement.carried_since.into()),
                ("state", statement.state.name().into()),
                ("payable_from", statement.payable_from.into()),
                ("decision", statement.decision.into()),
                ("document", statement.document.into()),
                ("produced_at", statement.produced_at.into()),
            ],
        )
        .await
}

/// Writes the lines, which come in the order of their ids.
pub(crate) async fn insert_lines(cx: &mut Cx<'_>, lines: &[Line]) -> Result<()> {
    let Some(first) = lines.first() else { return Ok(()) };
    let organization = cx.scope.organization;
    let row = |line: &Line| -> Result<Vec<Value>> {
        let of = &line.line;
        Ok(vec![
            line.id.into(),
            organization.into(),
            line.statement.into(),
            line.partner.into(),
            (&of.component).into(),
            of.method.name().into(),
            of.event.into(),
            of.reverses.into(),
            (&of.reference).into(),
            of.customer.into(),
            of.deal.into(),
            revenue_word(of.revenue).into(),
            minor(of.base),
            of.quantity.map(|quantity| quantity.micros).into(),
            of.unit.as_ref().into(),
            of.month.as_ref().into(),
            of.occurred_at.into(),
            minor(of.amount),
            of.amount.currency.into(),
            (&of.rule).into(),
            serde_json::to_string(&of.parts)?.into(),
            (&of.cites).into(),
        ])
    };
    let rows = lines.iter().map(row).collect::<Result<Vec<_>>>()?;
    let columns = [
        "id",
        "organization",
        "statement",
        "partner",
        "component",
        "method",
        "event",
        "reverses",
        "reference",
        "customer",
        "deal",
        "revenue",
        "base_minor",
        "quantity_micros",
        "unit",
        "month",
        "occurred_at",
        "amount_minor",
        "currency",
        "rule",
        "parts",
        "cites",
    ];
    cx.tx.insert_many("statement_line", ("statement", &first.statement.to_string()), &columns, &rows).await
}

/// Marks revenue as settled, once for ever.
pub(crate) async fn settle(
    cx: &mut Cx<'_>,
    statement: StatementId,
    partner: PartnerId,
    lines: &[RevenueLine],
) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut lines: Vec<&RevenueLine> = lines.iter().collect();
    lines.sort_by_key(|line| line.event);
    let row = |line: &&RevenueLine| {
        vec![
            Value::from(line.event),
            Value::from(cx.scope.organization),
            Value::from(statement),
            Value::from(partner),
            Value::from(revenue_word(line.revenue)),
            minor(line.signed()),
            Value::from(line.amount.currency),
            Value::from(line.counts_at),
        ]
    };
    let rows: Vec<Vec<Value>> = lines.iter().map(row).collect();
    let columns = ["id", "organization", "statement", "partner", "revenue", "amount_minor", "currency", "counts_at"];
    cx.tx.insert_many("settled_event", ("statement", &statement.to_string()), &columns, &rows).await
}

/// The revenue that a statement settles, refunds taken off.
pub(crate) fn revenue_of_outcome(outcome: &StatementOutcome) -> Money {
    let minor = outcome.shares.iter().map(|share| share.revenue.minor).sum();
    Money::new(minor, outcome.total.currency)
}

/// What the statements of a month, or of all months, add up to, by currency.
pub(crate) async fn totals(
    tx: &mut Tx,
    scope: &Scope,
    month: Option<Month>,
    partner: Option<PartnerId>,
) -> Result<Vec<StatementTotals>> {
    let sql = "SELECT currency, COUNT(*) AS statements, CAST(SUM(revenue_minor) AS BIGINT) AS revenue_minor,
                      CAST(SUM(total_minor) AS BIGINT) AS total_minor,
                      CAST(SUM(CASE WHEN payable_minor > 0 THEN payable_minor ELSE 0 END) AS BIGINT) AS payable_minor,
                      CAST(SUM(CASE WHEN payable_minor < 0 THEN -payable_minor ELSE 0 END) AS BIGINT) AS owed_minor,
                      CAST(SUM(carried_out_minor) AS BIGINT) AS carried_minor
               FROM statement WHERE organization = $1 AND (partner = $2 OR CAST($2 AS TEXT) IS NULL)
                 AND (partner = $3 OR CAST($3 AS TEXT) IS NULL) AND (month = $4 OR CAST($4 AS TEXT) IS NULL)
               GROUP BY currency ORDER BY currency";
    tx.all(sql, params![scope.organization, scope.partner, partner, month], |row| {
        Ok(StatementTotals {
            statements: row.get("statements")?,
            revenue: row.money("revenue_minor")?,
            total: row.money("total_minor")?,
            payable: row.money("payable_minor")?,
            owed: row.money("owed_minor")?,
            carried: row.money("carried_minor")?,
        })
    })
    .await
}

/// The lines of an event and of what takes it back.
pub(crate) async fn lines_about(tx: &mut Tx, scope: &Scope, event: InvoiceEventId) -> Result<Vec<Line>> {
    let sql = format!(
        "SELECT * FROM statement_line WHERE {OF_ORGANIZATION} AND (event = $2 OR reverses = $2)
         AND (partner = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY id LIMIT 100"
    );
    tx.all(&sql, params![scope.organization, event, scope.partner], read_line).await
}

/// The statements of a month with the facts that they were decided on.
pub(crate) async fn decided(tx: &mut Tx, scope: &Scope, month: Month) -> Result<Vec<(Statement, StatementFacts)>> {
    let sql = "SELECT t.*, d.facts FROM statement t JOIN decision d ON d.id = t.decision
               WHERE t.organization = $1 AND t.month = $2 AND (t.partner = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY t.id";
    tx.all(sql, params![scope.organization, month, scope.partner], |row| Ok((read(row)?, row.json("facts")?))).await
}
