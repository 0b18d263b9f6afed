//! Scoring: named figures about partners, kept over time, and the tier that follows from them with its reasons.
//!
//! Areas publish *metrics* and *sets of facts*; this engine measures them all, keeps snapshots for scorecards, and decides
//! tiers by the rules of the program over them: which tier the figures give, and when it takes effect. It knows no area: a tier scores deals without knowing what a deal is.

mod facts;
mod metric;
mod operations;
mod progress;
mod scorecard;
mod segment;
mod spread;
mod store;
#[cfg(test)]
mod tests;
mod tier;
mod watch;
mod way;

pub use facts::{FactRow, FactSet, Field, Load, LoadRecorded, Recorded, Times, cases_of, published};
pub use metric::{Measure, Metric, measure_all};
pub use operations::{GetScorecard, RefreshScorecards, Refreshed};
pub use progress::{NextTier, Requirement, TierProgress};
pub use scorecard::{MetricCard, Point, Scorecard, scorecard_markup};
pub use segment::{SegmentFacts, SegmentRule, SegmentRung, SegmentTerms};
pub use spread::spread;
pub use tier::{Rung, TierFacts, TierRule, TierTerms};
pub use watch::{Watch, computed, remember, watch};
pub use way::WayUp;

kernel::ids! { ValueId = ValueKind "mval", BatchId = BatchKind "mset" }

/// Seconds from one refresh of the scorecards to the next.
const WEEKLY: i64 = 604_800;

/// Adds the tier rule, the scorecards and their weekly refresh.
pub fn install(registry: &mut kernel::Registry) {
    use kernel::Operation as _;
    registry
        .migration("scoring/001", include_str!("../migrations/001_values.sql"))
        .migration("scoring/002", include_str!("../migrations/002_movement.sql"))
        .sealed("metric_value", "batch")
        .sealed("tier_watch", "id")
        .sealed("tier_run", "id")
        .rule::<TierRule>()
        .rule::<SegmentRule>()
        .operation::<RefreshScorecards>()
        .query::<GetScorecard>()
        .schedule(WEEKLY, RefreshScorecards::NAME, serde_json::json!({}));
}
