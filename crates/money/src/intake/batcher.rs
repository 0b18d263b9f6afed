//! Group commit: requests that arrive while another commits are written together in one transaction.
//!
//! The first to arrive writes at once; whoever comes meanwhile waits in line and shares the next transaction, so that one
//! flush to disk serves many. Each caller hears of success only after its events are durable. Every request keeps its own
//! entry in the log and its own outcome.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use kernel::{Actor, App, Error, Result};
use tokio::sync::oneshot;

use super::operations::{IngestInvoices, IngestUsage};
use super::record::{Ingested, LARGEST_BATCH};

/// How often a transaction that lost a race is written again.
const ATTEMPTS: u32 = 12;
/// Requests in one transaction.
const MOST_REQUESTS: usize = 500;
/// Requests that may wait; more are turned away and come back.
const MOST_WAITING: usize = 20_000;

/// The line of requests; one per installation, in the registry.
#[derive(Default, Clone)]
pub struct Batcher {
    line: Arc<Mutex<VecDeque<Waiting>>>,
    writer: Arc<tokio::sync::Mutex<()>>,
}

struct Waiting {
    actor: Actor,
    request: Request,
    answer: oneshot::Sender<Result<Ingested>>,
}

/// A request that may share a transaction with others.
#[derive(Debug, Clone)]
pub enum Request {
    Usage(IngestUsage),
    Invoices(IngestInvoices),
}

impl From<IngestUsage> for Request {
    fn from(operation: IngestUsage) -> Self {
        Self::Usage(operation)
    }
}

impl From<IngestInvoices> for Request {
    fn from(operation: IngestInvoices) -> Self {
        Self::Invoices(operation)
    }
}

impl Request {
    fn events(&self) -> usize {
        match self {
            Self::Usage(operation) => operation.events.len(),
            Self::Invoices(operation) => operation.events.len(),
        }
    }
}

impl Batcher {
    /// Records the events together with those of whoever waits at the same time; returns when they are durable.
    pub async fn ingest(&self, app: &App, actor: &Actor, request: impl Into<Request>) -> Result<Ingested> {
        let (answer, heard) = oneshot::channel();
        {
            let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
            if line.len() >= MOST_WAITING {
                let message = format!("{MOST_WAITING} requests wait already; try again");
                return Err(Error::TooMany { code: "intake_full", message, retry_after_seconds: 1 });
            }
            line.push_back(Waiting { actor: actor.clone(), request: request.into(), answer });
        }
        // In a task of its own, so that a caller who hangs up does not take the others' transaction along.
        let (batcher, app) = (self.clone(), app.clone());
        tokio::spawn(async move { batcher.write_next(&app).await });
        heard.await.map_err(|_| Error::internal("the batch was dropped before it was written"))?
    }

    /// Waits for the transaction under way, then writes everybody who is in line by then.
    async fn write_next(&self, app: &App) {
        let _writing = self.writer.lock().await;
        let group = self.next_group();
        if group.is_empty() {
            return; // the task before took ours along
        }
        let mut attempt = 1;
        let answers = loop {
            match write(app, &group).await {
                Err(Error::Lost(_)) if attempt < ATTEMPTS => {
                    attempt += 1;
                    let pause = u64::from(attempt) * (1 + u64::from(app.random::<1>()[0] % 8));
                    tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
                }
                Ok(answers) => break answers,
                Err(error) => {
                    let text = error.to_string();
                    break group.iter().map(|_| Err(Error::internal(text.clone()))).collect();
                }
            }
        };
        for (waiting, answer) in group.into_iter().zip(answers) {
            let _ = waiting.answer.send(answer); // a caller who hung up needs none
        }
    }

    /// Those at the head of the line, up to a size that keeps the transaction short.
    fn next_group(&self) -> Vec<Waiting> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut group, mut events) = (Vec::new(), 0);
        while group.len() < MOST_REQUESTS {
            let Some(next) = line.front().map(|w| w.request.events()) else { break };
            if !group.is_empty() && events + next > LARGEST_BATCH {
                break;
            }
            events += next;
            group.extend(line.pop_front());
        }
        group
    }
}

/// One transaction for all; a request that is refused leaves the others alone.
async fn write(app: &App, group: &[Waiting]) -> Result<Vec<Result<Ingested>>> {
    let mut batch = app.batch().await?;
    let mut answers = Vec::with_capacity(group.len());
    for waiting in group {
        let answer = match waiting.request.clone() {
            Request::Usage(operation) => batch.run(&waiting.actor, operation).await,
            Request::Invoices(operation) => batch.run(&waiting.actor, operation).await,
        };
        match answer {
            Err(Error::Lost(why)) => return Err(Error::Lost(why)),
            answer => answers.push(answer),
        }
    }
    batch.commit().await?;
    Ok(answers)
}
