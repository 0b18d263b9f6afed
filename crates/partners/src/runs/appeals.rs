//! Appeals: a partner says why it should not have been moved, and another person than those of the run answers.

use kernel::{Access, Cx, Error, Operation, Reason, Result, Route, post};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operations::{approver, run_of, runs_of};
use super::rule::{Cause, ReturnFacts, ReturnRule};
use super::run::{Appeal, AppealState, Move};
use super::{AppealId, MoveId, appeal_store, apply, by, store};
use crate::profile::{self, Partner};
use crate::tiers::vendor_only;

/// Characters of an appeal or an answer.
const LONGEST: usize = 4000;

/// Appeal against a move to a lower tier or segment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AppealMove {
    #[serde(rename = "move")]
    pub of: MoveId,
    /// Why the partner should not have been moved.
    pub text: String,
}

impl Operation for AppealMove {
    const NAME: &'static str = "tiers.appeal";
    const ROUTE: Route = post("/tiers/moves/{move}/appeal");
    const ACCESS: Access = Access::Open;
    type Output = Appeal;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("move", self.of.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Appeal> {
        let scope = cx.scope;
        let missing = || Error::not_found("move", self.of);
        let found = store::find_move(cx.tx, &scope, self.of).await?.ok_or_else(missing)?;
        if scope.partner != Some(found.partner) {
            let message = "an appeal is the partner's own to make".to_owned();
            return Err(Error::Forbidden { permission: Self::NAME.to_owned(), message });
        }
        found.open_to_appeal(cx.now)?;
        let appeal = Appeal {
            id: cx.id(),
            of: found.id,
            partner: found.partner,
            text: said("text", &self.text)?,
            filed: by(cx),
            state: AppealState::Open,
            answer: None,
            decided: None,
            decision: None,
        };
        appeal_store::save_appeal(cx.tx, &scope, &appeal).await?;
        let summary = format!("{} has appealed against the move to {}", found.name, found.to);
        cx.emit("tier_appeal.filed", found.partner, Some(found.partner), summary, &appeal);
        Ok(appeal)
    }
}

fn said(field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > LONGEST {
        return Err(Error::invalid(field, format!("takes 1 to {LONGEST} characters; got {length}")));
    }
    Ok(text.to_owned())
}

/// Decide an appeal. Whoever proposed or approved the run cannot.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DecideAppeal {
    pub appeal: AppealId,
    /// Whether the partner goes back to where it was.
    pub granted: bool,
    /// The reason, which the partner reads.
    pub answer: String,
}

impl Operation for DecideAppeal {
    const NAME: &'static str = "tiers.decide_appeal";
    const ROUTE: Route = post("/tiers/appeals/{appeal}/decision");
    const ACCESS: Access = Access::Open;
    type Output = Appeal;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("appeal", self.appeal.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Appeal> {
        vendor_only(&cx.scope, Self::NAME)?;
        let scope = cx.scope;
        let law = cx.law().await?;
        approver(cx, runs_of(&law)?)?;
        let missing = || Error::not_found("appeal", self.appeal);
        let mut appeal = appeal_store::appeal(cx.tx, &scope, self.appeal).await?.ok_or_else(missing)?;
        if appeal.state != AppealState::Open {
            return Err(Error::conflict("decided", format!("this appeal was {} already", appeal.state.word())));
        }
        let found = store::find_move(cx.tx, &scope, appeal.of).await?;
        let found = found.ok_or_else(|| Error::not_found("move", appeal.of))?;
        another(cx, &found).await?;
        let partner = profile::get(cx.tx, &scope, found.partner).await?;
        let answer = said("answer", &self.answer)?;
        let back = found.from.clone().ok_or_else(|| Error::internal("a first place was appealed against"))?;
        let here = apply::place_of(&partner, found.kind) == Some(found.to.as_str());
        if self.granted && !here {
            let message = "the partner is not where this move has put it any more; refuse the appeal and say so";
            return Err(Error::conflict("moved_since", message));
        }
        let cause = Cause::Appeal { text: appeal.text.clone(), granted: self.granted };
        let facts = ReturnFacts { from: found.to.clone(), to: back, cause, answer: answer.clone() };
        let terms = apply::titles(&law.program, found.kind, &facts);
        let decided = cx.decide::<ReturnRule>(partner.id, Some(partner.id), &law.citation(), &terms, &facts)?;
        if self.granted {
            apply::settle(cx, &law, found.kind, &partner, &decided.outcome, false).await?;
        } else if found.held && here {
            apply::grant(cx, &law, found.kind, &partner, &found.to).await?;
        }
        if found.held {
            store::let_go(cx.tx, found.id).await?;
        }
        appeal.state = if self.granted { AppealState::Granted } else { AppealState::Refused };
        (appeal.answer, appeal.decided, appeal.decision) = (Some(answer), Some(by(cx)), Some(decided.id));
        appeal_store::save_appeal(cx.tx, &scope, &appeal).await?;
        clocks::stop(cx, apply::APPEAL_CLOCK, &found.id.to_string()).await?;
        let told = decided.reasons.first().map(|reason| reason.text.clone()).unwrap_or_default();
        cx.emit("tier_appeal.decided", partner.id, Some(partner.id), format!("{}: {told}", partner.name), &appeal);
        Ok(appeal)
    }
}

/// Nobody judges what was decided by the same person.
async fn another(cx: &mut Cx<'_>, found: &Move) -> Result<()> {
    let run = run_of(cx, found.run).await?;
    if !run.involves(&cx.actor.reference()) {
        return Ok(());
    }
    let reason = Reason::new("same_person", "You have proposed or approved the run that made this move.")
        .citing("tiers.toml: runs")
        .remedy("Ask another person who may approve tier runs.");
    Err(Error::refused("same_person", "an appeal is decided by another person", vec![reason]))
}

/// End the time for an appeal: the benefits of the old tier end, unless an appeal is open. A clock does this by itself.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CloseAppealWindow {
    #[serde(rename = "move")]
    pub of: MoveId,
}

impl Operation for CloseAppealWindow {
    const NAME: &'static str = "tiers.close_appeal_window";
    const ROUTE: Route = post("/tiers/moves/{move}/appeal-window/end");
    const ACCESS: Access = Access::Open;
    type Output = Move;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Move> {
        vendor_only(&cx.scope, Self::NAME)?;
        let scope = cx.scope;
        let missing = || Error::not_found("move", self.of);
        let found = store::find_move(cx.tx, &scope, self.of).await?.ok_or_else(missing)?;
        if found.appeal_until.is_none_or(|until| cx.now < until) {
            return Err(Error::conflict("too_early", "the time for an appeal against this move has not ended"));
        }
        if !found.held || found.appeal == Some(AppealState::Open) {
            return Ok(found);
        }
        let partner: Partner = profile::get(cx.tx, &scope, found.partner).await?;
        if apply::place_of(&partner, found.kind) == Some(found.to.as_str()) {
            let law = cx.law().await?;
            apply::grant(cx, &law, found.kind, &partner, &found.to).await?;
        }
        store::let_go(cx.tx, found.id).await?;
        Ok(Move { held: false, ..found })
    }
}
