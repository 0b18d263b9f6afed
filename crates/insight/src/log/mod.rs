//! The tamper-evident log for readers: entries, the signed head, tiles for auditors' tools, and verification.
//!
//! Checkpoint and tiles follow C2SP tlog-tiles, so that anyone with a tool for such logs can check that nothing was
//! removed or rewritten. The entries themselves stay with those who may read them.

mod pages;
mod queries;
mod tiles;

pub use queries::{EntryLine, GetCheckpoint, GetEntry, ListEntries, VerifyLog};

pub(crate) fn install(registry: &mut kernel::Registry) {
    registry.query::<ListEntries>().query::<GetEntry>().query::<GetCheckpoint>().query::<VerifyLog>();
    tiles::install(registry);
    pages::install(registry);
}
