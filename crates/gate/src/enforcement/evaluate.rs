//! Answering an assignment from memory.

use std::sync::Arc;

use kernel::{Actor, App, DecisionId, Error, Operation as _, Result, Scope, Timestamp, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::books::{Book, Books};
use super::operations::{Asked, EvaluateAssignment};
use super::recorder::{Item, Recorder};
use super::rule::{AssignmentFacts, is_overridden, overrule};
use super::snapshot::{Known, Snapshot};
use crate::drivers::held;
use crate::evaluation::Assignment;
use crate::policy::{Answer, Dispatch, Question};

/// The longest id of a driver or an order.
const LONGEST_ID: usize = 128;

/// The gate's answer to one assignment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Assessed {
    pub driver: String,
    pub order: String,
    #[serde(flatten)]
    pub verdict: Verdict<Dispatch>,
    /// Whether an override changed the answer.
    pub overridden: bool,
    /// The version of the program that it was decided under.
    pub law: String,
    /// The stored decision; absent where it is stored a moment after the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionId>,
    pub decided_at: Timestamp,
    /// How long the gate took to decide.
    pub latency_micros: i64,
}

impl Assessed {
    pub fn answer(&self) -> Answer {
        self.verdict.outcome.answer
    }
}

/// Asks the gate about one assignment. A denial or a warning is on record when this returns; an allowance is recorded
/// within a moment.
pub async fn evaluate(app: &App, actor: &Actor, assignment: Assignment) -> Result<Assessed> {
    let mut assessed = evaluate_all(app, actor, vec![assignment]).await?;
    assessed.pop().ok_or_else(|| Error::internal("the gate gave no answer"))
}

/// Asks the gate about several assignments at once, under one version of the program.
pub async fn evaluate_all(app: &App, actor: &Actor, assignments: Vec<Assignment>) -> Result<Vec<Assessed>> {
    let gate = Gate::open(app, actor).await?;
    let mut judged = Vec::with_capacity(assignments.len());
    for assignment in assignments {
        let known = gate.known(&assignment.driver).await?;
        judged.push(gate.judge(&known, assignment));
    }
    gate.record(judged).await
}

/// The gate as one request sees it: who asks, when, and under which law.
pub(super) struct Gate<'a> {
    app: &'a App,
    asked_by: String,
    scope: Scope,
    now: Timestamp,
    book: Arc<Book>,
    snapshot: Arc<Snapshot>,
}

/// An answer, with what its record needs.
pub(super) struct Judged {
    pub assessed: Assessed,
    facts: AssignmentFacts,
}

impl<'a> Gate<'a> {
    pub async fn open(app: &'a App, actor: &Actor) -> Result<Self> {
        app.permitted(actor, EvaluateAssignment::NAME)?;
        let (scope, now) = (actor.scope(), app.now());
        vendor_only(&scope, EvaluateAssignment::NAME)?;
        let book = app.registry().part::<Books>()?.current(app, &scope, now).await?;
        let snapshot = app.registry().part::<Snapshot>()?;
        Ok(Self { app, asked_by: actor.reference(), scope, now, book, snapshot })
    }

    pub async fn known(&self, driver: &str) -> Result<Arc<Known>> {
        checked_id("subject.id", driver)?;
        self.snapshot.driver(self.app, &self.scope, driver, self.now).await
    }

    /// Decides, without a look at anything but memory.
    #[allow(clippy::disallowed_methods)] // measures how long the gate takes; no rule sees it
    pub fn judge(&self, known: &Known, assignment: Assignment) -> Judged {
        let started = std::time::Instant::now();
        let overrides = known.overrides_for(&assignment.order.id, self.now);
        let (question, verdict) = match &self.book.compiled.book {
            Some(policies) => {
                let prepared = known.prepared(&self.book, policies, &assignment.driver, self.now);
                policies.decide_prepared(&prepared, assignment.order, self.now)
            }
            None => {
                let credentials = held(&known.statements, &self.book.law.zone());
                let Assignment { driver, order } = assignment;
                let question = Question { driver, credentials, order, now: self.now };
                let verdict = self.book.compiled.decide(&question);
                (question, verdict)
            }
        };
        let verdict = overrule(verdict, &overrides);
        let took = started.elapsed();
        metrics::histogram!("concord_gate_decision_seconds", "answer" => word(verdict.outcome.answer))
            .record(took.as_secs_f64());
        let assessed = Assessed {
            driver: question.driver.clone(),
            order: question.order.id.clone(),
            overridden: is_overridden(&verdict),
            verdict,
            law: self.book.law.citation(),
            decision: None,
            decided_at: self.now,
            latency_micros: i64::try_from(took.as_micros()).unwrap_or(i64::MAX),
        };
        Judged { assessed, facts: AssignmentFacts { question, overrides, asked_by: self.asked_by.clone() } }
    }

    /// Puts the answers on record: now, where one denies or warns, and within a moment otherwise.
    pub async fn record(&self, judged: Vec<Judged>) -> Result<Vec<Assessed>> {
        let recorder = self.app.registry().part::<Recorder>()?;
        let mut assessed = Vec::with_capacity(judged.len());
        let mut awaited = Vec::new();
        for Judged { assessed: answer, facts } in judged {
            let item = Item::Decision {
                law: answer.law.clone(),
                under: Arc::clone(&self.book.compiled),
                asked: Box::new(Asked { facts, latency_micros: answer.latency_micros }),
            };
            if answer.answer() == Answer::Allow && !answer.overridden {
                recorder.put(self.app, self.scope.organization, item).await?;
            } else {
                awaited.push((assessed.len(), recorder.record(self.app, self.scope.organization, item)));
            }
            assessed.push(answer);
        }
        let places: Vec<usize> = awaited.iter().map(|(place, _)| *place).collect();
        let ids = join(awaited.into_iter().map(|(_, stored)| stored).collect()).await;
        for (place, id) in places.into_iter().zip(ids) {
            assessed[place].decision = id?;
        }
        Ok(assessed)
    }
}

/// Runs them together, so that they share a transaction.
async fn join<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut pinned: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = pinned.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, done) in pinned.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(output) = future.as_mut().poll(context)
            {
                *done = Some(output);
            }
        }
        if done.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

pub(super) const fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Allow => "allow",
        Answer::Warn => "warn",
        Answer::Deny => "deny",
    }
}

/// Assignments and their decisions are the vendor's and its customer's own.
pub(crate) fn vendor_only(scope: &Scope, permission: &str) -> Result<()> {
    if scope.partner.is_none() {
        return Ok(());
    }
    let message = "only the company that runs the gate sees assignments and decides about them".to_owned();
    Err(Error::Forbidden { permission: permission.to_owned(), message })
}

/// What Concord writes about itself is not written by people.
pub(crate) fn system_only(actor: &Actor, permission: &str) -> Result<()> {
    if actor.is_system() {
        return Ok(());
    }
    let message = "only Concord itself records this".to_owned();
    Err(Error::Forbidden { permission: permission.to_owned(), message })
}

/// The id of a driver, an order or a message, as others choose them.
pub(crate) fn checked_id(field: &str, id: &str) -> Result<String> {
    if (1..=LONGEST_ID).contains(&id.chars().count()) && !id.chars().any(char::is_control) {
        return Ok(id.to_owned());
    }
    Err(Error::invalid(field, format!("an id has 1 to {LONGEST_ID} characters without line breaks")))
}
