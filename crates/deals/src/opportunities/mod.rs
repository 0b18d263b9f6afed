//! What the vendor sells itself, as its CRM reports it: a registration for such a customer is decided as the program says.

mod importing;
mod operations;
mod store;
#[cfg(test)]
mod tests;

pub use importing::RemoveOpportunity;
pub use operations::{ListOpportunities, RecordOpportunity};
pub(crate) use store::open_at;
pub use store::{Opportunity, Stage};

kernel::ids! { OpportunityId = OpportunityKind "opp" }

pub(crate) fn install(registry: &mut kernel::Registry) {
    registry.sealed("vendor_opportunity", "id").operation::<RecordOpportunity>().query::<ListOpportunities>();
    importing::install(registry);
}
