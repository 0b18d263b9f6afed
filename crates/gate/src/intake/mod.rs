//! Intake: a signed webhook becomes a recorded statement about a credential, once, and the gate knows it at once.
//!
//! A message is acknowledged only after it is stored. One that comes again is acknowledged without a second effect; one
//! whose signature does not prove its sender leaves nothing behind but a count; one that proves its sender and breaks the
//! data contract is refused by naming the fields, and the vendor is told.

mod door;
mod operations;
mod store;
#[cfg(test)]
mod tests;

use kernel::{Endpoint, Registry, post};
pub use operations::{ReceiveCredential, Received, RefuseMessage};

pub(crate) fn install(registry: &mut Registry) {
    registry.sealed("webhook_receipt", "id").operation::<ReceiveCredential>().operation::<RefuseMessage>().add(
        Endpoint {
            route: post("/hooks/credentials/{source}"),
            summary: "Receive a signed webhook about a driver's credential (Standard Webhooks 1.0.0).",
            answer: |request| Box::pin(door::receive(request)),
        },
    );
}
