//! Signing and verifying one webhook message.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kernel::Timestamp;
use kernel::time::SECOND;

use super::key::{KeyFault, WebhookKey};

/// How far the sender's clock may be from ours, in either direction.
pub const TOLERANCE_SECONDS: i64 = 300;
/// A sender that rotates its secret signs with the old and the new one; more signatures than this are not rotation.
pub const MAX_SIGNATURES: usize = 16;
/// The longest message id that is accepted.
const LONGEST_ID: usize = 256;

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";

/// A message whose sender is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The same over all attempts to deliver the message: the caller takes each id once.
    pub id: String,
    /// When this attempt was made.
    pub timestamp: Timestamp,
}

/// Why a message is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No key is configured for the sender.
    NoKey,
    HeaderMissing(&'static str),
    IdMalformed,
    TimestampMalformed,
    /// The attempt was made so many seconds ago.
    TooOld {
        seconds: i64,
    },
    /// The attempt claims to be made so many seconds from now.
    TooNew {
        seconds: i64,
    },
    TooManySignatures {
        signatures: usize,
    },
    /// No signature is of a version that the configured keys can check.
    VersionUnknown,
    /// No signature fits the message and the keys.
    SignatureWrong,
}

impl Refusal {
    /// A word for programs and metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoKey => "webhook_key_missing",
            Self::HeaderMissing(_) => "webhook_header_missing",
            Self::IdMalformed => "webhook_id_malformed",
            Self::TimestampMalformed => "webhook_timestamp_malformed",
            Self::TooOld { .. } => "webhook_too_old",
            Self::TooNew { .. } => "webhook_too_new",
            Self::TooManySignatures { .. } => "webhook_too_many_signatures",
            Self::VersionUnknown => "webhook_signature_version_unknown",
            Self::SignatureWrong => "webhook_signature_wrong",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKey => f.write_str("no webhook secret is configured for this sender; add the one that it shows"),
            Self::HeaderMissing(name) => write!(f, "the header `{name}` is missing; every webhook carries it"),
            Self::IdMalformed => {
                write!(f, "the header `{ID}` is not an id: 1 to {LONGEST_ID} visible characters without a dot")
            }
            Self::TimestampMalformed => {
                write!(f, "the header `{TIMESTAMP}` is not a whole number of seconds since 1970")
            }
            Self::TooOld { seconds } => write!(
                f,
                "the message was signed {seconds} s ago, more than {TOLERANCE_SECONDS} s; sign each attempt anew and check the sender's clock"
            ),
            Self::TooNew { seconds } => write!(
                f,
                "the message is dated {seconds} s from now, more than {TOLERANCE_SECONDS} s; check the sender's clock"
            ),
            Self::TooManySignatures { signatures } => write!(
                f,
                "the header `{SIGNATURE}` holds {signatures} signatures; at most {MAX_SIGNATURES} are checked"
            ),
            Self::VersionUnknown => write!(
                f,
                "the header `{SIGNATURE}` holds no signature that the configured secret can check (`v1,…` for `whsec_`, `v1a,…` for `whpk_`)"
            ),
            Self::SignatureWrong => f.write_str(
                "no signature fits the message; sign the raw body as sent, with the secret that is configured here",
            ),
        }
    }
}

impl std::error::Error for Refusal {}

/// Proves that a message comes from the holder of one of the keys, unchanged and within the tolerance.
///
/// `header` looks up a header by its lower-case name. `body` is the body as received, before any parsing. The names
/// `svix-id`, `svix-timestamp` and `svix-signature` are read where the sender uses them instead.
pub fn verify<'h>(
    keys: &[WebhookKey],
    header: impl Fn(&str) -> Option<&'h str>,
    body: &[u8],
    now: Timestamp,
) -> Result<Verified, Refusal> {
    if keys.is_empty() {
        return Err(Refusal::NoKey);
    }
    // One family of headers or the other: a mixture would let a forwarder pair an id with a foreign signature.
    let names = if header(SIGNATURE).is_none() && header("svix-signature").is_some() {
        ["svix-id", "svix-timestamp", "svix-signature"]
    } else {
        [ID, TIMESTAMP, SIGNATURE]
    };
    let required = |name| header(name).filter(|value| !value.is_empty()).ok_or(Refusal::HeaderMissing(name));
    let id = required(names[0])?;
    let timestamp = required(names[1])?;
    let signatures = required(names[2])?;

    if !is_id(id) {
        return Err(Refusal::IdMalformed);
    }
    let sent = seconds(timestamp).ok_or(Refusal::TimestampMalformed)?;
    let age = now.micros().div_euclid(SECOND) - sent;
    if age > TOLERANCE_SECONDS {
        return Err(Refusal::TooOld { seconds: age });
    }
    if age < -TOLERANCE_SECONDS {
        return Err(Refusal::TooNew { seconds: -age });
    }

    let content: [&[u8]; 5] = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
    any_fits(keys, &content, signatures)?;
    Ok(Verified { id: id.to_owned(), timestamp: Timestamp::from_micros(sent * SECOND) })
}

fn any_fits(keys: &[WebhookKey], content: &[&[u8]], signatures: &str) -> Result<(), Refusal> {
    let count = signatures.split_ascii_whitespace().count();
    if count > MAX_SIGNATURES {
        return Err(Refusal::TooManySignatures { signatures: count });
    }
    let mut refusal = Refusal::VersionUnknown;
    for (version, encoded) in signatures.split_ascii_whitespace().filter_map(|each| each.split_once(',')) {
        for key in keys.iter().filter(|key| key.version() == version) {
            refusal = Refusal::SignatureWrong;
            if STANDARD.decode(encoded).is_ok_and(|signature| key.verifies(content, &signature)) {
                return Ok(());
            }
        }
    }
    Err(refusal)
}

/// The signature of one attempt, as it stands in the header `webhook-signature`.
pub fn sign(key: &WebhookKey, id: &str, attempted_at: Timestamp, body: &[u8]) -> Result<String, KeyFault> {
    let timestamp = attempted_at.micros().div_euclid(SECOND).to_string();
    let content: [&[u8]; 5] = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
    Ok(format!("{},{}", key.version(), STANDARD.encode(key.signature(&content)?)))
}

/// The three headers of one attempt.
pub fn signed_headers(
    key: &WebhookKey,
    id: &str,
    attempted_at: Timestamp,
    body: &[u8],
) -> Result<[(&'static str, String); 3], KeyFault> {
    Ok([
        (ID, id.to_owned()),
        (TIMESTAMP, attempted_at.micros().div_euclid(SECOND).to_string()),
        (SIGNATURE, sign(key, id, attempted_at, body)?),
    ])
}

/// A dot would let one signed content be cut into id, timestamp and body in two ways.
fn is_id(text: &str) -> bool {
    text.len() <= LONGEST_ID && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.')
}

fn seconds(text: &str) -> Option<i64> {
    // Digits alone, and few enough of them that neither the difference nor the microseconds overflow.
    (text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}
