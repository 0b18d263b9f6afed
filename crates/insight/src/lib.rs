//! Insight reads what the other areas wrote: home pages, search, events, decisions and the log. It writes nothing.

pub mod decisions;
pub mod events;
pub mod home;
pub mod log;
pub mod search;

pub use decisions::{ExplainDecision, GetDecision, ListDecisions};
pub use events::{ListEvents, ReadFeed};
pub use log::{GetCheckpoint, ListEntries, VerifyLog};
pub use search::Search;

/// Adds the reading area.
pub fn install(registry: &mut kernel::Registry) {
    decisions::install(registry);
    events::install(registry);
    log::install(registry);
    search::install(registry);
    home::install(registry);
}
