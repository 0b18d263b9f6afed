//! Intake: how a company comes in. It applies and is accepted or turned down, or the vendor invites it; either way it gets
//! an archetype and goes through the onboarding that the archetype names. There is no other door.

mod company_facts;
mod importing;
mod operations;
mod pages;
#[cfg(test)]
mod tests;

pub use company_facts::CompanyFacts;
pub use operations::{
    AcceptApplication, Applied, Apply, GetOffer, Invite, Offer, OfferedArchetype, RejectApplication, RejectionReason,
};

pub fn install(registry: &mut kernel::Registry) {
    registry
        .operation::<Apply>()
        .operation::<Invite>()
        .operation::<AcceptApplication>()
        .operation::<RejectApplication>()
        .query::<GetOffer>();
    importing::install(registry);
    pages::install(registry);
}
