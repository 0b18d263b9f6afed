//! `terms.toml` and `terms/*.md`: the texts that partners accept, each versioned by its own hash.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The texts that partners accept (`terms.toml`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TermsFile {
    /// Texts by key, such as `[terms.standard]`.
    #[serde(default)]
    #[schemars(extend("requirement" = "B1.11"))]
    pub terms: BTreeMap<String, Terms>,
}

/// A text that partners accept before anything else works for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The name of the text for people.
    pub title: String,
    /// The Markdown file with the text, such as `terms/standard.md`.
    #[schemars(extend("refers" = "file"))]
    pub file: String,
    /// The text, read from `file`.
    #[serde(default)]
    #[schemars(skip)]
    pub text: String,
    /// SHA-256 of the text in lower-case hex: which version a partner has accepted.
    #[serde(default)]
    #[schemars(skip)]
    pub version: String,
}

impl Terms {
    /// With its text, and the version that follows from it.
    #[must_use]
    pub fn with_text(mut self, text: &str) -> Self {
        self.version = super::sha256_hex(text.as_bytes());
        text.clone_into(&mut self.text);
        self
    }
}
