//! Customers: the companies that partners sell to. They are the vendor's; a partner sees those that it has a deal with.

mod customer;
mod importing;
pub mod merging;
mod operations;
mod pages;
mod removal;
mod store;
#[cfg(test)]
mod tests;

pub use customer::{Customer, NewCustomer};
pub use merging::{MergeCustomers, UnmergeCustomer, family, names_told_to, resolved, roots_at};
pub use operations::{
    AddCustomer, CustomerDetail, CustomerPartner, GetCustomer, ListCustomers, MergedCustomer, UpdateCustomer,
};
pub use pages::PAGE;
pub use removal::RemoveCustomer;
pub use store::{countries, existing, find, get, insert, names, page_after, share_with};

kernel::ids! { CustomerId = CustomerKind "cus", ShareId = ShareKind "cshr" }

pub fn install(registry: &mut kernel::Registry) {
    registry
        .migration("partners/002", include_str!("../../migrations/002_customers.sql"))
        .migration("partners/003", include_str!("../../migrations/003_imports.sql"))
        .sealed("customer", "id")
        .sealed("customer_partner", "id")
        .operation::<AddCustomer>()
        .operation::<UpdateCustomer>()
        .operation::<RemoveCustomer>()
        .query::<ListCustomers>()
        .query::<GetCustomer>();
    merging::install(registry);
    importing::install(registry);
    pages::install(registry);
}
