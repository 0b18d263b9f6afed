//! Running operations and queries, alone or many in one transaction.

use futures::future::BoxFuture;
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::App;
use super::context::{Cx, ReadCx};
use crate::actor::{Actor, ActorKind, Scope};
use crate::db::{Tx, Written, hex};
use crate::error::{Error, Result};
use crate::event::EventRecord;
use crate::ids::{EntryId, OrganizationId, PartnerId};
use crate::operation::{Access, Operation, Query};
use crate::params;
use crate::registry::Runnable;
use crate::time::Timestamp;

/// How often an operation that lost a race is run again.
const ATTEMPTS: u32 = 12;
/// Input longer than this is logged by its digest.
const LARGEST_LOGGED_INPUT: usize = 24_000;
/// Seals per log entry; a run that wrote more gets further entries.
const SEALS_PER_ENTRY: usize = 250;

/// What a caller may say about a run beside its input.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// A repeat with the same key and input returns the first outcome.
    pub idempotency_key: Option<String>,
    /// The digest of the row that the caller read.
    pub if_match: Option<String>,
}

/// What a run returned.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub output: Json,
    /// Whether this is the stored outcome of an earlier run with the same key.
    pub replayed: bool,
}

type Call<'c> = &'c (dyn for<'a, 'b> Fn(&'a mut Cx<'b>) -> BoxFuture<'a, Result<Json>> + Send + Sync);

/// The facts about a run that the runner needs, whatever the surface.
struct Run<'c> {
    name: &'static str,
    access: Access,
    partner: Option<PartnerId>,
    subject: Option<(&'static str, String)>,
    logged: Json,
    fingerprint: String,
    options: RunOptions,
    call: Call<'c>,
}

impl App {
    /// Runs an operation.
    pub async fn run<O: Operation + Clone + Sync>(&self, actor: &Actor, operation: O) -> Result<O::Output> {
        let call = typed_call(&operation);
        let run = typed_run(&operation, &call)?;
        let outcome = self.execute(actor, &run).await?;
        Ok(serde_json::from_value(outcome.output)?)
    }

    /// Runs an operation by name: HTTP, command line, forms.
    pub async fn run_value(&self, actor: &Actor, name: &str, input: Json, mut options: RunOptions) -> Result<Outcome> {
        let runnable = self.registry().operations.get(name).ok_or_else(|| Error::not_found("operation", name))?;
        self.permitted(actor, runnable.declaration.name)?;
        if runnable.takes_secrets {
            // The outcome of a password must not be had again without it.
            options.idempotency_key = None;
        }
        crate::input::check(&runnable.declaration.input, &input)?;
        let call = value_call(runnable, &input);
        let run = Run {
            name: runnable.declaration.name,
            access: runnable.declaration.access,
            partner: (runnable.partner)(&input)?,
            subject: (runnable.subject)(&input)?,
            logged: (runnable.logged)(&input)?,
            fingerprint: hex(&Sha256::digest(input.to_string())),
            options,
            call: &call,
        };
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

    async fn execute(&self, actor: &Actor, run: &Run<'_>) -> Result<Outcome> {
        #[allow(clippy::disallowed_methods)] // measures how long the run takes; no rule sees it
        let started = std::time::Instant::now();
        let mut attempt = 0;
        let result = loop {
            attempt += 1;
            match self.attempt(actor, run).await {
                Err(Error::Lost(why)) if attempt < ATTEMPTS => {
                    tracing::debug!(operation = run.name, attempt, why, "lost a race, running again");
                    metrics::counter!("concord_operation_retries_total", "operation" => run.name).increment(1);
                    let pause = u64::from(attempt) * (1 + u64::from(self.random::<1>()[0] % 8));
                    tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
                }
                other => break other,
            }
        };
        let outcome = result.as_ref().map_or_else(Error::code, |_| "done");
        metrics::histogram!("concord_operation_seconds", "operation" => run.name, "outcome" => outcome)
            .record(started.elapsed().as_secs_f64());
        if let Err(Error::Internal(message)) = &result {
            tracing::error!(operation = run.name, message, "operation failed");
        }
        result
    }

    #[tracing::instrument(level = "debug", skip_all, fields(operation = run.name, actor = %actor.reference()))]
    async fn attempt(&self, actor: &Actor, run: &Run<'_>) -> Result<Outcome> {
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
    async fn within(&self, tx: &mut Tx, actor: &Actor, run: &Run<'_>) -> Result<(Outcome, Vec<EventRecord>)> {
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

/// Stores decisions and events, seals what was written and appends the entry to the log.
async fn record(cx: Cx<'_>, run: &Run<'_>) -> Result<Vec<EventRecord>> {
    let Cx { tx, now, actor, scope, app, entry, mut events, decisions, terms, .. } = cx;
    for (digest, body) in &terms {
        let sql = "INSERT INTO terms (id, body) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
        tx.run(sql, params![digest, body]).await?;
    }
    for decision in &decisions {
        crate::log::store_decision(tx, decision).await?;
    }
    number_events(tx, &scope, &mut events).await?;
    for (ordinal, event) in events.iter().enumerate() {
        crate::log::store_event(tx, event, ordinal).await?;
    }
    let seals = tx.seals().await?;
    let input = match run.logged.to_string() {
        text if text.len() > LARGEST_LOGGED_INPUT => {
            json!({ "sha256": hex(&Sha256::digest(&text)), "bytes": text.len() })
        }
        _ => run.logged.clone(),
    };
    let first = json!({
        "entry": entry, "at": now, "organization": scope.organization,
        "actor": { "id": actor.reference(), "name": actor.name, "partner": actor.partner },
        "operation": run.name, "input": input,
        "decisions": decisions.iter().map(|d| d.id).collect::<Vec<_>>(),
        "events": events.iter().map(|e| json!([e.id, e.kind, e.subject, e.number])).collect::<Vec<_>>(),
    });
    append(tx, app, entry, now, scope.organization, run.name, actor, first, &seals).await?;
    Ok(events)
}

#[allow(clippy::too_many_arguments)] // the parts of one entry, used once
async fn append(
    tx: &mut Tx,
    app: &App,
    entry: EntryId,
    now: Timestamp,
    organization: OrganizationId,
    operation: &str,
    actor: &Actor,
    mut body: Json,
    seals: &[(Written, String)],
) -> Result<()> {
    let mut chunks = seals.chunks(SEALS_PER_ENTRY);
    let mut id = entry;
    let mut chunk = chunks.next().unwrap_or_default();
    loop {
        let sealed: Vec<Json> = chunk.iter().map(|(w, digest)| json!([w.table, w.by, w.key, digest])).collect();
        body["sealed"] = Json::Array(sealed);
        crate::log::store_entry(tx, id, organization, now, operation, &actor.reference(), &body.to_string()).await?;
        let Some(next) = chunks.next() else { return Ok(()) };
        chunk = next;
        id = app.new_id(now);
        body =
            json!({ "entry": id, "at": now, "organization": organization, "operation": operation, "continues": entry });
    }
}

/// Events are numbered per subject: 1, 2, 3 …
async fn number_events(tx: &mut Tx, scope: &Scope, events: &mut [EventRecord]) -> Result<()> {
    let mut last: Vec<(String, i64)> = Vec::new();
    for event in events {
        let known = last.iter_mut().find(|(subject, _)| *subject == event.subject);
        event.number = match known {
            Some((_, number)) => {
                *number += 1;
                *number
            }
            None => {
                let sql = "SELECT MAX(number) FROM event WHERE organization = $1 AND subject = $2";
                let number = tx.number(sql, params![scope.organization, &event.subject]).await? + 1;
                last.push((event.subject.clone(), number));
                number
            }
        };
    }
    Ok(())
}

fn typed_call<O: Operation + Clone + Sync>(
    operation: &O,
) -> impl for<'a, 'b> Fn(&'a mut Cx<'b>) -> BoxFuture<'a, Result<Json>> + Send + Sync {
    let operation = std::sync::Arc::new(operation.clone());
    move |cx| {
        let operation = O::clone(&operation);
        Box::pin(async move { Ok(serde_json::to_value(operation.run(cx).await?)?) })
    }
}

fn typed_run<'c, O: Operation>(operation: &O, call: Call<'c>) -> Result<Run<'c>> {
    Ok(Run {
        name: O::NAME,
        access: O::ACCESS,
        partner: operation.partner(),
        subject: operation.subject(),
        logged: serde_json::to_value(operation)?,
        fingerprint: String::new(),
        options: RunOptions::default(),
        call,
    })
}

fn value_call(
    runnable: &Runnable,
    input: &Json,
) -> impl for<'a, 'b> Fn(&'a mut Cx<'b>) -> BoxFuture<'a, Result<Json>> + Send + Sync {
    let (run, input) = (runnable.run, input.clone());
    move |cx| run(cx, input.clone())
}

/// Many operations in one transaction; each is all or nothing, and all commit together.
pub struct Batch {
    app: App,
    tx: Tx,
    events: Vec<EventRecord>,
}

impl Batch {
    pub async fn run<O: Operation + Clone + Sync>(&mut self, actor: &Actor, operation: O) -> Result<O::Output> {
        let call = typed_call(&operation);
        let run = typed_run(&operation, &call)?;
        self.tx.run("SAVEPOINT operation", &[]).await?;
        match self.app.within(&mut self.tx, actor, &run).await {
            Ok((outcome, events)) => {
                self.tx.run("RELEASE SAVEPOINT operation", &[]).await?;
                self.events.extend(events);
                Ok(serde_json::from_value(outcome.output)?)
            }
            Err(error) => {
                self.tx.forget_writes();
                self.tx.run("ROLLBACK TO SAVEPOINT operation", &[]).await?;
                self.tx.run("RELEASE SAVEPOINT operation", &[]).await?;
                Err(error)
            }
        }
    }

    pub async fn commit(mut self) -> Result<()> {
        self.tx.announce().await?;
        self.tx.commit().await?;
        self.app.publish(&self.events);
        Ok(())
    }
}
