//! Folding a customer into another one, and taking it out again.

use kernel::{Access, Cx, Error, Operation, Result, Route, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::operations::vendor_only;
use super::super::store as customers;
use super::super::{Customer, CustomerId};
use super::store::{self, Merge};
use crate::company::{self, Faults};

const LONGEST_REASON: usize = 500;

/// Merge two customers that are one company. Look-ups, matching, attribution and conflicts treat both as the kept one from
/// then on; nothing else is rewritten, so that it can be taken back exactly.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct MergeCustomers {
    /// The customer that is kept.
    pub customer: CustomerId,
    /// The customer that is folded into it.
    pub folded: CustomerId,
    /// What shows that they are one.
    pub reason: String,
}

/// Two customers that can be merged, or why they cannot.
pub(super) async fn mergeable(
    tx: &mut kernel::Tx,
    scope: &kernel::Scope,
    kept: CustomerId,
    folded: CustomerId,
) -> Result<(Customer, Customer)> {
    if kept == folded {
        return Err(Error::invalid("folded", format!("{folded} is the customer that is kept; name another one")));
    }
    let (kept, folded) = (customers::get(tx, scope, kept).await?, customers::get(tx, scope, folded).await?);
    if let Some(into) = folded.merged_into {
        let into = customers::get(tx, scope, into).await?;
        let message = format!("{} is merged into {} ({}) already; un-merge it first", folded.name, into.name, into.id);
        return Err(Error::conflict("already_merged", message));
    }
    if kept.merged_into.is_some() {
        let root = customers::get(tx, scope, kept.stands_for()).await?;
        let message = format!("{} is itself merged into {}; merge into {} instead", kept.name, root.name, root.id);
        return Err(Error::conflict("merged_away", message));
    }
    Ok((kept, folded))
}

impl Operation for MergeCustomers {
    const NAME: &'static str = "customers.merge";
    const ROUTE: Route = post("/customers/{customer}/merges");
    const ACCESS: Access = Access::Open;
    type Output = Merge;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("customer", self.customer.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Merge> {
        vendor_only(cx, Self::NAME)?;
        let scope = cx.scope;
        let mut faults = Faults::default();
        let reason = faults.keep("reason", company::line(&self.reason, LONGEST_REASON));
        faults.done()?;
        let (kept, folded) = mergeable(cx.tx, &scope, self.customer, self.folded).await?;
        let merge = Merge {
            id: cx.id(),
            survivor: kept.id,
            folded: folded.id,
            reason,
            merged_by: cx.actor.reference(),
            merged_by_name: cx.actor.name.clone(),
            merged_at: cx.now,
            unmerged_by: None,
            unmerged_by_name: None,
            unmerged_at: None,
            unmerge_reason: None,
        };
        store::save(cx.tx, &scope, &merge).await?;
        store::point(cx.tx, &scope, folded.id, Some(kept.id)).await?;
        let summary = format!("{} was merged into {}: {}", folded.name, kept.name, merge.reason);
        cx.emit("customer.merged", folded.id, None, summary, &merge);
        Ok(merge)
    }
}

/// Take a merge back: the customer stands for itself again, with everything that names it. What came in for the survivor in
/// the meantime stays with the survivor.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct UnmergeCustomer {
    /// The customer that was folded.
    pub customer: CustomerId,
    /// What shows that they are two.
    pub reason: String,
}

impl Operation for UnmergeCustomer {
    const NAME: &'static str = "customers.unmerge";
    const ROUTE: Route = post("/customers/{customer}/unmerges");
    const ACCESS: Access = Access::Open;
    type Output = Merge;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("customer", self.customer.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Merge> {
        vendor_only(cx, Self::NAME)?;
        let scope = cx.scope;
        let mut faults = Faults::default();
        let reason = faults.keep("reason", company::line(&self.reason, LONGEST_REASON));
        faults.done()?;
        let folded = customers::get(cx.tx, &scope, self.customer).await?;
        let open = store::history(cx.tx, &scope, folded.id).await?.into_iter().find(|one| one.unmerged_at.is_none());
        let Some(mut merge) = open else {
            let message = format!("{} is not merged into another customer; there is nothing to take back", folded.name);
            return Err(Error::conflict("not_merged", message));
        };
        let survivor = customers::get(cx.tx, &scope, merge.survivor).await?;
        merge.unmerged_by = Some(cx.actor.reference());
        merge.unmerged_by_name = Some(cx.actor.name.clone());
        merge.unmerged_at = Some(cx.now);
        merge.unmerge_reason = Some(reason.clone());
        store::save(cx.tx, &scope, &merge).await?;
        store::point(cx.tx, &scope, folded.id, None).await?;
        let summary = format!("{} was taken out of {} again: {reason}", folded.name, survivor.name);
        cx.emit("customer.unmerged", folded.id, None, summary, &merge);
        Ok(merge)
    }
}
