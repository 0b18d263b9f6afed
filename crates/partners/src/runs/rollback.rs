//! Taking a run back: another run returns everyone who is still where the first one moved it.

use kernel::{Access, Cx, Error, Operation, Result, Route, post};
use programs::{InForce, Law as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operations::{agree, approver, keep, moves_of, none_open, run_of, runs_of};
use super::rule::{Cause, ReturnFacts, ReturnRule};
use super::run::{MoveKind, RunKind, RunState, TierRun};
use super::store::{self, NewMove};
use super::{RunId, apply, draft};
use crate::company;
use crate::profile;
use crate::tiers::{Direction, vendor_only};

/// Take a tier run back: a new run returns everyone to where they were.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RollBackTierRun {
    pub run: RunId,
    /// Why it is taken back.
    pub reason: String,
}

impl Operation for RollBackTierRun {
    const NAME: &'static str = "tiers.roll_back_run";
    const ROUTE: Route = post("/tiers/runs/{run}/rollbacks");
    const ACCESS: Access = Access::Open;
    type Output = TierRun;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("run", self.run.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<TierRun> {
        vendor_only(&cx.scope, Self::NAME)?;
        let reason = company::line(&self.reason, 1000).map_err(|rule| Error::invalid("reason", rule))?;
        let law = cx.law().await?;
        let runs = runs_of(&law)?;
        approver(cx, runs)?;
        let old = run_of(cx, self.run).await?;
        if old.state != RunState::Applied {
            return Err(Error::conflict("not_applied", "only a run that was applied can be taken back"));
        }
        let scope = cx.scope;
        if let Some(again) = store::reversal_of(cx.tx, &scope, old.id).await? {
            return Err(Error::conflict("taken_back", format!("it is taken back by {} already", again.id)));
        }
        none_open(cx).await?;
        let moves = returns(cx, &law, &old, &reason).await?;
        if moves.is_empty() {
            return Err(Error::conflict("nothing_to_return", "none of its partners is still where it moved them"));
        }
        let what = (RunKind::Rollback, Some(old.id));
        let looked_at = moves_of(&moves);
        let run = keep(cx, &law, what, reason, (looked_at, moves)).await?;
        agree(cx, runs, run).await
    }
}

/// The way back of every partner that is still where the run has moved it.
async fn returns(cx: &mut Cx<'_>, law: &InForce, old: &TierRun, reason: &str) -> Result<Vec<NewMove>> {
    let scope = cx.scope;
    let mut moves = Vec::new();
    for made in store::applied(cx.tx, &scope, old.id).await? {
        let Some(partner) = profile::find(cx.tx, &scope, made.partner).await? else { continue };
        let (current, program) = (apply::place_of(&partner, made.kind), &law.program);
        let Some(back) = made.from.clone().filter(|_| current == Some(made.to.as_str())) else { continue };
        let facts = ReturnFacts {
            from: made.to.clone(),
            to: back.clone(),
            cause: Cause::Rollback { run: old.id.to_string() },
            answer: reason.to_owned(),
        };
        let terms = apply::titles(program, made.kind, &facts);
        let verdict = <ReturnRule as kernel::Rule>::decide(&terms, &facts);
        let direction = match made.direction {
            Direction::Up => Direction::Down,
            Direction::Down => Direction::Up,
            Direction::Placed => Direction::Placed,
        };
        let cost = match made.kind {
            MoveKind::Tier => draft::tier_cost(program, Some(&made.to), &back),
            MoveKind::Segment => draft::segment_cost(program, Some(&made.to), &back),
        };
        let (reasons, facts) = (serde_json::to_string(&verdict.reasons)?, serde_json::to_string(&facts)?);
        moves.push(draft::planned(cx, &partner, (made.kind, Some(made.to), back, direction, cost), reasons, facts));
    }
    moves.sort_by_key(|one| one.id);
    Ok(moves)
}
