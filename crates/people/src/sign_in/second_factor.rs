//! The second factor: time-based one-time codes (RFC 6238) and the recovery codes for a lost device.

use kernel::db::hex;
use kernel::{Error, PersonId, Result, Secret, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use totp_rs::{Builder, Totp};

/// The name under which an authenticator shows the account.
const ISSUER: &str = "Concord";
pub const RECOVERY_CODES: usize = 10;
/// Characters of a recovery code, of five bits each.
const RECOVERY_LENGTH: usize = 16;
/// Crockford's base 32: digits and letters that are not mistaken for each other.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What an authenticator needs to know.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PendingFactor {
    /// The seed in base 32, to be typed in.
    pub secret: String,
    /// The seed as an `otpauth://` address.
    pub uri: String,
}

/// A seed as it is kept, sealed: base 32.
pub fn seed_text(seed: [u8; 20]) -> String {
    totp_rs::Secret::from(seed).to_base32()
}

pub fn pending(seed: &Secret, email: &str) -> Result<PendingFactor> {
    let uri = totp(seed.expose(), email)?.to_url().map_err(|e| Error::internal(format!("second factor: {e}")))?;
    Ok(PendingFactor { secret: seed.expose().to_owned(), uri })
}

/// The step of time whose code this is, one step before or after now included.
pub fn step_of(seed: &Secret, code: &str, now: Timestamp) -> Result<Option<i64>> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let seconds = u64::try_from(now.micros() / kernel::time::SECOND).unwrap_or_default();
    let step = totp(seed.expose(), "")?.check(&digits, seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

fn totp(seed: &str, email: &str) -> Result<Totp> {
    let fault = |e: &dyn std::fmt::Display| Error::internal(format!("second factor: {e}"));
    let secret = totp_rs::Secret::try_from_base32(seed).map_err(|e| fault(&e))?;
    let builder = Builder::new().with_secret(secret).with_account_name(email).with_issuer(Some(ISSUER));
    builder.build().map_err(|e| fault(&e))
}

/// A recovery code such as `k7mw-3xqa-p9cz-h2ud`, from random bytes.
pub fn recovery_code(random: [u8; RECOVERY_LENGTH]) -> String {
    let letters: Vec<char> = random.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect();
    letters.chunks(4).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// What is kept of a recovery code. Its eighty bits need no slow hash.
pub fn recovery_hash(person: PersonId, code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    hex(&Sha256::digest(format!("recovery\n{person}\n{plain}")))
}
