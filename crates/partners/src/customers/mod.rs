//! Customers: the companies that partners sell to. They are the vendor's; a partner sees those that it has a deal with.

mod customer;
mod operations;
mod pages;
mod store;
#[cfg(test)]
mod tests;

pub use customer::{Customer, NewCustomer};
pub use operations::{AddCustomer, CustomerDetail, CustomerPartner, GetCustomer, ListCustomers, UpdateCustomer};
pub use store::{countries, existing, find, get, insert, names, page_after, share_with};

kernel::ids! { CustomerId = CustomerKind "cus", ShareId = ShareKind "cshr" }

pub fn install(registry: &mut kernel::Registry) {
    registry
        .migration("partners/002", include_str!("../../migrations/002_customers.sql"))
        .sealed("customer", "id")
        .sealed("customer_partner", "id")
        .operation::<AddCustomer>()
        .operation::<UpdateCustomer>()
        .query::<ListCustomers>()
        .query::<GetCustomer>();
    pages::install(registry);
}
