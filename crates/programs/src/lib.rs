//! The program in force: versions of the program file, which of them is the law at an instant, and what a new one would
//! change.
//!
//! A version is never altered. It has two times: when it was decided and from when it is in force. Decisions cite the
//! version that they were made under, such as `northwind/3`.

mod impact;
mod in_force;
mod operations;
mod pages;
mod store;

pub use impact::{Affected, Impact};
pub use in_force::{InForce, Law, law_at};
pub use operations::{ApplyProgram, GetProgram, LintProgram, LintReport, ListVersions, Plan, PlanProgram, ShowVersion};
pub use store::Version;

kernel::ids! { VersionId = VersionKind "ver" }

/// Adds the program's operations, pages and tables.
pub fn install(registry: &mut kernel::Registry) {
    registry
        .migration("programs/001", include_str!("../migrations/001_versions.sql"))
        .sealed("program_version", "id")
        .add(in_force::Shelf::default())
        .query::<LintProgram>()
        .query::<PlanProgram>()
        .query::<GetProgram>()
        .query::<ListVersions>()
        .query::<ShowVersion>()
        .operation::<ApplyProgram>();
    pages::install(registry);
}
