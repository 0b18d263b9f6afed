//! Typed, prefixed, time-ordered identifiers such as `deal_01jd2v…`.
//!
//! An id is a UUIDv7 (RFC 9562) written in Crockford base 32, lower case, behind the prefix of its kind. Ids sort by
//! the time at which they were made, and an id of one kind does not compile where another is wanted.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha12Rng;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::Timestamp;

/// What an id names; implemented by [`ids!`](crate::ids!).
pub trait Kind: 'static {
    const PREFIX: &'static str;
}

/// An identifier of one kind of thing.
pub struct Id<K> {
    bytes: [u8; 16],
    kind: PhantomData<fn() -> K>,
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl<K: Kind> Id<K> {
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self { bytes, kind: PhantomData }
    }

    pub const fn bytes(&self) -> [u8; 16] {
        self.bytes
    }

    /// The instant in the id, to the millisecond.
    pub fn made_at(&self) -> Timestamp {
        let mut ms = [0u8; 8];
        ms[2..].copy_from_slice(&self.bytes[..6]);
        Timestamp::from_micros(i64::from_be_bytes(ms) * 1000)
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = u128::from_be_bytes(self.bytes);
        let mut text = [0u8; 26];
        for (place, byte) in text.iter_mut().enumerate() {
            let shift = 5 * (25 - place);
            *byte = ALPHABET[(number >> shift) as usize & 31];
        }
        write!(f, "{}_{}", K::PREFIX, std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

/// The text is not an id of the kind that is wanted here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnId {
    pub text: String,
    pub prefix: &'static str,
}

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not an id of this kind: expected `{}_` and 26 letters or digits", self.text, self.prefix)
    }
}

impl std::error::Error for NotAnId {}

impl<K: Kind> FromStr for Id<K> {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let refuse = || NotAnId { text: text.chars().take(80).collect(), prefix: K::PREFIX };
        let body = text.strip_prefix(K::PREFIX).and_then(|rest| rest.strip_prefix('_')).ok_or_else(refuse)?;
        if body.len() != 26 || body.as_bytes()[0] > b'7' {
            return Err(refuse());
        }
        let mut number: u128 = 0;
        for byte in body.bytes() {
            let digit = ALPHABET.iter().position(|a| *a == byte).ok_or_else(refuse)?;
            number = (number << 5) | digit as u128;
        }
        Ok(Self::from_bytes(number.to_be_bytes()))
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.bytes.cmp(&other.bytes)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}
impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
impl<K: Kind> JsonSchema for Id<K> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}_id", K::PREFIX).into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": format!("^{}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", K::PREFIX) })
    }
    fn inline_schema() -> bool {
        true
    }
}

/// Makes ids from an instant and a source of randomness; seeded in tests and in the demo.
///
/// Ids from one source always ascend: within a millisecond the twelve bits behind the time count up (RFC 9562, 6.2).
pub struct IdSource {
    random: ChaCha12Rng,
    last: (i64, u16),
}

impl IdSource {
    pub fn seeded(seed: u64) -> Self {
        Self { random: ChaCha12Rng::seed_from_u64(seed), last: (0, 0) }
    }

    /// A source seeded by the operating system.
    #[allow(clippy::disallowed_methods)] // the one place that asks the system for randomness
    pub fn from_entropy() -> Self {
        let mut seed = [0u8; 32];
        getrandom::fill(&mut seed).expect("the operating system gives randomness");
        Self { random: ChaCha12Rng::from_seed(seed), last: (0, 0) }
    }

    pub fn next<K: Kind>(&mut self, now: Timestamp) -> Id<K> {
        let mut bytes = [0u8; 16];
        self.random.fill_bytes(&mut bytes[6..]);
        let ms = (now.micros() / 1000).max(0);
        self.last = match self.last {
            (last, 0xfff) if ms == last => (ms, 0xfff),
            (last, count) if ms == last => (ms, count + 1),
            _ => (ms, 0),
        };
        bytes[..6].copy_from_slice(&ms.to_be_bytes()[2..]);
        bytes[6..8].copy_from_slice(&(0x7000 | self.last.1).to_be_bytes());
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Id::from_bytes(bytes)
    }

    /// Fills a buffer with random bytes (tokens, secrets).
    pub fn fill(&mut self, buffer: &mut [u8]) {
        self.random.fill_bytes(buffer);
    }
}

/// Declares id kinds: `ids! { DealId = DealKind "deal" }`.
#[macro_export]
macro_rules! ids {
    ($($id:ident = $kind:ident $prefix:literal),+ $(,)?) => {$(
        #[derive(Debug)]
        pub enum $kind {}
        impl $crate::ids::Kind for $kind {
            const PREFIX: &'static str = $prefix;
        }
        pub type $id = $crate::ids::Id<$kind>;
    )+};
}

ids! {
    OrganizationId = OrganizationKind "org",
    PartnerId = PartnerKind "ptr",
    PersonId = PersonKind "per",
    TokenId = TokenKind "tok",
    EntryId = EntryKind "log",
    DecisionId = DecisionKind "dec",
    EventId = EventKind "evt",
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_text_of_an_id_reads_back(bytes: [u8; 16]) {
            let id = PartnerId::from_bytes(bytes);
            prop_assert_eq!(id.to_string().parse::<PartnerId>(), Ok(id));
        }

        #[test]
        fn ids_sort_as_their_text_does(a: [u8; 16], b: [u8; 16]) {
            let (a, b) = (PartnerId::from_bytes(a), PartnerId::from_bytes(b));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let person = IdSource::seeded(1).next::<PersonKind>(Timestamp::from_micros(1_700_000_000_000_000));
        let refusal = person.to_string().parse::<PartnerId>().unwrap_err();
        assert!(refusal.to_string().contains("expected `ptr_`"), "{refusal}");
    }

    #[test]
    fn an_id_knows_when_it_was_made() {
        let at = Timestamp::from_micros(1_700_000_000_123_000);
        assert_eq!(IdSource::seeded(7).next::<PartnerKind>(at).made_at(), at);
    }
}
