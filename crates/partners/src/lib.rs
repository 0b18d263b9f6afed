//! Partners and customers: the companies in the program from application to end, and the companies that they sell to.
//!
//! A partner is created by an application or an invitation, goes through the onboarding of its archetype, and holds a tier
//! that follows from measured facts. Without archetype, tier and accepted terms no other door opens. A customer is the
//! vendor's; a partner sees it once it has a deal with it.

pub mod cadence;
mod company;
pub mod customers;
pub mod enrollment;
pub mod exit;
#[cfg(test)]
mod fixture;
pub mod intake;
pub mod lifecycle;
pub mod profile;
pub mod qualification;
pub mod records;
pub mod runs;
pub mod standing;
pub mod tiers;

pub use customers::{Customer, CustomerId, NewCustomer};
pub use profile::{
    AcceptedTerms, Contact, GetPartner, ListPartners, Note, Partner, PartnerDetail, PartnerSummary, Status, find, get,
    names,
};

/// Adds the operations, queries, pages and tables of partners and customers.
pub fn install(registry: &mut kernel::Registry) {
    profile::install(registry);
    intake::install(registry);
    enrollment::install(registry);
    standing::install(registry);
    lifecycle::install(registry);
    tiers::install(registry);
    records::install(registry);
    runs::install(registry);
    customers::install(registry);
    registry.migration("partners/005", include_str!("../migrations/005_rhythm.sql"));
    qualification::install(registry);
    cadence::install(registry);
    exit::install(registry);
}

/// Refuses a partner what is about all partners, or about what the vendor thinks of one.
pub(crate) fn vendor_only(scope: &kernel::Scope, permission: &str) -> kernel::Result<()> {
    if scope.partner.is_none() {
        return Ok(());
    }
    let message = "this is done by the company that runs the program".to_owned();
    Err(kernel::Error::Forbidden { permission: permission.to_owned(), message })
}
