//! Deals: which partner holds which end customer, for how long, and why.

pub mod conflicts;
pub mod lists;
pub mod matching;
pub mod opportunities;
pub mod registration;

pub use registration::{
    Deal, DealId, DealKind, Earns, Role, Source, State, first_products_of_won, get, list, won_by_customer,
};

/// Adds the operations, queries, rules, pages and tables of deals.
pub fn install(registry: &mut kernel::Registry) {
    registration::install(registry);
    conflicts::install(registry);
    lists::install(registry);
    opportunities::install(registry);
}
