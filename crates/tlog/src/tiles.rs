//! How the log is published as files that never change: tiles of hashes and bundles of entries
//! (<https://c2sp.org/tlog-tiles>).
//!
//! A tile holds 256 neighboring hashes of every eighth level of the tree; a bundle holds the 256 entries under a tile
//! of level 0. The last of each may be *partial*, and then its width is part of its name.

use std::fmt;
use std::str::FromStr;

use crate::merkle::{HASH_BYTES, Hash, HashSource, node_hash};

/// How many hashes a full tile holds, and how many entries a full bundle.
pub const TILE_WIDTH: u16 = 256;

/// How many levels of the tree one tile spans.
pub const TILE_HEIGHT: u8 = 8;

/// The highest tile level that a path may name.
pub const MAX_TILE_LEVEL: u8 = 63;

/// The longest entry that a bundle can carry.
pub const MAX_ENTRY_BYTES: usize = u16::MAX as usize;

/// Where the log's checkpoint is published, beside the tiles.
pub const CHECKPOINT_PATH: &str = "checkpoint";

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// The log entries themselves.
    Entries,
    /// Hashes of the subtrees with `256^level` entries.
    Hashes { level: u8 },
}

/// The name of one tile or bundle: what it holds, its place and its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    kind: TileKind,
    index: u64,
    width: u16,
}

impl Tile {
    /// A tile of `width` hashes or entries, from 1 to 256; 256 is a full one.
    pub fn new(kind: TileKind, index: u64, width: u16) -> Result<Self, TileError> {
        if let TileKind::Hashes { level } = kind
            && level > MAX_TILE_LEVEL
        {
            return Err(TileError::Level { level });
        }
        if !(1..=TILE_WIDTH).contains(&width) {
            return Err(TileError::Width { width });
        }
        Ok(Self { kind, index, width })
    }

    /// The tile at this place in a log of `size` entries, as wide as the log fills it; `None` if nothing is there yet.
    pub fn in_log(kind: TileKind, index: u64, size: u64) -> Option<Self> {
        let hashes = match kind {
            TileKind::Entries => size,
            TileKind::Hashes { level } => {
                let shift = u32::from(level) * u32::from(TILE_HEIGHT);
                size.checked_shr(shift).unwrap_or(0)
            }
        };
        let before = index.checked_mul(u64::from(TILE_WIDTH))?;
        let width = hashes.saturating_sub(before).min(u64::from(TILE_WIDTH));
        Self::new(kind, index, width as u16).ok()
    }

    /// What the tile holds.
    pub fn kind(&self) -> TileKind {
        self.kind
    }

    /// The place of the tile among those of its kind, from 0.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes or entries it holds, from 1 to 256.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether later entries would still widen it.
    pub fn is_partial(&self) -> bool {
        self.width < TILE_WIDTH
    }
}

/// The path below the log's prefix, such as `tile/0/x001/x234/067.p/8`.
impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Entries => f.write_str("tile/entries/")?,
            TileKind::Hashes { level } => write!(f, "tile/{level}/")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for group in groups.iter().skip(1).rev() {
            write!(f, "x{group:03}/")?;
        }
        write!(f, "{:03}", groups[0])?;
        if self.is_partial() {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

impl FromStr for Tile {
    type Err = TileError;

    fn from_str(path: &str) -> Result<Self, TileError> {
        let refuse = || TileError::Path { path: path.chars().take(120).collect() };
        let tile = parse(path).ok_or_else(refuse)?;
        // One tile has one path: leading zeros and needless groups do not survive the way back.
        if tile.to_string() == path { Ok(tile) } else { Err(refuse()) }
    }
}

fn parse(path: &str) -> Option<Tile> {
    let (kind, rest) = path.strip_prefix("tile/")?.split_once('/')?;
    let kind = match kind {
        "entries" => TileKind::Entries,
        level => TileKind::Hashes { level: level.parse().ok()? },
    };
    let (place, width) = match rest.split_once(".p/") {
        Some((place, width)) => (place, width.parse().ok()?),
        None => (rest, TILE_WIDTH),
    };
    let mut index: u64 = 0;
    for group in place.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        let number: u64 = digits.parse().ok()?;
        index = index.checked_mul(1000)?.checked_add(number)?;
    }
    Tile::new(kind, index, width).ok()
}

/// Puts entries into a bundle: each behind its length as two bytes, big-endian.
pub fn encode_entries<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, TileError> {
    let mut bundle = Vec::new();
    for (place, entry) in entries.into_iter().enumerate() {
        if place >= usize::from(TILE_WIDTH) {
            return Err(TileError::TooManyEntries);
        }
        let length = u16::try_from(entry.len()).map_err(|_| TileError::EntryTooLong { place, bytes: entry.len() })?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    Ok(bundle)
}

/// The entries of a bundle, in their order.
pub fn decode_entries(bundle: &[u8]) -> Result<Vec<&[u8]>, TileError> {
    let mut entries = Vec::new();
    let mut rest = bundle;
    while !rest.is_empty() {
        if entries.len() >= usize::from(TILE_WIDTH) {
            return Err(TileError::TooManyEntries);
        }
        let place = entries.len();
        let (length, after) = rest.split_first_chunk::<2>().ok_or(TileError::Truncated { place })?;
        let (entry, after) =
            after.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(TileError::Truncated { place })?;
        entries.push(entry);
        rest = after;
    }
    Ok(entries)
}

/// The hashes of the tree, read from published tiles.
///
/// The function is asked for `(level, index)` and answers with the bytes of the widest tile that it has there.
pub struct TiledHashes<F>(pub F);

impl<F: Fn(u8, u64) -> Option<Vec<u8>>> HashSource for TiledHashes<F> {
    fn hash(&self, level: u8, index: u64) -> Option<Hash> {
        // Levels between two tile levels are not stored: they are hashed together from the tile below.
        let height = level % TILE_HEIGHT;
        let first = index.checked_shl(u32::from(height))?;
        let tile = (self.0)(level / TILE_HEIGHT, first / u64::from(TILE_WIDTH))?;
        let (hashes, _) = tile.as_chunks::<HASH_BYTES>();
        let start = (first % u64::from(TILE_WIDTH)) as usize;
        let mut row = hashes.get(start..start + (1 << height))?.to_vec();
        while row.len() > 1 {
            let (pairs, _) = row.as_chunks::<2>();
            row = pairs.iter().map(|[l, r]| node_hash(l, r)).collect();
        }
        row.first().copied()
    }
}

/// Why a tile's name or content is not acceptable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TileError {
    /// The text is not the path of a tile.
    Path { path: String },
    /// The level is above the highest that the format knows.
    Level { level: u8 },
    /// A tile is 1 to 256 wide.
    Width { width: u16 },
    /// A bundle holds at most 256 entries.
    TooManyEntries,
    /// The entry does not fit its two bytes of length.
    EntryTooLong { place: usize, bytes: usize },
    /// The bundle ends within an entry.
    Truncated { place: usize },
}

impl fmt::Display for TileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path { path } => {
                write!(f, "`{path}` is not the path of a tile; write `tile/0/x001/234` or `tile/entries/000.p/17`")
            }
            Self::Level { level } => {
                write!(f, "tile level {level} is above {MAX_TILE_LEVEL}")
            }
            Self::Width { width } => {
                write!(f, "a tile is 1 to {TILE_WIDTH} wide, not {width}")
            }
            Self::TooManyEntries => {
                write!(f, "a bundle holds at most {TILE_WIDTH} entries")
            }
            Self::EntryTooLong { place, bytes } => {
                write!(f, "entry {place} of the bundle has {bytes} bytes; the limit is {MAX_ENTRY_BYTES}")
            }
            Self::Truncated { place } => {
                write!(f, "the bundle ends within its entry {place}")
            }
        }
    }
}

impl std::error::Error for TileError {}
