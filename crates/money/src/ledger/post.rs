//! Posting: the one way into the books.
//!
//! Transfers come many at a time. Each book is read once, its balances move in memory, and every balance that changed is
//! written once, so that an account that all transfers touch costs no more than one that few do.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Cx, Error, Result};

use super::TransferId;
use super::store::{self, Written};
use super::transfer::{Book, Entry, Phase, Posted, Transfer};

/// Posts transfers in their order. One whose key is posted already is returned as it stands (I4).
pub(crate) async fn post(cx: &mut Cx<'_>, transfers: Vec<Transfer>) -> Result<Vec<Posted>> {
    for transfer in &transfers {
        transfer.check()?;
    }
    let scope = cx.scope;
    let keys: Vec<&str> = transfers.iter().map(|transfer| transfer.key.as_str()).collect();
    let mut done: BTreeMap<String, Posted> = store::known(cx.tx, &scope, &keys).await?;
    let mut ids: Vec<TransferId> = transfers.iter().map(|_| cx.id()).collect();
    ids.sort_unstable();
    let fresh = transfers.iter().filter(|transfer| !done.contains_key(&transfer.key));
    let books: BTreeSet<Book> = fresh.map(|transfer| transfer.book).collect();
    let mut written = Written::default();
    let loaded = store::books_of(cx.tx, &scope, &books).await?;
    written.books = loaded.into_iter().map(|(book, state)| (book, (state, BTreeSet::new()))).collect();
    let mut posted = Vec::with_capacity(transfers.len());
    for (id, transfer) in ids.into_iter().zip(transfers) {
        if let Some(known) = done.get(&transfer.key) {
            posted.push(known.clone());
            continue;
        }
        let one = place(cx, &mut written, id, transfer).await?;
        done.insert(one.key.clone(), one.clone());
        posted.push(one);
    }
    if !written.transfers.is_empty() {
        store::write(cx, &written).await?;
    }
    Ok(posted)
}

/// Puts one transfer at the end of its book.
async fn place(cx: &mut Cx<'_>, written: &mut Written, id: TransferId, transfer: Transfer) -> Result<Posted> {
    let Transfer { book, key, kind, phase, resolves, cause, day, summary, entries } = transfer;
    let entries = match resolves {
        Some(pending) => pending_entries(cx, book, pending).await?,
        None => entries,
    };
    let Some((state, touched)) = written.books.get_mut(&book) else {
        return Err(Error::internal("a book was not read before it was posted to"));
    };
    state.apply(phase, resolves.is_some(), &entries)?;
    touched.extend(entries.iter().map(|entry| (entry.account.clone(), entry.amount.currency)));
    let kept: Vec<Entry> = if phase == Phase::Void { Vec::new() } else { entries };
    let mut posted = Posted {
        id,
        partner: book.partner(),
        number: state.transfers + 1,
        key,
        kind,
        phase,
        resolves,
        cause,
        day,
        summary,
        previous: state.head.clone(),
        hash: String::new(),
        recorded_at: cx.now,
    };
    posted.hash = posted.digest(&kept)?;
    state.transfers = posted.number;
    state.head.clone_from(&posted.hash);
    let place = written.transfers.len();
    written.transfers.push((book, posted.clone()));
    written.entries.extend(kept.into_iter().map(|entry| (book, place, entry)));
    Ok(posted)
}

/// The entries of a pending transfer that nothing has resolved yet.
async fn pending_entries(cx: &mut Cx<'_>, book: Book, id: TransferId) -> Result<Vec<Entry>> {
    let scope = cx.scope;
    let pending = store::get(cx.tx, &scope, id).await?;
    if pending.phase != Phase::Pending || pending.partner != book.partner() {
        let message = format!("transfer {} is {}; only a pending one is posted or voided", id, pending.phase.name());
        return Err(Error::conflict("not_pending", message));
    }
    if let Some(resolved) = store::resolution(cx.tx, &scope, id).await? {
        let message = format!("transfer {} was {} by {} already", id, resolved.phase.name(), resolved.id);
        return Err(Error::conflict("resolved", message));
    }
    store::entries(cx.tx, &scope, id).await
}
