//! Tiles: names as published, bundles of entries, and proofs made from tiles alone.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;

use proptest::prelude::*;
use tlog::tiles::{TiledHashes, decode_entries, encode_entries};
use tlog::{
    Frontier, Hash, Tile, TileError, TileKind, consistency_proof, inclusion_proof, leaf_hash, root, verify_consistency,
    verify_inclusion,
};

#[test]
fn names_are_those_of_the_specification() {
    let hashes = |level| TileKind::Hashes { level };
    let cases = [
        ("tile/0/000", hashes(0), 0, 256),
        ("tile/0/x001/x234/067", hashes(0), 1_234_067, 256),
        ("tile/1/x001/234.p/8", hashes(1), 1234, 8),
        ("tile/63/999", hashes(63), 999, 256),
        ("tile/entries/x001/000.p/255", TileKind::Entries, 1000, 255),
    ];
    for (path, kind, index, width) in cases {
        let tile = Tile::new(kind, index, width).unwrap();
        assert_eq!(tile.to_string(), path);
        assert_eq!(path.parse(), Ok(tile));
    }
}

#[test]
fn other_names_are_refused() {
    for path in [
        "",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/+01",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001/x002",
        "tile/0/1000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/08",
        "tile/0/000.p/",
        "tile/0/000/",
        "/tile/0/000",
        "tile/data/000",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "checkpoint",
    ] {
        assert!(path.parse::<Tile>().is_err(), "{path}");
    }
}

#[test]
fn the_example_of_the_specification_has_its_tiles() {
    let widths = |level, size| -> Vec<u16> {
        (0..)
            .map_while(|index| Tile::in_log(TileKind::Hashes { level }, index, size))
            .map(|tile| tile.width())
            .collect()
    };
    let level_0 = widths(0, 70_000);
    assert_eq!(level_0.len(), 274);
    assert!(level_0[..273].iter().all(|width| *width == 256));
    assert_eq!(level_0[273], 112);
    assert_eq!(widths(1, 70_000), [256, 17]);
    assert_eq!(widths(2, 70_000), [1]);
    assert_eq!(widths(3, 70_000), []);
    assert_eq!((widths(0, 256), widths(1, 256)), (vec![256], vec![1]));
    assert_eq!(widths(63, u64::MAX), []);
}

#[test]
fn bundles_have_limits() {
    let long = vec![0u8; 65_535];
    assert_eq!(decode_entries(&encode_entries([long.as_slice()]).unwrap()), Ok(vec![long.as_slice()]));
    let too_long = vec![0u8; 65_536];
    assert_eq!(
        encode_entries([b"".as_slice(), too_long.as_slice()]).unwrap_err().to_string(),
        "entry 1 of the bundle has 65536 bytes; the limit is 65535"
    );
    let entry: &[u8] = b"";
    assert!(encode_entries([entry; 256]).is_ok());
    assert_eq!(encode_entries([entry; 257]), Err(TileError::TooManyEntries));
    assert_eq!(decode_entries(&[0; 514]), Err(TileError::TooManyEntries));
    for cut in [&[0u8][..], &[0, 1], &[0, 0, 0, 2, 7]] {
        assert!(matches!(decode_entries(cut), Err(TileError::Truncated { .. })));
    }
}

#[test]
fn proofs_can_be_made_from_published_tiles() {
    let size = 1_000u64;
    let mut tiles: HashMap<(u8, u64), Vec<u8>> = HashMap::new();
    let mut frontier = Frontier::new();
    let mut leaves = Vec::new();
    let mut roots: Vec<Hash> = vec![frontier.root()];
    for entry in 0..size {
        let leaf = leaf_hash(&entry.to_be_bytes());
        leaves.push(leaf);
        frontier.append_with(leaf, |level, index, hash| {
            if level % 8 == 0 {
                let tile = tiles.entry((level / 8, index / 256)).or_default();
                tile.extend_from_slice(hash);
            }
        });
        roots.push(frontier.root());
    }
    let source = TiledHashes(|level, index| tiles.get(&(level, index)).cloned());
    assert_eq!(root(&source, size), Ok(frontier.root()));
    for index in [0, 255, 256, 511, 767, 998, 999] {
        let proof = inclusion_proof(&source, index, size).unwrap();
        let leaf = &leaves[index as usize];
        verify_inclusion(leaf, index, size, &proof, &frontier.root()).unwrap();
    }
    for old in [1, 255, 256, 257, 512, 999, 1000] {
        let proof = consistency_proof(&source, old, size).unwrap();
        verify_consistency(old, &roots[old as usize], size, &frontier.root(), &proof).unwrap();
    }
}

proptest! {
    #[test]
    fn every_name_reads_back(index in any::<u64>(), level in 0u8..64, width in 1u16..=256) {
        for kind in [TileKind::Entries, TileKind::Hashes { level }] {
            let tile = Tile::new(kind, index, width).unwrap();
            prop_assert_eq!(tile.to_string().parse(), Ok(tile));
        }
    }

    #[test]
    fn a_name_that_is_read_is_written_the_same(path in "tile/([0-9]{1,2}|entries)/(x?[0-9]{1,3}/){0,3}[0-9]{1,3}(\\.p/[0-9]{1,3})?") {
        if let Ok(tile) = path.parse::<Tile>() {
            prop_assert_eq!(tile.to_string(), path);
        }
    }

    #[test]
    fn bundles_read_back(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..40)) {
        let bundle = encode_entries(entries.iter().map(Vec::as_slice)).unwrap();
        prop_assert_eq!(decode_entries(&bundle).unwrap(), entries);
    }
}
