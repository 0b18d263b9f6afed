//! The memory of requests that carried an idempotency key: a repeat returns the first outcome.

use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use super::App;
use crate::actor::Actor;
use crate::db::{Tx, hex};
use crate::error::{Error, Result};
use crate::params;
use crate::time::Timestamp;

/// How long a repeat of a request is recognized.
const REPLAY_DAYS: i64 = 30;

/// The key is the caller's own: two callers may use the same text.
pub(super) fn id(actor: &Actor, key: &str) -> String {
    hex(&Sha256::digest(format!("{}\n{}\n{key}", actor.organization, actor.reference())))
}

impl App {
    /// Keeps an outcome, sealed, for repeats of the request.
    pub(super) async fn remember(
        &self,
        tx: &mut Tx,
        id: &str,
        fingerprint: &str,
        output: &Json,
        now: Timestamp,
    ) -> Result<()> {
        let sealed = self.vault().seal(&output.to_string(), self.random())?;
        let sql = "INSERT INTO replay (id, fingerprint, outcome, at) VALUES ($1, $2, $3, $4)";
        tx.run(sql, params![id, fingerprint, sealed, now]).await?;
        Ok(())
    }

    /// Forgets outcomes whose idempotency keys are older than thirty days.
    pub async fn forget_replays(&self) -> Result<u64> {
        let before = self.now().plus_days(-REPLAY_DAYS);
        let mut tx = self.db().read().await?;
        let old =
            tx.number("SELECT COUNT(*) FROM (SELECT id FROM replay WHERE at < $1 LIMIT 1) r", params![before]).await?;
        tx.rollback().await?;
        if old == 0 {
            return Ok(0);
        }
        let mut tx = self.db().write().await?;
        let forgotten = tx.run("DELETE FROM replay WHERE at < $1", params![before]).await?;
        tx.commit().await?;
        Ok(forgotten)
    }

    /// The first outcome under that key; the same key with another input is refused.
    pub(super) async fn replayed(&self, tx: &mut Tx, id: &str, fingerprint: &str) -> Result<Option<Json>> {
        let sql = "SELECT fingerprint, outcome FROM replay WHERE id = $1";
        let found = tx
            .one(sql, params![id], |row| Ok((row.get::<String>("fingerprint")?, row.get::<Vec<u8>>("outcome")?)))
            .await?;
        let Some((known, outcome)) = found else { return Ok(None) };
        if known != fingerprint {
            let rule = "was used before with another input; use a new key for a new request";
            return Err(Error::invalid("Idempotency-Key", rule));
        }
        Ok(Some(serde_json::from_str(self.vault().open(&outcome)?.expose())?))
    }
}
