//! Checking the books: every transfer against its hash and the one before it, every balance against its entries.

use std::collections::BTreeMap;

use kernel::app::ReadCx;
use kernel::{Query, Result, Route, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::TransferId;
use super::book::BookState;
use super::store;
use super::transfer::{Entry, GENESIS, Phase, sums};

/// Transfers read at once.
const AT_ONCE: u32 = 2_000;

/// Check every book: its chain of hashes, that each transfer balances, and that balances are what the entries add up to.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct VerifyBooks {}

/// What the check found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BooksReport {
    pub books: u64,
    pub transfers: u64,
    pub entries: u64,
    /// What is wrong, the first of each book; empty when all is well.
    pub wrong: Vec<String>,
}

impl Query for VerifyBooks {
    const NAME: &'static str = "ledger.verify";
    const ROUTE: Route = get("/ledger/verification");
    type Output = BooksReport;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<BooksReport> {
        let scope = cx.scope;
        let mut report = BooksReport::default();
        for book in store::books(cx.tx, &scope).await? {
            report.books += 1;
            let stored = store::book(cx.tx, &scope, book).await?;
            let key = book.key(scope.organization);
            let mut computed = BookState::new();
            let mut pending: BTreeMap<TransferId, Vec<Entry>> = BTreeMap::new();
            let wrong = loop {
                let from = computed.transfers + 1;
                let some = store::chain(cx.tx, &key, from, AT_ONCE).await?;
                let mut of = store::chain_entries(cx.tx, &key, from, AT_ONCE).await?;
                if some.is_empty() {
                    break None;
                }
                let mut found = None;
                for transfer in some {
                    let entries = of.remove(&transfer.id).unwrap_or_default();
                    (report.transfers, report.entries) = (report.transfers + 1, report.entries + entries.len() as u64);
                    found = step(&mut computed, &mut pending, &transfer, entries)?;
                    if found.is_some() {
                        break;
                    }
                }
                if found.is_some() {
                    break found;
                }
            };
            report.wrong.extend(wrong.or_else(|| differs(&key, &stored, &computed)));
        }
        Ok(report)
    }
}

/// Applies the next transfer of a chain; says what is wrong with it.
fn step(
    state: &mut BookState,
    pending: &mut BTreeMap<TransferId, Vec<Entry>>,
    transfer: &super::Posted,
    entries: Vec<Entry>,
) -> Result<Option<String>> {
    let place = format!("transfer {} ({})", transfer.number, transfer.id);
    if transfer.previous != state.head || transfer.number != state.transfers + 1 {
        return Ok(Some(format!("{place} does not follow the one before it")));
    }
    if transfer.digest(&entries)? != transfer.hash {
        return Ok(Some(format!("{place} is not what it was when it was posted")));
    }
    if sums(&entries).values().any(|sum| *sum != 0) {
        return Ok(Some(format!("{place} does not balance")));
    }
    let moved = match (transfer.resolves, transfer.phase) {
        (Some(resolved), _) => pending.remove(&resolved).unwrap_or_default(),
        (None, Phase::Pending) => {
            pending.insert(transfer.id, entries.clone());
            entries
        }
        (None, _) => entries,
    };
    if let Err(error) = state.apply(transfer.phase, transfer.resolves.is_some(), &moved) {
        return Ok(Some(format!("{place}: {error}")));
    }
    (state.transfers, state.head) = (transfer.number, transfer.hash.clone());
    Ok(None)
}

fn differs(key: &str, stored: &BookState, computed: &BookState) -> Option<String> {
    if stored.head != computed.head || stored.transfers != computed.transfers {
        let head = if computed.head == GENESIS { "the beginning" } else { &computed.head };
        return Some(format!("the book {key} ends at {head}, and another transfer is noted as its last"));
    }
    let accounts = stored.balances.keys().chain(computed.balances.keys());
    let mut off = accounts.filter(|account| stored.balances.get(account) != computed.balances.get(account));
    let (account, currency) = off.next()?;
    Some(format!("the balance of {account} in {currency} of the book {key} is not what its entries add up to"))
}
