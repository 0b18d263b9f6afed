//! Onboarding as the vendor sees it: who waits for an answer, who is in which stage for how long, and how long it takes a
//! partner to become active. The stages themselves are a procedure of the program.

mod pages;
mod pipeline;
mod queries;
#[cfg(test)]
mod tests;

use kernel::{Registry, Scope, Timestamp};
use law::{Type, Value};
pub use pipeline::{LeadTimes, RunInStage, StageOfPipeline, Waiting};
pub use queries::{GetPipeline, Pipeline};
use scoring::Metric;

/// Adds the pipeline with its page, and the time to active as a figure of every partner.
pub fn install(registry: &mut Registry) {
    registry.query::<GetPipeline>().add(Metric {
        key: "days_to_active",
        title: "Days from application to activation",
        kind: Type::Count,
        help: "Whole days from the application or invitation to the end of the onboarding.",
        measure: |tx, organization, _| {
            Box::pin(async move {
                let scope = Scope { organization, partner: None };
                let all = partners::profile::taken_in_since(tx, &scope, Timestamp::from_micros(0)).await?;
                let days = |one: &partners::profile::TakenIn| Value::count(one.applied_at.days_until(one.activated_at));
                Ok(all.iter().map(|one| (one.partner, days(one))).collect())
            })
        },
    });
    pages::install(registry);
}
