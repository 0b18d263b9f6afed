//! Customers: the companies that partners sell to. They are the vendor's; a partner sees those that it has a deal with.

mod customer;
pub(crate) mod store;

pub use customer::{Customer, NewCustomer};
pub use store::{find, get, insert, names, page_after, share_with};

kernel::ids! { CustomerId = CustomerKind "cus", ShareId = ShareKind "cshr" }

pub fn install(registry: &mut kernel::Registry) {
    registry
        .migration("partners/002", include_str!("../../migrations/002_customers.sql"))
        .sealed("customer", "id")
        .sealed("customer_partner", "id");
}
