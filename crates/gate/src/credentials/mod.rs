//! What is known about a driver's licence, insurance or medical certificate: facts from a source, each with the time
//! at which it was true there, so that news that arrives late, twice or out of order changes nothing it should not.

mod credential;
mod event;
#[cfg(test)]
mod tests;

pub use credential::{Arrival, CredentialFact, CredentialStatus, EvidenceKind, governing, supersedes};
pub use event::{CREDENTIAL_UPDATED, CredentialUpdate, parse_update};
