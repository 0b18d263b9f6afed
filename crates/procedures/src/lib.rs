//! Procedures: standard flows that the program defines, as stages that cannot be skipped.
//!
//! A run keeps the definition of the law under which it started. A stage is completed by the side that moves it, once all
//! of its evidence is there; the decision can be explained. Effects are operations that the program names for the
//! beginning and the end of a stage. A stage that takes too long is reported by a clock. A procedure is begun by somebody,
//! by something that happens to a partner, or by the calendar.

mod begin;
mod ending;
mod evidence;
mod operations;
mod pages;
mod queries;
mod run;
mod stage;
mod store;
#[cfg(test)]
mod tests;

pub use begin::{StartDue, StartProcedure, Started, first_day, happened, next_first_day, period};
pub use ending::{CloseRun, close, hold, resume};
pub use evidence::{Answer, Given, NameOf, Witness};
pub use operations::{CompleteStage, GiveEvidence, ReportOverdue, start, start_about};
pub use queries::{EvidenceFile, EvidenceView, GetEvidence, GetRun, ListRuns, RunDetail, StageState, StageView};
pub use run::{Completed, Run, State};
pub use stage::{StageFacts, StageRule, StageTerms};
pub use store::{for_subject, latest, of_subject};

kernel::ids! { RunId = RunKind "run", EvidenceId = EvidenceIdKind "evd" }

/// Seconds from one look at the calendar to the next.
const DAILY: i64 = 86_400;

/// Adds the procedures' operations, lists, pages, rule and tables.
pub fn install(registry: &mut kernel::Registry) {
    registry
        .migration("procedures/001", include_str!("../migrations/001_procedures.sql"))
        .migration("procedures/002", include_str!("../migrations/002_orders.sql"))
        .migration("procedures/003", include_str!("../migrations/003_holding.sql"))
        .sealed("procedure_run", "id")
        .sealed("procedure_evidence", "id")
        .rule::<StageRule>()
        .operation::<StartProcedure>()
        .operation::<StartDue>()
        .operation::<CloseRun>()
        .operation::<GiveEvidence>()
        .operation::<CompleteStage>()
        .operation::<ReportOverdue>()
        .query::<GetRun>()
        .query::<GetEvidence>()
        .query::<ListRuns>()
        .schedule(DAILY, <StartDue as kernel::Operation>::NAME, serde_json::json!({}));
    pages::install(registry);
}
