//! What a new version would touch: each area says it for its own things.

use futures::future::BoxFuture;
use kernel::Result;
use kernel::app::ReadCx;
use law::Program;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Compares the law in force, if any, with the proposed one on the data as they stand.
pub type Assess =
    for<'a, 'b> fn(&'a mut ReadCx<'b>, Option<&'a Program>, &'a Program) -> BoxFuture<'a, Result<Vec<Affected>>>;

/// An area's answer to "what would change for your things under this law?"; added with `registry.add(Impact { … })`.
#[derive(Clone, Copy)]
pub struct Impact {
    /// What it looks at, such as `Open deals`.
    pub title: &'static str,
    /// Compares the law in force, if any, with the proposed one on the data as they stand.
    pub assess: Assess,
}

/// One thing that a new version would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Affected {
    /// The id of the thing.
    pub subject: String,
    /// Its name for people.
    pub title: String,
    /// What changes, such as `tier` or `protected until`.
    pub what: String,
    pub before: Option<String>,
    pub after: Option<String>,
}
