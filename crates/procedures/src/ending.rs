//! Holding a run, letting it go on, and closing it before its last stage.

use kernel::{Access, Cx, Error, Operation, Result, Route, Scope, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::operations::STAGE_CLOCK;
use crate::run::{Run, State};
use crate::{RunId, store};

/// Letters of a reason.
const LONGEST_REASON: usize = 1_000;

/// The whole organization: an area holds a run on behalf of a partner that may not see all of it.
fn everywhere(cx: &Cx<'_>) -> Scope {
    Scope { partner: None, ..cx.scope }
}

/// Holds a running run: its clock stands still and no stage can be completed.
pub async fn hold(cx: &mut Cx<'_>, run: RunId, why: &str) -> Result<Run> {
    let scope = everywhere(cx);
    let mut run = store::get(cx.tx, &scope, run).await?;
    run.open_stage()?;
    run.state = State::Held;
    run.stage_since = cx.now;
    store::save(cx.tx, &scope, &run).await?;
    clocks::pause(cx, STAGE_CLOCK, &run.id.to_string()).await?;
    cx.emit("procedure.held", run.id, run.partner, format!("{} is held: {why}", run.title), &run);
    Ok(run)
}

/// Lets a held run go on, with the time that was left.
pub async fn resume(cx: &mut Cx<'_>, run: RunId, why: &str) -> Result<Run> {
    let scope = everywhere(cx);
    let mut run = store::get(cx.tx, &scope, run).await?;
    if run.state != State::Held {
        return Err(Error::conflict("not_held", format!("{} of {} is not held", run.title, run.about)));
    }
    let stood_still = cx.now.since(run.stage_since);
    run.due_at = run.due_at.map(|due| due.plus_micros(stood_still));
    run.state = State::Running;
    store::save(cx.tx, &scope, &run).await?;
    clocks::resume(cx, STAGE_CLOCK, &run.id.to_string()).await?;
    cx.emit("procedure.resumed", run.id, run.partner, format!("{} goes on: {why}", run.title), &run);
    Ok(run)
}

/// Ends a run before its last stage; its effects do not happen.
pub async fn close(cx: &mut Cx<'_>, run: RunId, why: &str) -> Result<Run> {
    let scope = everywhere(cx);
    let mut run = store::get(cx.tx, &scope, run).await?;
    if !run.state.is_alive() {
        return Err(Error::conflict("over", format!("{} of {} is over already", run.title, run.about)));
    }
    run.state = State::Closed;
    run.ended_at = Some(cx.now);
    run.due_at = None;
    store::save(cx.tx, &scope, &run).await?;
    clocks::stop(cx, STAGE_CLOCK, &run.id.to_string()).await?;
    let data = json!({ "run": run.id, "stage": run.stage, "reason": why });
    cx.emit("procedure.closed", run.id, run.partner, format!("{} was closed: {why}", run.title), &data);
    Ok(run)
}

/// Close a run that will not be gone through to the end.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CloseRun {
    pub run: RunId,
    /// Why, in a sentence.
    pub reason: String,
}

impl Operation for CloseRun {
    const NAME: &'static str = "procedures.close";
    const ROUTE: Route = post("/procedure-runs/{run}/closing");
    const ACCESS: Access = Access::Open;
    type Output = Run;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("procedure_run", self.run.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Run> {
        if cx.scope.partner.is_some() {
            let message = "a procedure is closed by the company that runs the program".to_owned();
            return Err(Error::Forbidden { permission: Self::NAME.to_owned(), message });
        }
        let reason = self.reason.trim();
        if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
            return Err(Error::invalid("reason", format!("say why in 1 to {LONGEST_REASON} letters")));
        }
        close(cx, self.run, reason).await
    }
}
