//! The stage for tests: an application with the areas under test, its own database, a fixed clock and seeded ids.
//!
//! [`both_databases!`] makes a test for SQLite and one for PostgreSQL of each function; the latter runs when
//! `CONCORD_TEST_POSTGRES` names a server. After each test the whole log is verified, so a write that forgot its seal
//! fails whatever test it happens in.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a stage that cannot be set is a failed test

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use kernel::app::App;
use kernel::db::Target;
use kernel::log::LogKey;
use kernel::secret::Vault;
use kernel::{
    Actor, ActorKind, Db, FixedClock, Grants, IdSource, Operation, OrganizationId, PartnerId, PersonId, Query,
    Registry, Result, Timestamp,
};
pub use tokio;

/// 2026-03-02, a Monday, 09:00 UTC: when every test begins.
pub const MONDAY: &str = "2026-03-02T09:00:00Z";

/// What a test has in its hands.
pub struct Trial {
    pub app: App,
    pub clock: Arc<FixedClock>,
    pub organization: OrganizationId,
    /// Concord itself, which may do everything.
    pub system: Actor,
    folder: tempfile::TempDir,
}

/// Sets the stage; `None` when PostgreSQL is asked for and no server is named.
pub async fn start(postgres: bool, install: fn(&mut Registry)) -> Option<Trial> {
    let folder = tempfile::tempdir().unwrap();
    let target = if postgres {
        Target::Postgres(own_database().await?)
    } else {
        Target::Sqlite(folder.path().join("concord.db"))
    };
    let db = Db::open(&target).await.unwrap();
    let mut registry = Registry::default();
    install(&mut registry);
    let clock = Arc::new(FixedClock::at(MONDAY.parse().unwrap()));
    let key = LogKey::new("test/log", &[7; 32]).unwrap();
    let app = App::new(db, registry, clock.clone(), IdSource::seeded(1), Vault::new(&[9; 32]), key);
    app.migrate().await.unwrap();
    let organization: OrganizationId = app.new_id(app.now());
    let system = Actor::system(organization, "test");
    Some(Trial { app, clock, organization, system, folder })
}

impl Trial {
    /// Runs an operation as Concord itself.
    pub async fn run<O: Operation>(&self, operation: O) -> Result<O::Output> {
        self.app.run(&self.system, operation).await
    }

    pub async fn run_as<O: Operation>(&self, actor: &Actor, operation: O) -> Result<O::Output> {
        self.app.run(actor, operation).await
    }

    /// Asks a query as Concord itself.
    pub async fn ask<Q: Query>(&self, query: Q) -> Result<Q::Output> {
        self.app.query(&self.system, query).await
    }

    pub async fn ask_as<Q: Query>(&self, actor: &Actor, query: Q) -> Result<Q::Output> {
        self.app.query(actor, query).await
    }

    pub fn now(&self) -> Timestamp {
        self.app.now()
    }

    /// A person of the vendor with these permissions and roles.
    pub fn staff(&self, grants: &[&str], roles: &[&str]) -> Actor {
        let person: PersonId = self.app.new_id(self.now());
        Actor {
            kind: ActorKind::Person(person),
            name: "Vera Vendor".to_owned(),
            grants: Grants::of(grants),
            roles: roles.iter().map(|r| (*r).to_owned()).collect(),
            ..self.system.clone()
        }
    }

    /// A person of that partner who may do everything that a partner's permissions and scope leave open.
    pub fn partner_person(&self, partner: PartnerId) -> Actor {
        Actor { name: "Paula Partner".to_owned(), partner: Some(partner), ..self.staff(&["*"], &["partner_admin"]) }
    }

    /// Places what was written in the log and verifies everything.
    pub async fn verify(&self) {
        self.app.sequence().await.unwrap();
        let report = kernel::log::verify(&self.app, None).await.unwrap();
        assert_eq!(report.wrong, vec![], "the log does not prove what was written");
    }

    /// The folder of this test.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

/// A fresh database on the server for tests.
#[allow(clippy::disallowed_methods)] // where the server is, only the environment knows
async fn own_database() -> Option<String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let base = std::env::var("CONCORD_TEST_POSTGRES").ok()?;
    let name = format!("trial_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
    let (client, connection) = tokio_postgres::connect(&base, tokio_postgres::NoTls).await.unwrap();
    let serving = tokio::spawn(connection);
    client.batch_execute(&format!("DROP DATABASE IF EXISTS {name}")).await.unwrap();
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
    drop(client);
    serving.await.unwrap().unwrap();
    let (head, options) = base.split_once('?').map_or((base.as_str(), String::new()), |(h, o)| (h, format!("?{o}")));
    let (server, _) = head.rsplit_once('/').unwrap();
    Some(format!("{server}/{name}{options}"))
}

/// Makes a `sqlite` and a `postgres` test of each function: `both_databases! { install; async fn …(t: Trial) { … } }`.
#[macro_export]
macro_rules! both_databases {
    ($install:expr; $($(#[$meta:meta])* async fn $name:ident($t:ident: Trial) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn body($t: &$crate::Trial) $body

            $(#[$meta])*
            #[test]
            fn sqlite() {
                $crate::play(false, $install, async |t| body(t).await);
            }

            $(#[$meta])*
            #[test]
            fn postgres() {
                $crate::play(true, $install, async |t| body(t).await);
            }
        }
    )+};
}

/// Runs one test on one database and verifies the log after it.
pub fn play(postgres: bool, install: fn(&mut Registry), test: impl AsyncFnOnce(&Trial)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        if let Some(trial) = start(postgres, install).await {
            test(&trial).await;
            trial.verify().await;
        }
    });
}
