//! The lists that stand against registrations: territories, named accounts and customers that partners leave alone.
//!
//! Entries come from the program file or, where they change often, from the operations here; each holds for a time, and a
//! claim is measured by the entries that held when it became valid. The partner learns that a list stands against its
//! claim, never whose customer it is.

mod entry;
mod gather;
mod operations;
mod pages;
mod store;
#[cfg(test)]
mod tests;

pub use entry::{Claimant, Entry, Examined, List, Restriction, Who, examine};
pub(crate) use gather::examined;
pub use operations::{AddListEntry, EndListEntry, ListEntries};
pub use store::Recorded;

use partners::customers::merging::Holding;

kernel::ids! { EntryId = EntryKind "lst" }

pub(crate) fn install(registry: &mut kernel::Registry) {
    registry
        .sealed("deal_list_entry", "id")
        .operation::<AddListEntry>()
        .operation::<EndListEntry>()
        .query::<ListEntries>();
    registry.add(Holding { title: "List entries", moves: |tx, scope, pair| Box::pin(gather::moved(tx, scope, pair)) });
    pages::install(registry);
}
