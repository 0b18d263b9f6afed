//! The law of a partner program: its files as typed values, checked, versioned and compared.
//!
//! A *program* is a folder of TOML files with Markdown terms and Cedar policies. [`Program::load`] reads it and says of
//! every mistake where it is and what was probably meant; [`diff()`] says what a new version changes; the rule
//! language in [`expr`] decides tiers over metrics. Everything here is pure: files come in as text, nothing goes out.

mod diagnostic;
mod diff;
pub mod expr;
mod lint;
pub mod model;
mod movement;
mod nearest;
mod path;
mod reference;
mod schema;
mod shipped;

pub use diagnostic::{Diagnostic, Severity, render};
pub use diff::{Area, Change, ChangeKind, diff};
pub use expr::{Basis, Case, Catalog, Evaluation, FactSet, Facts, Memo, Rule, Type, Value, View};
pub use lint::{Checked, PolicyCheck, lint};
pub use model::*;
pub use movement::{Ladder, Moved, Stay, Step, TierHistory};
pub use path::{Gap, Path, Way};
pub use reference::reference_markdown;
pub use schema::{FILES, REQUIRED_FILES, schemas};
pub use shipped::{Shipped, Work, shipped};
