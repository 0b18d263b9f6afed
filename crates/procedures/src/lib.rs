//! Procedures: standard flows that the program defines, as stages that cannot be skipped.
//!
//! A run keeps the definition of the law under which it started. A stage is completed by the side that moves it, once all
//! of its evidence is there; the decision can be explained. Effects are operations that the program names for the
//! beginning and the end of a stage. A stage that takes too long is reported by a clock.

mod evidence;
mod operations;
mod pages;
mod queries;
mod run;
mod stage;
mod store;
#[cfg(test)]
mod tests;

pub use evidence::{Answer, Given, NameOf, Witness};
pub use operations::{CompleteStage, GiveEvidence, ReportOverdue, start};
pub use queries::{EvidenceFile, EvidenceView, GetEvidence, GetRun, ListRuns, RunDetail, StageState, StageView};
pub use run::{Completed, Run, State};
pub use stage::{StageFacts, StageRule, StageTerms};
pub use store::for_subject;

kernel::ids! { RunId = RunKind "run", EvidenceId = EvidenceIdKind "evd" }

/// Adds the procedures' operations, lists, pages, rule and tables.
pub fn install(registry: &mut kernel::Registry) {
    registry
        .migration("procedures/001", include_str!("../migrations/001_procedures.sql"))
        .migration("procedures/002", include_str!("../migrations/002_orders.sql"))
        .sealed("procedure_run", "id")
        .sealed("procedure_evidence", "id")
        .rule::<StageRule>()
        .operation::<GiveEvidence>()
        .operation::<CompleteStage>()
        .operation::<ReportOverdue>()
        .query::<GetRun>()
        .query::<GetEvidence>()
        .query::<ListRuns>();
    pages::install(registry);
}
