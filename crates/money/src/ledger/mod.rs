//! The ledger: double entry, written once and never changed, exact in every currency.
//!
//! There is a book for each partner and one for the program. A transfer belongs to one book, balances in each currency,
//! names its cause, and is chained to the one before it in its book; what is wrong is put right by another transfer. Other
//! folders call `post` with a `Transfer` and nothing else; balances move in the same transaction.

mod account;
mod book;
mod export;
mod operations;
mod pages;
mod post;
mod queries;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod transfer;
mod verify;

pub use account::{Account, AccountKind, Normal};
pub use book::{Balance, BookState};
pub use export::{ExportFormat, ExportLedger, Exported, Journaled, write as export_text};
use kernel::{Cx, Day, Error, Registry, Result};
pub use operations::{GrantBudget, Journal, JournalEntry, PostJournal, ResolveTransfer};
pub(crate) use post::post;
use programs::Law as _;
pub use queries::{AccountBalance, EntryListed, GetTransfer, ListBalances, ListEntries, ListTransfers, TransferDetail};
pub use transfer::{Book, Entry, Phase, Posted, Transfer};
pub use verify::{BooksReport, VerifyBooks};

use crate::intake::plain_lane;

kernel::ids! { TransferId = TransferKind "ltx", EntryId = EntryKind "lte", BatchId = BatchKind "ltb" }

pub fn install(registry: &mut Registry) {
    registry
        .migration("money/005", include_str!("../../migrations/005_ledger.sql"))
        .sealed("ledger_book", "id")
        .sealed("ledger_transfer", "batch")
        .sealed("ledger_entry", "batch")
        .sealed("ledger_balance", "id")
        .add(plain_lane::<PostJournal>())
        .operation::<PostJournal>()
        .operation::<ResolveTransfer>()
        .operation::<GrantBudget>()
        .query::<ListBalances>()
        .query::<ListEntries>()
        .query::<ListTransfers>()
        .query::<GetTransfer>()
        .query::<ExportLedger>()
        .query::<VerifyBooks>();
    pages::install(registry);
}

/// Today in the program's zone; UTC where no program is in force.
pub(crate) async fn today(cx: &mut Cx<'_>) -> Result<Day> {
    match cx.law().await {
        Ok(law) => Ok(cx.now.day_in(&law.zone())),
        Err(Error::Conflict { code: "no_program", .. }) => Ok(cx.now.day_in(&jiff::tz::TimeZone::UTC)),
        Err(error) => Err(error),
    }
}
