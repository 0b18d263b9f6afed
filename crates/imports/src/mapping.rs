//! The mapping file: which column fills which field, and how its texts are read.

use std::collections::BTreeMap;

use kernel::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::import::Problem;
use crate::target::Texts;
use crate::value::{Formats, Shapes};

/// A mapping, as it is written in TOML.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What the rows are, such as `customers`.
    pub target: String,
    /// The system that the file comes from; keys are unique within it.
    #[serde(default = "file_word")]
    pub source: String,
    /// The column that tells rows apart and recognizes them next time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    #[serde(default)]
    pub format: Formats,
    /// Only rows that pass all of these are imported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filter: Vec<RowFilter>,
    pub fields: BTreeMap<String, Rule>,
}

fn file_word() -> String {
    "file".to_owned()
}

/// Which rows are meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowFilter {
    pub column: String,
    /// The cell is one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<Vec<String>>,
    /// The cell is none of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_not: Option<Vec<String>>,
}

/// How a field is filled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Rule {
    /// As the column says.
    Column(String),
    Full(Box<FullRule>),
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FullRule {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The same for every row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constant: Option<String>,
    /// Several columns, one after the other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub concat: Vec<String>,
    /// What stands between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<String>,
    /// Cuts the text here; `part` says which piece, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<usize>,
    /// Words of the file, and the words for them here.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// What any other word becomes; without it, a word that is not in `values` stays as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
    /// The column with the currency of this amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_column: Option<String>,
    /// What an empty cell becomes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub empty: Option<String>,
}

impl Rule {
    /// The columns that it reads.
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Self::Column(name) => vec![name],
            Self::Full(full) => {
                let named = full.column.iter().chain(&full.currency_column).chain(&full.concat);
                named.map(String::as_str).collect()
            }
        }
    }
}

/// What a row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mapped {
    /// The filter leaves it out.
    Skipped,
    Row {
        key: Option<String>,
        fields: Texts,
    },
    Wrong(Vec<Problem>),
}

impl Mapping {
    /// Reads a mapping; a mistake is named with its line.
    pub fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|error| Error::invalid("mapping", error.to_string().trim_end().to_owned()))
    }

    pub fn to_toml(&self) -> Result<String> {
        toml::to_string_pretty(self).map_err(|error| Error::internal(error.to_string()))
    }

    /// Refuses fields that the target does not have and columns that the file does not have.
    pub fn check(&self, shapes: &Shapes, headers: &[String]) -> Result<()> {
        if let Some(field) = self.fields.keys().find(|field| *field != "id" && !shapes.has(field)) {
            let rule = format!("{} have no field `{field}`; known are {}", self.target, shapes.names().join(", "));
            return Err(Error::invalid("mapping", rule));
        }
        let filtered = self.filter.iter().map(|filter| filter.column.as_str());
        let named = self.fields.values().flat_map(Rule::columns).chain(self.key.as_deref()).chain(filtered);
        for column in named {
            if position(headers, column).is_none() {
                let rule = format!("the file has no column `{column}`; it has {}", headers.join(", "));
                return Err(Error::invalid("mapping", rule));
            }
        }
        self.format.check()
    }

    /// Leaves out what reads columns that the file does not have: presets know more columns than most exports hold.
    #[must_use]
    pub fn fitted(mut self, headers: &[String]) -> Self {
        let has = |column: &str| position(headers, column).is_some();
        self.fields.retain(|_, rule| match rule {
            Rule::Column(column) => has(column),
            Rule::Full(full) => {
                full.concat.retain(|column| has(column));
                full.currency_column = full.currency_column.take().filter(|column| has(column));
                full.constant.is_some() || !full.concat.is_empty() || full.column.as_deref().is_some_and(has)
            }
        });
        self.key = self.key.filter(|key| has(key));
        self.filter.retain(|filter| has(&filter.column));
        self
    }

    /// Columns that nothing reads.
    pub fn unused(&self, headers: &[String]) -> Vec<String> {
        let filtered = self.filter.iter().map(|filter| filter.column.as_str());
        let named = self.fields.values().flat_map(Rule::columns).chain(self.key.as_deref()).chain(filtered);
        let read: Vec<usize> = named.filter_map(|column| position(headers, column)).collect();
        let left = headers.iter().enumerate().filter(|(place, _)| !read.contains(place));
        left.map(|(_, header)| header.clone()).collect()
    }

    /// What the row says, by the mapping.
    pub fn apply(&self, shapes: &Shapes, headers: &[String], cells: &[String]) -> Mapped {
        let cell = |column: &str| {
            let place = position(headers, column);
            place.and_then(|place| cells.get(place)).map(|cell| cell.trim()).unwrap_or_default()
        };
        let mut problems = Vec::new();
        if cells.len() > headers.len() && cells[headers.len()..].iter().any(|cell| !cell.trim().is_empty()) {
            let rule = format!(
                "the row has {} cells, the header {}: put cells that hold the delimiter in quotes",
                cells.len(),
                headers.len()
            );
            problems.push(Problem::new("", "", rule));
        }
        let passes = |filter: &RowFilter| {
            let among = |words: &Vec<String>| words.iter().any(|word| word.eq_ignore_ascii_case(cell(&filter.column)));
            filter.is.as_ref().is_none_or(among) && !filter.is_not.as_ref().is_some_and(among)
        };
        if !self.filter.iter().all(passes) {
            return Mapped::Skipped;
        }
        let mut fields = Texts::new();
        for (field, rule) in &self.fields {
            let (text, currency) = fill(rule, &cell);
            match shapes.read(field, &text, currency.as_deref(), &self.format) {
                Ok(text) => {
                    fields.insert(field.clone(), text);
                }
                Err(wrong) => {
                    let column = rule.columns().first().map_or(field.as_str(), |column| column);
                    problems.push(Problem::new(column, text, wrong));
                }
            }
        }
        if !problems.is_empty() {
            return Mapped::Wrong(problems);
        }
        let key = self.key.as_deref().map(|column| (column, cell(column)));
        if let Some((column, "")) = key {
            let rule = "is empty; it is the key of the row, so fill it or choose another key column";
            return Mapped::Wrong(vec![Problem::new(column, "", rule)]);
        }
        Mapped::Row { key: key.map(|(_, key)| key.to_owned()), fields }
    }
}

/// The place of a column; upper and lower case are the same.
pub(crate) fn position(headers: &[String], column: &str) -> Option<usize> {
    let exact = headers.iter().position(|header| header == column);
    exact.or_else(|| headers.iter().position(|header| header.to_lowercase() == column.trim().to_lowercase()))
}

/// The text of a field before it is read, and the currency beside it.
fn fill<'c>(rule: &Rule, cell: &impl Fn(&str) -> &'c str) -> (String, Option<String>) {
    let full = match rule {
        Rule::Column(column) => return (cell(column).to_owned(), None),
        Rule::Full(full) => full,
    };
    let mut text = match (&full.constant, &full.column) {
        (Some(constant), None) => constant.clone(),
        (_, Some(column)) => cell(column).to_owned(),
        (None, None) => {
            let parts: Vec<&str> = full.concat.iter().map(|c| cell(c)).filter(|part| !part.is_empty()).collect();
            parts.join(full.with.as_deref().unwrap_or(" "))
        }
    };
    if let Some(split) = full.split.as_deref().filter(|split| !split.is_empty()) {
        let piece = text.split(split).nth(full.part.unwrap_or(1).saturating_sub(1));
        text = piece.unwrap_or_default().trim().to_owned();
    }
    if text.is_empty() {
        text = full.empty.clone().unwrap_or_default();
    } else {
        let word = full.values.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text)).map(|(_, meaning)| meaning);
        if let Some(meaning) = word.or(full.otherwise.as_ref()) {
            text = meaning.clone();
        }
    }
    let currency = full.currency_column.as_deref().map(|column| cell(column).to_owned());
    (text, currency.filter(|currency| !currency.is_empty()))
}
