//! What an operation or query has in its hands while it runs.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value as Json;
use values::Reason;

use super::App;
use crate::actor::{Actor, Scope};
use crate::db::Tx;
use crate::decision::{DecisionRecord, Rule, Stated, Verdict, stated};
use crate::error::{Error, Result};
use crate::event::EventRecord;
use crate::ids::{DecisionId, EntryId, Id, Kind, PartnerId};
use crate::operation::{Operation, Query};
use crate::time::Timestamp;

/// The context of a write.
pub struct Cx<'a> {
    pub tx: &'a mut Tx,
    pub now: Timestamp,
    pub actor: &'a Actor,
    pub scope: Scope,
    pub app: &'a App,
    pub(super) entry: EntryId,
    pub(super) events: Vec<EventRecord>,
    pub(super) decisions: Vec<DecisionRecord>,
    /// Digests and texts of the terms decided under.
    pub(super) terms: Vec<(Arc<str>, Arc<str>)>,
}

/// A decision just made: its id and what the rule said.
#[derive(Debug, Clone)]
pub struct Decided<O> {
    pub id: DecisionId,
    pub outcome: O,
    pub reasons: Vec<Reason>,
}

impl Cx<'_> {
    pub fn id<K: Kind>(&self) -> Id<K> {
        self.app.new_id(self.now)
    }

    /// Notes that something happened to `subject`; a `partner` may see it.
    pub fn emit(
        &mut self,
        kind: &str,
        subject: impl ToString,
        partner: Option<PartnerId>,
        summary: impl Into<String>,
        data: &impl Serialize,
    ) {
        let event = EventRecord {
            id: self.id(),
            organization: self.scope.organization,
            partner,
            kind: kind.to_owned(),
            subject: subject.to_string(),
            number: 0, // given when the transaction is about to commit
            summary: summary.into(),
            data: serde_json::to_value(data).unwrap_or(Json::Null),
            at: self.now,
            actor: self.actor.reference(),
            actor_name: self.actor.name.clone(),
            entry: self.entry.to_string(),
        };
        self.events.push(event);
    }

    /// Runs a rule and stores the decision with everything needed to compute it again.
    pub fn decide<R: Rule>(
        &mut self,
        subject: impl ToString,
        partner: Option<PartnerId>,
        law: &str,
        terms: &R::Terms,
        facts: &R::Facts,
    ) -> Result<Decided<R::Outcome>> {
        let (digest, body) = stated(terms)?;
        self.keep::<R>(subject.to_string(), partner, law, (digest, body), R::decide(terms, facts), facts)
    }

    /// The same under terms that were stated before.
    pub fn decide_under<R: Rule>(
        &mut self,
        subject: impl ToString,
        partner: Option<PartnerId>,
        law: &str,
        stated: &Stated<R::Terms>,
        facts: &R::Facts,
    ) -> Result<Decided<R::Outcome>> {
        let text = (Arc::clone(&stated.digest), Arc::clone(&stated.body));
        self.keep::<R>(subject.to_string(), partner, law, text, R::decide(&stated.terms, facts), facts)
    }

    fn keep<R: Rule>(
        &mut self,
        subject: String,
        partner: Option<PartnerId>,
        law: &str,
        (digest, body): (Arc<str>, Arc<str>),
        Verdict { outcome, reasons }: Verdict<R::Outcome>,
        facts: &R::Facts,
    ) -> Result<Decided<R::Outcome>> {
        let id = self.id();
        self.decisions.push(DecisionRecord {
            id,
            organization: self.scope.organization,
            partner,
            kind: R::KIND.to_owned(),
            subject,
            law: law.to_owned(),
            terms: digest.to_string(),
            facts: serde_json::to_value(facts)?,
            outcome: serde_json::to_value(&outcome)?,
            reasons: reasons.clone(),
            decided_at: self.now,
            decided_by: self.actor.reference(),
        });
        if !self.terms.iter().any(|(known, _)| *known == digest) {
            self.terms.push((digest, body));
        }
        Ok(Decided { id, outcome, reasons })
    }

    /// Runs another operation inside this one, by name: the effect of a procedure or of a clock that lapsed. The law
    /// that called for it is its permission.
    pub async fn invoke(&mut self, name: &str, input: Json) -> Result<Json> {
        let runnable = self.app.registry().operations.get(name);
        let run = runnable.ok_or_else(|| Error::internal(format!("there is no operation `{name}`")))?.run;
        run(self, input).await
    }

    /// Runs another operation inside this one.
    pub async fn call<O: Operation>(&mut self, operation: O) -> Result<O::Output> {
        Box::pin(operation.run(self)).await
    }

    /// Asks a query within this transaction.
    pub async fn ask<Q: Query>(&mut self, query: Q) -> Result<Q::Output> {
        let mut reader = ReadCx { tx: self.tx, now: self.now, actor: self.actor, scope: self.scope, app: self.app };
        Box::pin(query.run(&mut reader)).await
    }

    /// The id of this run's entry in the log.
    pub fn entry(&self) -> EntryId {
        self.entry
    }
}

/// The context of a read.
pub struct ReadCx<'a> {
    pub tx: &'a mut Tx,
    pub now: Timestamp,
    pub actor: &'a Actor,
    pub scope: Scope,
    pub app: &'a App,
}

impl ReadCx<'_> {
    /// Asks another query in the same view of the data.
    pub async fn ask<Q: Query>(&mut self, query: Q) -> Result<Q::Output> {
        Box::pin(query.run(self)).await
    }
}
