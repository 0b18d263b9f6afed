//! Life after enrollment: who looks after a partner, and holding it, taking it back and letting it go.

mod operations;
#[cfg(test)]
mod tests;

pub use operations::{
    AssignManager, EndPartnership, EndReason, ReinstatePartner, SuspendPartner, SuspensionReason, UpdateProfile,
};
pub(crate) use operations::{of_the_vendor, reason_text};

pub fn install(registry: &mut kernel::Registry) {
    registry
        .operation::<SuspendPartner>()
        .operation::<ReinstatePartner>()
        .operation::<EndPartnership>()
        .operation::<AssignManager>()
        .operation::<UpdateProfile>();
}
