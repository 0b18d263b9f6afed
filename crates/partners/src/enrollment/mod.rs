//! Enrollment: accepting the terms and being activated at the end of the onboarding. Together with the archetype they open
//! every other door.

mod operations;
mod pages;
#[cfg(test)]
mod tests;
mod witness;

pub(crate) use operations::terms_of;
pub use operations::{AcceptTerms, ActivatePartner, GetTerms, TermsInForce};
pub use witness::{is_onboarding, onboarding_of};

pub fn install(registry: &mut kernel::Registry) {
    registry.operation::<AcceptTerms>().operation::<ActivatePartner>().query::<GetTerms>();
    witness::install(registry);
    pages::install(registry);
}
