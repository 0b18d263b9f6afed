//! The law at an instant, parsed once and kept.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use kernel::app::ReadCx;
use kernel::{App, Cx, Error, Result, Scope, Timestamp, Tx};
use law::Program;

use crate::VersionId;
use crate::store::{self, Version};

/// A version of the program with what it says.
#[derive(Debug, Clone)]
pub struct InForce {
    pub version: Version,
    pub program: Program,
}

impl InForce {
    /// How decisions cite it: `northwind/3`.
    pub fn citation(&self) -> String {
        self.version.citation()
    }

    pub fn zone(&self) -> jiff::tz::TimeZone {
        self.program.settings.zone()
    }
}

/// Parsed versions by id; a version never changes, so nothing here is ever stale.
#[derive(Default)]
pub struct Shelf(Mutex<HashMap<VersionId, Arc<InForce>>>);

impl Shelf {
    fn get(&self, id: VersionId) -> Option<Arc<InForce>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    fn put(&self, law: &Arc<InForce>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(law.version.id, law.clone());
    }
}

/// The law at `at`, as it was known then or is known now.
pub async fn law_at(app: &App, tx: &mut Tx, scope: &Scope, at: Timestamp, known: Timestamp) -> Result<Arc<InForce>> {
    let version = store::in_force(tx, scope, at, known).await?.ok_or_else(no_program)?;
    parsed(app, tx, scope, version).await
}

pub(crate) fn no_program() -> Error {
    Error::conflict("no_program", "no program is in force: apply a program folder first (`concord program apply DIR`)")
}

pub(crate) async fn parsed(app: &App, tx: &mut Tx, scope: &Scope, version: Version) -> Result<Arc<InForce>> {
    let shelf = app.registry().part::<Shelf>()?;
    if let Some(law) = shelf.get(version.id) {
        return Ok(law);
    }
    let files = store::files(tx, scope, version.id).await?;
    let files = files.ok_or_else(|| Error::internal(format!("the files of {} are gone", version.citation())))?;
    let program = Program::load(&files)
        .map_err(|d| Error::internal(format!("{} no longer loads: {}", version.citation(), law::render(&d, &files))))?;
    let law = Arc::new(InForce { version, program });
    shelf.put(&law);
    Ok(law)
}

/// Gives operations and queries the law in force: `cx.law().await?`.
pub trait Law {
    /// The law at this instant.
    fn law(&mut self) -> impl Future<Output = Result<Arc<InForce>>> + Send;
}

impl Law for Cx<'_> {
    async fn law(&mut self) -> Result<Arc<InForce>> {
        law_at(self.app, self.tx, &self.scope, self.now, self.now).await
    }
}

impl Law for ReadCx<'_> {
    async fn law(&mut self) -> Result<Arc<InForce>> {
        law_at(self.app, self.tx, &self.scope, self.now, self.now).await
    }
}
