//! Proves the log and everything it seals, offline, and names the first entry that is wrong.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use tlog::{Checkpoint, Frontier, NoteVerifier, leaf_hash};

use super::sequencer::{event_ids, frontier};
use crate::app::App;
use crate::db::{Row, RowDigest, Tx, hex, rows_digest};
use crate::error::{Error, Result};
use crate::params;

/// Rows read at once.
const AT_ONCE: i64 = 2000;

/// What the verification found.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    pub entries: u64,
    pub checkpoints: u64,
    pub sealed_rows: u64,
    pub decisions_terms: u64,
    /// The Merkle root over all entries, hexadecimal.
    pub root: String,
    /// What is wrong, the earliest entry first; empty when all is proven.
    pub wrong: Vec<Wrong>,
}

/// Something that does not agree with the log.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wrong {
    /// The place in the log of the entry concerned, where there is one.
    pub position: Option<i64>,
    /// The id of the entry concerned.
    pub entry: Option<String>,
    pub what: String,
}

/// Where a sealed row was last written.
struct Seal {
    position: i64,
    entry: String,
    digest: String,
}

/// Sealed rows by table, column and key.
type Seals = HashMap<(String, String), HashMap<String, Seal>>;

struct Checker<'a> {
    app: &'a App,
    tx: Tx,
    report: Report,
    seals: Seals,
    feed: Vec<String>,
}

/// Verifies everything; the key is the installation's own unless another is given.
pub async fn verify(app: &App, key: Option<&NoteVerifier>) -> Result<Report> {
    let tx = app.db().read().await?;
    let mut checker = Checker { app, tx, report: Report::default(), seals: Seals::new(), feed: Vec::new() };
    let frontier = checker.entries(key.unwrap_or(app.log_key().verifier())).await?;
    checker.report.root = hex(&frontier.root());
    checker.pending().await?;
    checker.rows().await?;
    checker.terms().await?;
    checker.feed().await?;
    for line in app.db().integrity().await? {
        checker.wrong(None, None, format!("the database file is damaged: {line}"));
    }
    let mut report = checker.report;
    report.wrong.sort_by_key(|w| (w.position.unwrap_or(i64::MAX), w.what.clone()));
    Ok(report)
}

impl Checker<'_> {
    fn wrong(&mut self, position: Option<i64>, entry: Option<String>, what: String) {
        self.report.wrong.push(Wrong { position, entry, what });
    }

    /// Entries against leaves, leaves against the tree, the tree against its signed heads.
    async fn entries(&mut self, key: &NoteVerifier) -> Result<Frontier> {
        let mut tree = Frontier::new();
        let heads = self.heads(key).await?;
        loop {
            let from = tree.size() as i64;
            let sql = "SELECT l.position, l.entry, l.hash, e.body, e.operation, e.actor, e.recorded_at, e.organization
                       FROM log_leaf l LEFT JOIN log_entry e ON e.id = l.entry
                       WHERE l.position >= $1 ORDER BY l.position LIMIT $2";
            let rows = self.tx.rows(sql, params![from, AT_ONCE]).await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                self.entry(row, &mut tree)?;
                if let Some(root) = heads.get(&tree.size())
                    && *root != tree.root()
                {
                    let (position, entry) = (row.get("position")?, row.get("entry")?);
                    self.wrong(
                        Some(position),
                        Some(entry),
                        "the tree up to here is not the one that was signed".into(),
                    );
                }
            }
        }
        self.report.entries = tree.size();
        if let Some(largest) = heads.keys().max().filter(|size| **size > tree.size()) {
            let what =
                format!("a signed head says {largest} entries, {} are here: the newest were removed", tree.size());
            self.wrong(Some(tree.size() as i64), None, what);
        }
        if frontier(&mut self.tx).await.ok().as_ref() != Some(&tree) {
            self.wrong(None, None, "the stored state of the appender is not that of the log".into());
        }
        Ok(tree)
    }

    fn entry(&mut self, row: &Row, tree: &mut Frontier) -> Result<()> {
        let position: i64 = row.get("position")?;
        let entry: String = row.get("entry")?;
        if position != tree.size() as i64 {
            let what = format!("position {} is missing from the log", tree.size());
            self.wrong(Some(tree.size() as i64), None, what);
        }
        let stored: Vec<u8> = row.get("hash")?;
        let Some(body) = row.get::<Option<String>>("body")? else {
            self.wrong(Some(position), Some(entry), "the entry was removed".into());
            tree.append(stored.try_into().unwrap_or_default());
            return Ok(());
        };
        let hash = leaf_hash(body.as_bytes());
        if hash.as_slice() != stored {
            self.wrong(Some(position), Some(entry.clone()), "the entry was altered after it was logged".into());
        }
        tree.append(hash);
        if let Some(what) = differing_columns(row, &entry, &body) {
            self.wrong(Some(position), Some(entry.clone()), what);
        }
        match (remember(&mut self.seals, position, &entry, &body), event_ids(&body)) {
            (Ok(()), Ok(ids)) => self.feed.extend(ids),
            _ => self.wrong(Some(position), Some(entry), "the entry cannot be read".into()),
        }
        Ok(())
    }

    async fn heads(&mut self, key: &NoteVerifier) -> Result<HashMap<u64, tlog::Hash>> {
        let notes: Vec<(i64, String)> = self
            .tx
            .all("SELECT size, note FROM log_checkpoint ORDER BY size", &[], |row| {
                Ok((row.get("size")?, row.get("note")?))
            })
            .await?;
        let mut heads = HashMap::new();
        for (size, note) in notes {
            match Checkpoint::open(&note, &self.app.log_key().origin, std::slice::from_ref(key)) {
                Ok(head) if head.size == size as u64 => {
                    heads.insert(head.size, head.root);
                }
                Ok(_) => self.wrong(
                    Some(size - 1),
                    None,
                    format!("the signed head filed under size {size} is of another size"),
                ),
                Err(e) => {
                    self.wrong(Some(size - 1), None, format!("the signed head of size {size} does not verify: {e}"))
                }
            }
        }
        self.report.checkpoints = heads.len() as u64;
        Ok(heads)
    }

    /// Entries that committed moments ago and have no place yet seal rows, too.
    async fn pending(&mut self) -> Result<()> {
        let sql = "SELECT e.id, e.body FROM log_pending p JOIN log_entry e ON e.id = p.id ORDER BY p.number";
        let waiting: Vec<(String, String)> =
            self.tx.all(sql, &[], |row| Ok((row.get("id")?, row.get("body")?))).await?;
        let first = self.report.entries as i64;
        for (place, (id, body)) in waiting.iter().enumerate() {
            if remember(&mut self.seals, first + place as i64, id, body).is_err() {
                self.wrong(None, Some(id.clone()), "the entry cannot be read".into());
            }
        }
        let placed = self.report.entries as i64 + waiting.len() as i64;
        let there = self.tx.number("SELECT COUNT(*) FROM log_entry", &[]).await?;
        if there != placed {
            self.wrong(None, None, format!("{there} entries are stored, {placed} are in the log"));
        }
        Ok(())
    }

    /// Every sealed row against the entry that last wrote it.
    async fn rows(&mut self) -> Result<()> {
        for (table, by) in self.app.registry().sealed_tables() {
            let mut expected = self.seals.remove(&((*table).to_owned(), (*by).to_owned())).unwrap_or_default();
            let mut after = (String::new(), String::new());
            let mut group: Option<(String, Vec<[u8; 32]>)> = None;
            loop {
                let sql =
                    format!("SELECT * FROM {table} WHERE ({by}, id) > ($1, $2) ORDER BY {by}, id LIMIT {AT_ONCE}");
                let rows = self.tx.rows(&sql, params![&after.0, &after.1]).await?;
                let Some(last) = rows.last() else { break };
                after = (last.get(by)?, last.get("id")?);
                let of_row = RowDigest::of(&last.columns);
                for row in &rows {
                    let key: String = row.get(by)?;
                    let digest = of_row.row(&row.values);
                    match &mut group {
                        Some((open, digests)) if *open == key => digests.push(digest),
                        _ => {
                            if let Some((key, digests)) = group.replace((key, vec![digest])) {
                                self.compare(table, by, &key, &digests, &mut expected);
                            }
                        }
                    }
                }
            }
            if let Some((key, digests)) = group {
                self.compare(table, by, &key, &digests, &mut expected);
            }
            for (key, seal) in expected.into_iter().filter(|(_, seal)| !seal.digest.is_empty()) {
                self.wrong(Some(seal.position), Some(seal.entry), format!("the row {key} of {table} was removed"));
            }
        }
        Ok(())
    }

    fn compare(&mut self, table: &str, by: &str, key: &str, rows: &[[u8; 32]], expected: &mut HashMap<String, Seal>) {
        self.report.sealed_rows += rows.len() as u64;
        let digest = match rows {
            [row] if by == "id" => hex(row),
            rows => rows_digest(rows.iter().copied()),
        };
        match expected.remove(key) {
            None => self.wrong(None, None, format!("the row {key} of {table} was never logged")),
            Some(seal) if seal.digest != digest => {
                let what = format!("the row {key} of {table} is not as this entry wrote it");
                self.wrong(Some(seal.position), Some(seal.entry), what);
            }
            Some(_) => {}
        }
    }

    /// Stored terms against their names, which are their hashes.
    async fn terms(&mut self) -> Result<()> {
        let terms: Vec<(String, String)> =
            self.tx.all("SELECT id, body FROM terms", &[], |row| Ok((row.get("id")?, row.get("body")?))).await?;
        self.report.decisions_terms = terms.len() as u64;
        for (id, body) in terms {
            if hex(&Sha256::digest(&body)) != id {
                self.wrong(None, None, format!("the terms {id} were altered"));
            }
        }
        Ok(())
    }

    /// The feed of events against the order of the log.
    async fn feed(&mut self) -> Result<()> {
        let fed: Vec<String> =
            self.tx.all("SELECT event FROM feed ORDER BY position", &[], |row| row.get("event")).await?;
        if fed != self.feed {
            self.wrong(None, None, "the feed of events does not follow the log".into());
        }
        Ok(())
    }
}

/// The columns of an entry beside its body repeat what the body says, for look-ups.
fn differing_columns(row: &Row, entry: &str, body: &str) -> Option<String> {
    let body: Json = serde_json::from_str(body).ok()?;
    let says = |name: &str, pointer: &str| {
        let told = body.pointer(pointer).and_then(Json::as_str)?;
        let stored = match name {
            "recorded_at" => row.get::<crate::time::Timestamp>(name).map(|t| t.to_string()),
            _ => row.get::<String>(name),
        };
        (stored.ok().as_deref() != Some(told)).then(|| format!("the column {name} of the entry was altered"))
    };
    let id = (body.get("entry").and_then(Json::as_str) != Some(entry)).then(|| "the entry has another's id".to_owned());
    id.or_else(|| says("operation", "/operation"))
        .or_else(|| says("actor", "/actor/id"))
        .or_else(|| says("organization", "/organization"))
        .or_else(|| says("recorded_at", "/at"))
}

fn remember(seals: &mut Seals, position: i64, entry: &str, body: &str) -> Result<()> {
    let body: Json = serde_json::from_str(body)?;
    for seal in body.get("sealed").and_then(Json::as_array).into_iter().flatten() {
        let part = |n: usize| {
            seal.get(n)
                .and_then(Json::as_str)
                .map(str::to_owned)
                .ok_or_else(|| Error::internal("a seal has four parts"))
        };
        let (table, by, key, digest) = (part(0)?, part(1)?, part(2)?, part(3)?);
        let known = seals.entry((table, by)).or_default();
        known.insert(key, Seal { position, entry: entry.to_owned(), digest });
    }
    Ok(())
}
