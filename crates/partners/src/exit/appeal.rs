//! The appeal of a partner: it holds the ladder until it is answered.

use kernel::{Access, Cx, Error, Operation, Result, Route, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::case::{Case, State};
use super::ladder::finish;
use super::{CaseId, store};
use crate::lifecycle::reason_text;
use crate::vendor_only;

/// Appeal against the remediation; it is held until the appeal is answered.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AppealExit {
    pub case: CaseId,
    /// What is wrong about it, in a few sentences.
    pub text: String,
}

impl Operation for AppealExit {
    const NAME: &'static str = "partners.appeal_exit";
    const ROUTE: Route = post("/exits/{case}/appeal");
    const ACCESS: Access = Access::Open;
    type Output = Case;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("exit_case", self.case.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Case> {
        let mut case = store::get(cx.tx, &cx.scope, self.case).await?;
        let (State::Remediation, Some(run), Some(until)) = (case.state, case.run, case.appeal_until) else {
            let message =
                format!("the case of {} is {}: there is nothing to appeal against", case.about, case.state.name());
            return Err(Error::conflict("not_in_remediation", message));
        };
        if case.appealed_at.is_some() {
            return Err(Error::conflict(
                "appealed_before",
                "this case was appealed and answered; an appeal is made once",
            ));
        }
        if until < cx.now {
            return Err(Error::conflict("too_late", format!("an appeal was possible until {until}")));
        }
        case.appeal = Some(reason_text(&self.text)?);
        case.appealed_by_name = Some(cx.actor.name.clone());
        case.appealed_at = Some(cx.now);
        case.state = State::Appealed;
        procedures::hold(cx, run, "the partner has appealed").await?;
        store::save(cx.tx, &cx.scope, &case).await?;
        cx.emit("exit.appealed", case.id, Some(case.partner), format!("{} has appealed", case.about), &case);
        Ok(case)
    }
}

/// What the vendor says to an appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AppealAnswer {
    /// The partner is right: the case is closed.
    Upheld,
    /// The remediation goes on.
    Turned,
}

/// Answer the appeal of a partner.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AnswerAppeal {
    pub case: CaseId,
    pub answer: AppealAnswer,
    /// Why, in a few sentences; the partner reads it.
    pub text: String,
}

impl Operation for AnswerAppeal {
    const NAME: &'static str = "partners.answer_appeal";
    const ROUTE: Route = post("/exits/{case}/answer");
    const ACCESS: Access = Access::Open;
    type Output = Case;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("exit_case", self.case.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Case> {
        vendor_only(&cx.scope, Self::NAME)?;
        let mut case = store::get(cx.tx, &cx.scope, self.case).await?;
        let (State::Appealed, Some(run)) = (case.state, case.run) else {
            let message = format!("the case of {} is {}: no appeal waits", case.about, case.state.name());
            return Err(Error::conflict("not_appealed", message));
        };
        let text = reason_text(&self.text)?;
        case.answer = Some(text.clone());
        case.answered_by_name = Some(cx.actor.name.clone());
        case.answered_at = Some(cx.now);
        match self.answer {
            AppealAnswer::Upheld => finish(cx, &mut case, State::Dismissed, &text).await?,
            AppealAnswer::Turned => {
                case.state = State::Remediation;
                procedures::resume(cx, run, "the appeal was answered").await?;
                store::save(cx.tx, &cx.scope, &case).await?;
                let summary = format!("The appeal of {} was answered; the remediation goes on", case.about);
                cx.emit("exit.answered", case.id, Some(case.partner), summary, &case);
            }
        }
        Ok(case)
    }
}
