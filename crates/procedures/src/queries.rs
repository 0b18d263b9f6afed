//! The list of runs, one run in full, and the files that were given.

use clocks::Clock;
use kernel::app::ReadCx;
use kernel::{
    DecisionRecord, Error, EventRecord, Filter, Page, PageRequest, PartnerId, Query, Result, Route, Timestamp, Value,
    event, get, log,
};
use law::{EvidenceKind, Party, Stage};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::{DATA, Given, Witness};
use crate::run::{Completed, Run, State};
use crate::{RunId, store};

/// Events of a run on its page.
const TIMELINE: u32 = 50;
/// What stands for a file that is kept here; its content has its own address.
const KEPT_HERE: &str = "kept here";

/// List runs of procedures, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListRuns {
    /// Only runs in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Only runs of this procedure, such as `onboarding`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub procedure: Option<String>,
    /// Only runs whose current stage takes longer than its target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue: Option<bool>,
    /// Only runs about this partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Only runs in the stage of this key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListRuns {
    const NAME: &'static str = "procedures.list";
    const ROUTE: Route = get("/procedure-runs");
    type Output = Page<Run>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Run>> {
        let late = self.overdue == Some(true);
        let filters = vec![
            Filter::Before("due_at", late.then(|| cx.now.into())),
            Filter::Is("partner", self.partner.map(Value::from)),
            Filter::Is("state", self.state.map(Value::from)),
            Filter::Is("procedure", self.procedure.map(Value::from)),
            Filter::Is("stage", self.stage.map(Value::from)),
        ];
        store::page(cx.tx, &cx.scope, &self.page, filters).await
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageState {
    Done,
    Current,
    Waiting,
}

/// One stage of a run.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct StageView {
    pub key: String,
    pub title: String,
    pub description: String,
    pub moved_by: Party,
    pub days: Option<u32>,
    pub state: StageState,
    pub evidence: Vec<EvidenceView>,
    pub completed: Option<Completed>,
}

/// One piece of evidence that a stage asks for.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceView {
    pub key: String,
    pub title: String,
    pub kind: EvidenceKind,
    pub help: String,
    pub given: Option<Given>,
}

/// A run with its stages, clock, decisions and timeline.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RunDetail {
    #[serde(flatten)]
    pub run: Run,
    pub stages: Vec<StageView>,
    pub clocks: Vec<Clock>,
    pub decisions: Vec<DecisionRecord>,
    pub timeline: Vec<EventRecord>,
}

/// Get a run of a procedure.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetRun {
    pub run: RunId,
}

impl Query for GetRun {
    const NAME: &'static str = "procedures.get";
    const ROUTE: Route = get("/procedure-runs/{run}");
    type Output = RunDetail;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("procedure_run", self.run.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<RunDetail> {
        let run = store::get(cx.tx, &cx.scope, self.run).await?;
        let mut given = store::given(cx.tx, &cx.scope, run.id).await?;
        for file in given.iter_mut().filter(|given| given.value.starts_with(DATA)) {
            KEPT_HERE.clone_into(&mut file.value);
        }
        if run.state == State::Running {
            see(cx, &run, &mut given).await?;
        }
        let id = run.id.to_string();
        Ok(RunDetail {
            stages: run.definition.stages.iter().map(|stage| view(&run, stage, &given)).collect(),
            clocks: clocks::of(cx.tx, &cx.scope, &id).await?,
            decisions: log::decisions_of(cx.tx, &cx.scope, &id).await?,
            timeline: event::of_subject(cx.tx, &cx.scope, &id, TIMELINE).await?,
            run,
        })
    }
}

/// Adds what the system sees by itself for the current stage.
async fn see(cx: &mut ReadCx<'_>, run: &Run, given: &mut Vec<Given>) -> Result<()> {
    let (Some(partner), witnesses) = (run.partner, cx.app.registry().parts::<Witness>()) else { return Ok(()) };
    let law = cx.law().await?;
    for asked in &run.current()?.evidence {
        let there = given.iter().any(|known| known.stage == run.stage && known.evidence == asked.key);
        for witness in witnesses.iter().filter(|witness| !there && witness.kind == asked.kind) {
            if let Some(value) = (witness.seen)(cx.tx, &cx.scope, partner, &law.program).await? {
                let (stage, evidence) = (run.stage.clone(), asked.key.clone());
                let (by, by_name) = ("system:witness".to_owned(), "Concord".to_owned());
                given.push(Given { id: None, stage, evidence, value, by, by_name, at: cx.now });
                break;
            }
        }
    }
    Ok(())
}

fn view(run: &Run, stage: &Stage, given: &[Given]) -> StageView {
    let completed = run.completed.iter().find(|completed| completed.stage == stage.key).cloned();
    let state = match &completed {
        Some(_) => StageState::Done,
        None if run.stage == stage.key => StageState::Current,
        None => StageState::Waiting,
    };
    let of = |key: &str| given.iter().find(|given| given.stage == stage.key && given.evidence == key).cloned();
    let evidence = stage.evidence.iter().map(|asked| EvidenceView {
        key: asked.key.clone(),
        title: asked.title.clone(),
        kind: asked.kind,
        help: asked.help.clone(),
        given: of(&asked.key),
    });
    StageView {
        key: stage.key.clone(),
        title: stage.title.clone(),
        description: stage.description.clone(),
        moved_by: stage.moved_by,
        days: stage.days,
        state,
        evidence: evidence.collect(),
        completed,
    }
}

/// Evidence as it was given, with the content of a file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceFile {
    pub stage: String,
    pub evidence: String,
    pub value: String,
    pub at: Timestamp,
}

/// Get a piece of evidence as it was given, with the content of a file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetEvidence {
    pub run: RunId,
    /// The key of the evidence, such as `questionnaire`.
    pub evidence: String,
}

impl Query for GetEvidence {
    const NAME: &'static str = "procedures.get_evidence";
    const ROUTE: Route = get("/procedure-runs/{run}/evidence/{evidence}");
    type Output = EvidenceFile;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<EvidenceFile> {
        let run = store::get(cx.tx, &cx.scope, self.run).await?;
        let given = store::given(cx.tx, &cx.scope, run.id).await?;
        let found = given.into_iter().rfind(|given| given.evidence == self.evidence);
        let given = found.ok_or_else(|| Error::not_found("evidence", self.evidence))?;
        Ok(EvidenceFile { stage: given.stage, evidence: given.evidence, value: given.value, at: given.at })
    }
}
