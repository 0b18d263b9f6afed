//! Asking for the pipeline.

use kernel::app::ReadCx;
use kernel::list::LARGEST_LIMIT;
use kernel::{Error, PageRequest, Query, Result, Route, get};
use partners::{ListPartners, Status};
use procedures::{ListRuns, State};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pipeline::{LeadTimes, StageOfPipeline, Waiting, by_stage, lead_times};

/// How far back the lead times look.
const LOOK_BACK_DAYS: i64 = 365;

/// Show who waits for an answer, who is in which stage for how long, and how long the whole way takes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetPipeline {}

/// Everyone on the way into the program; of applications and of runs the oldest 500.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Pipeline {
    /// Applications without an answer, the oldest first.
    pub applications: Vec<Waiting>,
    /// Stages in their order, each with everyone who is in it.
    pub stages: Vec<StageOfPipeline>,
    /// Over those activated within a year; absent if nobody was.
    pub lead_times: Option<LeadTimes>,
}

impl Query for GetPipeline {
    const NAME: &'static str = "onboarding.pipeline";
    const ROUTE: Route = get("/onboarding/pipeline");
    type Output = Pipeline;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Pipeline> {
        let now = cx.now;
        let oldest = |by: &str| PageRequest { limit: Some(LARGEST_LIMIT), sort: Some(by.to_owned()), cursor: None };
        let status = Some(Status::Applied);
        let waiting = cx.ask(ListPartners { status, page: oldest("applied"), ..ListPartners::default() }).await?;
        let state = Some(State::Running);
        let runs = cx.ask(ListRuns { state, page: oldest("started_at"), ..ListRuns::default() }).await?;
        let scope = cx.scope;
        let taken_in = partners::profile::taken_in_since(cx.tx, &scope, now.plus_days(-LOOK_BACK_DAYS)).await?;
        let lead_times = match cx.law().await {
            Ok(law) => lead_times(&taken_in, &law.program),
            Err(Error::Conflict { .. }) => None,
            Err(error) => return Err(error),
        };
        let onboardings = runs.items.into_iter().filter(partners::enrollment::is_onboarding);
        let applications = waiting.items.into_iter().map(|partner| Waiting::of(partner, now));
        Ok(Pipeline { applications: applications.collect(), stages: by_stage(onboardings.collect(), now), lead_times })
    }
}
