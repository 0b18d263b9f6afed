//! Enforcement: the gate in service. It answers an assignment from facts and policies kept in memory, records every
//! decision so that it can be computed again, and measures how soon news have effect.
//!
//! A denial or warning is answered only when it is on record. An allowance is answered at once and recorded within a
//! moment, together with others; what a crash in that moment can lose is the record of allowances, never of a denial.

mod books;
mod door;
pub(crate) mod effect;
mod evaluate;
mod lint;
mod operations;
mod overview;
mod pages;
pub(crate) mod problem;
mod queries;
mod recorder;
mod rule;
mod snapshot;
mod store;
#[cfg(test)]
mod tests;

pub use evaluate::{Assessed, evaluate, evaluate_all};
pub(crate) use evaluate::{checked_id, system_only, vendor_only};
pub use lint::check_policy;
pub use operations::{Asked, EvaluateAssignment, RecordDecisions, RecordEffects};
pub use overview::{EffectStats, GateOverview, GetGate, PolicyInForce, Totals};
pub(crate) use pages::span;
pub use queries::{CheckAssignment, Checked, ListDecisions, RecordedDecision};
pub use recorder::settle;
pub use rule::{AssignmentFacts, AssignmentRule};

use kernel::Registry;

pub(crate) fn install(registry: &mut Registry) {
    registry
        .sealed("gate_decision", "batch")
        .sealed("gate_firing", "batch")
        .rule::<AssignmentRule>()
        .operation::<EvaluateAssignment>()
        .operation::<RecordDecisions>()
        .operation::<RecordEffects>()
        .query::<CheckAssignment>()
        .query::<ListDecisions>()
        .query::<GetGate>()
        .add(programs::PolicyChecker(check_policy))
        .add(overview::ALLOWED_DESPITE)
        .add(books::Books::default())
        .add(snapshot::Snapshot::default())
        .add(recorder::Recorder::default())
        .follow(snapshot::follow)
        .follow(books::follow);
    door::install(registry);
    pages::install(registry);
}
