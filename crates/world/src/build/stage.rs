//! What the building has in its hands: the application, its clock, the open transaction, and whom it knows by now.

use std::sync::Arc;

use clocks::{ClockId, FireClock, PostponeClock};
use deals::{DealId, State};
use kernel::app::Batch;
use kernel::{
    Actor, ActorKind, App, Error, FixedClock, Grants, Operation, OrganizationId, PartnerId, PersonId, Query, Result,
    Timestamp,
};
use law::Program;
use partners::CustomerId;
use procedures::RunId;

use super::gate::Doors;
use super::money::Systems;
use crate::Login;
use crate::script::Script;

/// Operations in one transaction.
const LARGEST_TRANSACTION: usize = 2_000;
/// Clocks that are fired on one day.
const MOST_CLOCKS: u32 = 20_000;

/// A partner of the script as it became real.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    pub id: Option<PartnerId>,
    pub run: Option<RunId>,
    /// Stages of its onboarding that are done.
    pub stages: usize,
    pub people: Vec<Arc<Actor>>,
}

pub(crate) struct Stage<'a> {
    pub app: &'a App,
    pub clock: &'a FixedClock,
    pub organization: OrganizationId,
    pub script: Script,
    pub program: Program,
    pub system: Arc<Actor>,
    clocks: Arc<Actor>,
    /// The vendor's people by role.
    pub staff: Vec<Arc<Actor>>,
    pub partners: Vec<Known>,
    pub accounts: Vec<Option<CustomerId>>,
    pub deals: Vec<Option<(DealId, State)>>,
    pub logins: Vec<Login>,
    pub systems: Systems,
    pub doors: Doors,
    batch: Option<Batch>,
    in_batch: usize,
}

impl<'a> Stage<'a> {
    pub fn new(
        app: &'a App,
        clock: &'a FixedClock,
        organization: OrganizationId,
        script: Script,
        program: Program,
    ) -> Self {
        Self {
            app,
            clock,
            organization,
            program,
            system: Arc::new(Actor::system(organization, "demo")),
            clocks: Arc::new(Actor::system(organization, "clocks")),
            staff: Vec::new(),
            partners: vec![Known::default(); script.partners.len()],
            accounts: vec![None; script.accounts.len()],
            deals: vec![None; script.claims.len()],
            logins: Vec::new(),
            systems: Systems::default(),
            doors: Doors::default(),
            batch: None,
            in_batch: 0,
            script,
        }
    }

    /// Moves the clock there; it never goes back.
    pub fn reach(&mut self, at: Timestamp) {
        if at > self.app.now() {
            self.clock.set(at);
        }
    }

    /// Runs an operation in the open transaction.
    pub async fn run<O: Operation>(&mut self, actor: &Actor, operation: O) -> Result<O::Output> {
        if self.in_batch >= LARGEST_TRANSACTION {
            self.commit().await?;
        }
        self.in_batch += 1;
        self.batch().await?.run(actor, operation).await
    }

    /// The open transaction.
    pub async fn batch(&mut self) -> Result<&mut Batch> {
        match &mut self.batch {
            Some(batch) => Ok(batch),
            none => Ok(none.insert(self.app.batch().await?)),
        }
    }

    /// Asks a query about what was done so far.
    pub async fn ask<Q: Query>(&mut self, actor: &Actor, query: Q) -> Result<Q::Output> {
        self.batch().await?.query(actor, query).await
    }

    /// The same for something that may be refused, as it may be to people: then nothing happened.
    pub async fn attempt<O: Operation>(&mut self, actor: &Actor, operation: O) -> Result<Option<O::Output>> {
        match self.run(actor, operation).await {
            Ok(output) => Ok(Some(output)),
            Err(Error::Conflict { .. } | Error::Refused { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Commits what is open.
    pub async fn commit(&mut self) -> Result<()> {
        self.in_batch = 0;
        match self.batch.take() {
            Some(batch) => batch.commit().await,
            None => Ok(()),
        }
    }

    /// The clocks that have something to do before that instant, in the order in which they are due.
    pub async fn due(&mut self, until: Timestamp) -> Result<Vec<(Timestamp, ClockId)>> {
        let scope = self.system.scope();
        clocks::due(self.batch().await?.tx(), &scope, until.plus_micros(-1), None, MOST_CLOCKS).await
    }

    /// Fires a clock as the worker does: one whose operation fails is put off.
    pub async fn fire(&mut self, clock: ClockId) -> Result<()> {
        let actor = self.clocks.clone();
        match self.run(&actor, FireClock { clock }).await {
            Ok(_) => Ok(()),
            Err(error @ (Error::Lost(_) | Error::Internal(_))) => Err(error),
            Err(error) => self.run(&actor, PostponeClock { clock, why: error.to_string() }).await.map(|_| ()),
        }
    }

    /// Fires what has become due meanwhile.
    pub async fn settle(&mut self) -> Result<()> {
        let now = self.app.now();
        for (_, clock) in self.due(now.plus_micros(1)).await? {
            self.fire(clock).await?;
        }
        Ok(())
    }

    /// Somebody of the vendor with that role; `turn` spreads the work among several.
    pub fn of_staff(&self, role: &str, turn: usize) -> Arc<Actor> {
        let fitting: Vec<&Arc<Actor>> = self.staff.iter().filter(|actor| actor.has_role(role)).collect();
        fitting.get(turn % fitting.len().max(1)).map_or_else(|| self.system.clone(), |actor| Arc::clone(actor))
    }

    /// Whoever should do it, if their role allows it; somebody else who may.
    pub fn able(&self, wanted: &Arc<Actor>, permission: &str, otherwise: &Arc<Actor>) -> Arc<Actor> {
        if wanted.may(permission) { Arc::clone(wanted) } else { Arc::clone(otherwise) }
    }

    /// Somebody who acts, as sign-in would make them.
    pub fn person(&self, id: PersonId, name: &str, role: &str, partner: Option<PartnerId>) -> Arc<Actor> {
        Arc::new(Actor {
            kind: ActorKind::Person(id),
            name: name.to_owned(),
            organization: self.organization,
            partner,
            grants: people::role(role).map(|role| Grants::of(role.grants)).unwrap_or_default(),
            scopes: None,
            roles: vec![role.to_owned()],
        })
    }

    /// Rows of a table of this organization.
    pub async fn count(&self, table: &str) -> Result<usize> {
        let mut tx = self.app.db().read().await?;
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE organization = $1");
        let count = tx.number(&sql, kernel::params![self.organization]).await;
        tx.rollback().await?;
        Ok(usize::try_from(count?).unwrap_or(0))
    }
}
