//! Passwords: which ones are good enough, and their Argon2id hashes.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use kernel::{Error, Result, Secret};

/// The least number of characters.
pub const SHORTEST: usize = 12;
/// Longer texts are no passwords but work for the machine.
pub const LONGEST: usize = 256;

/// 19 MiB and two passes: the parameters that OWASP recommends for Argon2id with one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A hash that no password has, so that an unknown address costs the work of a known one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGlzIGhlcmUgMQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Long passwords that are guessed first, in lower case.
const COMMON: [&str; 36] = [
    "123456789012",
    "1234567890123",
    "12345678901234",
    "123456123456",
    "123123123123",
    "111111111111",
    "000000000000",
    "112233445566",
    "121212121212",
    "987654321098",
    "password1234",
    "password12345",
    "password123456",
    "passwordpassword",
    "password2025!",
    "password2026!",
    "p@ssw0rd1234",
    "p@ssword1234",
    "qwertyuiop12",
    "qwertyuiop123",
    "qwertyuiop[]",
    "qwerty123456",
    "qwerty12345678",
    "qwertyqwerty",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "asdfghjkl123",
    "zxcvbnm12345",
    "abcdefghijkl",
    "abcd12345678",
    "abc123abc123",
    "iloveyou1234",
    "letmein12345",
    "welcome12345",
    "administrator",
    "changeme1234",
];

/// Refuses a password that is short, common, or made of the person's address.
pub fn check(password: &str, email: &str) -> Result<()> {
    let refuse = |rule: String| Err(Error::invalid("password", rule));
    let length = password.chars().count();
    if length < SHORTEST {
        return refuse(format!("has {length} characters; use at least {SHORTEST}, such as four unrelated words"));
    }
    if password.len() > LONGEST {
        return refuse(format!("is longer than {LONGEST} bytes; a shorter one is just as good"));
    }
    let lower = password.to_lowercase();
    let mut letters: Vec<char> = lower.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    if COMMON.contains(&lower.as_str()) || letters.len() < 4 {
        return refuse("is among the first that are guessed; choose one that nobody else uses".to_owned());
    }
    let email = email.trim().to_lowercase();
    let local = email.split('@').next().unwrap_or_default();
    if lower.contains(&email) || (local.chars().count() >= 4 && lower.contains(local)) {
        return refuse("contains your e-mail address; choose one that does not".to_owned());
    }
    Ok(())
}

/// A hash made elsewhere, if it is one of ours.
pub fn check_hash(hash: &str) -> Result<String> {
    match PasswordHash::new(hash) {
        Ok(parsed) if parsed.algorithm.as_str() == "argon2id" && parsed.hash.is_some() => Ok(hash.to_owned()),
        _ => Err(Error::invalid("password_hash", "is not an Argon2id hash in PHC form (`$argon2id$v=19$…`)")),
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| Error::internal(format!("Argon2: {e}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password with a fresh salt, off the threads that serve requests.
pub async fn hash(password: Secret, salt: [u8; 16]) -> Result<String> {
    blocking(move || {
        let hash: PasswordHash = argon2()?
            .hash_password_with_salt(password.expose().as_bytes(), &salt)
            .map_err(|e| Error::internal(format!("a password could not be hashed: {e}")))?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether the password has that hash. Without a hash the answer is no, after the same work.
pub async fn verify(password: Secret, hash: Option<String>) -> Result<bool> {
    blocking(move || {
        let known = hash.is_some();
        let text = hash.unwrap_or_else(|| NOBODY.to_owned());
        let parsed = PasswordHash::new(&text).map_err(|e| Error::internal(format!("a stored password hash: {e}")))?;
        let typed = password.expose().as_bytes();
        let fits = argon2()?.verify_password(&typed[..typed.len().min(LONGEST + 1)], &parsed).is_ok();
        Ok(fits && known)
    })
    .await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::internal(format!("hashing stopped: {e}")))?
}
