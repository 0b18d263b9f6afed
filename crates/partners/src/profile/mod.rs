//! Profiles: who a partner is, where it stands in the program, and who may see it.

mod card;
mod pages;
mod partner;
mod queries;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub use card::Card;
use kernel::Registry;
pub use partner::{AcceptedTerms, Contact, Note, Partner, Status};
pub use queries::{GetPartner, ListPartners, PartnerDetail, PartnerSummary};
pub use store::{TakenIn, find, get, names, taken_in_since};

pub fn install(registry: &mut Registry) {
    registry
        .migration("partners/001", include_str!("../../migrations/001_partners.sql"))
        .migration("partners/004", include_str!("../../migrations/004_segments.sql"))
        .sealed("partner", "id")
        .query::<ListPartners>()
        .query::<GetPartner>()
        .add(procedures::NameOf(|tx, scope, id| {
            Box::pin(async move { Ok(find(tx, scope, id).await?.map(|partner| partner.name)) })
        }))
        .add(programs::ArchetypeOf(|tx, scope, id| {
            Box::pin(async move { Ok(find(tx, scope, id).await?.and_then(|partner| partner.archetype)) })
        }));
    pages::install(registry);
}
