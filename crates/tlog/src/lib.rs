//! The arithmetic of a tamper-evident log: Merkle trees, tiles and signed checkpoints, as pure functions.
//!
//! A log is a list of entries that only grows. Its *root* is one hash over all of them, so whoever remembers a root
//! can later be shown, with a handful of hashes, that an entry is in the log (*inclusion*) and that the log of today
//! still begins with the log of yesterday (*consistency*). The log's operator signs size and root as a *checkpoint*.
//!
//! The formats are public, so that anyone can check Concord's log with software that is not Concord's:
//! - [`merkle`]: RFC 9162, section 2.1 (the same tree as RFC 6962): hashes, proofs and their verification;
//! - [`tiles`]: <https://c2sp.org/tlog-tiles>: how the tree and its entries are cut into files that never change;
//! - [`checkpoint`]: <https://c2sp.org/tlog-checkpoint>: what the log states about itself;
//! - [`note`]: <https://c2sp.org/signed-note>: how a text is signed with Ed25519.
//!
//! Nothing here reads files, clocks or randomness: keys, hashes and tiles are handed in.

pub mod checkpoint;
pub mod merkle;
pub mod note;
pub mod proof;
pub mod tiles;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use merkle::{Frontier, Hash, HashSource, empty_root, leaf_hash, node_hash};
pub use note::{NoteError, NoteSigner, NoteVerifier, SignedNote};
pub use proof::{ProofError, consistency_proof, inclusion_proof, root, verify_consistency, verify_inclusion};
pub use tiles::{Tile, TileError, TileKind};
