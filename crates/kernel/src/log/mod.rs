//! The tamper-evident log: every run of an operation is a leaf of a Merkle tree whose signed heads can be kept anywhere.
//!
//! An entry is written in the transaction of its operation and gets its place in the tree moments later by the
//! [sequencer](App::sequence), so that writers do not wait for each other. [`verify`] proves the whole log offline:
//! entries against the tree, the tree against its signed heads, and every sealed row against the entry that wrote it.

mod prove;
mod sequencer;
mod verify;

use std::path::Path;

pub use prove::{EntryProof, Proven, prove};
use serde_json::Value as Json;
use tlog::{NoteSigner, NoteVerifier};
pub use verify::{Report, Wrong, verify};

use crate::actor::Scope;
use crate::app::App;
use crate::db::{Row, Tx};
use crate::decision::{DecisionRecord, Explanation};
use crate::error::{Error, Result};
use crate::event::EventRecord;
use crate::ids::{EntryId, OrganizationId};
use crate::params;
use crate::time::Timestamp;

/// The name of the log and the key that signs its heads.
#[derive(Debug, Clone)]
pub struct LogKey {
    pub origin: String,
    signer: NoteSigner,
}

impl LogKey {
    pub fn new(origin: &str, secret: &[u8; 32]) -> Result<Self> {
        let signer = NoteSigner::new(origin, secret).map_err(|e| Error::invalid("log key", e.to_string()))?;
        Ok(Self { origin: origin.to_owned(), signer })
    }

    /// The public half, as text for those who check: a C2SP verifier key.
    pub fn verifier(&self) -> &NoteVerifier {
        self.signer.verifier()
    }
}

/// Reads 32 secret bytes from a file, or makes them on first use; only the owner may read the file.
pub fn key_file(path: &Path, fresh: [u8; 32]) -> Result<[u8; 32]> {
    let fault = |e: std::io::Error| Error::internal(format!("{}: {e}", path.display()));
    match std::fs::read(path) {
        Ok(bytes) => bytes.try_into().map_err(|_| {
            Error::invalid(
                "key file",
                format!("{} does not hold 32 bytes; restore it from your backup", path.display()),
            )
        }),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(path).map_err(fault)?;
            std::io::Write::write_all(&mut file, &fresh).map_err(fault)?;
            file.sync_all().map_err(fault)?;
            Ok(fresh)
        }
        Err(e) => Err(fault(e)),
    }
}

/// Refuses a key that is not the one under which this log has been signed so far.
pub async fn check_key(app: &App) -> Result<()> {
    let mut tx = app.db().read().await?;
    let sql = "SELECT note FROM log_checkpoint ORDER BY size DESC LIMIT 1";
    let newest: Option<String> = tx.one(sql, &[], |row| row.get("note")).await?;
    tx.rollback().await?;
    let Some(note) = newest else { return Ok(()) };
    let key = app.log_key();
    match tlog::Checkpoint::open(&note, &key.origin, std::slice::from_ref(key.verifier())) {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::conflict(
            "log_key",
            format!(
                "the log was signed under another key or name ({error}): give every node the same log.key and --log-origin"
            ),
        )),
    }
}

pub(crate) async fn store_entry(
    tx: &mut Tx,
    id: EntryId,
    organization: OrganizationId,
    at: Timestamp,
    operation: &str,
    actor: &str,
    body: &str,
) -> Result<()> {
    if body.len() > usize::from(u16::MAX) {
        return Err(Error::internal(format!("the log entry of {operation} is longer than 65535 bytes")));
    }
    let sql = "INSERT INTO log_entry (id, organization, recorded_at, operation, actor, body)
               VALUES ($1, $2, $3, $4, $5, $6)";
    tx.run(sql, params![id, organization, at, operation, actor, body]).await?;
    tx.run("INSERT INTO log_pending (id) VALUES ($1)", params![id]).await?;
    Ok(())
}

pub(crate) async fn store_event(tx: &mut Tx, event: &EventRecord, ordinal: usize) -> Result<()> {
    tx.insert(
        "event",
        &[
            ("id", event.id.into()),
            ("organization", event.organization.into()),
            ("partner", event.partner.into()),
            ("kind", (&event.kind).into()),
            ("subject", (&event.subject).into()),
            ("number", event.number.into()),
            ("summary", (&event.summary).into()),
            ("data", event.data.to_string().into()),
            ("at", event.at.into()),
            ("actor", (&event.actor).into()),
            ("actor_name", (&event.actor_name).into()),
            ("entry", (&event.entry).into()),
            ("ordinal", ordinal.into()),
        ],
    )
    .await
}

pub(crate) async fn store_decision(tx: &mut Tx, decision: &DecisionRecord) -> Result<()> {
    tx.insert(
        "decision",
        &[
            ("id", decision.id.into()),
            ("organization", decision.organization.into()),
            ("partner", decision.partner.into()),
            ("kind", (&decision.kind).into()),
            ("subject", (&decision.subject).into()),
            ("law", (&decision.law).into()),
            ("terms", (&decision.terms).into()),
            ("facts", decision.facts.to_string().into()),
            ("outcome", decision.outcome.to_string().into()),
            ("reasons", serde_json::to_string(&decision.reasons)?.into()),
            ("decided_at", decision.decided_at.into()),
            ("decided_by", (&decision.decided_by).into()),
        ],
    )
    .await
}

/// Reads a row of the table `decision`.
pub fn read_decision(row: &Row) -> Result<DecisionRecord> {
    Ok(DecisionRecord {
        id: row.get("id")?,
        organization: row.get("organization")?,
        partner: row.get("partner")?,
        kind: row.get("kind")?,
        subject: row.get("subject")?,
        law: row.get("law")?,
        terms: row.get("terms")?,
        facts: row.json("facts")?,
        outcome: row.json("outcome")?,
        reasons: row.json("reasons")?,
        decided_at: row.get("decided_at")?,
        decided_by: row.get("decided_by")?,
    })
}

/// Decisions about a thing, newest first. A partner sees those about itself, without the reasons meant for the vendor.
pub async fn decisions_of(tx: &mut Tx, scope: &Scope, subject: &str) -> Result<Vec<DecisionRecord>> {
    let sql = "SELECT * FROM decision WHERE organization = $1 AND subject = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY decided_at DESC, id DESC LIMIT 50";
    let decisions = tx.all(sql, params![scope.organization, subject, scope.partner], read_decision).await?;
    Ok(decisions.into_iter().map(|decision| decision.seen_by(scope)).collect())
}

/// Recomputes a decision from its stored terms and facts and says whether it comes out the same.
pub async fn explain(app: &App, tx: &mut Tx, decision: DecisionRecord) -> Result<Explanation> {
    let terms: Option<Json> =
        tx.one("SELECT body FROM terms WHERE id = $1", params![&decision.terms], |row| row.json("body")).await?;
    let terms = terms.ok_or_else(|| Error::internal(format!("the terms of {} are gone", decision.id)))?;
    let recompute = app.registry().recomputes.get(decision.kind.as_str());
    let recompute = recompute.ok_or_else(|| Error::internal(format!("no rule is called {}", decision.kind)))?;
    let again = recompute(&terms, &decision.facts)?;
    let stored = serde_json::json!({ "outcome": decision.outcome, "reasons": decision.reasons });
    let reproduced = again == stored;
    Ok(Explanation { decision, reproduced, recomputed: (!reproduced).then_some(again) })
}
