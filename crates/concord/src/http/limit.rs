//! Rate limits of the API: the generic cell rate algorithm per caller, told in structured fields.
//!
//! Fields follow draft-ietf-httpapi-ratelimit-headers: `RateLimit-Policy` names the quota, `RateLimit` what is left. The
//! quota of a partner is its control `api_requests_per_minute`, which its tier grants; everybody else has a fixed one.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use kernel::{Error, Timestamp};

/// Callers remembered at most; beyond it those at rest are forgotten.
const REMEMBERED: usize = 100_000;
const MINUTE: i64 = 60_000_000;

/// Requests per minute for callers without a control of their own.
pub const PEOPLE_PER_MINUTE: u32 = 1_200;
pub const ANONYMOUS_PER_MINUTE: u32 = 120;

/// How a request fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    pub admitted: bool,
    pub quota: u32,
    pub remaining: u32,
    /// Until one more request is admitted.
    pub retry_after_seconds: u64,
}

/// The theoretical arrival time of the next request, per caller, in microseconds.
#[derive(Default)]
pub struct Limiter(Mutex<HashMap<String, i64>>);

impl Limiter {
    /// Counts one request of a caller whose quota is so many a minute, all of which may come at once.
    pub fn admit(&self, caller: &str, per_minute: u32, now: Timestamp) -> Allowance {
        let quota = per_minute.max(1);
        let interval = MINUTE / i64::from(quota);
        let tolerance = interval * (i64::from(quota) - 1);
        let now = now.micros();
        let mut arrivals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if arrivals.len() >= REMEMBERED {
            arrivals.retain(|_, arrival| *arrival > now);
        }
        let arrival = arrivals.entry(caller.to_owned()).or_insert(now);
        let due = (*arrival).max(now);
        let early = due - now;
        if early > tolerance {
            let wait = early - tolerance;
            return Allowance { admitted: false, quota, remaining: 0, retry_after_seconds: seconds(wait) };
        }
        *arrival = due + interval;
        let remaining = ((tolerance - early) / interval).clamp(0, i64::from(quota)) as u32;
        Allowance { admitted: true, quota, remaining, retry_after_seconds: seconds(interval) }
    }
}

fn seconds(micros: i64) -> u64 {
    (micros.max(0) as u64).div_ceil(1_000_000).max(1)
}

impl Allowance {
    pub fn write(&self, headers: &mut HeaderMap) {
        let policy = format!("\"minute\";q={};w=60", self.quota);
        let state = format!("\"minute\";r={};t={}", self.remaining, self.retry_after_seconds);
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", state)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }

    pub fn refusal(&self) -> Error {
        Error::TooMany {
            code: "quota_exceeded",
            message: format!(
                "the quota is {} requests a minute; try again in {} s",
                self.quota, self.retry_after_seconds
            ),
            retry_after_seconds: self.retry_after_seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(1_772_000_000_000_000 + micros)
    }

    #[test]
    fn a_burst_is_admitted_and_then_the_rate() {
        let limiter = Limiter::default();
        let admitted = (0..100).filter(|_| limiter.admit("a", 60, at(0)).admitted).count();
        assert_eq!(admitted, 60);
        assert!(!limiter.admit("a", 60, at(999_999)).admitted);
        assert!(limiter.admit("a", 60, at(1_000_000)).admitted);
        assert!(limiter.admit("b", 60, at(0)).admitted);
    }

    proptest! {
        #[test]
        fn never_more_than_burst_and_rate(gaps in prop::collection::vec(0i64..3_000_000, 1..400), quota in 1u32..120) {
            let limiter = Limiter::default();
            let (mut now, mut admitted) = (0, 0i64);
            for gap in gaps {
                now += gap;
                admitted += i64::from(limiter.admit("a", quota, at(now)).admitted);
            }
            prop_assert!(admitted <= i64::from(quota) + now / (MINUTE / i64::from(quota)));
        }
    }
}
