//! Reading `credential.updated`: the data contract with a credential provider, field by field.
//!
//! ```json
//! {"type": "credential.updated", "timestamp": "2026-03-01T09:00:00Z", "data": {
//!   "subject": "drv_1042", "credential_type": "licence", "jurisdiction": "US-CA", "class": "CDL-A",
//!   "status": "suspended", "expires_on": "2027-05-31", "verified_at": "2026-03-01T08:59:58Z",
//!   "source": "checkr", "source_as_of": "2026-03-01T08:59:00Z", "source_sequence": 7, "evidence_kind": "mvr"}}
//! ```
//!
//! A field outside the contract is named and its value is never kept: a date of birth or a document number that a
//! provider sends by mistake must not reach the database or a log.

use std::str::FromStr;

use kernel::{Day, Error, FieldError, Result, Timestamp};
use serde_json::{Map, Value};

use super::credential::{CredentialFact, CredentialStatus, EvidenceKind};

/// The type of the event that carries one credential fact.
pub const CREDENTIAL_UPDATED: &str = "credential.updated";

/// How far in the future a source's time may lie. A later one would outrank every true statement that follows.
const CLOCK_SKEW_SECONDS: i64 = 300;
const LONGEST_TEXT: usize = 128;
/// Names of unknown fields are repeated to the sender, but not at any length and not in any number.
const LONGEST_NAME: usize = 64;
const MOST_NAMES: usize = 32;

const FIELDS: [&str; 13] = [
    "subject",
    "credential_type",
    "jurisdiction",
    "class",
    "status",
    "issued_on",
    "expires_on",
    "verified_at",
    "source",
    "source_as_of",
    "source_sequence",
    "evidence_kind",
    "evidence_digest",
];

/// A credential event that keeps its contract in the fields that it must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialUpdate {
    /// When the provider made the event.
    pub timestamp: Timestamp,
    pub fact: CredentialFact,
    /// The names of fields outside the contract, such as `data.date_of_birth`; the caller drops or refuses the event.
    pub unexpected: Vec<String>,
}

/// Reads the body of a verified webhook. All mistakes are named at once; no value of the body is repeated except
/// short words from fields of the contract.
pub fn parse_update(body: &[u8], now: Timestamp) -> Result<CredentialUpdate> {
    let body: Value = serde_json::from_slice(body).map_err(|e| {
        Error::invalid("body", format!("the body is not JSON (line {}, column {})", e.line(), e.column()))
    })?;
    let Value::Object(envelope) = &body else {
        return Err(Error::invalid("body", "the body is a JSON object with `type`, `timestamp` and `data`"));
    };
    let mut outer = Fields::of(envelope, "");
    let kind = outer.text("type");
    if kind.as_deref().is_some_and(|kind| kind != CREDENTIAL_UPDATED) {
        outer.fault("type", format!("only `{CREDENTIAL_UPDATED}` is taken here"));
    }
    let timestamp = outer.required("timestamp", time);
    let mut unexpected = outer.unexpected(&["type", "timestamp", "data"]);
    let mut faults = outer.faults;

    let fact = match envelope.get("data") {
        Some(Value::Object(data)) => {
            let mut fields = Fields::of(data, "data.");
            let fact = read_fact(&mut fields, now);
            unexpected.extend(fields.unexpected(&FIELDS));
            faults.append(&mut fields.faults);
            fact
        }
        Some(_) => {
            faults.push(FieldError { field: "data".into(), rule: "an object with the credential's fields".into() });
            None
        }
        None => {
            faults.push(FieldError { field: "data".into(), rule: "the field is required".into() });
            None
        }
    };
    match (timestamp, fact) {
        (Some(timestamp), Some(fact)) if faults.is_empty() => {
            unexpected.truncate(MOST_NAMES);
            Ok(CredentialUpdate { timestamp, fact, unexpected })
        }
        _ => Err(Error::Invalid(faults)),
    }
}

/// The fact, or `None` where a required field is missing; the mistakes are left in `fields`.
fn read_fact(fields: &mut Fields<'_>, now: Timestamp) -> Option<CredentialFact> {
    let subject = fields.text("subject");
    let credential_type = fields.required("credential_type", name);
    let jurisdiction = fields.required("jurisdiction", jurisdiction);
    let class = fields.optional("class", text);
    let status = fields.required("status", |value| word(value, &CredentialStatus::ALL, CredentialStatus::as_str));
    let issued_on = fields.optional("issued_on", day);
    let expires_on = fields.optional("expires_on", day);
    let verified_at = fields.required("verified_at", |value| past(value, now));
    let source = fields.text("source");
    let source_as_of = fields.required("source_as_of", |value| past(value, now));
    let source_sequence = fields.optional("source_sequence", sequence);
    let evidence_kind = fields.required("evidence_kind", |value| word(value, &EvidenceKind::ALL, EvidenceKind::as_str));
    let evidence_digest = fields.optional("evidence_digest", digest);
    if let (Some(issued), Some(expires)) = (issued_on, expires_on)
        && expires < issued
    {
        fields.fault("expires_on", format!("it lies before `issued_on` ({issued})"));
    }
    Some(CredentialFact {
        subject: subject?,
        credential_type: credential_type?,
        jurisdiction: jurisdiction?,
        class,
        status: status?,
        issued_on,
        expires_on,
        verified_at: verified_at?,
        source: source?,
        source_as_of: source_as_of?,
        source_sequence,
        evidence_kind: evidence_kind?,
        evidence_digest,
    })
}

/// The fields of one object, and the mistakes found in them.
struct Fields<'v> {
    object: &'v Map<String, Value>,
    prefix: &'static str,
    faults: Vec<FieldError>,
}

impl<'v> Fields<'v> {
    fn of(object: &'v Map<String, Value>, prefix: &'static str) -> Self {
        Self { object, prefix, faults: Vec::new() }
    }

    fn fault(&mut self, name: &str, rule: impl Into<String>) {
        self.faults.push(FieldError { field: format!("{}{name}", self.prefix), rule: rule.into() });
    }

    /// A missing field and `null` are the same.
    fn optional<T>(&mut self, name: &str, read: impl FnOnce(&'v Value) -> Result<T, String>) -> Option<T> {
        let value = self.object.get(name).filter(|value| !value.is_null())?;
        read(value).map_err(|rule| self.fault(name, rule)).ok()
    }

    fn required<T>(&mut self, name: &str, read: impl FnOnce(&'v Value) -> Result<T, String>) -> Option<T> {
        if self.object.get(name).is_none_or(Value::is_null) {
            self.fault(name, "the field is required");
        }
        self.optional(name, read)
    }

    fn text(&mut self, name: &str) -> Option<String> {
        self.required(name, text)
    }

    fn unexpected(&self, known: &[&str]) -> Vec<String> {
        let unknown = self.object.keys().filter(|name| !known.contains(&name.as_str()));
        let short = |name: &String| name.chars().take(LONGEST_NAME).collect::<String>();
        unknown.take(MOST_NAMES).map(|name| format!("{}{}", self.prefix, short(name))).collect()
    }
}

fn string(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| "a text is expected".to_owned())
}

fn text(value: &Value) -> Result<String, String> {
    let text = string(value)?;
    let length = text.chars().count();
    if !(1..=LONGEST_TEXT).contains(&length) || text.chars().any(char::is_control) || text.trim() != text {
        return Err(format!("1 to {LONGEST_TEXT} characters without line breaks or spaces at the ends"));
    }
    Ok(text.to_owned())
}

fn name(value: &Value) -> Result<String, String> {
    let text = string(value)?;
    let fits = (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-'));
    fits.then(|| text.to_owned()).ok_or_else(|| "1 to 64 of the characters a-z, 0-9, _ and -, such as `licence`".into())
}

fn jurisdiction(value: &Value) -> Result<String, String> {
    let text = string(value)?;
    let (country, part) = text.split_once('-').map_or((text, None), |(country, part)| (country, Some(part)));
    let fits = country.len() == 2
        && country.bytes().all(|byte| byte.is_ascii_uppercase())
        && part.is_none_or(|part| {
            (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        });
    fits.then(|| text.to_owned()).ok_or_else(|| "an ISO 3166 code such as `DE` or `US-CA`".into())
}

fn word<T: Copy>(value: &Value, all: &[T], as_str: fn(T) -> &'static str) -> Result<T, String> {
    let text = string(value)?;
    all.iter().copied().find(|each| as_str(*each) == text).ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|each| as_str(*each)).collect();
        format!("one of {}", words.join(", "))
    })
}

fn time(value: &Value) -> Result<Timestamp, String> {
    let text = string(value)?;
    // A bare day is no instant: the order of facts depends on the time of day.
    let instant = text.contains(['T', 't', ' ']).then(|| Timestamp::from_str(text).ok()).flatten();
    instant.ok_or_else(|| "an RFC 3339 time such as 2026-03-01T09:00:00Z".into())
}

fn past(value: &Value, now: Timestamp) -> Result<Timestamp, String> {
    let at = time(value)?;
    if at > now.plus_seconds(CLOCK_SKEW_SECONDS) {
        return Err(format!("{at} lies in the future; it is {now} here"));
    }
    Ok(at)
}

fn day(value: &Value) -> Result<Day, String> {
    string(value)?.parse().map_err(|_| "a day such as 2026-03-01".to_owned())
}

fn sequence(value: &Value) -> Result<u64, String> {
    // The database holds it in a signed column.
    value.as_u64().filter(|count| i64::try_from(*count).is_ok()).ok_or_else(|| "a whole number from 0".to_owned())
}

fn digest(value: &Value) -> Result<String, String> {
    let text = string(value)?;
    let fits = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    fits.then(|| text.to_ascii_lowercase()).ok_or_else(|| "a SHA-256 in 64 hexadecimal digits".into())
}
