//! Settlement: what becomes of a statement after it was issued, and the transfers that say so in the ledger.
//!
//! What is earned accrues; what is stated rests in `held` until its day, is released to `payable` and leaves by a payment.
//! Refunds and chargebacks come as transfers of their own that name the line and the month that they correct.

mod booking;
mod operations;
mod pages;
mod queries;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use booking::{Booking, Known, moved, transfer};
use kernel::{Cx, Registry, Result};
pub use operations::{HoldStatement, RecordPayment, ReleaseDue, ReleaseStatement};
pub(crate) use pages::card;
pub use queries::{Earnings, GetEarnings, ListSettlements};
pub use store::{Settlement, SettlementState};

use crate::ledger::{self, AccountKind};
use crate::statements::{Line, Statement, StatementFacts, StatementTerms, store as statements};

/// How often it is looked whether statements can be released.
const EVERY_SECONDS: i64 = 3600;

pub fn install(registry: &mut Registry) {
    registry
        .migration("money/006", include_str!("../../migrations/006_settlement.sql"))
        .sealed("statement_settlement", "id")
        .operation::<ReleaseDue>()
        .operation::<HoldStatement>()
        .operation::<ReleaseStatement>()
        .operation::<RecordPayment>()
        .query::<ListSettlements>()
        .query::<GetEarnings>()
        .schedule(EVERY_SECONDS, "statements.release_due", serde_json::json!({}));
    pages::install(registry);
}

/// Posts a statement that has just been made, in its transaction.
pub(crate) async fn book(
    cx: &mut Cx<'_>,
    terms: &StatementTerms,
    facts: &StatementFacts,
    statement: &Statement,
    lines: &[Line],
) -> Result<()> {
    let scope = cx.scope;
    let today = cx.now.day_in(&terms.zone());
    let mut earlier = Known::new();
    for settled in &facts.rating.settled {
        for line in statements::lines_about(cx.tx, &scope, settled.event).await? {
            if let (Some(event), None) = (line.line.event, line.line.reverses) {
                earlier.insert((event, line.line.component.clone()), line.id);
            }
        }
    }
    let mut transfers = Vec::new();
    if let Some(before) = statements::before(cx.tx, &scope, statement.partner, statement.month).await?
        && !before.carried_out.is_zero()
        && store::find(cx.tx, &scope, before.id).await?.is_none()
    {
        // That one was made before the ledger was kept: what it carries over is the opening balance.
        let to = if before.carried_out.minor < 0 { AccountKind::Carry } else { AccountKind::Pending };
        let entries = moved(AccountKind::Expense, to, before.carried_out);
        let summary = format!("Opening balance from {}", before.number);
        transfers.push(transfer(&before, "opening", "opening", today, summary, entries));
    }
    let booking = Booking { terms, facts, statement, lines, earlier: &earlier, today };
    transfers.extend(booking.transfers()?);
    ledger::post(cx, transfers).await?;
    let state = match statement.payable.minor {
        0 => SettlementState::Carried,
        ..0 => SettlementState::Owed,
        _ if statement.payable_from > today => SettlementState::Held,
        _ => SettlementState::Payable,
    };
    let settlement = Settlement {
        statement: statement.id,
        partner: statement.partner,
        month: statement.month,
        state,
        amount: statement.payable,
        payable_from: statement.payable_from,
        reason: None,
        paid_on: None,
        reference: None,
        updated_at: cx.now,
    };
    store::save(cx, &settlement).await
}
