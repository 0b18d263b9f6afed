//! The program in force: versions of the program file, which of them is the law at an instant, and what a new one would
//! change.
//!
//! A version is never altered. It has two times: when it was decided and from when it is in force. Decisions cite the
//! version that they were made under, such as `northwind/3`.

mod draft;
mod impact;
mod in_force;
mod operations;
mod pages;
mod proposal;
mod queries;
mod store;
#[cfg(test)]
mod tests;
mod visible;

pub use draft::{DiscardDraft, Draft, DraftFile, EditProgram, GetDraft};
pub use impact::{Affected, Assess, Impact};
pub use in_force::{InForce, Law, law_at};
pub use operations::{ApplyProgram, RollBackProgram};
pub use proposal::{PolicyChecker, Published, catalog};
pub use queries::{
    AssessedImpact, GetProgram, LintProgram, LintReport, ListVersions, Plan, PlanProgram, ProgramInForce, ShowVersion,
    VersionDetail,
};
pub use store::{Files, Version};
pub use visible::{ArchetypeOf, ReadArchetype};

kernel::ids! { VersionId = VersionKind "ver", DraftFileId = DraftFileKind "draft" }

/// Adds the program's operations, pages and tables.
pub fn install(registry: &mut kernel::Registry) {
    registry
        .migration("programs/001", include_str!("../migrations/001_versions.sql"))
        .sealed("program_version", "id")
        .sealed("program_draft", "id")
        .add(in_force::Shelf::default())
        .query::<LintProgram>()
        .query::<PlanProgram>()
        .query::<GetProgram>()
        .query::<ListVersions>()
        .query::<ShowVersion>()
        .query::<GetDraft>()
        .operation::<EditProgram>()
        .operation::<DiscardDraft>()
        .operation::<ApplyProgram>()
        .operation::<RollBackProgram>();
    pages::install(registry);
}
