//! Profiles: who a partner is, where it stands in the program, and who may see it.

mod partner;
pub(crate) mod store;

pub use partner::{AcceptedTerms, Contact, Note, Partner, Status};
pub use store::{find, get, names};

pub fn install(registry: &mut kernel::Registry) {
    registry.migration("partners/001", include_str!("../../migrations/001_partners.sql")).sealed("partner", "id");
}
