//! The operation runner: one function runs every write of the system.
//!
//! It checks the permission and the door, opens the transaction, runs the operation, seals what was written, stores
//! decisions and events, appends the log entry and commits: all of it or nothing. An operation that lost a race with
//! another is run again, so it touches nothing but its transaction.

mod context;
mod entry;
mod replay;
mod run;
mod runner;
mod together;

use std::sync::{Arc, Mutex};

pub use context::{Cx, Decided, ReadCx};
pub use run::{Call, Outcome, Run, RunOptions};
pub use runner::Batch;
pub use together::Lane;
use tokio::sync::watch;

use crate::db::{Db, Migration};
use crate::error::{Error, Result};
use crate::event::EventRecord;
use crate::ids::{IdSource, Kind, OrganizationId};
use crate::log::LogKey;
use crate::registry::{Declaration, Registry};
use crate::secret::Vault;
use crate::time::{Clock, Timestamp};

/// A whole Concord: database, installed areas, clock and keys. Cheap to clone.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    registry: Registry,
    clock: Arc<dyn Clock>,
    ids: Mutex<IdSource>,
    vault: Vault,
    log_key: LogKey,
    changes: watch::Sender<u64>,
    line: tokio::sync::Mutex<()>,
}

/// Tables of the kernel whose rows are evidence.
const SEALED: [(&str, &str); 3] = [("organization", "id"), ("event", "id"), ("decision", "id")];

impl App {
    pub fn new(
        db: Db,
        mut registry: Registry,
        clock: Arc<dyn Clock>,
        ids: IdSource,
        vault: Vault,
        log_key: LogKey,
    ) -> Self {
        let kernel = Migration { name: "kernel/001", sql: include_str!("../migrations/001_kernel.sql") };
        registry.migrations.insert(0, kernel);
        registry.sealed.extend(SEALED);
        let (changes, _) = watch::channel(0);
        let ids = Mutex::new(ids);
        Self {
            inner: Arc::new(Inner {
                db,
                registry,
                clock,
                ids,
                vault,
                log_key,
                changes,
                line: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// Brings the schema up to date; several nodes may do it at once.
    pub async fn migrate(&self) -> Result<Vec<&'static str>> {
        let mut attempts = 0;
        loop {
            match self.db().migrate(self.registry().migrations(), self.now()).await {
                Err(Error::Lost(_)) if attempts < 20 => attempts += 1,
                other => return other,
            }
        }
    }

    pub fn db(&self) -> &Db {
        &self.inner.db
    }

    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    pub fn vault(&self) -> &Vault {
        &self.inner.vault
    }

    pub fn log_key(&self) -> &LogKey {
        &self.inner.log_key
    }

    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    pub fn new_id<K: Kind>(&self, now: Timestamp) -> crate::ids::Id<K> {
        self.with_ids(|ids| ids.next(now))
    }

    /// Random bytes for tokens, nonces and secrets.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.with_ids(|ids| ids.fill(&mut bytes));
        bytes
    }

    fn with_ids<T>(&self, take: impl FnOnce(&mut IdSource) -> T) -> T {
        take(&mut self.inner.ids.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    pub fn declaration(&self, name: &str) -> Option<&Declaration> {
        self.registry().declaration(name)
    }

    /// Changes whenever this node, or one that announced itself, has committed something.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.changes.subscribe()
    }

    /// Tells read models and waiting tasks of new events.
    pub fn publish(&self, events: &[EventRecord]) {
        self.follow(events);
        self.inner.changes.send_modify(|count| *count += 1);
    }

    /// Hands events to the read models alone: those that another node wrote.
    pub fn follow(&self, events: &[EventRecord]) {
        if events.is_empty() {
            return;
        }
        for follower in &self.registry().followers {
            follower(self, events);
        }
    }

    /// The organization of that slug, or the only one.
    pub async fn organization(&self, slug: Option<&str>) -> Result<Option<OrganizationId>> {
        let mut tx = self.db().read().await?;
        let sql = "SELECT id FROM organization WHERE slug = $1 OR $1 IS NULL ORDER BY created_at LIMIT 1";
        tx.one(sql, crate::params![slug], |row| row.get("id")).await
    }
}
