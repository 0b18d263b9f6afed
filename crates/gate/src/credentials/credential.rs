//! The credential fact, and which of two facts holds.

use std::cmp::Ordering;
use std::fmt;

use jiff::tz::TimeZone;
use kernel::{Day, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One statement of a source about one credential of one driver. It holds no document number and no date of birth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CredentialFact {
    /// The driver, under the id that the customer's dispatch uses.
    pub subject: String,
    /// What kind of credential, such as `licence`, `insurance` or `medical`; the program lists them.
    pub credential_type: String,
    /// Who issued it: a country or its subdivision (ISO 3166), such as `US-CA`.
    pub jurisdiction: String,
    /// The class of the credential, such as `CDL-A`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    pub status: CredentialStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_on: Option<Day>,
    /// The last day on which it is valid; missing when it does not expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Day>,
    /// When the provider last checked it with the issuer.
    pub verified_at: Timestamp,
    /// The provider that attests it.
    pub source: String,
    /// The time at which the statement was true at the source.
    pub source_as_of: Timestamp,
    /// The source's own count of its statements, where it keeps one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_sequence: Option<u64>,
    pub evidence_kind: EvidenceKind,
    /// SHA-256 of the evidence, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_digest: Option<String>,
}

/// The status of a credential at its source, from the least to the most restrictive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialStatus {
    Valid,
    Expiring,
    Unknown,
    Expired,
    Suspended,
    Revoked,
}

impl CredentialStatus {
    pub const ALL: [Self; 6] =
        [Self::Valid, Self::Expiring, Self::Unknown, Self::Expired, Self::Suspended, Self::Revoked];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expiring => "expiring",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }
}

impl fmt::Display for CredentialStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the source looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// The motor vehicle record of the licensing agency.
    Mvr,
    /// A paper certificate, which a waiver may allow for a time.
    Paper,
    /// The vendor of the credential, such as an insurer.
    Vendor,
}

impl EvidenceKind {
    pub const ALL: [Self; 3] = [Self::Mvr, Self::Paper, Self::Vendor];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mvr => "mvr",
            Self::Paper => "paper",
            Self::Vendor => "vendor",
        }
    }
}

/// What became of an incoming fact. All are recorded; two of them change what holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Arrival {
    /// The first or a newer statement of its source: it holds from now on.
    Applied,
    /// Of the same time as the one that held and more restrictive: it holds from now on.
    TieApplied,
    /// Of the same time as the one that holds and not more restrictive: the one that held stays.
    TieKept,
    /// Older than the one that holds: late news.
    Stale,
    /// The very statement that holds already.
    Duplicate,
}

impl Arrival {
    /// Whether the incoming fact holds now.
    pub const fn applies(self) -> bool {
        matches!(self, Self::Applied | Self::TieApplied)
    }
}

impl CredentialFact {
    /// The line of statements that the fact belongs to: one source on one credential of one driver. Only facts of one
    /// line supersede each other, since the counts of two sources say nothing about each other.
    pub fn line(&self) -> (&str, &str, &str) {
        (&self.subject, &self.credential_type, &self.source)
    }

    /// The first instant at which the credential is no longer valid: the end of its last day in that zone.
    pub fn expires_at(&self, zone: &TimeZone) -> Option<Timestamp> {
        self.expires_on.map(|day| day.plus_days(1).start_in(zone))
    }

    /// The time of the statement: the source's clock, then the source's count.
    fn told(&self) -> (Timestamp, Option<u64>) {
        (self.source_as_of, self.source_sequence)
    }

    /// A total order among facts of equal time. After the status it prefers the reading that leaves the driver the
    /// least, and then compares the rest, so that the outcome never depends on which fact came first.
    fn restriction(&self, other: &Self) -> Ordering {
        let earlier_expiry = || match (self.expires_on, other.expires_on) {
            (Some(mine), Some(theirs)) => theirs.cmp(&mine),
            (mine, theirs) => mine.is_some().cmp(&theirs.is_some()),
        };
        let rest = |fact: &Self| {
            (
                fact.issued_on,
                fact.evidence_kind,
                fact.evidence_digest.clone(),
                fact.jurisdiction.clone(),
                fact.class.clone(),
            )
        };
        self.status
            .cmp(&other.status)
            .then_with(earlier_expiry)
            .then_with(|| other.verified_at.cmp(&self.verified_at))
            .then_with(|| rest(self).cmp(&rest(other)))
    }
}

/// Whether an incoming fact replaces the one that holds in its line. An older statement that arrives late is recorded
/// and never applied; of two statements of the same time the more restrictive one holds.
pub fn supersedes(current: Option<&CredentialFact>, incoming: &CredentialFact) -> Arrival {
    let Some(current) = current else { return Arrival::Applied };
    debug_assert_eq!(current.line(), incoming.line(), "facts of two lines were compared");
    let order = incoming.told().cmp(&current.told());
    match order.then_with(|| incoming.restriction(current)) {
        Ordering::Greater if order.is_eq() => Arrival::TieApplied,
        Ordering::Greater => Arrival::Applied,
        Ordering::Less if order.is_eq() => Arrival::TieKept,
        Ordering::Less => Arrival::Stale,
        Ordering::Equal => Arrival::Duplicate,
    }
}

/// The fact that governs a credential about which several sources speak: the latest, and of two of the same time the
/// more restrictive. `facts` are the ones that hold in each source's line.
pub fn governing<'f>(facts: impl IntoIterator<Item = &'f CredentialFact>) -> Option<&'f CredentialFact> {
    facts.into_iter().max_by(|one, other| {
        let order = one.source_as_of.cmp(&other.source_as_of);
        order.then_with(|| one.restriction(other)).then_with(|| one.source.cmp(&other.source))
    })
}
