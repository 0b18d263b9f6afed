//! The facts of a dispatch decision.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::tz::TimeZone;
use kernel::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::credentials::{CredentialFact, CredentialStatus};

/// May this driver, with these credentials, take this order now?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Question {
    pub driver: String,
    /// What holds about the driver, one entry for each credential type.
    pub credentials: Arc<[HeldCredential]>,
    pub order: Order,
    pub now: Timestamp,
}

/// The fact that governs one credential of a driver, as far as a policy may read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldCredential {
    pub credential_type: String,
    pub status: CredentialStatus,
    pub jurisdiction: String,
    /// The first instant at which it is no longer valid; missing when it does not expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    pub verified_at: Timestamp,
    /// The provider that attests it.
    pub source: String,
    /// The id of the recorded fact.
    pub fact: String,
}

impl HeldCredential {
    /// A recorded fact as policies read it; its last day ends in that zone.
    pub fn of(fact: &CredentialFact, id: impl ToString, zone: &TimeZone) -> Self {
        Self {
            credential_type: fact.credential_type.clone(),
            status: fact.status,
            jurisdiction: fact.jurisdiction.clone(),
            expires_at: fact.expires_at(zone),
            verified_at: fact.verified_at,
            source: fact.source.clone(),
            fact: id.to_string(),
        }
    }

    /// Whether it was verified within the last days; any age will do where the policy sets none.
    pub(super) fn is_fresh(&self, freshness_days: Option<u32>, now: Timestamp) -> bool {
        self.fresh_until(freshness_days).is_none_or(|last| now <= last)
    }

    /// The last instant at which it is fresh.
    pub(super) fn fresh_until(&self, freshness_days: Option<u32>) -> Option<Timestamp> {
        freshness_days.map(|days| self.verified_at.plus_days(i64::from(days)))
    }

    /// What the record says, in a few words.
    pub(super) fn summary(&self) -> String {
        let mut text = format!("{} {}", self.credential_type, self.status);
        if let Some(expires) = self.expires_at {
            let _ = write!(text, ", valid until {expires}"); // writing to a String cannot fail
        }
        let _ = write!(text, ", verified {} by {}", self.verified_at, self.source);
        text
    }
}

/// The order, or the segment of orders, that the driver is to take.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Order {
    pub id: String,
    /// What the order asks of its driver, such as `medical`.
    #[serde(default)]
    pub requires: BTreeSet<String>,
    /// The fleet segment, such as `long_haul`.
    #[serde(default)]
    pub segment: String,
}

impl Question {
    /// The credential that counts for that type.
    pub(super) fn credential(&self, credential_type: &str) -> Option<&HeldCredential> {
        credential(&self.credentials, credential_type)
    }
}

/// The credential that counts for that type. Two entries of one type are a fault of the caller, and the more
/// restrictive one is believed.
pub(super) fn credential<'h>(held: &'h [HeldCredential], credential_type: &str) -> Option<&'h HeldCredential> {
    let of_type = held.iter().filter(|each| each.credential_type == credential_type);
    of_type.max_by_key(|each| each.status)
}
