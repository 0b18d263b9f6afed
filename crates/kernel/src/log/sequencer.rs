//! Gives committed entries their place in the tree, feeds their events in the same order, and signs the head.

use serde::de::IgnoredAny;
use tlog::{Checkpoint, Frontier, leaf_hash};

use crate::app::App;
use crate::db::{Tx, Value};
use crate::error::{Error, Result};
use crate::event::EventRecord;
use crate::params;

/// Entries placed in one transaction.
const AT_ONCE: i64 = 4000;
/// Only roots of full tiles are stored: 8 levels make one tile (C2SP tlog-tiles).
const TILE_LEVELS: u8 = 8;

impl App {
    /// Places every committed entry in the log; returns how many.
    pub async fn sequence(&self) -> Result<u64> {
        let mut placed = 0;
        loop {
            match self.sequence_some().await {
                Ok(some) => {
                    placed += some;
                    if some < AT_ONCE as u64 {
                        return Ok(placed);
                    }
                }
                // Another node places the same entries; whatever it leaves is ours.
                Err(Error::Lost(_)) => tokio::time::sleep(std::time::Duration::from_millis(2)).await,
                Err(error) => return Err(error),
            }
        }
    }

    async fn sequence_some(&self) -> Result<u64> {
        let mut reader = self.db().read().await?;
        let waiting = reader.number("SELECT COUNT(*) FROM (SELECT number FROM log_pending LIMIT 1) p", &[]).await?;
        reader.rollback().await?;
        if waiting == 0 {
            return Ok(0);
        }
        let mut tx = self.db().write().await?;
        match self.place(&mut tx).await {
            Ok(placed) => {
                tx.announce().await?;
                tx.commit().await?;
                Ok(placed)
            }
            Err(error) => {
                tx.rollback().await?;
                Err(error)
            }
        }
    }

    async fn place(&self, tx: &mut Tx) -> Result<u64> {
        let mut frontier = frontier(tx).await?;
        let sql = "SELECT p.number, e.id, e.body FROM log_pending p JOIN log_entry e ON e.id = p.id
                   ORDER BY p.number LIMIT $1";
        let pending: Vec<(i64, String, String)> =
            tx.all(sql, params![AT_ONCE], |row| Ok((row.get("number")?, row.get("id")?, row.get("body")?))).await?;
        let Some((last, _, _)) = pending.last() else { return Ok(0) };
        let mut leaves = Vec::with_capacity(pending.len());
        let mut nodes: Vec<Vec<Value>> = Vec::new();
        let mut events: Vec<String> = Vec::new();
        for (_, id, body) in &pending {
            let hash = leaf_hash(body.as_bytes());
            let position = frontier.size() as i64;
            leaves.push(vec![position.into(), id.into(), hash.to_vec().into()]);
            frontier.append_with(hash, |level, index, hash| {
                if level > 0 && level % TILE_LEVELS == 0 {
                    nodes.push(vec![i64::from(level).into(), (index as i64).into(), hash.to_vec().into()]);
                }
            });
            events.extend(event_ids(body)?);
        }
        tx.insert_many("log_leaf", ("position", ""), &["position", "entry", "hash"], &leaves).await?;
        tx.insert_many("log_node", ("level", ""), &["level", "position", "hash"], &nodes).await?;
        let next = tx.number("SELECT COALESCE(MAX(position), 0) + 1 FROM feed", &[]).await?;
        let feed: Vec<Vec<Value>> =
            events.iter().enumerate().map(|(n, id)| vec![(next + n as i64).into(), id.into()]).collect();
        tx.insert_many("feed", ("position", ""), &["position", "event"], &feed).await?;
        tx.run("DELETE FROM log_pending WHERE number <= $1", params![*last]).await?;
        let sql = "INSERT INTO log_head (id, frontier) VALUES (1, $1)
                   ON CONFLICT (id) DO UPDATE SET frontier = excluded.frontier";
        tx.run(sql, params![frontier.to_bytes()]).await?;
        let note = self.signed_head(&frontier)?;
        let sql = "INSERT INTO log_checkpoint (size, note, signed_at) VALUES ($1, $2, $3)";
        tx.run(sql, params![frontier.size() as i64, note, self.now()]).await?;
        Ok(pending.len() as u64)
    }

    fn signed_head(&self, frontier: &Frontier) -> Result<String> {
        let key = self.log_key();
        let checkpoint = Checkpoint::new(&key.origin, frontier.size(), frontier.root());
        let note = checkpoint.sign(&key.signer).map_err(|e| Error::internal(e.to_string()))?;
        Ok(note.to_string())
    }

    /// Events that were fed after `position`, and the position of the last one: what followers and receivers read.
    pub async fn feed_after(&self, position: i64, limit: i64) -> Result<(Vec<EventRecord>, i64)> {
        let mut tx = self.db().read().await?;
        let sql = "SELECT e.*, f.position FROM feed f JOIN event e ON e.id = f.event
                   WHERE f.position > $1 ORDER BY f.position LIMIT $2";
        let rows = tx.rows(sql, params![position, limit]).await?;
        tx.rollback().await?;
        let last = rows.last().map_or(Ok(position), |row| row.get("position"))?;
        Ok((rows.iter().map(EventRecord::read).collect::<Result<_>>()?, last))
    }

    /// The position of the newest event in the feed.
    pub async fn feed_end(&self) -> Result<i64> {
        let mut tx = self.db().read().await?;
        let end = tx.number("SELECT MAX(position) FROM feed", &[]).await?;
        tx.rollback().await?;
        Ok(end)
    }
}

pub(super) async fn frontier(tx: &mut Tx) -> Result<Frontier> {
    let stored: Option<Vec<u8>> =
        tx.one("SELECT frontier FROM log_head WHERE id = 1", &[], |row| row.get("frontier")).await?;
    stored.map_or_else(
        || Ok(Frontier::default()),
        |bytes| Frontier::from_bytes(&bytes).map_err(|e| Error::internal(format!("log head: {e}"))),
    )
}

/// The ids of the events of an entry.
pub(super) fn event_ids(body: &str) -> Result<Vec<String>> {
    /// Only this much of an entry is read here; the rest is skipped over.
    #[derive(serde::Deserialize)]
    struct Events {
        #[serde(default)]
        events: Vec<(String, IgnoredAny, IgnoredAny, IgnoredAny)>,
    }
    let body: Events = serde_json::from_str(body)?;
    Ok(body.events.into_iter().map(|(id, ..)| id).collect())
}
