//! Proofs of inclusion and of consistency: making them from stored hashes, and checking them with nothing but a root.
//!
//! The makers follow the recursive definitions of RFC 9162 (sections 2.1.3.1 and 2.1.4.1); the checkers follow its
//! iterative algorithms (2.1.3.2 and 2.1.4.2). They share no code, so that the tests of one check the other.

use std::fmt;

use crate::merkle::{Hash, HashSource, empty_root, node_hash};

/// The root of the log when it had `size` entries.
pub fn root(source: &impl HashSource, size: u64) -> Result<Hash, ProofError> {
    if size == 0 {
        return Ok(empty_root());
    }
    range_root(source, 0, size)
}

/// The proof that the entry at `index` is in the log of `size` entries: `PATH(index, D[0:size])`.
pub fn inclusion_proof(source: &impl HashSource, index: u64, size: u64) -> Result<Vec<Hash>, ProofError> {
    if index >= size {
        return Err(ProofError::NoSuchEntry { index, size });
    }
    let mut proof = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(range_root(source, middle, end)?);
            end = middle;
        } else {
            proof.push(range_root(source, start, middle)?);
            start = middle;
        }
    }
    // Walked from the root down; a verifier climbs from the leaf up.
    proof.reverse();
    Ok(proof)
}

/// The proof that the log of `new_size` entries begins with the log of `old_size` entries: `PROOF(old_size, D[0:new_size])`.
///
/// It is empty where there is nothing to prove: from the empty log, and from a size to itself.
pub fn consistency_proof(source: &impl HashSource, old_size: u64, new_size: u64) -> Result<Vec<Hash>, ProofError> {
    if old_size > new_size {
        return Err(ProofError::Shrunk { old_size, new_size });
    }
    let mut proof = Vec::new();
    if old_size == 0 || old_size == new_size {
        return Ok(proof);
    }
    let (mut start, mut end) = (0, new_size);
    // While only left turns were taken, the old log is a prefix of the range, and its root is known to the verifier.
    while end != old_size {
        let middle = start + split(end - start);
        if old_size <= middle {
            proof.push(range_root(source, middle, end)?);
            end = middle;
        } else {
            proof.push(range_root(source, start, middle)?);
            start = middle;
        }
    }
    if start != 0 {
        proof.push(range_root(source, start, end)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Checks that the entry with this leaf hash stands at `index` in the log of `size` entries with this root.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::NoSuchEntry { index, size });
    }
    let mut place = Climb::new(index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        hash = match place.step()? {
            Side::Left => node_hash(sibling, &hash),
            Side::Right => node_hash(&hash, sibling),
        };
    }
    place.finish()?;
    if hash == *root { Ok(()) } else { Err(ProofError::RootMismatch) }
}

/// Checks that the log with the new size and root begins with the log that had the old size and root.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::Shrunk { old_size, new_size });
    }
    if old_size == 0 || old_size == new_size {
        let expected = if old_size == 0 { empty_root() } else { *new_root };
        return match (proof, *old_root == expected) {
            ([], true) => Ok(()),
            ([], false) => Err(ProofError::RootMismatch),
            _ => Err(ProofError::WrongLength),
        };
    }
    // A complete old tree is itself a node of the new one, and its proof leaves that hash out.
    let (seed, rest) = if old_size.is_power_of_two() {
        (*old_root, proof)
    } else {
        let (seed, rest) = proof.split_first().ok_or(ProofError::WrongLength)?;
        (*seed, rest)
    };
    let mut place = Climb::new(old_size - 1, new_size - 1);
    place.skip_right_edges();
    let (mut old, mut new) = (seed, seed);
    for sibling in rest {
        match place.step()? {
            Side::Left => {
                old = node_hash(sibling, &old);
                new = node_hash(sibling, &new);
            }
            Side::Right => new = node_hash(&new, sibling),
        }
    }
    place.finish()?;
    if old == *old_root && new == *new_root { Ok(()) } else { Err(ProofError::RootMismatch) }
}

/// On which side of the node the next sibling stands.
enum Side {
    Left,
    Right,
}

/// The walk from a node up to the root: `fn` and `sn` of RFC 9162.
struct Climb {
    node: u64,
    last: u64,
}

impl Climb {
    fn new(node: u64, last: u64) -> Self {
        Self { node, last }
    }

    /// Climbs while the node is a right child, for the old tree ends with it.
    fn skip_right_edges(&mut self) {
        let levels = self.node.trailing_ones();
        self.node >>= levels;
        self.last >>= levels;
    }

    fn step(&mut self) -> Result<Side, ProofError> {
        if self.last == 0 {
            return Err(ProofError::WrongLength);
        }
        let side = if self.node & 1 == 1 || self.node == self.last {
            // A last node without a right sibling is carried up until it is itself a right child.
            let levels = self.node.trailing_zeros();
            self.node >>= levels;
            self.last >>= levels;
            Side::Left
        } else {
            Side::Right
        };
        self.node >>= 1;
        self.last >>= 1;
        Ok(side)
    }

    fn finish(&self) -> Result<(), ProofError> {
        if self.last == 0 { Ok(()) } else { Err(ProofError::WrongLength) }
    }
}

/// The root over the entries `start..end`, from complete subtrees.
fn range_root(source: &impl HashSource, start: u64, end: u64) -> Result<Hash, ProofError> {
    let count = end - start;
    if count.is_power_of_two() {
        // Ranges are cut at the largest power of two, so a range of 2^k entries begins at a multiple of 2^k.
        let level = count.trailing_zeros() as u8;
        let index = start >> level;
        return source.hash(level, index).ok_or(ProofError::MissingHash { level, index });
    }
    let middle = start + split(count);
    let left = range_root(source, start, middle)?;
    let right = range_root(source, middle, end)?;
    Ok(node_hash(&left, &right))
}

/// The largest power of two smaller than `count`, which is at least 2.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// Why a proof cannot be made or does not convince.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProofError {
    /// The log has no entry with this index.
    NoSuchEntry { index: u64, size: u64 },
    /// A newer log cannot be smaller than an older one.
    Shrunk { old_size: u64, new_size: u64 },
    /// The storage lacks a hash that the log must have.
    MissingHash { level: u8, index: u64 },
    /// The proof has too few or too many hashes for these sizes.
    WrongLength,
    /// The proof leads to another root than the one given: an entry, the proof or the root was altered.
    RootMismatch,
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchEntry { index, size } => {
                write!(f, "the log has {size} entries, so there is none with index {index}")
            }
            Self::Shrunk { old_size, new_size } => {
                write!(f, "a log of {new_size} entries cannot continue one of {old_size}: a log never shrinks")
            }
            Self::MissingHash { level, index } => {
                write!(f, "the stored log lacks the hash of subtree {index} at level {level}; restore it from a backup")
            }
            Self::WrongLength => f.write_str("the proof does not have the number of hashes that these sizes call for"),
            Self::RootMismatch => {
                f.write_str("the proof leads to another root: the entry, the proof or the root was altered")
            }
        }
    }
}

impl std::error::Error for ProofError {}
