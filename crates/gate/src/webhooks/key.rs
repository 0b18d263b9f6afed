//! The keys of webhooks: read from the text that the sender hands out, and never printed.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// How long a shared secret may be, in bytes, as Standard Webhooks says.
const SHORTEST_SECRET: usize = 24;
const LONGEST_SECRET: usize = 64;

/// A key that signs webhooks, verifies them, or both. Its `Debug` shows the scheme and nothing of the key.
#[derive(Clone)]
pub struct WebhookKey(Kind);

#[derive(Clone)]
enum Kind {
    Shared(Hmac<Sha256>),
    Private(Box<SigningKey>),
    Public(Box<VerifyingKey>),
}

/// Why a text is not a webhook key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFault {
    Empty,
    NotBase64,
    SecretLength { bytes: usize },
    KeyLength { bytes: usize, expected: usize },
    NotACurvePoint,
    CannotSign,
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => {
                f.write_str("the webhook secret is empty; paste the `whsec_…` or `whpk_…` that the sender shows")
            }
            Self::NotBase64 => f.write_str(
                "the webhook secret is not base64 after its prefix (`whsec_`, `whsk_`, `whpk_`); copy it whole",
            ),
            Self::SecretLength { bytes } => write!(
                f,
                "the webhook secret has {bytes} bytes; a shared secret has {SHORTEST_SECRET} to {LONGEST_SECRET}"
            ),
            Self::KeyLength { bytes, expected } => {
                write!(f, "the webhook key has {bytes} bytes; a key of this prefix has {expected}")
            }
            Self::NotACurvePoint => f.write_str("the webhook key is not an Ed25519 key; copy it again from the sender"),
            Self::CannotSign => {
                f.write_str("a public key (`whpk_`) can only verify; signing needs `whsec_` or `whsk_`")
            }
        }
    }
}

impl std::error::Error for KeyFault {}

impl WebhookKey {
    /// Reads `whsec_…` (shared secret; the prefix may be missing), `whsk_…` (private key) or `whpk_…` (public key).
    pub fn parse(text: &str) -> Result<Self, KeyFault> {
        let text = text.trim();
        if let Some(encoded) = text.strip_prefix("whpk_") {
            let bytes: [u8; 32] = exactly(decode(encoded)?)?;
            let key = VerifyingKey::from_bytes(&bytes).map_err(|_| KeyFault::NotACurvePoint)?;
            // A key of small order verifies signatures that nobody made.
            if key.is_weak() {
                return Err(KeyFault::NotACurvePoint);
            }
            return Ok(Self(Kind::Public(Box::new(key))));
        }
        if let Some(encoded) = text.strip_prefix("whsk_") {
            let bytes: [u8; 64] = exactly(decode(encoded)?)?;
            let key = SigningKey::from_keypair_bytes(&bytes).map_err(|_| KeyFault::NotACurvePoint)?;
            return Ok(Self(Kind::Private(Box::new(key))));
        }
        let secret = decode(text.strip_prefix("whsec_").unwrap_or(text))?;
        Self::shared(&secret)
    }

    /// A shared secret from its bytes, for example fresh random ones.
    pub fn shared(secret: &[u8]) -> Result<Self, KeyFault> {
        if !(SHORTEST_SECRET..=LONGEST_SECRET).contains(&secret.len()) {
            return Err(KeyFault::SecretLength { bytes: secret.len() });
        }
        let mac = Hmac::new_from_slice(secret).expect("HMAC takes a key of any length");
        Ok(Self(Kind::Shared(mac)))
    }

    /// The version that stands before its signatures.
    pub(super) fn version(&self) -> &'static str {
        match self.0 {
            Kind::Shared(_) => "v1",
            Kind::Private(_) | Kind::Public(_) => "v1a",
        }
    }

    /// Whether the signature is right for the content; takes the same time wherever they differ.
    pub(super) fn verifies(&self, content: &[&[u8]], signature: &[u8]) -> bool {
        match &self.0 {
            Kind::Shared(mac) => digest(mac, content).verify_slice(signature).is_ok(),
            Kind::Private(key) => verifies(&key.verifying_key(), content, signature),
            Kind::Public(key) => verifies(key, content, signature),
        }
    }

    pub(super) fn signature(&self, content: &[&[u8]]) -> Result<Vec<u8>, KeyFault> {
        match &self.0 {
            Kind::Shared(mac) => Ok(digest(mac, content).finalize().into_bytes().to_vec()),
            Kind::Private(key) => Ok(key.sign(&content.concat()).to_bytes().to_vec()),
            Kind::Public(_) => Err(KeyFault::CannotSign),
        }
    }
}

impl fmt::Debug for WebhookKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookKey({}, …)", self.version())
    }
}

fn digest(mac: &Hmac<Sha256>, content: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = mac.clone();
    for part in content {
        mac.update(part);
    }
    mac
}

fn verifies(key: &VerifyingKey, content: &[&[u8]], signature: &[u8]) -> bool {
    Signature::from_slice(signature).is_ok_and(|signature| key.verify_strict(&content.concat(), &signature).is_ok())
}

fn decode(encoded: &str) -> Result<Vec<u8>, KeyFault> {
    if encoded.is_empty() {
        return Err(KeyFault::Empty);
    }
    STANDARD.decode(encoded).map_err(|_| KeyFault::NotBase64)
}

fn exactly<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N], KeyFault> {
    let length = bytes.len();
    bytes.try_into().map_err(|_| KeyFault::KeyLength { bytes: length, expected: N })
}
