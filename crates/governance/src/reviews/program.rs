//! The pack of the program as a whole: pipeline, revenue, what is behind, exceptions, partnerships in question.

use deals::registration::{StateCount, SummarizeDeals};
use documents::Stored;
use findings::{CheckSummary, ListChecks};
use kernel::{Access, Cx, Error, Operation, PartnerId, Result, Route, post};
use money::revenue::{MonthOfRevenue, RevenueByMonth};
use partners::exit::{Case, ListExits};
use procedures::{GetRun, ListRuns, Run, RunId};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pack;
use crate::vendor_only;

/// What the pack of the program says.
pub(super) struct ProgramFigures {
    pub pipeline: Vec<StateCount>,
    pub revenue: Vec<MonthOfRevenue>,
    pub overdue: Vec<Run>,
    pub findings: Vec<CheckSummary>,
    pub exits: Vec<Case>,
}

async fn gathered(cx: &mut Cx<'_>) -> Result<ProgramFigures> {
    let exits = cx.ask(ListExits::default()).await?.items;
    Ok(ProgramFigures {
        pipeline: cx.ask(SummarizeDeals::default()).await?,
        revenue: cx.ask(RevenueByMonth::default()).await?,
        overdue: cx.ask(ListRuns { overdue: Some(true), ..ListRuns::default() }).await?.items,
        findings: cx.ask(ListChecks {}).await?.into_iter().filter(|check| check.open > 0).collect(),
        exits: exits.into_iter().filter(|case| case.closed_at.is_none()).collect(),
    })
}

/// Issue the pack of a review of the whole program, from what is recorded now.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct IssuePack {
    /// The run of the procedure that calls for it, such as the monthly review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// Always absent; a pack of one partner belongs to its review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
}

impl Operation for IssuePack {
    const NAME: &'static str = "reviews.issue_pack";
    const ROUTE: Route = post("/review-packs");
    const ACCESS: Access = Access::Open;
    type Output = Stored;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Stored> {
        vendor_only(&cx.scope, Self::NAME)?;
        if let Some(partner) = self.partner {
            let rule = format!("{partner} has a pack of its own; issue it on the page of its review");
            return Err(Error::invalid("partner", rule));
        }
        let law = cx.law().await?;
        let today = cx.now.day_in(&law.zone());
        let title = match self.run {
            Some(run) => {
                let run = cx.ask(GetRun { run }).await?.run;
                format!("{}, {}", run.title, run.about)
            }
            None => format!("Program review, {today}"),
        };
        let figures = gathered(cx).await?;
        let new = documents::NewDocument {
            partner: None,
            kind: "program-pack",
            series: pack::series(&law.program.settings.key, "REV"),
            title: title.clone(),
        };
        documents::issue(cx, new, |number| pack::of_program(&title, &figures, &law, today, number)).await
    }
}
