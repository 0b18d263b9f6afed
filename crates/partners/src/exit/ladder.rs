//! Beginning the ladder and closing a case, and why nobody leaves without it.

use kernel::{Access, Cx, Error, Operation, PartnerId, Reason, Result, Route, post};
use procedures::RunId;
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::case::{Case, Ground, State};
use super::{CaseId, store};
use crate::lifecycle::reason_text;
use crate::profile::{self, Partner, Status};
use crate::vendor_only;

/// Begin the remediation of a partnership in question: the partner is told why and may appeal.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct BeginRemediation {
    pub partner: PartnerId,
    /// What is wrong and what would help, in a few sentences; the partner reads it.
    pub text: String,
}

impl Operation for BeginRemediation {
    const NAME: &'static str = "partners.begin_remediation";
    const ROUTE: Route = post("/partners/{partner}/remediation");
    const ACCESS: Access = Access::Open;
    type Output = Case;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Case> {
        vendor_only(&cx.scope, Self::NAME)?;
        let partner = profile::get(cx.tx, &cx.scope, self.partner).await?;
        if !matches!(partner.status, Status::Active | Status::Suspended) {
            let message =
                format!("{} is {}: only a partnership that runs can be remedied", partner.name, partner.status.name());
            return Err(Error::conflict("wrong_status", message));
        }
        let text = reason_text(&self.text)?;
        let law = cx.law().await?;
        let exit = law.program.partnership.exit.as_ref().ok_or_else(|| {
            Error::conflict(
                "no_ladder",
                "the program in force has no `[exit]` in partnership.toml; add its ladder first",
            )
        })?;
        let open = store::open(cx.tx, &cx.scope, partner.id).await?;
        let mut case = match open {
            Some(case) if case.run.is_some() => {
                let message = format!("the remediation of {} runs already; see case {}", partner.name, case.id);
                return Err(Error::conflict("already_running", message));
            }
            Some(case) => case,
            None => Case::new(cx.id(), partner.id, partner.name.clone(), exit.clause.clone(), cx.now),
        };
        let title = "What the vendor says".to_owned();
        case.grounds.push(Ground { key: "stated".to_owned(), title, text });
        case.state = State::Remediation;
        case.begun_at = Some(cx.now);
        case.appeal_until = Some(cx.now.plus_days(i64::from(exit.appeal_days)));
        case.run = Some(procedures::start(cx, &exit.ladder, partner.id.to_string(), Some(partner.id)).await?);
        store::save(cx.tx, &cx.scope, &case).await?;
        let summary = format!("Remediation began under {}", case.clause);
        cx.emit("exit.warned", case.id, Some(partner.id), summary, &case);
        Ok(case)
    }
}

/// How a case ends without the partnership ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// What was wrong is put right.
    Recovered,
    /// It was not what it looked like.
    Dismissed,
}

/// Close a case: the partnership goes on.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CloseExit {
    pub case: CaseId,
    pub closing: Closing,
    /// Why, in a sentence or two; the partner reads it.
    pub text: String,
}

impl Operation for CloseExit {
    const NAME: &'static str = "partners.close_exit";
    const ROUTE: Route = post("/exits/{case}/closing");
    const ACCESS: Access = Access::Open;
    type Output = Case;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("exit_case", self.case.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Case> {
        vendor_only(&cx.scope, Self::NAME)?;
        let mut case = store::get(cx.tx, &cx.scope, self.case).await?;
        if case.closed_at.is_some() {
            return Err(Error::conflict("closed", format!("the case of {} is closed already", case.about)));
        }
        let text = reason_text(&self.text)?;
        let state = match self.closing {
            Closing::Recovered => State::Recovered,
            Closing::Dismissed => State::Dismissed,
        };
        finish(cx, &mut case, state, &text).await?;
        Ok(case)
    }
}

/// Closes a case and its run.
pub(super) async fn finish(cx: &mut Cx<'_>, case: &mut Case, state: State, why: &str) -> Result<()> {
    if let Some(run) = case.run {
        close_run(cx, run, why).await?;
    }
    case.close(state, why, cx.now);
    let scope = kernel::Scope { partner: None, ..cx.scope };
    store::save(cx.tx, &scope, case).await?;
    let partner = case.is_open_to_partner().then_some(case.partner);
    let word = ui::humanize(state.name()).to_lowercase();
    cx.emit("exit.closed", case.id, partner, format!("The case of {} was closed: {word}", case.about), case);
    Ok(())
}

/// A run whose last stage ended the partnership is over already.
async fn close_run(cx: &mut Cx<'_>, run: RunId, why: &str) -> Result<()> {
    match procedures::close(cx, run, why).await {
        Ok(_) => Ok(()),
        Err(Error::Conflict { code: "over", .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// A partnership has ended: so has its case.
pub(crate) async fn ended(cx: &mut Cx<'_>, partner: &Partner) -> Result<()> {
    let Some(mut case) = store::open(cx.tx, &cx.scope, partner.id).await? else { return Ok(()) };
    finish(cx, &mut case, State::Ended, "The partnership has ended.").await
}

/// Refuses to end a partnership for what the partner did or did not do before its ladder was gone through.
pub(crate) async fn ladder_first(cx: &mut Cx<'_>, partner: &Partner) -> Result<()> {
    let law = match cx.law().await {
        Ok(law) => law,
        Err(Error::Conflict { .. }) => return Ok(()),
        Err(error) => return Err(error),
    };
    let Some(exit) = &law.program.partnership.exit else { return Ok(()) };
    let case = store::open(cx.tx, &cx.scope, partner.id).await?;
    let run = match case.as_ref().and_then(|case| case.run) {
        Some(_) => procedures::latest(cx.tx, &cx.scope, &exit.ladder, &partner.id.to_string()).await?,
        None => None,
    };
    if run.as_ref().is_some_and(|run| run.state == procedures::State::Completed) {
        return Ok(());
    }
    let text = match &run {
        Some(run) => format!("The remediation of {} is at the stage “{}”", partner.name, run.stage),
        None => format!("{} was not warned under {}", partner.name, exit.clause),
    };
    let reason = Reason::new("ladder_first", text)
        .citing("partnership.toml: exit.ladder")
        .remedy("Go through the remediation; its last stage ends the partnership.");
    let reason = match &run {
        Some(run) => reason.resting_on(run.id),
        None => reason,
    };
    let message = format!("the partnership with {} cannot end for this before its remediation", partner.name);
    Err(Error::refused("ladder_first", message, vec![reason]))
}
