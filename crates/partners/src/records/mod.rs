//! Facts about partners that the program itself declares in `facts.toml`, such as certificates, surveys or incidents: who
//! recorded which, since when each is known, and how long it holds. Rules read them like the facts of the areas.
//!
//! A fact has two times, when it holds and when it became known, and is never overwritten: a correction is a new fact in the
//! place of the old one, so that a decision of the past is explained by what was known then (B0.1).

mod fact;
mod keeping;
mod load;
mod operations;
mod pages;
mod queries;
mod store;
#[cfg(test)]
mod tests;

pub use fact::{Fact, State};
use kernel::Registry;
pub use operations::{ConfirmFact, Given, RecordFact, RecordFacts, Recorded, RefuseFact, WithdrawFact};
pub use queries::{FactDetail, FactLine, GetFact, ListFacts};

kernel::ids! { FactId = FactKindOfId "fct" }

pub(crate) fn install(registry: &mut Registry) {
    registry
        .migration("partners/010", include_str!("../../migrations/010_records.sql"))
        .sealed("partner_fact", "id")
        .operation::<RecordFact>()
        .operation::<RecordFacts>()
        .operation::<ConfirmFact>()
        .operation::<RefuseFact>()
        .operation::<WithdrawFact>()
        .operation::<keeping::RemindFact>()
        .operation::<keeping::LapseFact>()
        .query::<GetFact>()
        .query::<ListFacts>()
        .add(scoring::Recorded(load::load));
    pages::install(registry);
}
