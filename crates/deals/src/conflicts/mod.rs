//! Conflicts between partners as a procedure: identify, investigate, mediate, decide, communicate, prevent.
//!
//! A case is opened from contested claims and goes through the procedure `conflict` of the program, if it has one. The
//! evidence stands side by side, earlier decisions about the same question are found, each side is told the outcome in words
//! that name nobody else, and what should prevent the next one goes into the draft of the program.

mod conflict;
mod operations;
mod pages;
mod queries;
mod rule;
mod store;
#[cfg(test)]
mod tests;

pub use conflict::Conflict;
pub use operations::{DecideConflict, OpenConflict, ProposeRule};
pub use queries::{ConflictInFull, GetConflict, ListConflicts, SideOfConflict};
pub use rule::{ConflictFacts, ConflictRule, ConflictTerms, Ruling};

use partners::customers::merging::Holding;

kernel::ids! { ConflictId = ConflictKind "cfl" }

pub(crate) fn install(registry: &mut kernel::Registry) {
    registry
        .migration("deals/003", include_str!("../../migrations/003_conflicts.sql"))
        .sealed("deal_conflict", "id")
        .rule::<ConflictRule>()
        .operation::<OpenConflict>()
        .operation::<DecideConflict>()
        .operation::<ProposeRule>()
        .query::<ListConflicts>()
        .query::<GetConflict>();
    registry.add(Holding { title: "Conflicts", moves: |tx, scope, pair| Box::pin(store::moved(tx, scope, pair)) });
    pages::install(registry);
}
