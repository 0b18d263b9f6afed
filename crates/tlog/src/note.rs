//! Signed notes: a text with the Ed25519 signatures of named keys below it (<https://c2sp.org/signed-note>).
//!
//! Signing is deterministic (RFC 8032): the same key and text give the same note, byte for byte.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// The signature type of Ed25519 in signed notes.
const ED25519: u8 = 0x01;

/// The longest note that is read, in bytes.
pub const MAX_NOTE_BYTES: usize = 256 * 1024;

/// The most signatures that a note may carry.
pub const MAX_SIGNATURES: usize = 64;

/// A key that signs, under a name.
#[derive(Clone)]
pub struct NoteSigner {
    key: SigningKey,
    verifier: NoteVerifier,
}

impl NoteSigner {
    /// Makes a signer from the 32 secret bytes of an Ed25519 key.
    pub fn new(name: &str, secret: &[u8; 32]) -> Result<Self, NoteError> {
        let key = SigningKey::from_bytes(secret);
        let verifier = NoteVerifier::new(name, key.verifying_key())?;
        Ok(Self { key, verifier })
    }

    /// The public half, to be handed to those who check.
    pub fn verifier(&self) -> &NoteVerifier {
        &self.verifier
    }

    /// Signs a text, which must end with a newline.
    pub fn sign(&self, text: String) -> Result<SignedNote, NoteError> {
        let mut note = SignedNote { text, signatures: Vec::new() };
        check_text(&note.text)?;
        self.add_to(&mut note);
        Ok(note)
    }

    /// Adds this key's signature below those that the note already has.
    pub fn add_to(&self, note: &mut SignedNote) {
        note.signatures.push(NoteSignature {
            name: self.verifier.name.clone(),
            key_id: self.verifier.key_id,
            signature: self.key.sign(note.text.as_bytes()).to_bytes().to_vec(),
        });
    }
}

/// The secret stays out of logs.
impl fmt::Debug for NoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteSigner({})", self.verifier)
    }
}

/// A key that checks signatures; as text it is a *vkey*: `name+keyid+base64(type || key)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteVerifier {
    name: String,
    key_id: [u8; 4],
    key: VerifyingKey,
}

impl NoteVerifier {
    /// Names a public key.
    pub fn new(name: &str, key: VerifyingKey) -> Result<Self, NoteError> {
        check_name(name)?;
        Ok(Self { name: name.to_owned(), key_id: key_id(name, &key), key })
    }

    /// The name under which the key signs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The short id that stands before each signature of the key.
    pub fn key_id(&self) -> [u8; 4] {
        self.key_id
    }

    fn made(&self, line: &NoteSignature) -> bool {
        line.name == self.name && line.key_id == self.key_id
    }

    fn check(&self, text: &str, line: &NoteSignature) -> Result<(), NoteError> {
        Signature::from_slice(&line.signature)
            .and_then(|signature| self.key.verify_strict(text.as_bytes(), &signature))
            .map_err(|_| NoteError::BadSignature { name: self.name.clone() })
    }
}

impl fmt::Display for NoteVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519];
        key.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{:08x}+{}", self.name, u32::from_be_bytes(self.key_id), STANDARD.encode(key))
    }
}

impl FromStr for NoteVerifier {
    type Err = NoteError;

    fn from_str(vkey: &str) -> Result<Self, NoteError> {
        // Base64 may itself contain a plus, so the key is whatever follows the second one.
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Vkey);
        };
        let bytes = STANDARD.decode(encoded).map_err(|_| NoteError::Vkey)?;
        let (kind, key) = bytes.split_first().ok_or(NoteError::Vkey)?;
        if *kind != ED25519 {
            return Err(NoteError::KeyType { kind: *kind });
        }
        let key = <&[u8; 32]>::try_from(key).map_err(|_| NoteError::Vkey)?;
        let key = VerifyingKey::from_bytes(key).map_err(|_| NoteError::Vkey)?;
        let verifier = Self::new(name, key)?;
        if id == format!("{:08x}", u32::from_be_bytes(verifier.key_id)) {
            Ok(verifier)
        } else {
            Err(NoteError::KeyId { name: name.to_owned() })
        }
    }
}

/// `SHA-256(name || "\n" || type || key)[:4]`
fn key_id(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let digest: [u8; 32] =
        Sha256::new().chain_update(name).chain_update([b'\n', ED25519]).chain_update(key.as_bytes()).finalize().into();
    [digest[0], digest[1], digest[2], digest[3]]
}

/// One signature line of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// The name of the key that made it.
    pub name: String,
    /// The id of that key, which also tells its type.
    pub key_id: [u8; 4],
    /// The signature itself; its form depends on the type.
    pub signature: Vec<u8>,
}

/// A text and the signatures below it. Its [`Display`](fmt::Display) form is what is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl SignedNote {
    /// The signed text with its final newline. It means nothing until [`SignedNote::verify`] has succeeded.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All signatures, of known and unknown keys.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Succeeds if at least one trusted key has signed and no signature that claims to be of a trusted key is wrong.
    /// Signatures of other keys are ignored.
    pub fn verify(&self, trusted: &[NoteVerifier]) -> Result<(), NoteError> {
        let mut verified = false;
        for line in &self.signatures {
            for key in trusted.iter().filter(|key| key.made(line)) {
                key.check(&self.text, line)?;
                verified = true;
            }
        }
        if verified { Ok(()) } else { Err(NoteError::Unsigned) }
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for line in &self.signatures {
            let mut bytes = line.key_id.to_vec();
            bytes.extend_from_slice(&line.signature);
            writeln!(f, "\u{2014} {} {}", line.name, STANDARD.encode(bytes))?;
        }
        Ok(())
    }
}

impl FromStr for SignedNote {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLong { bytes: note.len() });
        }
        // The text itself may have empty lines; the last one parts it from the signatures.
        let blank = note.rfind("\n\n").ok_or(NoteError::NoSignatures)?;
        let (text, below) = (&note[..=blank], &note[blank + 2..]);
        check_text(text)?;
        let lines = below.strip_suffix('\n').ok_or(NoteError::NoSignatures)?;
        let mut signatures = Vec::new();
        for (place, line) in lines.split('\n').enumerate() {
            if place >= MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            let signature = parse_signature(line);
            signatures.push(signature.ok_or(NoteError::SignatureLine { line: place + 1 })?);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }
}

fn parse_signature(line: &str) -> Option<NoteSignature> {
    let (name, encoded) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    check_name(name).ok()?;
    let bytes = STANDARD.decode(encoded).ok()?;
    let (key_id, signature) = bytes.split_first_chunk::<4>()?;
    Some(NoteSignature { name: name.to_owned(), key_id: *key_id, signature: signature.to_vec() })
}

fn check_name(name: &str) -> Result<(), NoteError> {
    let forbidden = |c: char| c.is_whitespace() || c.is_ascii_control() || c == '+';
    if name.is_empty() || name.contains(forbidden) {
        return Err(NoteError::KeyName { name: name.to_owned() });
    }
    Ok(())
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if !text.ends_with('\n') || text.contains(|c| c < ' ' && c != '\n') {
        return Err(NoteError::Text);
    }
    Ok(())
}

/// Why a note, or a key for notes, is not acceptable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoteError {
    /// The text does not end with a newline or holds control characters.
    Text,
    /// The note is longer than what is read.
    TooLong { bytes: usize },
    /// There is no blank line with signatures below it.
    NoSignatures,
    /// There are more signatures than a note may carry.
    TooManySignatures,
    /// The signature line, counted from 1, is malformed.
    SignatureLine { line: usize },
    /// No trusted key has signed.
    Unsigned,
    /// The signature claims to be of a trusted key, but that key did not sign this text.
    BadSignature { name: String },
    /// A key's name is empty or holds a space or a plus.
    KeyName { name: String },
    /// The text is not a vkey.
    Vkey,
    /// The vkey is of a type other than Ed25519.
    KeyType { kind: u8 },
    /// The id in the vkey is not that of its name and key.
    KeyId { name: String },
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("the text of a note must end with a newline and hold no control characters"),
            Self::TooLong { bytes } => write!(f, "the note has {bytes} bytes; at most {MAX_NOTE_BYTES} are read"),
            Self::NoSignatures => f.write_str(
                "the note has no signatures: they stand below the last blank line, each ending with a newline",
            ),
            Self::TooManySignatures => {
                write!(f, "the note has more than {MAX_SIGNATURES} signatures")
            }
            Self::SignatureLine { line } => {
                write!(f, "signature line {line} of the note is malformed; it must read `\u{2014} name base64`")
            }
            Self::Unsigned => f.write_str("no trusted key has signed the note"),
            Self::BadSignature { name } => {
                write!(f, "the signature of `{name}` is wrong: the note was altered or signed by another key")
            }
            Self::KeyName { name } => {
                write!(f, "`{name}` cannot name a key: a name is not empty and holds neither spaces nor `+`")
            }
            Self::Vkey => {
                f.write_str("this is not a verifier key; it must read `name+8 hex digits+base64 of an Ed25519 key`")
            }
            Self::KeyType { kind } => {
                write!(f, "the verifier key has type {kind:#04x}; only Ed25519 ({ED25519:#04x}) is supported")
            }
            Self::KeyId { name } => {
                write!(f, "the id in the verifier key of `{name}` does not belong to its name and key; copy it again")
            }
        }
    }
}

impl std::error::Error for NoteError {}
