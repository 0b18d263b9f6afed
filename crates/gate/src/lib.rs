//! The dispatch gate: credentials arrive by signed webhook, policies decide each assignment, and the provider's
//! status, the customer's policy and the platform's enforcement stay three things that every decision names.

pub mod credentials;
pub mod drivers;
pub mod enforcement;
pub mod evaluation;
pub mod intake;
pub mod overrides;
pub mod policy;
#[cfg(test)]
mod scene;
pub mod sources;
pub mod webhooks;

pub use enforcement::{Assessed, check_policy, evaluate, settle};
pub use sources::shown_once;

kernel::ids! {
    SourceId = SourceKind "src",
    ReceiptId = ReceiptKind "rcp",
    UpdateId = UpdateKind "upd",
    CredentialId = CredentialKind "crd",
    OverrideId = OverrideKind "ovr",
    FiringId = FiringKind "fir",
}

/// Adds the operations, queries, doors, pages and tables of the gate.
pub fn install(registry: &mut kernel::Registry) {
    registry.migration("gate/001", include_str!("../migrations/001_gate.sql"));
    sources::install(registry);
    intake::install(registry);
    drivers::install(registry);
    overrides::install(registry);
    enforcement::install(registry);
}
