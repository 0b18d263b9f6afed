//! The checkpoint: what a log states about itself, signed (<https://c2sp.org/tlog-checkpoint>).
//!
//! ```text
//! partners.example.com/log
//! 1024
//! Y2hlY2twb2ludCByb290IGhhc2ggb2YgdGhlIGxvZyE=
//!
//! — partners.example.com/log 9TbHvA…
//! ```

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::merkle::Hash;
use crate::note::{NoteError, NoteSigner, NoteVerifier, SignedNote};

/// Name, size and root of a log at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log, for ever: by custom its address without scheme, such as `partners.example.com/log`.
    pub origin: String,
    /// How many entries the log has.
    pub size: u64,
    /// The root over all of them.
    pub root: Hash,
    /// Further lines that the log's operator signs with it; usually none.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// A checkpoint without extension lines.
    pub fn new(origin: impl Into<String>, size: u64, root: Hash) -> Self {
        Self { origin: origin.into(), size, root, extensions: Vec::new() }
    }

    /// The text that is signed.
    pub fn body(&self) -> Result<String, CheckpointError> {
        for (line, text) in std::iter::once(&self.origin).chain(&self.extensions).enumerate() {
            if text.is_empty() || text.contains(|c: char| c.is_ascii_control()) {
                // The extensions follow origin, size and root.
                let line = if line == 0 { 1 } else { line + 3 };
                return Err(CheckpointError::Line { line });
            }
        }
        let mut body = format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root));
        for extension in &self.extensions {
            body.push_str(extension);
            body.push('\n');
        }
        Ok(body)
    }

    /// Reads the text that was signed. Trust it only after a signature over it was verified: see [`Checkpoint::open`].
    pub fn parse_body(body: &str) -> Result<Self, CheckpointError> {
        let text = body.strip_suffix('\n').ok_or(CheckpointError::Unfinished)?;
        let mut lines = text.split('\n');
        let origin = lines.next().unwrap_or_default();
        if origin.is_empty() {
            return Err(CheckpointError::Line { line: 1 });
        }
        let size_text = lines.next().ok_or(CheckpointError::Unfinished)?;
        let size: u64 = size_text.parse().map_err(|_| CheckpointError::Size)?;
        if size.to_string() != size_text {
            return Err(CheckpointError::Size);
        }
        let root = lines.next().ok_or(CheckpointError::Unfinished)?;
        let root =
            STANDARD.decode(root).ok().and_then(|bytes| Hash::try_from(bytes).ok()).ok_or(CheckpointError::Root)?;
        let mut extensions = Vec::new();
        for (place, extension) in lines.enumerate() {
            if extension.is_empty() {
                return Err(CheckpointError::Line { line: place + 4 });
            }
            extensions.push(extension.to_owned());
        }
        Ok(Self { origin: origin.to_owned(), size, root, extensions })
    }

    /// Signs the checkpoint; the result is what the log publishes.
    pub fn sign(&self, signer: &NoteSigner) -> Result<SignedNote, CheckpointError> {
        Ok(signer.sign(self.body()?)?)
    }

    /// Reads a published checkpoint of the log called `origin`, if one of these keys has signed it.
    pub fn open(published: &str, origin: &str, trusted: &[NoteVerifier]) -> Result<Self, CheckpointError> {
        let note: SignedNote = published.parse()?;
        note.verify(trusted)?;
        let checkpoint = Self::parse_body(note.text())?;
        if checkpoint.origin == origin {
            Ok(checkpoint)
        } else {
            Err(CheckpointError::Origin { found: checkpoint.origin, expected: origin.to_owned() })
        }
    }
}

/// Why a text is not a checkpoint that can be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckpointError {
    /// A line is missing, or the last one has no end.
    Unfinished,
    /// The line, counted from 1, is empty or holds control characters.
    Line { line: usize },
    /// The second line is not a number of entries.
    Size,
    /// The third line is not 32 bytes in base64.
    Root,
    /// A trusted key has signed it, but for another log.
    Origin { found: String, expected: String },
    /// The signatures do not carry it.
    Note(NoteError),
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unfinished => {
                f.write_str("a checkpoint has at least three lines: the log's origin, its size and its root")
            }
            Self::Line { line } => write!(f, "line {line} of the checkpoint is empty or holds control characters"),
            Self::Size => {
                f.write_str("the second line of the checkpoint is not a number of entries without leading zeros")
            }
            Self::Root => f.write_str("the third line of the checkpoint is not a root hash of 32 bytes in base64"),
            Self::Origin { found, expected } => {
                write!(f, "the checkpoint is of the log `{found}`, not of `{expected}`")
            }
            Self::Note(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CheckpointError {}

impl From<NoteError> for CheckpointError {
    fn from(error: NoteError) -> Self {
        Self::Note(error)
    }
}
