//! Document numbers: a series, a year and a sequence within both, written `NW-STM-2026-00042`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use kernel::{Error, Result};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The number that a document is filed and quoted under.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number {
    series: String,
    year: u16,
    sequence: u32,
}

/// Longer series names would not fit beside the title on paper.
pub const LONGEST_SERIES: usize = 24;

impl Number {
    /// A series is capital letters, digits and hyphens, starting and ending with a letter or digit: `NW-STM`.
    pub fn new(series: &str, year: u16, sequence: u32) -> Result<Self> {
        let edge = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        let well_formed = series.len() <= LONGEST_SERIES
            && series.starts_with(edge)
            && series.ends_with(edge)
            && series.chars().all(|c| edge(c) || c == '-');
        if !well_formed {
            return Err(Error::invalid(
                "series",
                format!(
                    "`{series}` is not a series such as NW-STM: use up to {LONGEST_SERIES} capital letters, digits \
                     and inner hyphens"
                ),
            ));
        }
        if !(1000..=9999).contains(&year) {
            return Err(Error::invalid("year", format!("`{year}` is not a year of four digits such as 2026")));
        }
        if sequence == 0 {
            return Err(Error::invalid("sequence", "`0` is not a sequence: count from 1"));
        }
        Ok(Self { series: series.to_owned(), year, sequence })
    }

    pub fn series(&self) -> &str {
        &self.series
    }

    pub fn year(&self) -> u16 {
        self.year
    }

    pub fn sequence(&self) -> u32 {
        self.sequence
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:04}-{:05}", self.series, self.year, self.sequence)
    }
}

impl FromStr for Number {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parts = || {
            let (rest, sequence) = text.rsplit_once('-')?;
            let (series, year) = rest.rsplit_once('-')?;
            Self::new(series, year.parse().ok()?, sequence.parse().ok()?).ok()
        };
        parts()
            // `00042` and `42` must not name the same document.
            .filter(|number| number.to_string() == text)
            .ok_or_else(|| {
                Error::invalid("number", format!("`{text}` is not a document number such as NW-STM-2026-00042"))
            })
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|_| {
            serde::de::Error::custom(format!("`{text}` is not a document number such as NW-STM-2026-00042"))
        })
    }
}

impl JsonSchema for Number {
    fn schema_name() -> Cow<'static, str> {
        "DocumentNumber".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "pattern": "^[A-Z0-9][A-Z0-9-]*-[0-9]{4}-[0-9]{5,}$", "examples": ["NW-STM-2026-00042"],
            "description": "Series, year and sequence of a document"
        })
    }
    fn inline_schema() -> bool {
        true
    }
}
