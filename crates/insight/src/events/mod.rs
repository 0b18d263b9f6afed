//! Events: the timeline of everything, and the cursor feed that a receiver reads to miss nothing.

mod pages;
mod queries;

pub(crate) use pages::line;
pub use queries::{FeedPage, ListEvents, ReadFeed};

pub(crate) fn install(registry: &mut kernel::Registry) {
    registry.query::<ListEvents>().query::<ReadFeed>();
    pages::install(registry);
}
