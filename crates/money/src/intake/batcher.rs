//! Group commit: requests that arrive while another commits are written together in one transaction.
//!
//! The first to arrive writes at once; whoever comes meanwhile waits in line and shares the next transaction, so that one
//! flush to disk serves many. Each caller hears of success only after its events are durable. Every request keeps its own
//! entry in the log and its own outcome.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use kernel::app::{Outcome, Run};
use kernel::{Actor, App, Error, Result};
use tokio::sync::oneshot;

use super::lane::{self, Delivery};
use super::record::{Ingested, LARGEST_BATCH};

/// Requests in one transaction.
const MOST_REQUESTS: usize = 500;
/// Events in one transaction, unless a single request brings more.
const MOST_EVENTS: usize = 2 * LARGEST_BATCH;
/// Requests that may wait, and events in them; more are turned away and come back.
const MOST_WAITING: usize = 20_000;
const MOST_EVENTS_WAITING: usize = 60 * LARGEST_BATCH;

/// The line of requests; one per installation, in the registry.
#[derive(Default, Clone)]
pub struct Batcher {
    line: Arc<Mutex<Line>>,
    writer: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct Line {
    requests: VecDeque<Waiting>,
    events: usize,
}

struct Waiting {
    actor: Actor,
    run: Run,
    answer: oneshot::Sender<Result<Outcome>>,
}

impl Batcher {
    /// Records the events together with those of whoever waits at the same time; returns when they are durable.
    #[allow(private_bounds)] // the two operations of intake, and no others
    pub async fn ingest<D: Delivery>(&self, app: &App, actor: &Actor, delivery: D) -> Result<Ingested> {
        let run = lane::ready(actor.organization, delivery)?;
        Ok(serde_json::from_value(self.commit(app, actor, run).await?.output)?)
    }

    /// Waits in line with what is ready, and returns when it is durable.
    pub(crate) async fn commit(&self, app: &App, actor: &Actor, run: Run) -> Result<Outcome> {
        let (answer, heard) = oneshot::channel();
        self.join(Waiting { actor: actor.clone(), run, answer })?;
        // In a task of its own, so that a caller who hangs up does not take the others' transaction along.
        let (batcher, app) = (self.clone(), app.clone());
        tokio::spawn(async move { batcher.write_next(&app).await });
        heard.await.map_err(|_| Error::internal("the batch was dropped before it was written"))?
    }

    fn join(&self, waiting: Waiting) -> Result<()> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        if line.requests.len() >= MOST_WAITING || line.events >= MOST_EVENTS_WAITING {
            let message =
                format!("{} requests with {} events wait already; try again", line.requests.len(), line.events);
            return Err(Error::TooMany { code: "intake_full", message, retry_after_seconds: 1 });
        }
        line.events += waiting.run.weight();
        line.requests.push_back(waiting);
        Ok(())
    }

    /// Waits for the transaction under way, then writes everybody who is in line by then.
    async fn write_next(&self, app: &App) {
        let _writing = self.writer.lock().await;
        let group = self.next_group();
        if group.is_empty() {
            return; // the task before took ours along
        }
        let runs: Vec<(&Actor, &Run)> = group.iter().map(|waiting| (&waiting.actor, &waiting.run)).collect();
        let answers = app.run_together(&runs).await;
        for (waiting, answer) in group.into_iter().zip(answers) {
            let _ = waiting.answer.send(answer); // a caller who hung up needs none
        }
    }

    /// Those at the head of the line, up to a size that keeps the transaction short.
    fn next_group(&self) -> Vec<Waiting> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut group, mut events) = (Vec::new(), 0);
        while group.len() < MOST_REQUESTS {
            let Some(next) = line.requests.front().map(|waiting| waiting.run.weight()) else { break };
            if !group.is_empty() && events + next > MOST_EVENTS {
                break;
            }
            events += next;
            group.extend(line.requests.pop_front());
        }
        line.events -= events;
        group
    }
}
