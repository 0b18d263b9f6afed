//! Proposing a run, leaving partners out, and agreeing.

use kernel::{Access, Cx, Error, Operation, Reason, Result, Route, delete, post};
use law::TierRuns;
use programs::{InForce, Law as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::draft;
use super::run::{Fate, Move, RunKind, RunState, TierRun, second_because};
use super::store::{self, NewMove, Outcome};
use super::{MoveId, RunId, apply, by};
use crate::company;
use crate::tiers::vendor_only;

/// Propose a tier run now: a draft of who would move between tiers and segments, and why.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ProposeTierRun {
    /// Why it is proposed now.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Operation for ProposeTierRun {
    const NAME: &'static str = "tiers.propose_run";
    const ROUTE: Route = post("/tiers/runs");
    const ACCESS: Access = Access::Open;
    type Output = TierRun;

    async fn run(self, cx: &mut Cx<'_>) -> Result<TierRun> {
        vendor_only(&cx.scope, Self::NAME)?;
        let law = cx.law().await?;
        runs_of(&law)?;
        none_open(cx).await?;
        propose(cx, &law, self.note.trim().to_owned()).await
    }
}

/// Propose a tier run if the program says that one is due.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ProposeDueRun {}

impl Operation for ProposeDueRun {
    const NAME: &'static str = "tiers.propose_due_run";
    const ROUTE: Route = post("/tiers/runs/due");
    const ACCESS: Access = Access::Open;
    /// Absent if none is due.
    type Output = Option<TierRun>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Option<TierRun>> {
        vendor_only(&cx.scope, Self::NAME)?;
        let law = match cx.law().await {
            Ok(law) => law,
            Err(Error::Conflict { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(runs) = &law.program.runs else { return Ok(None) };
        if store::open_run(cx.tx, &cx.scope).await?.is_some() {
            return Ok(None);
        }
        let last = store::newest(cx.tx, &cx.scope).await?;
        let period = runs.every.cycle().map(|cycle| law.program.basis().calendar().period(cycle, 0, cx.now));
        if let (Some(period), Some(last)) = (period, &last)
            && period.contains(last.proposed.at)
        {
            return Ok(None);
        }
        let (looked_at, moves) = draft::moves(cx, &law).await?;
        // A run without moves says that the quarter was looked at; daily ones would say it too often.
        if moves.is_empty() && period.is_none() {
            return Ok(None);
        }
        let every = runs.every.cycle().map(|cycle| format!("Proposed by itself, once in each {}", cycle.words()));
        let note = every.unwrap_or_else(|| "Proposed by itself".to_owned());
        keep(cx, &law, (RunKind::Computed, None), note, (looked_at, moves)).await.map(Some)
    }
}

/// How the program wants partners to be moved.
pub(super) fn runs_of(law: &InForce) -> Result<&TierRuns> {
    law.program.runs.as_ref().ok_or_else(|| {
        let message = "this program moves partners whenever tiers are computed; a section `[runs]` in tiers.toml makes \
                       every move wait for an approval";
        Error::conflict("no_runs", message)
    })
}

pub(super) async fn none_open(cx: &mut Cx<'_>) -> Result<()> {
    match store::open_run(cx.tx, &cx.scope).await? {
        None => Ok(()),
        Some(open) => {
            let state = open.state.word().replace('_', " ");
            Err(Error::conflict("run_open", format!("the run {} is {state}; finish or discard it first", open.id)))
        }
    }
}

async fn propose(cx: &mut Cx<'_>, law: &InForce, note: String) -> Result<TierRun> {
    let moves = draft::moves(cx, law).await?;
    keep(cx, law, (RunKind::Computed, None), note, moves).await
}

pub(super) async fn keep(
    cx: &mut Cx<'_>,
    law: &InForce,
    (kind, reverses): (RunKind, Option<RunId>),
    note: String,
    (looked_at, moves): (usize, Vec<NewMove>),
) -> Result<TierRun> {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let run = TierRun {
        id: cx.id(),
        kind,
        state: RunState::Draft,
        law: law.citation(),
        partners: count(looked_at),
        moves: count(moves.len()),
        note,
        reverses,
        proposed: by(cx),
        first: None,
        second: None,
        applied_through: None,
        ended_at: None,
    };
    let scope = cx.scope;
    store::save_run(cx.tx, &scope, &run).await?;
    store::plan(cx.tx, &scope, run.id, &moves).await?;
    let summary = format!("A tier run was proposed: {} of {looked_at} partners looked at would move", moves_of(&moves));
    cx.emit("tier_run.proposed", run.id, None, summary, &run);
    Ok(run)
}

/// How many partners are in the list, which may hold one of them twice.
pub(super) fn moves_of(moves: &[NewMove]) -> usize {
    let mut partners: Vec<_> = moves.iter().map(|one| one.partner).collect();
    partners.sort_unstable();
    partners.dedup();
    partners.len()
}

/// Leave a move out of a run, with the reason.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ExcludeFromRun {
    #[serde(rename = "move")]
    pub of: MoveId,
    /// Why it is left out.
    pub reason: String,
}

impl Operation for ExcludeFromRun {
    const NAME: &'static str = "tiers.exclude";
    const ROUTE: Route = post("/tiers/moves/{move}/exclusion");
    const ACCESS: Access = Access::Open;
    type Output = Move;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("move", self.of.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Move> {
        vendor_only(&cx.scope, Self::NAME)?;
        let reason = company::line(&self.reason, 1000).map_err(|rule| Error::invalid("reason", rule))?;
        let found = in_draft(cx, self.of).await?;
        let (scope, done) = (cx.scope, by(cx));
        let outcome = Outcome {
            of: found.id,
            run: found.run,
            partner: found.partner,
            state: Fate::Excluded,
            reason: &reason,
            done: &done,
            decision: None,
            appeal_until: None,
            held: false,
        };
        store::save_outcome(cx.tx, &scope, &outcome).await?;
        let summary = format!("{} was left out: {reason}", found.name);
        cx.emit(
            "tier_run.excluded",
            found.run,
            None,
            summary,
            &serde_json::json!({ "move": found.id, "reason": reason }),
        );
        get(cx, self.of).await
    }
}

/// Take a partner that was left out into the run again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct IncludeInRun {
    #[serde(rename = "move")]
    pub of: MoveId,
}

impl Operation for IncludeInRun {
    const NAME: &'static str = "tiers.include";
    const ROUTE: Route = delete("/tiers/moves/{move}/exclusion");
    const ACCESS: Access = Access::Open;
    type Output = Move;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Move> {
        vendor_only(&cx.scope, Self::NAME)?;
        let found = in_draft(cx, self.of).await?;
        if found.state == Fate::Excluded {
            store::forget_outcome(cx.tx, found.id).await?;
            let summary = format!("{} takes part again", found.name);
            cx.emit("tier_run.included", found.run, None, summary, &serde_json::json!({ "move": found.id }));
        }
        get(cx, self.of).await
    }
}

async fn get(cx: &mut Cx<'_>, id: MoveId) -> Result<Move> {
    store::find_move(cx.tx, &cx.scope, id).await?.ok_or_else(|| Error::not_found("move", id))
}

async fn in_draft(cx: &mut Cx<'_>, id: MoveId) -> Result<Move> {
    let found = get(cx, id).await?;
    run_of(cx, found.run).await?.open_to_change()?;
    Ok(found)
}

pub(super) async fn run_of(cx: &mut Cx<'_>, id: RunId) -> Result<TierRun> {
    store::run(cx.tx, &cx.scope, id).await?.ok_or_else(|| Error::not_found("tier run", id))
}

/// Discard a tier run: nobody is moved.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DiscardTierRun {
    pub run: RunId,
    /// Why nobody is moved.
    pub reason: String,
}

impl Operation for DiscardTierRun {
    const NAME: &'static str = "tiers.discard_run";
    const ROUTE: Route = post("/tiers/runs/{run}/discard");
    const ACCESS: Access = Access::Open;
    type Output = TierRun;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("run", self.run.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<TierRun> {
        vendor_only(&cx.scope, Self::NAME)?;
        let reason = company::line(&self.reason, 1000).map_err(|rule| Error::invalid("reason", rule))?;
        let mut run = run_of(cx, self.run).await?;
        run.discard(cx.now)?;
        let scope = cx.scope;
        store::save_run(cx.tx, &scope, &run).await?;
        cx.emit("tier_run.discarded", run.id, None, format!("The tier run was discarded: {reason}"), &run);
        Ok(run)
    }
}

/// Approve a tier run. Where much is at stake a second person must agree; the last approval applies it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ApproveTierRun {
    pub run: RunId,
}

impl Operation for ApproveTierRun {
    const NAME: &'static str = "tiers.approve_run";
    const ROUTE: Route = post("/tiers/runs/{run}/approvals");
    const ACCESS: Access = Access::Open;
    type Output = TierRun;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("run", self.run.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<TierRun> {
        vendor_only(&cx.scope, Self::NAME)?;
        let law = cx.law().await?;
        let runs = runs_of(&law)?;
        approver(cx, runs)?;
        let run = run_of(cx, self.run).await?;
        if run.law != law.citation() {
            let message = format!(
                "the run was computed under {}, but {} is in force; discard it and propose another one",
                run.law,
                law.citation()
            );
            return Err(Error::conflict("law_changed", message));
        }
        agree(cx, runs, run).await
    }
}

/// Notes the approval, and applies the run if it was the last one needed.
pub(super) async fn agree(cx: &mut Cx<'_>, runs: &TierRuns, mut run: TierRun) -> Result<TierRun> {
    let scope = cx.scope;
    let weight = store::weight(cx.tx, &scope, run.id).await?;
    let second = second_because(runs, &weight);
    run.approve(by(cx), second.as_ref())?;
    store::save_run(cx.tx, &scope, &run).await?;
    let next = match (&second, run.state) {
        (Some(reason), RunState::AwaitingSecond) => reason.text.clone(),
        _ => format!("{} are applied now.", ui::words::counted(weight.moves.unsigned_abs(), "move")),
    };
    cx.emit("tier_run.approved", run.id, None, format!("The tier run was approved. {next}"), &run);
    match run.state {
        RunState::Applying => apply::apply(cx, run).await,
        _ => Ok(run),
    }
}

/// Whether this actor may approve, by the roles that the program names.
pub(super) fn approver(cx: &Cx<'_>, runs: &TierRuns) -> Result<()> {
    if cx.actor.is_system() || runs.roles.iter().any(|role| cx.actor.has_role(role)) {
        return Ok(());
    }
    let reason = Reason::new("not_an_approver", format!("Only {} may approve tier runs.", runs.roles.join(" or ")))
        .citing("tiers.toml: runs.roles")
        .remedy("Ask one of them.");
    Err(Error::refused("not_an_approver", "you are not one of those who may approve tier runs", vec![reason]))
}

/// Go on with a tier run that was approved. A clock does this by itself.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ApplyTierRun {
    pub run: RunId,
}

impl Operation for ApplyTierRun {
    const NAME: &'static str = "tiers.apply_run";
    const ROUTE: Route = post("/tiers/runs/{run}/application");
    const ACCESS: Access = Access::Open;
    type Output = TierRun;

    async fn run(self, cx: &mut Cx<'_>) -> Result<TierRun> {
        vendor_only(&cx.scope, Self::NAME)?;
        let run = run_of(cx, self.run).await?;
        match run.state {
            RunState::Applying => apply::apply(cx, run).await,
            RunState::Applied => Ok(run),
            _ => Err(Error::conflict("not_approved", "this run has not been approved")),
        }
    }
}
