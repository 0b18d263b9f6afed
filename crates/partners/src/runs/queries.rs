//! What can be asked about tier runs, their moves, and where a partner stands.

use kernel::app::ReadCx;
use kernel::event::{self, EventRecord};
use kernel::{Error, Page, PageRequest, PartnerId, Query, Reason, Result, Route, Timestamp, get};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::run::{Appeal, AppealState, Fate, Move, MoveKind, RunState, TierRun, Weight, second_because};
use super::store::{self, MoveFilter};
use super::{MoveId, RunId, appeal_store, apply};
use crate::company;
use crate::profile;
use crate::tiers::{Direction, vendor_only};

/// Events shown with a run.
const TIMELINE: u32 = 50;
/// Moves shown to a partner.
const MADE: u32 = 20;

/// List tier runs, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListTierRuns {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<RunState>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListTierRuns {
    const NAME: &'static str = "tiers.list_runs";
    const ROUTE: Route = get("/tiers/runs");
    type Output = Page<TierRun>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<TierRun>> {
        vendor_only(&cx.scope, Self::NAME)?;
        store::runs(cx.tx, &cx.scope, &self.page, self.state).await
    }
}

/// A run with everything that its page shows beside the moves.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct TierRunDetail {
    pub run: TierRun,
    pub weight: Weight,
    /// Why it needs a second person, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<Reason>,
    /// The run that takes it back, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversed_by: Option<RunId>,
    /// Whether another version has come into force since, so that it cannot be approved any more.
    pub outdated: bool,
    pub timeline: Vec<EventRecord>,
}

/// Show a tier run.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetTierRun {
    pub run: RunId,
}

impl Query for GetTierRun {
    const NAME: &'static str = "tiers.get_run";
    const ROUTE: Route = get("/tiers/runs/{run}");
    type Output = TierRunDetail;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("run", self.run.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<TierRunDetail> {
        vendor_only(&cx.scope, Self::NAME)?;
        let scope = cx.scope;
        let run = store::run(cx.tx, &scope, self.run).await?;
        let run = run.ok_or_else(|| Error::not_found("tier run", self.run))?;
        let law = cx.law().await?;
        let weight = store::weight(cx.tx, &scope, run.id).await?;
        let waiting = matches!(run.state, RunState::Draft | RunState::AwaitingSecond);
        Ok(TierRunDetail {
            second: law.program.runs.as_ref().and_then(|runs| second_because(runs, &weight)),
            weight,
            reversed_by: store::reversal_of(cx.tx, &scope, run.id).await?.map(|again| again.id),
            outdated: waiting && law.citation() != run.law,
            timeline: event::of_subject(cx.tx, &scope, &run.id.to_string(), TIMELINE).await?,
            run,
        })
    }
}

/// List the moves of a tier run.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ListMoves {
    pub run: RunId,
    /// Part of the partner's name or domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<MoveKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// The key of the tier or segment that is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The key of the tier or segment that is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Fate>,
    /// Only moves with such an appeal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal: Option<AppealState>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListMoves {
    const NAME: &'static str = "tiers.list_moves";
    const ROUTE: Route = get("/tiers/runs/{run}/moves");
    type Output = Page<Move>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Move>> {
        vendor_only(&cx.scope, Self::NAME)?;
        let key = |text: Option<String>| text.filter(|text| !text.is_empty());
        let by = MoveFilter {
            q: self.q.map(|text| company::search_key(&[Some(&text)])),
            kind: self.kind,
            direction: self.direction,
            from: key(self.from),
            to: key(self.to),
            state: self.state,
            appeal: self.appeal,
        };
        store::moves(cx.tx, &cx.scope, self.run, &self.page, by).await
    }
}

/// A move with its appeal.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct MoveDetail {
    #[serde(flatten)]
    pub made: Move,
    pub from_title: Option<String>,
    pub to_title: String,
    /// Where the run stands.
    pub run_state: RunState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appealed: Option<Appeal>,
}

/// Show a move of a tier run. A partner sees its own, once they were made.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetMove {
    #[serde(rename = "move")]
    pub of: MoveId,
}

impl Query for GetMove {
    const NAME: &'static str = "tiers.get_move";
    const ROUTE: Route = get("/tiers/moves/{move}");
    type Output = MoveDetail;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("move", self.of.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<MoveDetail> {
        let scope = cx.scope;
        let made = store::find_move(cx.tx, &scope, self.of).await?;
        detail(cx, made.ok_or_else(|| Error::not_found("move", self.of))?).await
    }
}

async fn detail(cx: &mut ReadCx<'_>, made: Move) -> Result<MoveDetail> {
    let scope = cx.scope;
    let law = cx.law().await?;
    let run = store::run(cx.tx, &scope, made.run).await?.ok_or_else(|| Error::not_found("tier run", made.run))?;
    let title = |key: &str| apply::title_of(&law.program, made.kind, key);
    let mut made = made.clone();
    if scope.partner.is_some() {
        // What the benefits cost and who did it inside is the vendor's own.
        (made.cost, made.done) = (None, None);
        made.reasons.retain(|reason| reason.audience == kernel::Audience::Both);
    }
    let mut appealed = appeal_store::appeal_of(cx.tx, &scope, made.id).await?;
    if let Some(decided) = appealed.as_mut().filter(|_| scope.partner.is_some()).and_then(|one| one.decided.as_mut()) {
        decided.by = String::new();
    }
    Ok(MoveDetail {
        from_title: made.from.as_deref().map(title),
        to_title: title(&made.to),
        run_state: run.state,
        appealed,
        made,
    })
}

/// Where a partner stands: its tier and segment, and how it came there.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Standing {
    pub partner: PartnerId,
    pub name: String,
    pub tier: Option<String>,
    pub tier_title: Option<String>,
    pub tier_since: Option<Timestamp>,
    pub segment: Option<String>,
    pub segment_title: Option<String>,
    pub segment_description: Option<String>,
    pub segment_since: Option<Timestamp>,
    /// What is invested in partners of its segment, in words.
    pub invests: Vec<String>,
    /// Moves that were made, newest first.
    pub moves: Vec<MoveDetail>,
}

/// Show the tier and segment of a partner, and how it came there.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetStanding {
    pub partner: PartnerId,
}

impl Query for GetStanding {
    const NAME: &'static str = "tiers.standing";
    const ROUTE: Route = get("/partners/{partner}/standing");
    type Output = Standing;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("partner", self.partner.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Standing> {
        let scope = cx.scope;
        let partner = profile::get(cx.tx, &scope, self.partner).await?;
        let law = cx.law().await?;
        let mut moves = Vec::new();
        for made in store::made(cx.tx, &scope, partner.id, MADE).await? {
            moves.push(detail(cx, made).await?);
        }
        let segment = partner.segment.as_deref().and_then(|key| law.program.segment(key));
        let title = |kind, key: &Option<String>| key.as_deref().map(|key| apply::title_of(&law.program, kind, key));
        let invests = segment.iter().flat_map(|segment| &segment.invests);
        Ok(Standing {
            tier_title: title(MoveKind::Tier, &partner.tier),
            segment_title: title(MoveKind::Segment, &partner.segment),
            segment_description: segment.map(|segment| segment.description.clone()).filter(|text| !text.is_empty()),
            invests: invests.map(|(key, value)| format!("{}: {value}", key.replace('_', " "))).collect(),
            partner: partner.id,
            name: partner.name,
            tier: partner.tier,
            tier_since: partner.tier_since,
            segment: partner.segment,
            segment_since: partner.segment_since,
            moves,
        })
    }
}
