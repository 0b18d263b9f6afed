//! The tree: published roots, proofs between all sizes, and what an altered log looks like.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;

use proptest::prelude::*;
use tlog::{
    Frontier, Hash, HashSource, ProofError, consistency_proof, inclusion_proof, leaf_hash, node_hash, root,
    verify_consistency, verify_inclusion,
};

/// All hashes of a log in memory, and its root at every size.
#[derive(Default)]
struct Log {
    hashes: HashMap<(u8, u64), Hash>,
    leaves: Vec<Hash>,
    roots: Vec<Hash>,
}

impl HashSource for Log {
    fn hash(&self, level: u8, index: u64) -> Option<Hash> {
        self.hashes.get(&(level, index)).copied()
    }
}

fn log_of<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Log {
    let mut log = Log::default();
    let mut frontier = Frontier::new();
    log.roots.push(frontier.root());
    for entry in entries {
        let leaf = leaf_hash(entry);
        frontier.append_with(leaf, |level, index, hash| {
            assert!(log.hashes.insert((level, index), *hash).is_none());
        });
        log.leaves.push(leaf);
        log.roots.push(frontier.root());
    }
    log
}

fn numbered(count: u32) -> Log {
    let entries: Vec<[u8; 4]> = (0..count).map(u32::to_be_bytes).collect();
    log_of(entries.iter().map(<[u8; 4]>::as_slice))
}

/// The eight leaves with which implementations of RFC 6962 have always been tested.
const CLASSIC: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

const CLASSIC_ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn roots_are_the_published_ones() {
    let log = log_of(CLASSIC);
    let roots: Vec<String> = log.roots.iter().map(hex).collect();
    assert_eq!(roots, CLASSIC_ROOTS);
    for size in 0..=8 {
        assert_eq!(root(&log, size).unwrap(), log.roots[size as usize]);
    }
}

#[test]
fn every_entry_is_proved_in_every_size_and_nowhere_else() {
    let log = numbered(70);
    for size in 1..=70u64 {
        let root = log.roots[size as usize];
        for index in 0..size {
            let leaf = log.leaves[index as usize];
            let proof = inclusion_proof(&log, index, size).unwrap();
            verify_inclusion(&leaf, index, size, &proof, &root).unwrap();

            let neighbor = (index + 1) % size;
            if neighbor != index {
                assert!(verify_inclusion(&leaf, neighbor, size, &proof, &root).is_err());
            }
            let longer = [proof.as_slice(), &[leaf]].concat();
            assert!(verify_inclusion(&leaf, index, size, &longer, &root).is_err());
            if let Some((_, shorter)) = proof.split_last() {
                assert!(verify_inclusion(&leaf, index, size, shorter, &root).is_err());
            }
        }
    }
}

#[test]
fn every_size_continues_every_smaller_one() {
    let log = numbered(70);
    for new in 0..=70u64 {
        for old in 0..=new {
            let (old_root, new_root) = (log.roots[old as usize], log.roots[new as usize]);
            let proof = consistency_proof(&log, old, new).unwrap();
            verify_consistency(old, &old_root, new, &new_root, &proof).unwrap();

            let other = leaf_hash(b"another log");
            assert!(verify_consistency(old, &other, new, &new_root, &proof).is_err());
            if old > 0 {
                assert!(verify_consistency(old, &old_root, new, &other, &proof).is_err());
            }
            let longer = [proof.as_slice(), &[other]].concat();
            assert!(verify_consistency(old, &old_root, new, &new_root, &longer).is_err());
            if let Some((_, shorter)) = proof.split_last() {
                assert!(verify_consistency(old, &old_root, new, &new_root, shorter).is_err());
            }
        }
    }
}

#[test]
fn a_node_cannot_be_passed_off_as_an_entry() {
    let log = log_of(CLASSIC);
    let mut node = log.leaves[0].to_vec();
    node.extend_from_slice(&log.leaves[1]);
    assert_ne!(leaf_hash(&node), node_hash(&log.leaves[0], &log.leaves[1]), "leaves and nodes are hashed apart");
}

#[test]
fn refusals_say_what_is_wrong() {
    let log = numbered(5);
    let cases = [
        (inclusion_proof(&log, 5, 5).unwrap_err(), "the log has 5 entries, so there is none with index 5"),
        (
            consistency_proof(&log, 3, 2).unwrap_err(),
            "a log of 2 entries cannot continue one of 3: a log never shrinks",
        ),
        (
            inclusion_proof(&log, 0, 9).unwrap_err(),
            "the stored log lacks the hash of subtree 8 at level 0; restore it from a backup",
        ),
        (
            verify_inclusion(&log.leaves[0], 0, 2, &[], &log.roots[2]).unwrap_err(),
            "the proof does not have the number of hashes that these sizes call for",
        ),
    ];
    for (error, sentence) in cases {
        assert_eq!(error.to_string(), sentence);
    }
}

#[test]
fn a_frontier_survives_storage_and_refuses_damage() {
    let mut frontier = Frontier::new();
    for entry in 0..100u8 {
        let mut restored = Frontier::from_bytes(&frontier.to_bytes()).unwrap();
        assert_eq!(restored, frontier);
        restored.append(leaf_hash(&[entry]));
        frontier.append(leaf_hash(&[entry]));
        assert_eq!(restored.root(), frontier.root());
        assert_eq!(restored.size(), u64::from(entry) + 1);
    }
    let bytes = frontier.to_bytes();
    for cut in 0..bytes.len() {
        assert!(Frontier::from_bytes(&bytes[..cut]).is_err(), "{cut} bytes");
    }
    assert!(Frontier::from_bytes(&[bytes.as_slice(), &[0]].concat()).is_err());
}

proptest! {
    #[test]
    fn an_altered_entry_is_found(
        entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 1..200),
        place in any::<prop::sample::Index>(),
        flipped in any::<prop::sample::Index>(),
    ) {
        let log = log_of(entries.iter().map(Vec::as_slice));
        let (size, index) = (entries.len() as u64, place.index(entries.len()));
        let root = log.roots[entries.len()];
        let proof = inclusion_proof(&log, index as u64, size).unwrap();
        let leaf = leaf_hash(&entries[index]);
        prop_assert_eq!(verify_inclusion(&leaf, index as u64, size, &proof, &root), Ok(()));

        let mut altered = entries[index].clone();
        altered.push(0);
        prop_assert_eq!(
            verify_inclusion(&leaf_hash(&altered), index as u64, size, &proof, &root),
            Err(ProofError::RootMismatch)
        );
        let mut bent = proof.clone();
        if !bent.is_empty() {
            let at = flipped.index(bent.len());
            bent[at][0] ^= 1;
            prop_assert!(verify_inclusion(&leaf, index as u64, size, &bent, &root).is_err());
        }
    }

    #[test]
    fn a_rewritten_past_does_not_continue(
        size in 2u32..200,
        old in any::<prop::sample::Index>(),
        rewritten in any::<prop::sample::Index>(),
    ) {
        let old = old.index(size as usize - 1) + 1;
        let rewritten = rewritten.index(old) as u32;
        let honest = numbered(size);
        let entries: Vec<[u8; 4]> = (0..size)
            .map(|n| if n == rewritten { u32::MAX } else { n }.to_be_bytes())
            .collect();
        let forged = log_of(entries.iter().map(<[u8; 4]>::as_slice));
        let proof = consistency_proof(&forged, old as u64, u64::from(size)).unwrap();
        prop_assert!(verify_consistency(
            old as u64, &honest.roots[old], u64::from(size), &forged.roots[size as usize], &proof,
        ).is_err());
    }
}
