//! Applying a run that was approved: each move is a decision, a notice to the partner and, if the program says so, the
//! beginning of the time for an appeal.

use clocks::NewClock;
use kernel::{Cx, DecisionId, Error, Operation as _, Result};
use law::{Program, Stay, TierRuns};
use programs::InForce;
use scoring::{Metric, SegmentFacts, SegmentRule, TierFacts, TierRule, Watch};

use super::appeals::CloseAppealWindow;
use super::draft::Rules;
use super::operations::ApplyTierRun;
use super::rule::{ReturnFacts, ReturnRule, ReturnTerms};
use super::run::{Fate, Move, MoveKind, RunKind, RunState, Signed, TierRun};
use super::store::{self, Outcome};
use super::{SEGMENT, by, list};
use crate::profile::{self, Partner, Status};
use crate::tiers::{self, Direction};

/// Moves of one entry of the log, which is of bounded size; a clock goes on with the others.
const MOST_AT_ONCE: usize = 40;
const CLOCK: &str = "tiers.apply_run";
pub(super) const APPEAL_CLOCK: &str = "tiers.appeal";

/// Everything that moves are made by.
struct Making<'a> {
    law: &'a InForce,
    rules: Rules,
    watch: Watch,
    run: &'a TierRun,
    done: Signed,
}

/// Makes the next moves of a run, and all of them in the end.
pub(super) async fn apply(cx: &mut Cx<'_>, mut run: TierRun) -> Result<TierRun> {
    let scope = cx.scope;
    let at = run.proposed.at;
    let law = programs::law_at(cx.app, cx.tx, &scope, at, at).await?;
    let rules = Rules::of(&law.program, &cx.app.registry().parts::<Metric>());
    let watch = scoring::watch(cx.tx, &scope).await?;
    let mut due = store::due(cx.tx, &scope, run.id, run.applied_through, MOST_AT_ONCE as u32 + 1).await?;
    let more = due.len() > MOST_AT_ONCE;
    due.truncate(MOST_AT_ONCE);
    let making = Making { law: &law, rules, watch, run: &run, done: by(cx) };
    let mut last = run.applied_through;
    for (planned, facts) in due {
        last = Some(planned.id);
        if planned.state == Fate::Planned {
            make(cx, &making, &planned, &facts).await?;
        }
    }
    run.applied_through = last;
    if more {
        go_on(cx, &run).await?;
    } else {
        run.state = RunState::Applied;
        run.ended_at = Some(cx.now);
        if run.kind == RunKind::Computed {
            scoring::computed(cx.tx, &scope, at).await?;
        }
        list::plan_publication(cx, &law).await?;
        let weight = store::weight(cx.tx, &scope, run.id).await?;
        let made = ui::words::counted(weight.applied.unsigned_abs(), "move");
        cx.emit("tier_run.applied", run.id, None, format!("The tier run was applied: {made}"), &run);
    }
    store::save_run(cx.tx, &scope, &run).await?;
    Ok(run)
}

async fn go_on(cx: &mut Cx<'_>, run: &TierRun) -> Result<()> {
    let clock = NewClock {
        kind: CLOCK,
        subject: run.id.to_string(),
        partner: None,
        title: "A tier run goes on".to_owned(),
        due_at: cx.now,
        warn_at: Vec::new(),
        on_lapse: ApplyTierRun::NAME,
        on_warn: None,
        input: serde_json::json!({ "run": run.id }),
    };
    clocks::start(cx, clock).await.map(|_| ())
}

/// Where a partner is now.
pub(super) fn place_of(partner: &Partner, kind: MoveKind) -> Option<&str> {
    match kind {
        MoveKind::Tier => partner.tier.as_deref(),
        MoveKind::Segment => partner.segment.as_deref(),
    }
}

pub(super) fn title_of(program: &Program, kind: MoveKind, key: &str) -> String {
    let title = match kind {
        MoveKind::Tier => program.tier(key).map(|tier| tier.title.clone()),
        MoveKind::Segment => program.segment(key).map(|segment| segment.title.clone()),
    };
    title.unwrap_or_else(|| key.to_owned())
}

/// The titles that a return names.
pub(super) fn titles(program: &Program, kind: MoveKind, facts: &ReturnFacts) -> ReturnTerms {
    ReturnTerms { from_title: title_of(program, kind, &facts.from), to_title: title_of(program, kind, &facts.to) }
}

async fn make(cx: &mut Cx<'_>, making: &Making<'_>, planned: &Move, facts: &str) -> Result<()> {
    let scope = cx.scope;
    let partner = profile::get(cx.tx, &scope, planned.partner).await?;
    let unchanged = place_of(&partner, planned.kind) == planned.from.as_deref();
    let skipped = match partner.status {
        Status::Active if unchanged => None,
        Status::Active => Some("it was moved otherwise in the meantime".to_owned()),
        status => Some(format!("it is {} now", status.name())),
    };
    let mut outcome = Outcome {
        of: planned.id,
        run: planned.run,
        partner: planned.partner,
        state: Fate::Applied,
        reason: skipped.as_deref().unwrap_or_default(),
        done: &making.done,
        decision: None,
        appeal_until: None,
        held: false,
    };
    if skipped.is_some() {
        outcome.state = Fate::Skipped;
        return store::save_outcome(cx.tx, &scope, &outcome).await;
    }
    let decision = decide(cx, making, &partner, planned, facts).await?;
    outcome.decision = Some(decision);
    if let Some((runs, days)) = appealable(making, planned) {
        outcome.appeal_until = Some(cx.now.plus_days(i64::from(days)));
        outcome.held = runs.hold_benefits && planned.direction == Direction::Down;
    }
    settle(cx, making.law, planned.kind, &partner, &planned.to, outcome.held).await?;
    store::save_outcome(cx.tx, &scope, &outcome).await?;
    tell(cx, making, planned, &outcome);
    if let Some(until) = outcome.appeal_until {
        let title = format!("The time for an appeal of {} ends", planned.name);
        let clock = NewClock {
            kind: APPEAL_CLOCK,
            subject: planned.id.to_string(),
            partner: Some(planned.partner),
            title,
            due_at: until,
            warn_at: Vec::new(),
            on_lapse: CloseAppealWindow::NAME,
            on_warn: None,
            input: serde_json::json!({ "move": planned.id }),
        };
        clocks::start(cx, clock).await?;
    }
    Ok(())
}

/// Whoever gets a first place has nothing to appeal against, and a return has been decided by people already.
fn appealable<'a>(making: &'a Making<'_>, planned: &Move) -> Option<(&'a TierRuns, u32)> {
    let runs = making.law.program.runs.as_ref()?;
    let days = runs.appeal_days?;
    (planned.direction == Direction::Down && making.run.kind == RunKind::Computed).then_some((runs, days))
}

/// Makes the decision of a move from what was measured when it was planned.
async fn decide(
    cx: &mut Cx<'_>,
    making: &Making<'_>,
    partner: &Partner,
    planned: &Move,
    facts: &str,
) -> Result<DecisionId> {
    let (id, citation) = (partner.id, making.law.citation());
    if making.run.kind == RunKind::Rollback {
        let facts: ReturnFacts = serde_json::from_str(facts)?;
        let terms = titles(&making.law.program, planned.kind, &facts);
        let decided = cx.decide::<ReturnRule>(id, Some(id), &citation, &terms, &facts)?;
        return Ok(decided.id);
    }
    match planned.kind {
        MoveKind::Tier => {
            let facts: TierFacts = serde_json::from_str(facts)?;
            let terms = &making.rules.tiers;
            let decided = cx.decide::<TierRule>(id, Some(id), &citation, terms, &facts)?;
            agrees(&decided.outcome, &planned.to)?;
            profile::store::set_tier_decision(cx.tx, id, decided.id).await?;
            if terms.moves() {
                let left = partner.tier.clone().zip(partner.tier_since).map(|(tier, since)| Stay { tier, since });
                let scope = cx.scope;
                scoring::remember(cx.tx, &scope, &making.watch, id, &terms.moved(&facts), left).await?;
            }
            Ok(decided.id)
        }
        MoveKind::Segment => {
            let facts: SegmentFacts = serde_json::from_str(facts)?;
            let terms = making.rules.segments.as_ref();
            let terms = terms.ok_or_else(|| Error::internal("a segment is moved, but the program has none"))?;
            let decided = cx.decide::<SegmentRule>(id, Some(id), &citation, terms, &facts)?;
            agrees(&decided.outcome, &planned.to)?;
            Ok(decided.id)
        }
    }
}

/// The rules are pure, so that what was shown is what is decided.
fn agrees(decided: &str, planned: &str) -> Result<()> {
    if decided == planned {
        return Ok(());
    }
    Err(Error::internal(format!("the plan says {planned}, but the rules of the same version decide {decided}")))
}

/// Puts a partner where it belongs and makes the benefits its controls, unless those of before are kept for a while.
pub(super) async fn settle(
    cx: &mut Cx<'_>,
    law: &InForce,
    kind: MoveKind,
    partner: &Partner,
    to: &str,
    held: bool,
) -> Result<()> {
    match kind {
        MoveKind::Tier => {
            let tier = law.program.tier(to).ok_or_else(|| gone(kind, to))?;
            if held {
                return profile::store::set_tier(cx.tx, partner.id, &tier.key, tier.rank, cx.now).await;
            }
            tiers::give(cx, law, partner.id, tier).await
        }
        MoveKind::Segment => {
            law.program.segment(to).ok_or_else(|| gone(kind, to))?;
            profile::store::set_segment(cx.tx, partner.id, to, cx.now).await?;
            if held { Ok(()) } else { grant(cx, law, kind, partner, to).await }
        }
    }
}

/// Makes what the place grants the partner's controls.
pub(super) async fn grant(cx: &mut Cx<'_>, law: &InForce, kind: MoveKind, partner: &Partner, to: &str) -> Result<()> {
    let (source, grants) = match kind {
        MoveKind::Tier => {
            let tier = law.program.tier(to).ok_or_else(|| gone(kind, to))?;
            (tiers::SOURCE, tiers::grants(tier))
        }
        MoveKind::Segment => {
            let segment = law.program.segment(to).ok_or_else(|| gone(kind, to))?;
            let grant = |(control, value): (&String, &law::BenefitValue)| controls::Grant {
                control: control.clone(),
                value: value.clone(),
                cites: format!("tiers.toml: segment.{}.invests.{control}", segment.key),
            };
            (SEGMENT, segment.invests.iter().map(grant).collect())
        }
    };
    controls::replace(cx, partner.id, source, to, &law.citation(), grants).await
}

fn gone(kind: MoveKind, key: &str) -> Error {
    Error::conflict("gone", format!("the program has no {} `{key}` any more", kind.word()))
}

/// The notice to the partner.
fn tell(cx: &mut Cx<'_>, making: &Making<'_>, planned: &Move, outcome: &Outcome<'_>) {
    let title = title_of(&making.law.program, planned.kind, &planned.to);
    let zone = making.law.program.settings.zone();
    let appeal = outcome.appeal_until.map(|until| {
        let kept = if outcome.held { "; the benefits of before are kept until then" } else { "" };
        format!(". An appeal is possible until {}{kept}", until.day_in(&zone))
    });
    let summary = format!("{} is {title} now{}", planned.name, appeal.unwrap_or_default());
    let kind = match (planned.kind, planned.direction) {
        (MoveKind::Tier, Direction::Down) => "partner.demoted",
        (MoveKind::Tier, _) => "partner.promoted",
        (MoveKind::Segment, _) => "partner.segmented",
    };
    let data = serde_json::json!({
        "from": planned.from, "to": planned.to, "decision": outcome.decision, "run": planned.run,
        "move": planned.id, "appeal_until": outcome.appeal_until,
    });
    cx.emit(kind, planned.partner, Some(planned.partner), summary, &data);
}
