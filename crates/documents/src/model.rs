//! What a document says, apart from how it looks: parties, number, day and a list of blocks.

use kernel::{Day, Money};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::number::Number;

/// A document as it is stored, hashed and signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    pub title: String,
    pub number: Number,
    /// The template that wrote it, a word such as `statement` or `agreement`.
    pub kind: String,
    /// The organization that issues the document and answers for it.
    pub issuer: Party,
    /// Whom it is addressed to; a report for the public has nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Party>,
    /// Also the creation date inside the PDF: rendering never asks the clock.
    pub issued_on: Day,
    /// BCP 47 tag of the language that the texts are written in, such as `en` or `de-AT`.
    pub language: String,
    /// Facts that belong beside the address: period, due date, account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<KeyValue>,
    pub blocks: Vec<Block>,
    /// Small print at the foot of every page.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub footer: String,
}

/// A company as it is named on a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Party {
    pub name: String,
    /// Address, registration and tax numbers, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
}

/// One piece of a document, from top to bottom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum Block {
    Heading {
        level: Level,
        text: String,
    },
    Paragraph {
        text: Text,
    },
    KeyValues {
        items: Vec<KeyValue>,
    },
    Table(Table),
    /// A remark set apart from the text.
    Note {
        tone: Tone,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        title: String,
        text: Text,
    },
    Spacer,
    PageBreak,
    /// Lines to sign on, or the names of those who signed.
    Signatures {
        parties: Vec<Signature>,
    },
    /// What the document can be checked against, such as the hash of its inputs.
    Seal {
        label: String,
        sha256: String,
    },
    /// Amounts as horizontal bars, for a quick comparison.
    Bars {
        title: String,
        bars: Vec<Bar>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Section,
    Subsection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    Info,
    Success,
    Warning,
    Danger,
}

/// Running text. A value from outside goes in as a span of its own, so it cannot turn into markup.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Text(pub Vec<Span>);

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    pub text: String,
    #[serde(default, skip_serializing_if = "Weight::is_regular")]
    pub weight: Weight,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    #[default]
    Regular,
    Bold,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeyValue {
    pub key: String,
    pub value: Cell,
}

/// Rows under columns. Rows may be grouped; see [`RowKind`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Table {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub caption: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Column {
    pub label: String,
    pub align: Align,
    /// Width on paper relative to the other columns; on screen the browser decides.
    pub width: u16,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    #[default]
    Start,
    Center,
    /// For amounts and other figures.
    End,
}

/// When a row has fewer cells than the table has columns, its first cell spans the difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    pub kind: RowKind,
    pub cells: Vec<Cell>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    Line,
    /// Opens a group; repeated on the next page when the group continues there.
    Group,
    Subtotal,
    Total,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cell {
    pub value: Value,
    /// Where the reader can check it, such as `/decisions/dec_01…`; on paper it needs the address of the site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// A second, smaller line: the rule, the source, the rate.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    #[default]
    Empty,
    Text(String),
    Money(Money),
    Day(Day),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Signature {
    pub name: String,
    pub role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_on: Option<Day>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bar {
    pub label: String,
    pub value: Money,
}

impl Weight {
    fn is_regular(&self) -> bool {
        *self == Self::Regular
    }
}

impl Text {
    pub fn plain(text: impl Into<String>) -> Self {
        Self::default().then(text)
    }

    pub fn then(self, text: impl Into<String>) -> Self {
        self.push(text.into(), Weight::Regular, None)
    }

    pub fn bold(self, text: impl Into<String>) -> Self {
        self.push(text.into(), Weight::Bold, None)
    }

    pub fn link(self, text: impl Into<String>, href: impl Into<String>) -> Self {
        self.push(text.into(), Weight::Regular, Some(href.into()))
    }

    fn push(mut self, text: String, weight: Weight, link: Option<String>) -> Self {
        self.0.push(Span { text, weight, link });
        self
    }
}

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Self {
        Self::plain(text)
    }
}

impl Block {
    pub fn section(text: impl Into<String>) -> Self {
        let (level, text) = (Level::Section, text.into());
        Self::Heading { level, text }
    }

    pub fn subsection(text: impl Into<String>) -> Self {
        let (level, text) = (Level::Subsection, text.into());
        Self::Heading { level, text }
    }

    pub fn paragraph(text: impl Into<Text>) -> Self {
        Self::Paragraph { text: text.into() }
    }

    pub fn note(tone: Tone, title: impl Into<String>, text: impl Into<Text>) -> Self {
        let (title, text) = (title.into(), text.into());
        Self::Note { tone, title, text }
    }
}

impl KeyValue {
    pub fn new(key: impl Into<String>, value: impl Into<Cell>) -> Self {
        let (key, value) = (key.into(), value.into());
        Self { key, value }
    }
}

impl Column {
    pub fn new(label: impl Into<String>, width: u16) -> Self {
        let (label, align) = (label.into(), Align::Start);
        Self { label, align, width }
    }

    /// A column of amounts or other figures.
    pub fn figures(label: impl Into<String>, width: u16) -> Self {
        let align = Align::End;
        Self { align, ..Self::new(label, width) }
    }
}

impl Row {
    pub fn line(cells: Vec<Cell>) -> Self {
        let kind = RowKind::Line;
        Self { kind, cells }
    }

    pub fn group(label: impl Into<Cell>) -> Self {
        let (kind, cells) = (RowKind::Group, vec![label.into()]);
        Self { kind, cells }
    }

    pub fn subtotal(cells: Vec<Cell>) -> Self {
        let kind = RowKind::Subtotal;
        Self { kind, cells }
    }

    pub fn total(cells: Vec<Cell>) -> Self {
        let kind = RowKind::Total;
        Self { kind, cells }
    }
}

impl Table {
    /// How many columns it takes to show every cell, labelled or not: nothing that a row holds is dropped.
    pub(crate) fn column_count(&self) -> usize {
        let widest = self.rows.iter().map(|row| row.cells.len()).max();
        self.columns.len().max(widest.unwrap_or(0))
    }
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        let value = Value::Text(text.into());
        Self { value, ..Self::default() }
    }

    pub fn money(amount: Money) -> Self {
        let value = Value::Money(amount);
        Self { value, ..Self::default() }
    }

    pub fn day(day: Day) -> Self {
        let value = Value::Day(day);
        Self { value, ..Self::default() }
    }

    pub fn linked(mut self, href: impl Into<String>) -> Self {
        self.link = Some(href.into());
        self
    }

    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}
impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}
impl From<Money> for Cell {
    fn from(amount: Money) -> Self {
        Self::money(amount)
    }
}
impl From<Day> for Cell {
    fn from(day: Day) -> Self {
        Self::day(day)
    }
}

impl Value {
    /// As people read it: `€1,250.00`, `2026-03-01`.
    pub fn display(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Money(amount) => amount.pretty(),
            Self::Day(day) => day.to_string(),
        }
    }
}

/// The link if following it is safe: a path on this site, a place on the page, or a web or mail address.
pub(crate) fn safe_link(link: Option<&str>) -> Option<&str> {
    let link = link?;
    let clean = !link.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\');
    let on_site = link.starts_with('#') || (link.starts_with('/') && !link.starts_with("//"));
    let elsewhere = ["https://", "http://", "mailto:"].iter().any(|scheme| link.starts_with(scheme));
    (clean && (on_site || elsewhere)).then_some(link)
}
