//! Tier runs: partners move between tiers and segments only by decision. What a computation would move is proposed as a
//! run; people look at it, leave somebody out, approve it (two of them where much is at stake), and it is applied as a whole.
//! A partner can appeal against a move for a while, and a run can be taken back by another one.
//!
//! A program without `[runs]` moves partners whenever tiers are computed; see [`crate::tiers`].

mod appeal_store;
mod appeals;
mod apply;
mod draft;
mod list;
mod operations;
mod pages;
mod paper;
mod portal;
mod queries;
mod rollback;
mod rule;
mod run;
mod store;
#[cfg(test)]
mod tests;

pub use appeals::{AppealMove, CloseAppealWindow, DecideAppeal};
pub use list::{ListSegmentLists, PublishSegments, SegmentList};
pub use operations::{
    ApplyTierRun, ApproveTierRun, DiscardTierRun, ExcludeFromRun, IncludeInRun, ProposeDueRun, ProposeTierRun,
};
pub use queries::{GetMove, GetStanding, GetTierRun, ListMoves, ListTierRuns, MoveDetail, Standing, TierRunDetail};
pub use rollback::RollBackTierRun;
pub use rule::{Cause, ReturnFacts, ReturnRule, ReturnTerms};
pub(crate) use run::dearer;
pub use run::{Appeal, AppealState, Fate, Move, MoveKind, RunKind, RunState, Signed, TierRun, Weight};

use kernel::{Actor, Cx, Operation as _, Registry, Timestamp};

kernel::ids! {
    RunId = RunKindOfId "trun",
    MoveId = MoveKindOfId "tmov",
    AppealId = AppealKindOfId "tapl",
    SegmentListId = SegmentListKind "slst"
}

/// What grants a partner the controls of its segment.
pub(crate) const SEGMENT: &str = "segment";
/// Seconds from one look whether a run is due to the next.
const DAILY: i64 = 86_400;

pub fn install(registry: &mut Registry) {
    registry
        .migration("partners/004-runs", include_str!("../../migrations/004_runs.sql"))
        .sealed("move_run", "id")
        .sealed("planned_move", "run")
        .sealed("move_outcome", "id")
        .sealed("move_appeal", "id")
        .sealed("segment_list", "id")
        .rule::<ReturnRule>()
        .operation::<ProposeTierRun>()
        .operation::<ProposeDueRun>()
        .operation::<ExcludeFromRun>()
        .operation::<IncludeInRun>()
        .operation::<DiscardTierRun>()
        .operation::<ApproveTierRun>()
        .operation::<ApplyTierRun>()
        .operation::<RollBackTierRun>()
        .operation::<AppealMove>()
        .operation::<DecideAppeal>()
        .operation::<CloseAppealWindow>()
        .operation::<PublishSegments>()
        .query::<ListTierRuns>()
        .query::<GetTierRun>()
        .query::<ListMoves>()
        .query::<GetMove>()
        .query::<GetStanding>()
        .query::<ListSegmentLists>()
        .schedule(DAILY, ProposeDueRun::NAME, serde_json::json!({}));
    pages::install(registry);
    portal::install(registry);
}

/// Who does this, and when.
fn signed(actor: &Actor, now: Timestamp) -> Signed {
    Signed { at: now, by: actor.reference(), name: actor.name.clone() }
}

fn by(cx: &Cx<'_>) -> Signed {
    signed(cx.actor, cx.now)
}
