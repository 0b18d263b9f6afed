//! Running operations and queries, alone or many in one transaction.

use serde_json::Value as Json;

use super::App;
use super::context::{Cx, ReadCx};
use super::entry::record;
use super::run::{Outcome, Run, RunOptions};
use crate::actor::{Actor, ActorKind};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::event::EventRecord;
use crate::ids::PartnerId;
use crate::operation::{Access, Operation, Query};

/// How often an operation that lost a race is run again.
pub(super) const ATTEMPTS: u32 = 20;
/// Losses after which whoever lost stands in line: from then on one of them runs at a time.
const PATIENCE: u32 = 3;

impl App {
    /// Runs an operation.
    pub async fn run<O: Operation>(&self, actor: &Actor, operation: O) -> Result<O::Output> {
        let (run, output) = Run::typed(operation)?;
        self.execute(actor, &run).await?;
        output.take()
    }

    /// Runs an operation by name: HTTP, command line, forms.
    pub async fn run_value(&self, actor: &Actor, name: &str, input: Json, options: RunOptions) -> Result<Outcome> {
        let runnable = self.registry().operations.get(name).ok_or_else(|| Error::not_found("operation", name))?;
        self.permitted(actor, runnable.declaration.name)?;
        if self.lane(name).is_some() {
            return self.run_text(actor, name, input.to_string().as_bytes(), options).await;
        }
        crate::input::check(&runnable.declaration.input, &input)?;
        let mut run = (runnable.prepare)(input)?.with(options);
        if runnable.takes_secrets {
            // The outcome of a password must not be had again without it.
            run.options.idempotency_key = None;
        }
        self.execute(actor, &run).await
    }

    /// Asks a query.
    pub async fn query<Q: Query>(&self, actor: &Actor, query: Q) -> Result<Q::Output> {
        self.permitted(actor, Q::NAME)?;
        let mut tx = self.db().read().await?;
        self.admitted(&mut tx, actor, Q::ACCESS, None).await?;
        let mut cx = ReadCx { tx: &mut tx, now: self.now(), actor, scope: actor.scope(), app: self };
        let answer = query.run(&mut cx).await;
        tx.rollback().await?;
        answer
    }

    /// Asks a query by name, with the digest of its subject for an `ETag`.
    pub async fn query_value(&self, actor: &Actor, name: &str, input: Json) -> Result<(Json, Option<String>)> {
        let askable = self.registry().queries.get(name).ok_or_else(|| Error::not_found("query", name))?;
        self.permitted(actor, askable.declaration.name)?;
        crate::input::check(&askable.declaration.input, &input)?;
        let subject = (askable.subject)(&input)?;
        let mut tx = self.db().read().await?;
        self.admitted(&mut tx, actor, askable.declaration.access, None).await?;
        let mut cx = ReadCx { tx: &mut tx, now: self.now(), actor, scope: actor.scope(), app: self };
        let answer = (askable.run)(&mut cx, input).await?;
        let tag = match subject {
            Some((table, id)) => Some(tx.digest(table, "id", &id).await?).filter(|d| !d.is_empty()),
            None => None,
        };
        tx.rollback().await?;
        Ok((answer, tag))
    }

    /// A batch runs many operations in one transaction, for work in bulk.
    pub async fn batch(&self) -> Result<Batch> {
        Ok(Batch { app: self.clone(), tx: self.db().write().await?, events: Vec::new() })
    }

    /// The one place that checks permissions.
    pub fn permitted(&self, actor: &Actor, permission: &str) -> Result<()> {
        if actor.may(permission) {
            return Ok(());
        }
        if actor.kind == ActorKind::Anonymous {
            return Err(Error::Unauthenticated("sign in, or send a service token, to do this".to_owned()));
        }
        Err(Error::Forbidden {
            permission: permission.to_owned(),
            message: format!("{} does not hold the permission `{permission}`; ask an administrator", actor.name),
        })
    }

    /// The one place that closes the doors to partners that are not enrolled (B1.11).
    async fn admitted(&self, tx: &mut Tx, actor: &Actor, access: Access, on_behalf: Option<PartnerId>) -> Result<()> {
        let (Access::Enrolled, Some(partner), Some(standing)) =
            (access, actor.partner.or(on_behalf), self.registry().standing)
        else {
            return Ok(());
        };
        let missing = standing(tx, actor.organization, partner).await?;
        if missing.is_empty() {
            return Ok(());
        }
        Err(Error::refused("not_enrolled", "the partner is not enrolled yet: complete what is missing first", missing))
    }

    async fn execute(&self, actor: &Actor, run: &Run) -> Result<Outcome> {
        self.measured(run.name, self.repeated(actor, run)).await
    }

    /// Runs until it is committed or refused.
    pub(super) async fn repeated(&self, actor: &Actor, run: &Run) -> Result<Outcome> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let turn = self.turn(attempt).await;
            let attempted = self.attempt(actor, run).await;
            drop(turn);
            match attempted {
                Err(Error::Lost(why)) if attempt < ATTEMPTS => {
                    tracing::debug!(operation = run.name, attempt, why, "lost a race, running again");
                    metrics::counter!("concord_operation_retries_total", "operation" => run.name).increment(1);
                    self.pause(attempt).await;
                }
                other => return other,
            }
        }
    }

    /// Counts a run and how long it took, and logs why it failed.
    pub(super) async fn measured(
        &self,
        name: &'static str,
        run: impl Future<Output = Result<Outcome>>,
    ) -> Result<Outcome> {
        #[allow(clippy::disallowed_methods)] // measures how long the run takes; no rule sees it
        let started = std::time::Instant::now();
        let result = run.await;
        let outcome = result.as_ref().map_or_else(Error::code, |_| "done");
        metrics::histogram!("concord_operation_seconds", "operation" => name, "outcome" => outcome)
            .record(started.elapsed().as_secs_f64());
        if let Err(Error::Internal(message)) = &result {
            tracing::error!(operation = name, message, "operation failed");
        }
        result
    }

    /// Many who write the same rows at once would go on making each other lose; on one node they take turns in the end.
    async fn turn(&self, attempt: u32) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        if attempt > PATIENCE { Some(self.inner.line.lock().await) } else { None }
    }

    /// Whoever lost a race waits before the next attempt: any time up to a bound that doubles to an eighth of a
    /// second, so that those who lost together do not meet again.
    pub(super) async fn pause(&self, attempt: u32) {
        let bound = 2_u64 << attempt.min(6);
        let [high, low] = self.random::<2>();
        let pause = u64::from(u16::from_be_bytes([high, low])) % bound;
        tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
    }

    #[tracing::instrument(level = "debug", skip_all, fields(operation = run.name, actor = %actor.reference()))]
    async fn attempt(&self, actor: &Actor, run: &Run) -> Result<Outcome> {
        let mut tx = self.db().write().await?;
        match self.within(&mut tx, actor, run).await {
            Ok((outcome, events)) => {
                if !outcome.replayed {
                    tx.announce().await?;
                }
                tx.commit().await?;
                if !outcome.replayed {
                    self.publish(&events);
                }
                Ok(outcome)
            }
            Err(error) => {
                tx.rollback().await?;
                Err(error)
            }
        }
    }

    /// Everything between the opening of a transaction and its commit.
    async fn within(&self, tx: &mut Tx, actor: &Actor, run: &Run) -> Result<(Outcome, Vec<EventRecord>)> {
        self.permitted(actor, run.name)?;
        let now = self.now();
        let replay = run.options.idempotency_key.as_ref().map(|key| super::replay::id(actor, key));
        if let Some(id) = &replay
            && let Some(output) = self.replayed(tx, id, &run.fingerprint).await?
        {
            return Ok((Outcome { output, replayed: true }, Vec::new()));
        }
        self.admitted(tx, actor, run.access, run.partner).await?;
        if let (Some(expected), Some((table, id))) = (&run.options.if_match, &run.subject) {
            let current = tx.digest(table, "id", id).await?;
            if *expected != current {
                return Err(Error::PreconditionFailed { current });
            }
        }
        let entry = self.new_id(now);
        let mut cx = Cx {
            tx,
            now,
            actor,
            scope: actor.scope(),
            app: self,
            entry,
            events: Vec::new(),
            decisions: Vec::new(),
            terms: Vec::new(),
        };
        let output = (run.call)(&mut cx).await?;
        let events = record(cx, run).await?;
        if let Some(id) = replay {
            self.remember(tx, &id, &run.fingerprint, &output, now).await?;
        }
        Ok((Outcome { output, replayed: false }, events))
    }
}

/// Many operations in one transaction; each is all or nothing, and all commit together.
pub struct Batch {
    app: App,
    tx: Tx,
    events: Vec<EventRecord>,
}

impl Batch {
    pub async fn run<O: Operation>(&mut self, actor: &Actor, operation: O) -> Result<O::Output> {
        let (run, output) = Run::once(operation)?;
        self.run_guarded(actor, &run).await?;
        output.take()
    }

    /// One run behind a savepoint, so that it is all or nothing within the transaction.
    pub(super) async fn run_guarded(&mut self, actor: &Actor, run: &Run) -> Result<Outcome> {
        self.tx.run("SAVEPOINT operation", &[]).await?;
        match self.app.within(&mut self.tx, actor, run).await {
            Ok((outcome, events)) => {
                self.tx.run("RELEASE SAVEPOINT operation", &[]).await?;
                self.events.extend(events);
                Ok(outcome)
            }
            Err(error) => {
                self.tx.forget_writes();
                self.tx.run("ROLLBACK TO SAVEPOINT operation", &[]).await?;
                self.tx.run("RELEASE SAVEPOINT operation", &[]).await?;
                Err(error)
            }
        }
    }

    /// Runs an operation by name, as [`App::run_value`] does, all or nothing within the batch.
    pub async fn run_value(&mut self, actor: &Actor, name: &str, input: Json, options: RunOptions) -> Result<Outcome> {
        let app = self.app.clone();
        let runnable = app.registry().operations.get(name).ok_or_else(|| Error::not_found("operation", name))?;
        crate::input::check(&runnable.declaration.input, &input)?;
        let mut run = (runnable.prepare)(input)?.with(options);
        if runnable.takes_secrets {
            run.options.idempotency_key = None;
        }
        self.run_guarded(actor, &run).await
    }

    /// Leaves everything as it was: a trial of what the operations would do.
    pub async fn rollback(self) -> Result<()> {
        self.tx.rollback().await
    }

    /// Asks a query about what the batch has done so far.
    pub async fn query<Q: Query>(&mut self, actor: &Actor, query: Q) -> Result<Q::Output> {
        self.app.permitted(actor, Q::NAME)?;
        let app = &self.app;
        let mut cx = ReadCx { tx: &mut self.tx, now: app.now(), actor, scope: actor.scope(), app };
        query.run(&mut cx).await
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    /// The transaction, for reading what the batch has done so far.
    pub fn tx(&mut self) -> &mut Tx {
        &mut self.tx
    }

    pub async fn commit(mut self) -> Result<()> {
        self.tx.announce().await?;
        self.tx.commit().await?;
        self.app.publish(&self.events);
        Ok(())
    }
}
