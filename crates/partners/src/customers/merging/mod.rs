//! Merging customers that turned out to be one company, and taking that back.
//!
//! A merge is a pointer from the folded customer to the one that is kept: the row of nobody else is rewritten, so un-merging
//! restores exactly what was there, and what came in for the survivor in the meantime stays with it. Whoever asks what there
//! is about a customer asks about its [`family`]: all that are merged with it. A partner keeps seeing the customer under the
//! record that it has a deal with, and learns neither of the merge nor of other names.

mod family;
mod operations;
pub(super) mod pages;
mod queries;
mod store;
#[cfg(test)]
mod tests;

use futures::future::BoxFuture;
use kernel::{Registry, Result, Scope, Tx};

pub use family::{family, names_told_to, resolved, roots_at};
pub use operations::{MergeCustomers, UnmergeCustomer};
pub use queries::{Moved, PreviewMerge, PreviewOfMerge};
pub use store::Merge;
pub(super) use store::history;
pub(crate) use store::relabeled;

use super::CustomerId;

kernel::ids! { MergeId = MergeKind "cmrg" }

/// Sentences that are being gathered.
pub type Told<'a> = BoxFuture<'a, Result<Vec<String>>>;

/// What an area knows about customers, for the preview of a merge; the area adds it to the registry.
#[derive(Clone, Copy)]
pub struct Holding {
    /// Such as `Deals`.
    pub title: &'static str,
    /// What goes along with the folded customer into the kept one, in sentences; none if there is nothing.
    pub moves: for<'a> fn(&'a mut Tx, Scope, Pair) -> Told<'a>,
}

/// The two customers of a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    pub kept: CustomerId,
    pub folded: CustomerId,
}

pub(super) fn install(registry: &mut Registry) {
    registry
        .migration("partners/007", include_str!("../../../migrations/007_merges.sql"))
        .sealed("customer_merge", "id")
        .operation::<MergeCustomers>()
        .operation::<UnmergeCustomer>()
        .query::<PreviewMerge>()
        .add(imports::Dependent { target: "customers", find: |tx, scope, id| Box::pin(merged_with(tx, scope, id)) })
        .add(Holding { title: "Partners", moves: |tx, scope, pair| Box::pin(queries::partners_of(tx, scope, pair)) });
    pages::install(registry);
}

/// A customer that takes part in a merge is not removed: the merge is taken back first.
async fn merged_with(tx: &mut Tx, scope: Scope, id: &str) -> Result<Vec<String>> {
    let Ok(id) = id.parse::<CustomerId>() else { return Ok(Vec::new()) };
    let others = family(tx, &scope, id).await?.len().saturating_sub(1);
    let sentence = format!("it is merged with {others} other customers; un-merge them first");
    Ok(if others > 0 { vec![sentence] } else { Vec::new() })
}
