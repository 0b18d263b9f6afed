//! Starting a run, giving evidence, completing stages, and reporting what takes too long.

use clocks::NewClock;
use kernel::{Access, Actor, Cx, Error, Operation, PartnerId, Result, Route, post, put};
use law::{Evidence, Party, Stage};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::evidence::{Given, NameOf, Witness, accepted};
use crate::run::{Run, State};
use crate::stage::{StageFacts, StageRule, StageTerms, wrong_side};
use crate::{RunId, store};

/// The clock that watches the target of a stage.
pub(crate) const STAGE_CLOCK: &str = "procedures.stage";

/// Starts a procedure of the law in force about a thing, such as the onboarding of a partner.
pub async fn start(cx: &mut Cx<'_>, key: &str, subject: String, partner: Option<PartnerId>) -> Result<RunId> {
    let about = name_of(cx, partner).await?.unwrap_or_else(|| subject.clone());
    start_about(cx, key, subject, about, partner).await
}

/// Starts a procedure about a thing of that name.
pub async fn start_about(
    cx: &mut Cx<'_>,
    key: &str,
    subject: String,
    about: String,
    partner: Option<PartnerId>,
) -> Result<RunId> {
    let law = cx.law().await?;
    let procedure = law.program.procedure(key);
    let procedure = procedure.ok_or_else(|| Error::not_found("procedure", key))?.clone();
    let Some(first) = procedure.stages.first().cloned() else {
        return Err(Error::conflict("no_stages", format!("the procedure `{key}` has no stages")));
    };
    if store::is_running(cx.tx, &cx.scope, key, &subject).await? {
        return Err(Error::conflict("already_running", format!("{} is already running for this", procedure.title)));
    }
    let mut run = Run {
        id: cx.id(),
        partner,
        procedure: key.to_owned(),
        title: procedure.title.clone(),
        subject,
        about,
        law: law.citation(),
        state: State::Running,
        stage: first.key.clone(),
        stage_since: cx.now,
        due_at: None,
        completed: Vec::new(),
        started_at: cx.now,
        ended_at: None,
        definition: procedure,
    };
    cx.emit("procedure.started", run.id, partner, format!("{} began", run.title), &run);
    begin(cx, &mut run, &first).await?;
    Ok(run.id)
}

async fn name_of(cx: &mut Cx<'_>, partner: Option<PartnerId>) -> Result<Option<String>> {
    let Some((partner, name)) = partner.zip(cx.app.registry().parts::<NameOf>().pop()) else { return Ok(None) };
    (name.0)(cx.tx, &cx.scope, partner).await
}

/// Enters a stage: its clock and its effects.
async fn begin(cx: &mut Cx<'_>, run: &mut Run, stage: &Stage) -> Result<()> {
    run.enter(stage, cx.now);
    store::save(cx.tx, &cx.scope, run).await?;
    match run.due_at {
        None => clocks::stop(cx, STAGE_CLOCK, &run.id.to_string()).await?,
        Some(due_at) => {
            let clock = NewClock {
                kind: STAGE_CLOCK,
                subject: run.id.to_string(),
                partner: run.partner,
                title: format!("{}: “{}” should be done", run.about, stage.title),
                due_at,
                warn_at: Vec::new(),
                on_lapse: ReportOverdue::NAME,
                on_warn: None,
                input: json!({ "run": run.id }),
            };
            clocks::start(cx, clock).await?;
        }
    }
    effects(cx, run, &stage.on_enter).await
}

/// Runs the operations that the law names; one that fails undoes the whole step.
async fn effects(cx: &mut Cx<'_>, run: &Run, operations: &[String]) -> Result<()> {
    for operation in operations {
        cx.invoke(operation, json!({ "partner": run.partner, "run": run.id })).await?;
    }
    Ok(())
}

/// On which side somebody stands; Concord itself stands on both.
pub(crate) fn side(actor: &Actor) -> Option<Party> {
    match (actor.is_system(), actor.partner) {
        (true, _) => None,
        (false, Some(_)) => Some(Party::Partner),
        (false, None) => Some(Party::Vendor),
    }
}

/// Give a piece of evidence for the current stage.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GiveEvidence {
    pub run: RunId,
    /// The key of the evidence, such as `tax-number`.
    pub evidence: String,
    /// The answer: a text, `true` for a tick, and for a file its https address or `data:TYPE;base64,CONTENT`.
    pub value: String,
}

impl Operation for GiveEvidence {
    const NAME: &'static str = "procedures.give_evidence";
    const ROUTE: Route = put("/procedure-runs/{run}/evidence/{evidence}");
    const ACCESS: Access = Access::Open;
    type Output = Run;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Run> {
        let run = store::get(cx.tx, &cx.scope, self.run).await?;
        let stage = run.open_stage()?;
        let asked = asked_for(&run, &stage, &self.evidence)?;
        if let Some(reason) = wrong_side(&stage, side(cx.actor)) {
            return Err(Error::refused("other_side", reason.text.clone(), vec![reason]));
        }
        let value = accepted(asked.kind, &self.value)?;
        let known = store::given(cx.tx, &cx.scope, run.id).await?;
        let known = known.into_iter().find(|given| given.stage == stage.key && given.evidence == asked.key);
        let id = known.and_then(|given| given.id).unwrap_or_else(|| cx.id());
        let (by, by_name) = (cx.actor.reference(), cx.actor.name.clone());
        let (stage, evidence) = (stage.key, asked.key.clone());
        let given = Given { id: Some(id), stage, evidence, value, by, by_name, at: cx.now };
        store::save_given(cx.tx, &cx.scope, &run, id, &given).await?;
        let data = json!({ "run": run.id, "stage": given.stage, "evidence": given.evidence, "id": id });
        cx.emit("procedure.evidence_given", run.id, run.partner, format!("Given: {}", asked.title), &data);
        Ok(run)
    }
}

/// The evidence of that key in the current stage; that of other stages is refused with the stage's name.
fn asked_for(run: &Run, stage: &Stage, key: &str) -> Result<Evidence> {
    if let Some(asked) = stage.evidence.iter().find(|asked| asked.key == key) {
        return Ok(asked.clone());
    }
    let elsewhere = run.definition.stages.iter().find(|other| other.evidence.iter().any(|asked| asked.key == key));
    if let Some(other) = elsewhere {
        let state = if run.is_done(&other.key) { "is done" } else { "has not begun" };
        let message = format!("“{key}” belongs to the stage “{}”, which {state}", other.title);
        return Err(Error::conflict("not_this_stage", message));
    }
    let keys: Vec<&str> = stage.evidence.iter().map(|asked| asked.key.as_str()).collect();
    let rule = match keys.as_slice() {
        [] => format!("`{key}` is not asked for; “{}” needs no evidence", stage.title),
        keys => format!("`{key}` is not asked for; “{}” needs {}", stage.title, keys.join(", ")),
    };
    Err(Error::invalid("evidence", rule))
}

/// Complete the current stage, once all of its evidence is there.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CompleteStage {
    pub run: RunId,
    /// The stage that is meant; another one in the meantime is a conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
}

impl Operation for CompleteStage {
    const NAME: &'static str = "procedures.complete_stage";
    const ROUTE: Route = post("/procedure-runs/{run}/completions");
    const ACCESS: Access = Access::Open;
    type Output = Run;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("procedure_run", self.run.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Run> {
        let mut run = store::get(cx.tx, &cx.scope, self.run).await?;
        let stage = run.open_stage()?;
        if self.stage.is_some_and(|meant| meant != stage.key) {
            let message = format!("the current stage is “{}” by now; look again", stage.title);
            return Err(Error::conflict("other_stage", message));
        }
        write_down_witnessed(cx, &run, &stage).await?;
        let given = store::given(cx.tx, &cx.scope, run.id).await?;
        let given = given.into_iter().filter(|given| given.stage == stage.key);
        let given = given.filter_map(|given| Some((given.evidence, given.id?.to_string()))).collect();
        let terms = StageTerms { procedure: run.procedure.clone(), stage: stage.clone() };
        let facts = StageFacts { side: side(cx.actor), given };
        let law = run.law.clone();
        let decided = cx.decide::<StageRule>(run.id, run.partner, &law, &terms, &facts)?;
        if !decided.outcome {
            let message = format!("“{}” cannot be completed yet", stage.title);
            return Err(Error::refused("stage_incomplete", message, decided.reasons));
        }
        let next = run.complete(cx.actor.reference(), cx.actor.name.clone(), cx.now);
        store::save(cx.tx, &cx.scope, &run).await?;
        let summary = format!("“{}” is done", stage.title);
        cx.emit("procedure.stage_completed", run.id, run.partner, summary, &run);
        effects(cx, &run, &stage.on_complete).await?;
        match next {
            Some(next) => begin(cx, &mut run, &next).await?,
            None => {
                clocks::stop(cx, STAGE_CLOCK, &run.id.to_string()).await?;
                cx.emit("procedure.completed", run.id, run.partner, format!("{} is completed", run.title), &run);
            }
        }
        Ok(run)
    }
}

/// Writes down what the system sees by itself, so that the decision rests on evidence that stays.
async fn write_down_witnessed(cx: &mut Cx<'_>, run: &Run, stage: &Stage) -> Result<()> {
    let (Some(partner), witnesses) = (run.partner, cx.app.registry().parts::<Witness>()) else { return Ok(()) };
    let law = cx.law().await?;
    let known = store::given(cx.tx, &cx.scope, run.id).await?;
    for asked in &stage.evidence {
        let there = known.iter().find(|given| given.stage == stage.key && given.evidence == asked.key);
        for witness in witnesses.iter().filter(|witness| witness.kind == asked.kind) {
            let Some(value) = (witness.seen)(cx.tx, &cx.scope, partner, &law.program).await? else { continue };
            if there.is_some_and(|given| given.value == value) {
                break;
            }
            let id = there.and_then(|given| given.id).unwrap_or_else(|| cx.id());
            let (stage, evidence) = (stage.key.clone(), asked.key.clone());
            let (by, by_name) = ("system:witness".to_owned(), "Concord".to_owned());
            let given = Given { id: Some(id), stage, evidence, value, by, by_name, at: cx.now };
            store::save_given(cx.tx, &cx.scope, run, id, &given).await?;
            break;
        }
    }
    Ok(())
}

/// Note that a stage takes longer than its target; it stays open.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ReportOverdue {
    pub run: RunId,
}

impl Operation for ReportOverdue {
    const NAME: &'static str = "procedures.overdue";
    const ROUTE: Route = post("/procedure-runs/{run}/delays");
    const ACCESS: Access = Access::Open;
    type Output = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        let run = store::get(cx.tx, &cx.scope, self.run).await?;
        let stage = run.open_stage()?;
        if run.due_at.is_none_or(|due| due > cx.now) {
            return Err(Error::conflict("not_overdue", format!("“{}” is still within its time", stage.title)));
        }
        let summary = format!("“{}” takes longer than its target", stage.title);
        cx.emit("procedure.overdue", run.id, run.partner, summary, &run);
        Ok(())
    }
}
