//! One program file while it is checked: its text, its tree with places, and what was found in it.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;

use crate::diagnostic::Diagnostic;

/// One program file while it is checked.
pub(super) struct Source<'a> {
    pub file: &'static str,
    pub text: &'a str,
    /// What could be read of it, even past a syntax error.
    pub table: Spanned<DeTable<'a>>,
    /// Whether all of it could be read.
    pub complete: bool,
    pub diagnostics: Vec<Diagnostic>,
    /// The place of each value by its path, such as `tier[1].benefits.deal_slots`.
    pub values: BTreeMap<String, Range<usize>>,
    /// The names that the file defines, by the list or map that they are in: `tier`, `plan`, `procedure.onboarding.stage`.
    pub defined: BTreeMap<String, Vec<Word>>,
    /// The texts whose meaning lies beyond the file.
    pub notes: Vec<Note>,
}

/// A name at its place.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub text: String,
    pub span: Range<usize>,
}

/// A text whose meaning lies beyond the file.
#[derive(Debug, Clone)]
pub(super) struct Note {
    pub path: String,
    pub span: Range<usize>,
    pub kind: NoteKind,
}

/// What such a text means.
#[derive(Debug, Clone)]
pub(super) enum NoteKind {
    /// One of the keys of that kind, such as `plan`.
    Reference {
        to: String,
        name: String,
    },
    /// A rule, which says yes or no.
    Rule(String),
    /// A formula, which gives a value.
    Formula(String),
    Benefit(crate::model::BenefitValue),
}

impl<'a> Source<'a> {
    pub fn new(file: &'static str, text: &'a str) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut source = Self {
            file,
            text,
            table,
            complete: errors.is_empty(),
            diagnostics: Vec::new(),
            values: BTreeMap::new(),
            defined: BTreeMap::new(),
            notes: Vec::new(),
        };
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            if error.message() == "duplicate key" {
                let message = format!("`{}` is defined twice", text[span.clone()].trim_matches('"'));
                source.error(span, "duplicate-key", message);
            } else {
                source.error(span, "syntax", error.message());
            }
        }
        source
    }

    /// Notes an error and gives it back to be completed.
    pub fn error(&mut self, span: Range<usize>, code: &str, message: impl Into<String>) -> &mut Diagnostic {
        let found = Diagnostic::error(self.file, self.text, span, code, message);
        self.diagnostics.push(found);
        let last = self.diagnostics.len() - 1;
        &mut self.diagnostics[last]
    }

    /// The place of a value, or the beginning of the file if it is not written there.
    pub fn place(&self, path: &str) -> Range<usize> {
        self.values.get(path).cloned().unwrap_or(0..0)
    }

    /// The place of some bytes inside a text value: as it is written, the value may begin with one or three quotation
    /// marks. Where escapes shift the bytes, the whole value is meant.
    pub fn inside(&self, value: &Range<usize>, text: &str, part: &Range<usize>) -> Range<usize> {
        let written = &self.text[value.clone()];
        let Some(offset) = written.find(text).filter(|_| !text.is_empty()) else {
            return value.clone();
        };
        let start = value.start + offset + part.start;
        // A fault at the end of the text points at the closing quotation mark.
        let end = (value.start + offset + part.end).max(start + 1);
        start..end.min(value.end)
    }
}

impl Diagnostic {
    /// Completes a noted diagnostic in place.
    pub(super) fn with(&mut self, expected: impl Into<String>, suggestion: Option<String>) {
        self.expected = Some(expected.into());
        self.suggestion = suggestion;
    }
}
