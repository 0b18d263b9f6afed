//! What is wrong with a program file, exactly where, and what was probably meant.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The program cannot be put in force.
    Error,
    /// It can, but somebody should look.
    Warning,
}

/// One finding in a program file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Diagnostic {
    /// The file inside the program folder, such as `tiers.toml`.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The character in the line, counted from 1.
    pub column: usize,
    /// How many characters are meant.
    pub length: usize,
    pub severity: Severity,
    /// A word for programs, such as `unknown-key`.
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// What would be right there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What to write instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

impl Diagnostic {
    /// An error at some bytes of a file.
    pub fn error(file: &str, text: &str, span: Range<usize>, code: &str, message: impl Into<String>) -> Self {
        let place = Place::of(text, &span);
        Self {
            file: file.to_owned(),
            line: place.line,
            column: place.column,
            length: place.length,
            severity: Severity::Error,
            code: code.to_owned(),
            message: message.into(),
            expected: None,
            suggestion: None,
        }
    }

    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    #[must_use]
    pub fn expecting(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    #[must_use]
    pub fn suggesting(mut self, suggestion: Option<impl Into<String>>) -> Self {
        self.suggestion = suggestion.map(Into::into);
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The bytes of the text that are meant.
    fn span(&self, text: &str) -> Range<usize> {
        let line_start: usize = text.split_inclusive('\n').take(self.line.saturating_sub(1)).map(str::len).sum();
        let rest = &text[line_start.min(text.len())..];
        let after =
            |characters: usize, from: &str| from.char_indices().nth(characters).map_or(from.len(), |(place, _)| place);
        let start = after(self.column.saturating_sub(1), rest);
        let length = after(self.length, &rest[start..]);
        line_start + start..line_start + start + length
    }
}

/// One line, as compilers write it: `tiers.toml:12:3: error: there is no benefit …`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{}:{}:{}: {severity}: {}", self.file, self.line, self.column, self.message)?;
        if let Some(suggestion) = &self.suggestion {
            write!(f, "; did you mean `{suggestion}`?")?;
        } else if let Some(expected) = &self.expected {
            write!(f, "; expected {expected}")?;
        }
        Ok(())
    }
}

/// Where some bytes are, as people count.
struct Place {
    line: usize,
    column: usize,
    length: usize,
}

impl Place {
    fn of(text: &str, span: &Range<usize>) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let meant = text.get(span.clone()).unwrap_or("");
        // A span over several lines is shown by its first.
        let first_line = meant.lines().next().unwrap_or("");
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            length: first_line.chars().count(),
        }
    }
}

/// The findings with the lines that they are about, for a terminal or a log, without color.
pub fn render(diagnostics: &[Diagnostic], files: &BTreeMap<String, String>) -> String {
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_links(false);
    let mut page = String::new();
    for diagnostic in diagnostics {
        let text = files.get(&diagnostic.file).map_or("", String::as_str);
        let report = Report { diagnostic, span: diagnostic.span(text), source: File { name: &diagnostic.file, text } };
        // A report that cannot be drawn is still told in one line.
        if handler.render_report(&mut page, &report).is_err() {
            page.push_str(&diagnostic.to_string());
            page.push('\n');
        }
    }
    page
}

/// A finding as miette draws it.
#[derive(Debug)]
struct Report<'a> {
    diagnostic: &'a Diagnostic,
    span: Range<usize>,
    source: File<'a>,
}

/// A file as miette reads it, with columns in characters, as everywhere here, and not in bytes.
#[derive(Debug)]
struct File<'a> {
    name: &'a str,
    text: &'a str,
}

impl SourceCode for File<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let found = self.text.read_span(span, lines_before, lines_after)?;
        let start = found.span().offset();
        let line_start = self.text[..start].rfind('\n').map_or(0, |end| end + 1);
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.to_owned(),
            found.data(),
            *found.span(),
            found.line(),
            self.text[line_start..start].chars().count(),
            found.line_count(),
        )))
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.diagnostic.message)
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.diagnostic.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let suggestion = self.diagnostic.suggestion.as_ref();
        suggestion.map(|text| Box::new(format!("did you mean `{text}`?")) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let expected = self.diagnostic.expected.as_ref();
        let label = expected.map_or_else(|| "here".to_owned(), |text| format!("expected {text}"));
        let span = LabeledSpan::new(Some(label), self.span.start, self.span.len());
        Some(Box::new(std::iter::once(span)))
    }
}
