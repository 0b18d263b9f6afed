//! Drivers: what is known about each, from which source and since when, and what was decided about it.
//!
//! A driver has no record of its own beside its credentials: it is whoever the customer's dispatch and the providers call
//! by that id. The vendor sees every driver, a partner those that it attests, with its own statements only.

mod held;
mod pages;
mod queries;
mod statement;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub use held::held;
use kernel::Registry;
pub use queries::{DriverDetail, GetDriver, ListDrivers, ViewedCredential};
pub use statement::{DriverSummary, Statement, Update, subject};

pub(crate) fn install(registry: &mut Registry) {
    registry.sealed("credential_update", "id").sealed("credential", "id").query::<ListDrivers>().query::<GetDriver>();
    pages::install(registry);
}
