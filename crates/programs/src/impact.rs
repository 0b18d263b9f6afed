//! What a new version would touch: each area says it for its own things.

use futures::future::BoxFuture;
use kernel::app::ReadCx;
use kernel::{Money, Result};
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Affected {
    /// The id of the thing.
    pub subject: String,
    /// Its name for people.
    pub title: String,
    /// What changes, such as `tier` or `protected until`.
    pub what: String,
    pub before: Option<String>,
    pub after: Option<String>,
    /// Why it is so, where that is not plain, such as a tier that is kept although the figures give another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What it costs the company that runs the program more than before, if it has a value in money; negative if less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
}

/// All costs together; none where nothing has a value in money, or several currencies meet.
pub(crate) fn total(affected: &[Affected]) -> Option<Money> {
    affected.iter().filter_map(|one| one.cost).map(Some).reduce(|sum, next| sum?.checked_add(next?).ok()).flatten()
}
