//! Sources: who may send credentials. A provider registers one, keeps the secret that it is shown once, and signs each
//! webhook with it. After a rotation the old secret is believed for another day.

mod operations;
mod pages;
mod source;
mod store;
#[cfg(test)]
mod tests;

use kernel::Registry;
pub use operations::{CreateSource, DisableSource, IssuedSource, ListSources, RotateSource};
pub use pages::shown_once;
pub use source::{OVERLAP_HOURS, Source, SourceState};
pub(crate) use store::{find, keys};

pub(crate) fn install(registry: &mut Registry) {
    registry
        .sealed("webhook_source", "id")
        .operation::<CreateSource>()
        .operation::<RotateSource>()
        .operation::<DisableSource>()
        .query::<ListSources>();
    pages::install(registry);
}
