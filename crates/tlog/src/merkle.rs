//! Hashes of leaves and nodes, and the frontier that lets a log grow without its history at hand.

use std::fmt;

use sha2::{Digest, Sha256};

/// A SHA-256 digest: of a leaf, of a node, or the root of a tree.
pub type Hash = [u8; 32];

/// The length of a hash in bytes.
pub const HASH_BYTES: usize = 32;

/// The hash of an entry: `SHA-256(0x00 || entry)` (RFC 9162, section 2.1.1).
///
/// The leading byte keeps leaves and nodes apart; without it a node could be passed off as an entry.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new().chain_update([0x00]).chain_update(entry).finalize().into()
}

/// The hash over two neighboring subtrees: `SHA-256(0x01 || left || right)` (RFC 9162, section 2.1.1).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([0x01]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of a log without entries: `SHA-256("")` (RFC 9162, section 2.1.1).
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// Where stored hashes come from.
///
/// Only *complete* subtrees are asked for: the one with `2^level` leaves that begins at leaf `index * 2^level`. Such a
/// hash never changes once the log has grown past it, so it can be stored and cached for ever.
pub trait HashSource {
    /// The hash of the complete subtree, or `None` if the source does not have it.
    fn hash(&self, level: u8, index: u64) -> Option<Hash>;
}

impl<S: HashSource + ?Sized> HashSource for &S {
    fn hash(&self, level: u8, index: u64) -> Option<Hash> {
        (**self).hash(level, index)
    }
}

/// The right edge of the tree: the hashes of its complete subtrees, the largest first.
///
/// There is one per bit set in the size, so a log of a billion entries grows, and states its root, from at most
/// thirty hashes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    hashes: Vec<Hash>,
}

impl Frontier {
    /// The frontier of the empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many entries the log has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds one entry by its [`leaf_hash`].
    pub fn append(&mut self, leaf: Hash) {
        self.append_with(leaf, |_, _, _| ());
    }

    /// Adds one entry and hands over each hash that became final by it as `(level, index, hash)`: the leaf first, then
    /// every complete subtree that it closes. Storing them is all that a [`HashSource`] needs.
    pub fn append_with(&mut self, leaf: Hash, mut settled: impl FnMut(u8, u64, &Hash)) {
        let mut hash = leaf;
        let mut index = self.size;
        let mut level = 0;
        settled(level, index, &hash);
        // Each trailing one bit of the size is a complete left neighbor of the same height: the two close a subtree.
        while index & 1 == 1 {
            let Some(left) = self.hashes.pop() else { break };
            hash = node_hash(&left, &hash);
            index >>= 1;
            level += 1;
            settled(level, index, &hash);
        }
        self.hashes.push(hash);
        self.size += 1;
    }

    /// The root over all entries (RFC 9162, section 2.1.1).
    pub fn root(&self) -> Hash {
        self.hashes.iter().rev().copied().reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(empty_root)
    }

    /// Eight bytes of size, big-endian, then the hashes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        bytes.extend_from_slice(self.hashes.as_flattened());
        bytes
    }

    /// Reads what [`Frontier::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrontierError> {
        let (size, rest) = bytes.split_first_chunk::<8>().ok_or(FrontierError::NoSize { bytes: bytes.len() })?;
        let size = u64::from_be_bytes(*size);
        let (hashes, remainder) = rest.as_chunks::<HASH_BYTES>();
        let expected = size.count_ones() as usize;
        if hashes.len() != expected || !remainder.is_empty() {
            return Err(FrontierError::WrongLength { size, expected: expected * HASH_BYTES, bytes: rest.len() });
        }
        Ok(Self { size, hashes: hashes.to_vec() })
    }
}

/// The stored bytes are not a frontier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrontierError {
    /// There are fewer than the eight bytes of the size.
    NoSize { bytes: usize },
    /// The hashes do not fit the size.
    WrongLength { size: u64, expected: usize, bytes: usize },
}

impl fmt::Display for FrontierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSize { bytes } => {
                write!(f, "the frontier of the log has {bytes} bytes; it must begin with 8 bytes of size")
            }
            Self::WrongLength { size, expected, bytes } => write!(
                f,
                "the frontier of a log of {size} entries must hold {expected} bytes of hashes, but it holds {bytes}"
            ),
        }
    }
}

impl std::error::Error for FrontierError {}
