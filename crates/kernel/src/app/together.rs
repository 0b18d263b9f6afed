//! Group commit: operations of several callers in one transaction, each with its own entry and its own outcome.
//!
//! An area that gets many small writes adds a [`Lane`] for the operation. Every surface then hands the input to the lane,
//! which makes it ready away from the transaction and commits it together with others.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::App;
use super::run::{Outcome, Run, RunOptions};
use super::runner::ATTEMPTS;
use crate::actor::Actor;
use crate::error::{Error, Result};

/// An operation that does not run alone: who reads its input, and who commits it. Added with `registry.add(Lane { … })`.
#[derive(Clone, Copy)]
pub struct Lane {
    pub operation: &'static str,
    /// Reads the JSON text of the input.
    pub read: fn(&App, &Actor, &[u8]) -> Result<Run>,
    /// Returns when the outcome is durable.
    pub run: for<'a> fn(&'a App, &'a Actor, Run) -> BoxFuture<'a, Result<Outcome>>,
}

impl App {
    /// Runs an operation whose input is JSON text, in its lane if it has one.
    pub async fn run_text(&self, actor: &Actor, name: &str, text: &[u8], options: RunOptions) -> Result<Outcome> {
        let Some(lane) = self.lane(name) else {
            let input =
                serde_json::from_slice(text).map_err(|e| Error::invalid("body", format!("is not JSON: {e}")))?;
            return Box::pin(self.run_value(actor, name, input, options)).await;
        };
        self.permitted(actor, lane.operation)?;
        let run = (lane.read)(self, actor, text)?.with(options);
        self.measured(lane.operation, (lane.run)(self, actor, run)).await
    }

    /// The lane in which the operation of that name runs.
    pub fn lane(&self, name: &str) -> Option<Arc<Lane>> {
        self.registry().parts::<Lane>().into_iter().find(|lane| lane.operation == name)
    }

    /// Runs what several callers want in one transaction and returns when it is durable. A refused one leaves the others
    /// alone; what loses a race is run again, in the end each by itself.
    pub async fn run_together(&self, group: &[(&Actor, &Run)]) -> Vec<Result<Outcome>> {
        let mut attempt = 1;
        while group.len() > 1 && attempt < ATTEMPTS / 2 {
            match self.attempt_together(group).await {
                Ok(answers) => return answers,
                Err(Error::Lost(why)) => {
                    tracing::debug!(attempt, why, "a group lost a race, running it again");
                    for (_, run) in group {
                        metrics::counter!("concord_operation_retries_total", "operation" => run.name).increment(1);
                    }
                    self.pause(attempt).await;
                    attempt += 1;
                }
                Err(error) => return group.iter().map(|_| Err(Error::internal(error.to_string()))).collect(),
            }
        }
        let mut answers = Vec::with_capacity(group.len());
        for (actor, run) in group {
            answers.push(self.repeated(actor, run).await);
            metrics::counter!("concord_shared_commits_total").increment(1);
        }
        answers
    }

    async fn attempt_together(&self, group: &[(&Actor, &Run)]) -> Result<Vec<Result<Outcome>>> {
        let mut batch = self.batch().await?;
        let mut answers = Vec::with_capacity(group.len());
        for (actor, run) in group {
            match batch.run_guarded(actor, run).await {
                Err(Error::Lost(why)) => {
                    batch.rollback().await?;
                    return Err(Error::Lost(why));
                }
                answer => answers.push(answer),
            }
        }
        batch.commit().await?;
        metrics::counter!("concord_shared_commits_total").increment(1);
        Ok(answers)
    }
}
