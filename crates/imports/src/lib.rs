//! Imports: files of other systems, read, mapped to the fields of an operation, tried without effect, run row by row
//! through that operation, and undone as a whole.
//!
//! An area says what can be imported by adding a [`Target`], and what stands in the way of an undo by adding a
//! [`Dependent`]. The binary calls [`tick`] on every node: each step is one transaction that finds its rows waiting or
//! not, so a run that was interrupted goes on where it stood, and no row is written twice.

mod import;
pub mod mapping;
mod operations;
mod pages;
pub mod presets;
pub mod propose;
mod queries;
pub mod read;
mod row;
mod step;
mod store;
mod target;
#[cfg(test)]
mod tests;
mod undo;
pub mod value;

pub use import::{Counts, Import, Problem, RowState, State};
pub use operations::{AddRows, CheckImport, CreateImport, MapImport, RunImport, UndoImport};
pub use queries::{GetImport, ImportRow, ListImports, ListPresets, ListRows, ListTargets, ProposeMapping, RefusedRows};
pub use step::{step, tick};
pub use target::{Dependent, Found, Target, Texts, Undo, Update, same_text, texts_of};
pub use undo::in_the_way;

kernel::ids! { ImportId = ImportKind "imp" }

/// Adds the operations, queries, pages and tables of imports.
pub fn install(registry: &mut kernel::Registry) {
    registry
        .migration("imports/001", include_str!("../migrations/001_imports.sql"))
        .sealed("data_import", "id")
        .operation::<CreateImport>()
        .operation::<AddRows>()
        .operation::<MapImport>()
        .operation::<CheckImport>()
        .operation::<RunImport>()
        .operation::<UndoImport>()
        .operation::<operations::Advance>()
        .query::<ListImports>()
        .query::<GetImport>()
        .query::<ListRows>()
        .query::<RefusedRows>()
        .query::<ListTargets>()
        .query::<ListPresets>()
        .query::<ProposeMapping>();
    pages::install(registry);
}
