//! The shape of the pipeline: runs by stage with their age against the target, and how long the whole way takes.

use kernel::{PartnerId, Timestamp};
use law::Program;
use partners::PartnerSummary;
use partners::profile::TakenIn;
use procedures::{Run, RunId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An application that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waiting {
    pub partner: PartnerId,
    pub name: String,
    pub country: String,
    pub applied_at: Timestamp,
    /// Whole days since then.
    pub days: i64,
}

impl Waiting {
    pub(crate) fn of(partner: PartnerSummary, now: Timestamp) -> Self {
        let PartnerSummary { id, name, country, applied_at, .. } = partner;
        Self { partner: id, name, country, applied_at, days: applied_at.days_until(now) }
    }
}

/// A stage of a procedure with everyone who is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StageOfPipeline {
    /// The key of the procedure, such as `onboarding`.
    pub procedure: String,
    /// The key of the stage, such as `security`.
    pub stage: String,
    pub title: String,
    /// How many days it should take, if it has a target.
    pub target_days: Option<u32>,
    pub runs: Vec<RunInStage>,
}

/// Somebody who is in a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunInStage {
    pub run: RunId,
    pub partner: Option<PartnerId>,
    pub name: String,
    pub since: Timestamp,
    /// Whole days in the stage.
    pub days: i64,
    pub due_at: Option<Timestamp>,
    pub late: bool,
}

/// Runs by procedure and stage, in the order of the stages; those that are there longest come first. A run whose law named
/// other stages than the others gets its own.
pub(crate) fn by_stage(runs: Vec<Run>, now: Timestamp) -> Vec<StageOfPipeline> {
    let mut stages: Vec<StageOfPipeline> = Vec::new();
    for run in runs {
        let mut place = 0;
        for stage in &run.definition.stages {
            let known = stages.iter().position(|known| known.procedure == run.procedure && known.stage == stage.key);
            place = known.unwrap_or_else(|| {
                let at = place.min(stages.len());
                let (procedure, key, title) = (run.procedure.clone(), stage.key.clone(), stage.title.clone());
                stages.insert(
                    at,
                    StageOfPipeline { procedure, stage: key, title, target_days: stage.days, runs: vec![] },
                );
                at
            });
            if stage.key == run.stage {
                stages[place].runs.push(in_stage(&run, now));
            }
            place += 1;
        }
    }
    for stage in &mut stages {
        stage.runs.sort_by_key(|run| (run.since, run.run));
    }
    stages
}

fn in_stage(run: &Run, now: Timestamp) -> RunInStage {
    RunInStage {
        run: run.id,
        partner: run.partner,
        name: run.about.clone(),
        since: run.stage_since,
        days: run.stage_since.days_until(now),
        due_at: run.due_at,
        late: run.due_at.is_some_and(|due| due < now),
    }
}

/// How long it took those who were activated within a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeadTimes {
    pub partners: usize,
    /// Whole days that the middle one of them took.
    pub median_days: i64,
    /// How many took no longer than the targets of all stages of their archetype together.
    pub within_target: usize,
}

/// None where nobody was activated.
pub(crate) fn lead_times(taken_in: &[TakenIn], program: &Program) -> Option<LeadTimes> {
    let days = |one: &TakenIn| one.applied_at.days_until(one.activated_at);
    let target = |one: &TakenIn| {
        let archetype = program.archetype(one.archetype.as_deref()?)?;
        let stages = &program.procedure(&archetype.onboarding)?.stages;
        stages.iter().map(|stage| stage.days.map(i64::from)).sum::<Option<i64>>()
    };
    let mut sorted: Vec<i64> = taken_in.iter().map(days).collect();
    sorted.sort_unstable();
    let median_days = *sorted.get(sorted.len() / 2)?;
    // Without a target for every stage there is none for the whole, and nobody misses it.
    let within_target = taken_in.iter().filter(|one| target(one).is_none_or(|target| days(one) <= target)).count();
    Some(LeadTimes { partners: sorted.len(), median_days, within_target })
}
