//! Schema changes: each runs once, in the order in which the areas name them; a newer schema is refused.

use sha2::{Digest as _, Sha256};

use super::{Db, Tx, hex};
use crate::params;
use values::error::{Error, Result};
use values::time::Timestamp;

/// One step of the schema, never changed after it has landed.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Unique, such as `deals/001_registration`.
    pub name: &'static str,
    pub sql: &'static str,
}

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    name TEXT PRIMARY KEY, digest TEXT NOT NULL, applied_at BIGINT NOT NULL)";

impl Db {
    /// Brings the schema up to date and returns the names of the steps that ran.
    pub async fn migrate(&self, steps: &[Migration], now: Timestamp) -> Result<Vec<&'static str>> {
        let mut tx = self.write().await?;
        if tx.is_postgres() {
            // Several nodes may start at once; the first migrates, the others wait and find it done.
            tx.run("SELECT pg_advisory_xact_lock(715402)", &[]).await?;
        }
        // The one word in which the two databases' schemas differ: a key that counts up.
        let serial = if tx.is_postgres() { "BIGSERIAL PRIMARY KEY" } else { "INTEGER PRIMARY KEY AUTOINCREMENT" };
        tx.batch(LEDGER).await?;
        let applied = applied(&mut tx).await?;
        if let Some((unknown, _)) = applied.iter().find(|(name, _)| !steps.iter().any(|step| step.name == name)) {
            return Err(Error::conflict(
                "newer_schema",
                format!(
                    "the database was written by a newer Concord (it has `{unknown}`): start that version, or restore a backup made by this one"
                ),
            ));
        }
        let mut ran = Vec::new();
        for step in steps {
            let digest = hex(&Sha256::digest(step.sql));
            match applied.iter().find(|(name, _)| name == step.name) {
                Some((_, known)) if *known == digest => {}
                Some(_) => {
                    return Err(Error::conflict(
                        "changed_migration",
                        format!(
                            "the migration `{}` differs from the one that this database ran: use an unmodified release",
                            step.name
                        ),
                    ));
                }
                None => {
                    tx.batch(&step.sql.replace("{serial}", serial)).await?;
                    let sql = "INSERT INTO schema_migration (name, digest, applied_at) VALUES ($1, $2, $3)";
                    tx.run(sql, params![step.name, digest, now]).await?;
                    ran.push(step.name);
                }
            }
        }
        tx.commit().await?;
        Ok(ran)
    }
}

async fn applied(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    tx.all("SELECT name, digest FROM schema_migration ORDER BY name", &[], |row| {
        Ok((row.get("name")?, row.get("digest")?))
    })
    .await
}
