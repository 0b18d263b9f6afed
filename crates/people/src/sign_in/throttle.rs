//! Patience with those who guess: after some failures in a row each further one doubles the wait.

use kernel::db::hex;
use kernel::time::{DAY, SECOND};
use kernel::{Error, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::members::email_key;

/// Failures after which the next attempt for an address waits.
pub const FREE_PER_ADDRESS: i64 = 5;
/// Failures after which the next attempt from a place waits. An office shares one, so it is given more.
pub const FREE_PER_SOURCE: i64 = 20;
const FIRST_WAIT_SECONDS: i64 = 10;
const LONGEST_WAIT_SECONDS: i64 = 900;
/// Failures older than this are forgotten.
pub const REMEMBERED: i64 = DAY;

/// What attempts are counted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// A hash: people type passwords into the field of the address.
    pub id: String,
    pub free: i64,
}

impl Counter {
    fn new(kind: &str, text: &str, free: i64) -> Self {
        Self { id: hex(&Sha256::digest(format!("{kind}\n{text}"))), free }
    }

    pub fn of_address(email: &str) -> Self {
        Self::new("address", &email_key(email), FREE_PER_ADDRESS)
    }
}

/// The counters of an attempt: by address and, where it is known, by place.
pub fn counters(email: &str, source: Option<&str>) -> Vec<Counter> {
    let source = source.map(|source| Counter::new("source", source, FREE_PER_SOURCE));
    std::iter::once(Counter::of_address(email)).chain(source).collect()
}

/// Seconds until the next attempt is allowed; 0 is now.
pub fn wait_seconds(failures: i64, free: i64, last_at: Timestamp, now: Timestamp) -> i64 {
    if failures < free || now.since(last_at) >= REMEMBERED {
        return 0;
    }
    let doublings = u32::try_from(failures - free).unwrap_or(u32::MAX).min(10);
    let wait = (FIRST_WAIT_SECONDS << doublings).min(LONGEST_WAIT_SECONDS);
    (last_at.plus_seconds(wait).since(now) + SECOND - 1).div_euclid(SECOND).max(0)
}

pub fn refusal(seconds: i64) -> Error {
    Error::TooMany {
        code: "too_many_attempts",
        message: format!("too many attempts to sign in failed; try again in {seconds} seconds"),
        retry_after_seconds: u64::try_from(seconds).unwrap_or_default(),
    }
}
