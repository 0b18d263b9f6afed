//! What a source said about a credential, as it is on record.

use kernel::{Day, PartnerId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::credentials::{Arrival, CredentialFact, CredentialStatus};
use crate::{SourceId, UpdateId};

/// The subject under which events and decisions about a driver stand. The prefix keeps an id that a provider chooses
/// from looking like one of ours.
pub fn subject(driver: &str) -> String {
    format!("driver:{driver}")
}

/// A statement that holds: the newest of its source about one credential of one driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Statement {
    /// The update that brought it.
    pub update: UpdateId,
    pub source: SourceId,
    /// The name of the source, as it was registered here.
    pub source_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    pub fact: CredentialFact,
    pub received_at: Timestamp,
}

impl Statement {
    /// Who attests it: the source whose signature was checked, and whom that source names.
    pub fn attested_by(&self) -> String {
        if self.fact.source == self.source_name {
            self.source_name.clone()
        } else {
            format!("{} via {}", self.fact.source, self.source_name)
        }
    }
}

/// One statement as it arrived, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Update {
    pub id: UpdateId,
    pub source: SourceId,
    pub source_name: String,
    /// The sender's id of the webhook.
    pub message: String,
    pub arrival: Arrival,
    pub fact: CredentialFact,
    pub received_at: Timestamp,
    /// From receipt until the gate answered with it, in microseconds; absent for what changed nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect_micros: Option<i64>,
}

/// A driver in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DriverSummary {
    /// The id that dispatch and providers use.
    pub driver: String,
    /// The most restrictive status among the credentials.
    pub status: CredentialStatus,
    /// How many credentials are known.
    pub credentials: i64,
    /// The first day on which one of them ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_expiry: Option<Day>,
    /// When the credential that was checked longest ago was checked.
    pub verified_at: Timestamp,
    pub updated_at: Timestamp,
}
