//! Holding, releasing and paying what statements state.

use kernel::{Access, Cx, Day, Error, Operation, Result, Route, delete, post, put};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::booking::{moved, transfer};
use super::store::{self, Settlement, SettlementState};
use crate::ledger::{self, AccountKind, Entry};
use crate::statements::{Statement, StatementId, store as statements};

/// Statements released in one run.
const AT_ONCE: u32 = 200;

/// Release the statements whose rest is over, up to 200 at a time; they can be paid from then on.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseDue {}

impl Operation for ReleaseDue {
    const NAME: &'static str = "statements.release_due";
    const ROUTE: Route = post("/statements/releases");
    const ACCESS: Access = Access::Open;
    type Output = u64;

    async fn run(self, cx: &mut Cx<'_>) -> Result<u64> {
        vendor_only(cx, Self::NAME)?;
        let today = ledger::today(cx).await?;
        let due = store::due(cx.tx, &cx.scope, today, AT_ONCE).await?;
        let count = due.len() as u64;
        let mut transfers = Vec::new();
        for settlement in due {
            let statement = statements::get(cx.tx, &cx.scope, settlement.statement).await?;
            let entries = moved(AccountKind::Held, AccountKind::Payable, settlement.amount);
            transfers.push(transfer(&statement, "release", "release", today, summary(&statement, "released"), entries));
            let now = Settlement { state: SettlementState::Payable, updated_at: cx.now, ..settlement };
            store::save(cx, &now).await?;
            announce(cx, &statement, &now, "statement.released", "can be paid now");
        }
        ledger::post(cx, transfers).await?;
        Ok(count)
    }
}

/// Hold the amount of a statement back, because something about it is disputed or to be looked at.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct HoldStatement {
    pub statement: StatementId,
    /// Why; the partner reads it.
    pub reason: String,
}

impl Operation for HoldStatement {
    const NAME: &'static str = "statements.hold";
    const ROUTE: Route = put("/statements/{statement}/hold");
    const ACCESS: Access = Access::Open;
    type Output = Settlement;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Settlement> {
        vendor_only(cx, Self::NAME)?;
        let reason = said("reason", &self.reason)?;
        let (statement, settlement) = found(cx, self.statement).await?;
        let entries = match settlement.state {
            SettlementState::Held => Vec::new(),
            SettlementState::Payable => moved(AccountKind::Payable, AccountKind::Held, settlement.amount),
            state => return Err(unfit(&statement, state, "only what is held or payable is held back")),
        };
        let now = Settlement { state: SettlementState::OnHold, reason: Some(reason), updated_at: cx.now, ..settlement };
        move_on(cx, &statement, &now, "hold", entries).await?;
        announce(cx, &statement, &now, "statement.held", "is held back");
        Ok(now)
    }
}

/// Let go of a statement that was held back.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseStatement {
    pub statement: StatementId,
}

impl Operation for ReleaseStatement {
    const NAME: &'static str = "statements.release";
    const ROUTE: Route = delete("/statements/{statement}/hold");
    const ACCESS: Access = Access::Open;
    type Output = Settlement;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Settlement> {
        vendor_only(cx, Self::NAME)?;
        let (statement, settlement) = found(cx, self.statement).await?;
        if settlement.state != SettlementState::OnHold {
            return Err(unfit(&statement, settlement.state, "only what a person holds back is let go"));
        }
        let rests = settlement.payable_from > ledger::today(cx).await?;
        let (state, entries) = if rests {
            (SettlementState::Held, Vec::new())
        } else {
            (SettlementState::Payable, moved(AccountKind::Held, AccountKind::Payable, settlement.amount))
        };
        let now = Settlement { state, reason: None, updated_at: cx.now, ..settlement };
        move_on(cx, &statement, &now, "release", entries).await?;
        announce(cx, &statement, &now, "statement.released", "is no longer held back");
        Ok(now)
    }
}

/// Record that the amount of a statement was paid: to the partner or, where it owes, by it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RecordPayment {
    pub statement: StatementId,
    /// The day on which the money moved; today if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_on: Option<Day>,
    /// What the bank calls it, such as an end-to-end id.
    pub reference: String,
}

impl Operation for RecordPayment {
    const NAME: &'static str = "statements.record_payment";
    const ROUTE: Route = post("/statements/{statement}/payments");
    const ACCESS: Access = Access::Open;
    type Output = Settlement;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Settlement> {
        vendor_only(cx, Self::NAME)?;
        let reference = said("reference", &self.reference)?;
        let today = ledger::today(cx).await?;
        let paid_on = self.paid_on.unwrap_or(today);
        if paid_on > today {
            let rule = format!("`{paid_on}` is in the future; record the payment once the money has moved");
            return Err(Error::invalid("paid_on", rule));
        }
        let (statement, settlement) = found(cx, self.statement).await?;
        let (state, entries, words) = match settlement.state {
            SettlementState::Payable => {
                let entries = moved(AccountKind::Payable, AccountKind::Clearing, settlement.amount);
                (SettlementState::Paid, entries, "was paid")
            }
            SettlementState::Owed => {
                let entries = moved(AccountKind::Clearing, AccountKind::Receivable, settlement.amount.negated());
                (SettlementState::Received, entries, "was paid by the partner")
            }
            state => return Err(unfit(&statement, state, "only what is payable or owed is paid")),
        };
        let (paid_on, reference) = (Some(paid_on), Some(reference));
        let now = Settlement { state, paid_on, reference, updated_at: cx.now, ..settlement };
        store::save(cx, &now).await?;
        let day = paid_on.unwrap_or(today);
        let posted = transfer(&statement, "payment", "payment", day, summary(&statement, words), entries);
        ledger::post(cx, vec![posted]).await?;
        announce(cx, &statement, &now, "statement.paid", words);
        Ok(now)
    }
}

/// Saves the new state and posts its entries, if any, under a key of this very run.
async fn move_on(
    cx: &mut Cx<'_>,
    statement: &Statement,
    now: &Settlement,
    kind: &str,
    entries: Vec<Entry>,
) -> Result<()> {
    store::save(cx, now).await?;
    if entries.is_empty() {
        return Ok(());
    }
    let step = format!("{kind}:{}", cx.entry());
    let today = ledger::today(cx).await?;
    let words = if kind == "hold" { "held back" } else { "released" };
    ledger::post(cx, vec![transfer(statement, kind, &step, today, summary(statement, words), entries)]).await?;
    Ok(())
}

fn summary(statement: &Statement, words: &str) -> String {
    format!("Statement {} for {} {words}", statement.number, statement.month.title())
}

fn announce(cx: &mut Cx<'_>, statement: &Statement, now: &Settlement, kind: &str, words: &str) {
    let text = format!("{} of {} {words}", now.amount.pretty(), statement.number);
    cx.emit(kind, statement.id, Some(statement.partner), text, now);
}

async fn found(cx: &mut Cx<'_>, id: StatementId) -> Result<(Statement, Settlement)> {
    let statement = statements::get(cx.tx, &cx.scope, id).await?;
    match store::find(cx.tx, &cx.scope, id).await? {
        Some(settlement) => Ok((statement, settlement)),
        None => {
            let message = format!("{} was made before the ledger was kept; pay it as before", statement.number);
            Err(Error::conflict("not_in_ledger", message))
        }
    }
}

fn unfit(statement: &Statement, state: SettlementState, rule: &str) -> Error {
    Error::conflict("wrong_state", format!("{} is {}: {rule}", statement.number, state.name().replace('_', " ")))
}

fn said(field: &'static str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 200 {
        return Err(Error::invalid(field, format!("`{text}` must be 1 to 200 characters")));
    }
    Ok(text.to_owned())
}

fn vendor_only(cx: &Cx<'_>, permission: &str) -> Result<()> {
    if cx.scope.partner.is_none() {
        return Ok(());
    }
    let message = "only the vendor pays statements".to_owned();
    Err(Error::Forbidden { permission: permission.to_owned(), message })
}
