//! Findings: what should not be so, with the amount at stake, who owns it and what was decided about it.
//!
//! An area adds a [`Check`], a query whose rows are what is wrong. Once a day, and on demand, every check runs: what is new
//! becomes a finding, what is gone resolves itself. A person may accept a finding, with a reason and an end date after
//! which it opens again, so that nothing is silenced for ever. Findings are the vendor's own; partners do not see them.

mod check;
mod finding;
mod operations;
mod pages;
mod queries;
mod store;
#[cfg(test)]
mod tests;

pub use check::{Check, Severity};
pub use finding::{Disposition, Finding, State};
pub use operations::{AssignFinding, DisposeFinding, RunChecks, RunReport};
pub use queries::{CheckSummary, FindingDetail, GetFinding, ListChecks, ListFindings};

kernel::ids! { FindingId = FindingKind "fnd" }

/// Adds the findings' operations, lists, pages and table, and the daily run.
pub fn install(registry: &mut kernel::Registry) {
    registry
        .migration("findings/001", include_str!("../migrations/001_findings.sql"))
        .migration("findings/002", include_str!("../migrations/002_orders.sql"))
        .sealed("finding", "id")
        .operation::<RunChecks>()
        .operation::<DisposeFinding>()
        .operation::<AssignFinding>()
        .query::<ListFindings>()
        .query::<ListChecks>()
        .query::<GetFinding>()
        .schedule(86_400, <RunChecks as kernel::Operation>::NAME, serde_json::json!({}));
    pages::install(registry);
}
