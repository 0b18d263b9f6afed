//! Deal registration: a partner claims an end customer, the program decides, and the claim lives until it is closed.

mod deal;
mod claim;
mod store;

pub use deal::{Deal, Role, Source, State};
pub use store::{get, list, won_by_customer};

kernel::ids! { DealId = DealKind "deal" }

pub fn install(registry: &mut kernel::Registry) {
    registry.migration("deals/001", include_str!("../../migrations/001_deals.sql")).sealed("deal", "id");
}
