//! Controls: the limits and rights that the running system enforces for a partner, composed from whatever grants them.
//!
//! A tier, an agreement or an exception *grants* a control a value; grants of several sources are composed into the
//! *effective* value, which knows where it comes from and since when. A grant is never altered: it ends and the next one
//! begins, so that the controls of any past instant can still be told.

mod compose;
mod grants;
mod operations;
mod store;
#[cfg(test)]
mod tests;

pub use compose::{Compose, Effective, Source};
pub use grants::{Grant, effective, effective_at, replace, value};
pub use operations::ListControls;

kernel::ids! { GrantId = GrantKind "grant" }

/// A control that the system knows how to enforce or to show; areas add theirs with `registry.add(ControlKind { … })`.
///
/// A benefit that only a program knows needs none: it is named after its key, and its latest grant is in effect.
#[derive(Debug, Clone, Copy)]
pub struct ControlKind {
    /// The key of the benefit that grants it, such as `deal_slots`.
    pub key: &'static str,
    pub title: &'static str,
    pub compose: Compose,
}

/// The benefits that every program can grant; an area that adds one of the same key replaces it.
const STANDARD: [ControlKind; 7] = [
    ControlKind { key: "api_requests_per_minute", title: "API requests per minute", compose: Compose::Highest },
    ControlKind { key: "deal_slots", title: "Deal slots", compose: Compose::Highest },
    ControlKind { key: "discount", title: "Discount", compose: Compose::Highest },
    ControlKind { key: "mdf_budget", title: "MDF budget", compose: Compose::Highest },
    ControlKind { key: "named_manager", title: "Named manager", compose: Compose::Highest },
    ControlKind { key: "response_hours", title: "Response hours", compose: Compose::Lowest },
    ControlKind { key: "support", title: "Support", compose: Compose::Latest },
];

/// Adds the table of grants, the standard controls and the query.
pub fn install(registry: &mut kernel::Registry) {
    registry
        .migration("controls/001", include_str!("../migrations/001_grants.sql"))
        .sealed("control_grant", "id")
        .query::<ListControls>();
    for kind in STANDARD {
        registry.add(kind);
    }
}
