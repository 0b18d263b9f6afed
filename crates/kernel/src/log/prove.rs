//! Proofs that entries are in the log, for whoever checks them later without us.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tlog::{Checkpoint, Hash, HashSource, NoteVerifier, ProofError, inclusion_proof, node_hash, verify_inclusion};

use crate::db::{Tx, hex};
use crate::error::{Error, Result};
use crate::ids::EntryId;
use crate::params;

/// Roots of subtrees are stored at every eighth level of the tree.
const STORED_LEVELS: u8 = 8;

/// An entry and the way from its leaf to the root of a signed head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EntryProof {
    pub entry: EntryId,
    /// Its place in the log, counted from 0.
    pub position: u64,
    /// The text of the entry: its SHA-256 is the leaf (RFC 9162).
    pub body: String,
    /// Hashes beside the way to the root, from the leaf up, hexadecimal.
    pub hashes: Vec<String>,
}

/// Entries with the signed head that holds them all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proven {
    /// The signed note (C2SP tlog-checkpoint).
    pub checkpoint: String,
    /// The name of the log.
    pub origin: String,
    /// The verifier key that the log says is its own. Whoever checks has it from elsewhere.
    pub key: String,
    pub entries: Vec<EntryProof>,
}

impl Proven {
    /// Checks the signature of the head and the way of every entry to it.
    pub fn check(&self, trusted: &NoteVerifier) -> std::result::Result<(), String> {
        let head = Checkpoint::open(&self.checkpoint, &self.origin, std::slice::from_ref(trusted))
            .map_err(|e| format!("the signed head of the log does not verify: {e}"))?;
        for entry in &self.entries {
            let hashes: Option<Vec<Hash>> = entry.hashes.iter().map(|text| unhex(text)).collect();
            let hashes = hashes.ok_or_else(|| format!("the proof of the entry {} holds no hashes", entry.entry))?;
            let leaf = tlog::leaf_hash(entry.body.as_bytes());
            verify_inclusion(&leaf, entry.position, head.size, &hashes, &head.root)
                .map_err(|e| format!("the entry {} is not in the signed log: {e}", entry.entry))?;
        }
        Ok(())
    }
}

fn unhex(text: &str) -> Option<Hash> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes = text.as_bytes();
    let pair = |two: &[u8]| Some(digit(two[0])? << 4 | digit(two[1])?);
    let found: Option<Vec<u8>> = bytes.chunks(2).map(|two| if two.len() == 2 { pair(two) } else { None }).collect();
    found?.try_into().ok()
}

#[derive(Default)]
struct Known(HashMap<(u8, u64), Hash>);

impl HashSource for Known {
    fn hash(&self, level: u8, index: u64) -> Option<Hash> {
        self.0.get(&(level, index)).copied()
    }
}

/// The proof of some entries under the newest signed head; none while one of them waits for its place.
pub async fn prove(app: &crate::App, tx: &mut Tx, entries: &[(EntryId, String)]) -> Result<Option<Proven>> {
    let sql = "SELECT size, note FROM log_checkpoint ORDER BY size DESC LIMIT 1";
    let head: Option<(u64, String)> = tx.one(sql, &[], |row| Ok((row.get("size")?, row.get("note")?))).await?;
    let Some((size, checkpoint)) = head else { return Ok(None) };
    let mut known = Known::default();
    let mut proofs = Vec::with_capacity(entries.len());
    for (entry, body) in entries {
        let sql = "SELECT position FROM log_leaf WHERE entry = $1";
        let position: Option<u64> = tx.one(sql, params![entry.to_string()], |row| row.get("position")).await?;
        let Some(position) = position.filter(|position| *position < size) else { return Ok(None) };
        let hashes = loop {
            match inclusion_proof(&known, position, size) {
                Ok(hashes) => break hashes,
                Err(ProofError::MissingHash { level, index }) => {
                    let hash = subtree(tx, level, index).await?;
                    known.0.insert((level, index), hash);
                }
                Err(error) => return Err(Error::internal(error.to_string())),
            }
        };
        let hashes = hashes.iter().map(|hash| hex(hash)).collect();
        proofs.push(EntryProof { entry: *entry, position, body: body.clone(), hashes });
    }
    let key = app.log_key();
    let (origin, key) = (key.origin.clone(), key.verifier().to_string());
    Ok(Some(Proven { checkpoint, origin, key, entries: proofs }))
}

/// The root of a complete subtree, from the stored hashes below it: 128 of them at most.
async fn subtree(tx: &mut Tx, level: u8, index: u64) -> Result<Hash> {
    let stored = level - level % STORED_LEVELS;
    let width = 1_u64 << (level - stored);
    let (from, before) = (index * width, (index + 1) * width);
    let range = |n: u64| i64::try_from(n).map_err(|_| Error::internal("the log is too long"));
    let rows: Vec<Vec<u8>> = if stored == 0 {
        let sql = "SELECT hash FROM log_leaf WHERE position >= $1 AND position < $2 ORDER BY position";
        tx.all(sql, params![range(from)?, range(before)?], |row| row.get("hash")).await?
    } else {
        let sql = "SELECT hash FROM log_node WHERE level = $1 AND position >= $2 AND position < $3 ORDER BY position";
        tx.all(sql, params![i64::from(stored), range(from)?, range(before)?], |row| row.get("hash")).await?
    };
    let hashes: Option<Vec<Hash>> = rows.into_iter().map(|bytes| bytes.try_into().ok()).collect();
    let mut hashes = hashes.filter(|hashes| hashes.len() as u64 == width).ok_or_else(|| {
        Error::internal(format!("the stored log lacks the subtree {index} at level {level}; restore it from a backup"))
    })?;
    while hashes.len() > 1 {
        hashes = hashes.chunks(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
    }
    Ok(hashes[0])
}
