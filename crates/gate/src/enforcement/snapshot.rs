//! What is known about drivers, in memory: read from the database when a driver is first asked about, and forgotten when
//! an event says that something changed, so that the next question reads it anew.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::time::HOUR;
use kernel::{App, EventRecord, OrganizationId, Result, Scope, Timestamp, Tx};
use programs::VersionId;

use super::books::Book;
use crate::credentials::CREDENTIAL_UPDATED;
use crate::drivers::{self, Statement, held};
use crate::overrides::{self, Override};
use crate::policy::{PolicyBook, PreparedDriver};

/// Drivers kept at once; a few hundred bytes each. When more are asked about, it starts anew.
const MOST_DRIVERS: usize = 500_000;
/// A driver is put into the policies' form anew after that long, for credentials that turned stale meanwhile.
const PREPARED_FOR_MICROS: i64 = HOUR;

/// What the gate knows about one driver.
pub(super) struct Known {
    pub statements: Vec<Statement>,
    pub overrides: Vec<Override>,
    prepared: Mutex<Option<Prepared>>,
}

#[derive(Clone)]
struct Prepared {
    version: VersionId,
    at: Timestamp,
    driver: Arc<PreparedDriver>,
}

impl Known {
    pub async fn read(tx: &mut Tx, scope: &Scope, driver: &str, now: Timestamp) -> Result<Self> {
        Ok(Self {
            statements: drivers::store::statements(tx, scope, driver).await?,
            overrides: overrides::in_force(tx, scope, driver, now).await?,
            prepared: Mutex::new(None),
        })
    }

    /// The overrides that cover an order at `now`.
    pub fn overrides_for(&self, order: &str, now: Timestamp) -> Vec<Override> {
        self.overrides.iter().filter(|granted| granted.covers(order, now)).cloned().collect()
    }

    /// The driver in the form that the policies of that book read.
    pub fn prepared(&self, book: &Book, policies: &PolicyBook, driver: &str, now: Timestamp) -> Arc<PreparedDriver> {
        let version = book.law.version.id;
        let mut kept = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(prepared) = kept.as_ref()
            && prepared.version == version
            && (0..PREPARED_FOR_MICROS).contains(&now.since(prepared.at))
        {
            return Arc::clone(&prepared.driver);
        }
        let credentials = held(&self.statements, &book.law.zone());
        let prepared = Arc::new(policies.prepare(driver, credentials, now));
        *kept = Some(Prepared { version, at: now, driver: Arc::clone(&prepared) });
        prepared
    }
}

/// The place of one driver. A reader notes the generation before it reads and keeps what it read only if no news came
/// in between.
struct Place {
    generation: u64,
    known: Option<Arc<Known>>,
}

#[derive(Default)]
struct Places {
    /// Counts all generations of all places, so that a place made anew never has an old one.
    generations: u64,
    drivers: HashMap<OrganizationId, HashMap<String, Place>>,
}

/// What is known about drivers, on this node.
#[derive(Default)]
pub(super) struct Snapshot(Mutex<Places>);

impl Snapshot {
    pub async fn driver(&self, app: &App, scope: &Scope, driver: &str, now: Timestamp) -> Result<Arc<Known>> {
        let generation = match self.look(scope.organization, driver) {
            Ok(known) => return Ok(known),
            Err(generation) => generation,
        };
        let mut tx = app.db().read().await?;
        let known = Arc::new(Known::read(&mut tx, scope, driver, now).await?);
        tx.rollback().await?;
        self.keep(scope.organization, driver, generation, &known);
        Ok(known)
    }

    /// What is kept, or the generation to read under.
    fn look(&self, organization: OrganizationId, driver: &str) -> Result<Arc<Known>, u64> {
        let mut places = self.places();
        let Places { generations, drivers } = &mut *places;
        let drivers = drivers.entry(organization).or_default();
        if let Some(place) = drivers.get(driver) {
            return place.known.clone().ok_or(place.generation);
        }
        if drivers.len() >= MOST_DRIVERS {
            drivers.clear();
        }
        *generations += 1;
        drivers.insert(driver.to_owned(), Place { generation: *generations, known: None });
        Err(*generations)
    }

    fn keep(&self, organization: OrganizationId, driver: &str, generation: u64, known: &Arc<Known>) {
        let mut places = self.places();
        let place = places.drivers.get_mut(&organization).and_then(|drivers| drivers.get_mut(driver));
        if let Some(place) = place.filter(|place| place.generation == generation) {
            place.known = Some(Arc::clone(known));
        }
    }

    /// A driver without a place is not being read by anyone, so there is nothing to forget.
    fn forget(&self, organization: OrganizationId, driver: &str) {
        let mut places = self.places();
        let Places { generations, drivers } = &mut *places;
        if let Some(place) = drivers.get_mut(&organization).and_then(|drivers| drivers.get_mut(driver)) {
            *generations += 1;
            *place = Place { generation: *generations, known: None };
        }
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// News about a driver, from this node or another, reach the gate with its next question.
pub(super) fn follow(app: &App, events: &[EventRecord]) {
    let Ok(snapshot) = app.registry().part::<Snapshot>() else { return };
    for event in events {
        let concerns = event.kind == CREDENTIAL_UPDATED || overrides::CHANGED.contains(&event.kind.as_str());
        if let Some(driver) = event.subject.strip_prefix("driver:").filter(|_| concerns) {
            snapshot.forget(event.organization, driver);
        }
    }
}
