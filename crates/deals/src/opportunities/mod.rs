//! What the vendor sells itself, as its CRM reports it: a registration for such a customer is decided as the program says.

mod importing;
mod operations;
mod pages;
mod store;
#[cfg(test)]
mod tests;

pub use importing::RemoveOpportunity;
pub use operations::{GetOpportunity, ListOpportunities, OpportunityInFull, RecordOpportunity};
pub(crate) use store::open_at;
pub use store::{Opportunity, Stage};

use partners::customers::merging::Holding;

kernel::ids! { OpportunityId = OpportunityKind "opp" }

pub(crate) fn install(registry: &mut kernel::Registry) {
    registry
        .sealed("vendor_opportunity", "id")
        .operation::<RecordOpportunity>()
        .query::<ListOpportunities>()
        .query::<GetOpportunity>();
    registry.add(Holding { title: "Opportunities", moves: |tx, scope, pair| Box::pin(store::moved(tx, scope, pair)) });
    importing::install(registry);
    pages::install(registry);
}
