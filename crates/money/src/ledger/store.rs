//! The tables of the ledger.

use std::collections::{BTreeMap, BTreeSet};

use kernel::db::{OF_ORGANIZATION, minor};
use kernel::{Cx, Error, Listing, Result, Row, Scope, Tx, Value, params};

use super::account::Account;
use super::book::{Balance, BookState};
use super::queries::{AccountBalance, EntryListed};
use super::transfer::{Book, Entry, Posted};
use super::{BatchId, EntryId, TransferId};

/// Keys looked up at once.
const AT_ONCE: usize = 50;

pub(crate) const TRANSFERS: Listing = Listing {
    from: "ledger_transfer",
    select: "*",
    organization: "organization",
    partner: Some("partner"),
    id: "id",
    sorts: &[("recorded", "recorded_at")],
    newest_first: true,
};

pub(crate) const ENTRIES: Listing = Listing {
    from: "ledger_entry e JOIN ledger_transfer t ON t.id = e.transfer",
    select: "e.*, t.kind, t.cause, t.summary, t.number",
    organization: "e.organization",
    partner: Some("e.partner"),
    id: "e.id",
    sorts: &[("recorded", "e.id")],
    newest_first: true,
};

pub(crate) const BALANCES: Listing = Listing {
    from: "ledger_balance",
    select: "*",
    organization: "organization",
    partner: Some("partner"),
    id: "id",
    sorts: &[("account", "account")],
    newest_first: false,
};

pub(crate) fn read_transfer(row: &Row) -> Result<Posted> {
    Ok(Posted {
        id: row.get("id")?,
        partner: row.get("partner")?,
        number: row.get("number")?,
        key: row.get("key")?,
        kind: row.get("kind")?,
        phase: row.get("phase")?,
        resolves: row.get("resolves")?,
        cause: row.get("cause")?,
        day: row.get("day")?,
        summary: row.get("summary")?,
        previous: row.get("previous")?,
        hash: row.get("hash")?,
        recorded_at: row.get("recorded_at")?,
    })
}

fn read_entry(row: &Row) -> Result<Entry> {
    Ok(Entry {
        account: row.get("account")?,
        amount: row.money("amount_minor")?,
        line: row.get("line")?,
        corrects: row.get("corrects")?,
        period: row.get("period")?,
    })
}

pub(crate) fn read_listed(row: &Row) -> Result<EntryListed> {
    Ok(EntryListed {
        id: row.get("id")?,
        transfer: row.get("transfer")?,
        partner: row.get("partner")?,
        number: row.get("number")?,
        day: row.get("day")?,
        phase: row.get("phase")?,
        kind: row.get("kind")?,
        cause: row.get("cause")?,
        summary: row.get("summary")?,
        entry: read_entry(row)?,
    })
}

fn read_sums(row: &Row) -> Result<Balance> {
    Ok(Balance {
        posted: row.get("posted_minor")?,
        pending_debit: row.get("pending_debit_minor")?,
        pending_credit: row.get("pending_credit_minor")?,
        entries: row.get("entries")?,
    })
}

pub(crate) fn read_balance(row: &Row) -> Result<AccountBalance> {
    let (account, currency): (Account, _) = (row.get("account")?, row.get("currency")?);
    let balance = read_sums(row)?;
    AccountBalance::of(row.get("id")?, row.get("partner")?, account, currency, &balance)
}

/// Which of these keys are posted already.
pub(crate) async fn known(tx: &mut Tx, scope: &Scope, keys: &[&str]) -> Result<BTreeMap<String, Posted>> {
    let marks: Vec<String> = (0..AT_ONCE).map(|n| format!("${}", n + 2)).collect();
    let sql = format!("SELECT * FROM ledger_transfer WHERE organization = $1 AND key IN ({})", marks.join(", "));
    let mut found = BTreeMap::new();
    for chunk in keys.chunks(AT_ONCE) {
        let mut params: Vec<Value> = vec![scope.organization.into()];
        params.extend((0..AT_ONCE).map(|n| Value::from(chunk.get(n).copied())));
        found.extend(tx.all(&sql, &params, read_transfer).await?.into_iter().map(|known| (known.key.clone(), known)));
    }
    Ok(found)
}

pub(crate) async fn get(tx: &mut Tx, scope: &Scope, id: TransferId) -> Result<Posted> {
    let sql = "SELECT * FROM ledger_transfer WHERE organization = $1 AND id = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)";
    let found = tx.one(sql, params![scope.organization, id, scope.partner], read_transfer).await?;
    found.ok_or_else(|| Error::not_found("transfer", id))
}

/// The transfer that posts or voids a pending one.
pub(crate) async fn resolution(tx: &mut Tx, scope: &Scope, id: TransferId) -> Result<Option<Posted>> {
    let sql = "SELECT * FROM ledger_transfer WHERE resolves = $2 AND organization = $1
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)";
    tx.one(sql, params![scope.organization, id, scope.partner], read_transfer).await
}

pub(crate) async fn entries(tx: &mut Tx, scope: &Scope, transfer: TransferId) -> Result<Vec<Entry>> {
    let sql = format!(
        "SELECT * FROM ledger_entry WHERE {OF_ORGANIZATION} AND transfer = $2
         AND (partner = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY id"
    );
    tx.all(&sql, params![scope.organization, transfer, scope.partner], read_entry).await
}

/// A book as it stands; an empty one if nothing was posted to it.
pub(crate) async fn book(tx: &mut Tx, scope: &Scope, book: Book) -> Result<BookState> {
    let mut found = books_of(tx, scope, &BTreeSet::from([book])).await?;
    Ok(found.remove(&book).unwrap_or_default())
}

/// Books as they stand, read together.
pub(crate) async fn books_of(tx: &mut Tx, scope: &Scope, wanted: &BTreeSet<Book>) -> Result<BTreeMap<Book, BookState>> {
    let marks: Vec<String> = (1..=AT_ONCE).map(|n| format!("${n}")).collect();
    let marks = marks.join(", ");
    let heads = format!("SELECT id, transfers, head FROM ledger_book WHERE id IN ({marks})");
    let sums = format!("SELECT * FROM ledger_balance WHERE book IN ({marks}) ORDER BY id");
    let keyed: Vec<(String, Book)> = wanted.iter().map(|book| (book.key(scope.organization), *book)).collect();
    let mut found: BTreeMap<String, BookState> = BTreeMap::new();
    for chunk in keyed.chunks(AT_ONCE) {
        let params: Vec<Value> = (0..AT_ONCE).map(|n| Value::from(chunk.get(n).map(|(key, _)| key))).collect();
        let read = |row: &Row| Ok((row.get("id")?, row.get("transfers")?, row.get("head")?));
        for (key, transfers, head) in tx.all(&heads, &params, read).await? {
            found.insert(key, BookState { transfers, head, balances: BTreeMap::new() });
        }
        let read =
            |row: &Row| Ok((row.get::<String>("book")?, (row.get("account")?, row.get("currency")?), read_sums(row)?));
        for (key, account, balance) in tx.all(&sums, &params, read).await? {
            found.entry(key).or_default().balances.insert(account, balance);
        }
    }
    let state = |(key, book): (String, Book)| (book, found.remove(&key).unwrap_or_default());
    Ok(keyed.into_iter().map(state).collect())
}

/// The transfers of a book in order, from a number on.
pub(crate) async fn chain(tx: &mut Tx, book: &str, from: i64, limit: u32) -> Result<Vec<Posted>> {
    let sql = "SELECT * FROM ledger_transfer WHERE book = $1 AND number >= $2 ORDER BY number LIMIT $3";
    tx.all(sql, params![book, from, limit], read_transfer).await
}

/// The entries of those transfers of a book, by transfer.
pub(crate) async fn chain_entries(
    tx: &mut Tx,
    book: &str,
    from: i64,
    limit: u32,
) -> Result<BTreeMap<TransferId, Vec<Entry>>> {
    let sql = "SELECT e.* FROM ledger_transfer t JOIN ledger_entry e ON e.transfer = t.id
               WHERE t.book = $1 AND t.number >= $2 AND t.number < $3 ORDER BY t.number, e.id";
    let read = |row: &Row| Ok((row.get("transfer")?, read_entry(row)?));
    let mut found: BTreeMap<TransferId, Vec<Entry>> = BTreeMap::new();
    for (transfer, entry) in tx.all(sql, params![book, from, from + i64::from(limit)], read).await? {
        found.entry(transfer).or_default().push(entry);
    }
    Ok(found)
}

/// The books of an organization, the program's first.
pub(crate) async fn books(tx: &mut Tx, scope: &Scope) -> Result<Vec<Book>> {
    let sql = "SELECT partner FROM ledger_book WHERE organization = $1
               AND (partner = $2 OR CAST($2 AS TEXT) IS NULL) ORDER BY id";
    let read = |row: &Row| Ok(row.get::<Option<_>>("partner")?.map_or(Book::Program, Book::Partner));
    let mut books = tx.all(sql, params![scope.organization, scope.partner], read).await?;
    books.sort();
    Ok(books)
}

/// Everything that one call of `post` writes.
#[derive(Default)]
pub(crate) struct Written {
    pub transfers: Vec<(Book, Posted)>,
    pub entries: Vec<(Book, usize, Entry)>,
    pub books: BTreeMap<Book, (BookState, BTreeSet<(Account, kernel::Currency)>)>,
}

pub(crate) async fn write(cx: &mut Cx<'_>, written: &Written) -> Result<()> {
    let batch = cx.id::<super::BatchKind>();
    insert_transfers(cx, batch, written).await?;
    insert_entries(cx, batch, written).await?;
    let organization = cx.scope.organization;
    let (mut balances, mut books): (Vec<Vec<Value>>, Vec<Vec<Value>>) = (Vec::new(), Vec::new());
    for (book, (state, touched)) in &written.books {
        let key = book.key(organization);
        for (account, currency) in touched {
            let balance = state.balances.get(&(account.clone(), *currency)).copied().unwrap_or_default();
            balances.push(vec![
                format!("{key}/{account}/{currency}").into(),
                organization.into(),
                (&key).into(),
                book.partner().into(),
                account.into(),
                (*currency).into(),
                small(balance.posted)?,
                small(balance.pending_debit)?,
                small(balance.pending_credit)?,
                balance.entries.into(),
                cx.now.into(),
            ]);
        }
        let (transfers, head) = (state.transfers.into(), (&state.head).into());
        books.push(vec![(&key).into(), organization.into(), book.partner().into(), transfers, head, cx.now.into()]);
    }
    cx.tx.save_many("ledger_balance", &BALANCE_COLUMNS, &balances).await?;
    cx.tx.save_many("ledger_book", &BOOK_COLUMNS, &books).await
}

const BALANCE_COLUMNS: [&str; 11] = [
    "id",
    "organization",
    "book",
    "partner",
    "account",
    "currency",
    "posted_minor",
    "pending_debit_minor",
    "pending_credit_minor",
    "entries",
    "updated_at",
];

const BOOK_COLUMNS: [&str; 6] = ["id", "organization", "partner", "transfers", "head", "updated_at"];

/// A sum as the database keeps it; one that does not fit is refused, never cut.
fn small(sum: i128) -> Result<Value> {
    i64::try_from(sum).map(Value::Int).map_err(|_| Error::conflict("too_large", "the account would hold too much"))
}

async fn insert_transfers(cx: &mut Cx<'_>, batch: BatchId, written: &Written) -> Result<()> {
    let batch = batch.to_string();
    let organization = cx.scope.organization;
    let row = |(book, transfer): &(Book, Posted)| {
        vec![
            Value::from(transfer.id),
            Value::from(organization),
            Value::from(&batch),
            Value::from(book.key(organization)),
            Value::from(transfer.partner),
            Value::from(transfer.number),
            Value::from(&transfer.key),
            Value::from(&transfer.kind),
            Value::from(transfer.phase.name()),
            Value::from(transfer.resolves),
            Value::from(&transfer.cause),
            Value::from(transfer.day),
            Value::from(&transfer.summary),
            Value::from(&transfer.previous),
            Value::from(&transfer.hash),
            Value::from(transfer.recorded_at),
        ]
    };
    let rows: Vec<Vec<Value>> = written.transfers.iter().map(row).collect();
    let columns = [
        "id",
        "organization",
        "batch",
        "book",
        "partner",
        "number",
        "key",
        "kind",
        "phase",
        "resolves",
        "cause",
        "day",
        "summary",
        "previous",
        "hash",
        "recorded_at",
    ];
    cx.tx.insert_many("ledger_transfer", ("batch", &batch), &columns, &rows).await
}

async fn insert_entries(cx: &mut Cx<'_>, batch: BatchId, written: &Written) -> Result<()> {
    if written.entries.is_empty() {
        return Ok(());
    }
    let batch = batch.to_string();
    let organization = cx.scope.organization;
    let mut ids: Vec<EntryId> = written.entries.iter().map(|_| cx.id()).collect();
    ids.sort_unstable();
    let row = |(id, (book, place, entry)): (EntryId, &(Book, usize, Entry))| {
        let transfer = &written.transfers[*place].1;
        vec![
            Value::from(id),
            Value::from(organization),
            Value::from(&batch),
            Value::from(transfer.id),
            Value::from(book.key(organization)),
            Value::from(book.partner()),
            Value::from(&entry.account),
            minor(entry.amount),
            Value::from(entry.amount.currency),
            Value::from(transfer.phase.name()),
            Value::from(entry.line),
            Value::from(entry.corrects),
            Value::from(entry.period),
            Value::from(transfer.day),
        ]
    };
    let rows: Vec<Vec<Value>> = ids.into_iter().zip(&written.entries).map(row).collect();
    let columns = [
        "id",
        "organization",
        "batch",
        "transfer",
        "book",
        "partner",
        "account",
        "amount_minor",
        "currency",
        "phase",
        "line",
        "corrects",
        "period",
        "day",
    ];
    cx.tx.insert_many("ledger_entry", ("batch", &batch), &columns, &rows).await
}
