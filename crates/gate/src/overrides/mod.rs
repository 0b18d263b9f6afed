//! Overrides: letting one driver pass one policy that denies, for a while, with a reason, by those whom the policy names.
//! The policy still speaks; the decision says who let it pass.

mod grant;
mod operations;
mod store;
#[cfg(test)]
mod tests;

pub use grant::{LONGEST_HOURS, Override};
use kernel::Registry;
pub use operations::{EndOverride, GrantOverride, ListOverrides};
pub use store::in_force;

/// The event that tells every node's gate to read a driver anew.
pub(crate) const CHANGED: [&str; 2] = ["gate.override_granted", "gate.override_ended"];

pub(crate) fn install(registry: &mut Registry) {
    registry
        .sealed("gate_override", "id")
        .operation::<GrantOverride>()
        .operation::<EndOverride>()
        .query::<ListOverrides>();
}
