//! Signed webhooks: a message counts only when its signature proves who sent it, unchanged and just now.
//!
//! The scheme is Standard Webhooks 1.0.0: the sender signs `{id}.{timestamp}.{body}` with a shared secret (`v1`,
//! HMAC-SHA256) or with its own private key (`v1a`, Ed25519). The timestamp bounds how long a recorded message can be
//! replayed; within that time the caller refuses an id that it has seen before.

mod key;
mod signature;
#[cfg(test)]
mod tests;

pub use key::{KeyFault, WebhookKey};
pub use signature::{MAX_SIGNATURES, Refusal, TOLERANCE_SECONDS, Verified, sign, signed_headers, verify};
