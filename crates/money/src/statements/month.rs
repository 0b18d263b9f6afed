//! A calendar month, written `2026-03`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use kernel::{Day, Error, FromValue, Timestamp, Value};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A month of the program's calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    first: Day,
}

impl Month {
    /// The month of that instant.
    pub fn of(at: Timestamp, zone: &TimeZone) -> Self {
        Self { first: at.day_in(zone).first_of_month() }
    }

    pub fn first(self) -> Day {
        self.first
    }

    #[must_use]
    pub fn before(self) -> Self {
        Self { first: self.first.plus_months(-1) }
    }

    #[must_use]
    pub fn next(self) -> Self {
        Self { first: self.first.plus_months(1) }
    }

    /// How many months it lies after another one.
    pub fn months_after(self, other: Self) -> i64 {
        let count = |month: Self| i64::from(month.first.date().year()) * 12 + i64::from(month.first.date().month());
        count(self) - count(other)
    }

    /// The instant from which on it is over.
    pub fn end(self, zone: &TimeZone) -> Timestamp {
        self.next().first.start_in(zone)
    }

    pub fn start(self, zone: &TimeZone) -> Timestamp {
        self.first.start_in(zone)
    }

    /// The name for people: `March 2026`.
    pub fn title(self) -> String {
        self.first.date().strftime("%B %Y").to_string()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.first.month())
    }
}

impl FromStr for Month {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let first = format!("{text}-01").parse::<Day>();
        first
            .map(|first| Self { first })
            .map_err(|_| Error::invalid("month", format!("`{text}` is not a month such as 2026-03")))
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom(format!("`{text}` is not a month such as 2026-03")))
    }
}

impl JsonSchema for Month {
    fn schema_name() -> Cow<'static, str> {
        "Month".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$", "examples": ["2026-03"], "description": "A month such as `2026-03`" })
    }
    fn inline_schema() -> bool {
        true
    }
}

impl FromValue for Month {
    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => text.parse().map_err(|e: Error| e.to_string()),
            other => Err(format!("unexpected {other:?} for a month")),
        }
    }
}

impl From<Month> for Value {
    fn from(month: Month) -> Self {
        Value::Text(month.to_string())
    }
}
