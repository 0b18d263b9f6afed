//! Founding: an organization enters the installation. Only Concord itself does it, for `concord init` and for the demo.

mod operations;
#[cfg(test)]
mod tests;

pub use operations::{FoundOrganization, Founded};

pub fn install(registry: &mut kernel::Registry) {
    registry.operation::<FoundOrganization>();
}
