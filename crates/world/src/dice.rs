//! Dice that always fall the same way for the same seed.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha12Rng;

/// A seeded source of choices.
pub(crate) struct Dice(ChaCha12Rng);

impl Dice {
    /// Each purpose has its own dice, so that a change to one part of the world leaves the others as they were.
    pub fn new(seed: u64, purpose: &str) -> Self {
        let mixed = purpose.bytes().fold(seed ^ 0x9e37_79b9_7f4a_7c15, |mix, byte| {
            (mix ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3).rotate_left(23)
        });
        Self(ChaCha12Rng::seed_from_u64(mixed))
    }

    /// A number below `limit`; 0 where there is nothing to choose from.
    pub fn below(&mut self, limit: usize) -> usize {
        if limit == 0 {
            return 0;
        }
        // The bias of the remainder is 2^-40 at the sizes that occur here.
        (self.0.next_u64() % limit as u64) as usize
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = (high - low).max(0) as usize + 1;
        low + self.below(span) as i64
    }

    /// Whether something happens that happens so many times in a thousand.
    pub fn happens(&mut self, per_mille: usize) -> bool {
        self.below(1000) < per_mille
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// One of several, as often as its weight says.
    pub fn weighted<T: Copy>(&mut self, from: &[(T, usize)]) -> T {
        let total: usize = from.iter().map(|(_, weight)| weight).sum();
        let mut left = self.below(total);
        for (one, weight) in from {
            if left < *weight {
                return *one;
            }
            left -= weight;
        }
        from[0].0
    }

    /// A string of decimal digits that does not begin with 0.
    pub fn digits(&mut self, length: usize) -> String {
        (0..length).map(|place| char::from(b'0' + self.between(i64::from(place == 0), 9) as u8)).collect()
    }
}
