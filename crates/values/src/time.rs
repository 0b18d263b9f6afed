//! Instants, business days and the clock that tells them: time is always an argument, never read inside a rule.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Result};

/// An instant in UTC, in microseconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

pub const SECOND: i64 = 1_000_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// The largest instant that can be written as a date (9999-12-30).
const LATEST: i64 = 253_402_207_199_999_999;
const EARLIEST: i64 = -377_705_023_201_000_000;

impl Timestamp {
    pub const fn from_micros(micros: i64) -> Self {
        Self(if micros > LATEST {
            LATEST
        } else if micros < EARLIEST {
            EARLIEST
        } else {
            micros
        })
    }

    pub const fn micros(self) -> i64 {
        self.0
    }

    pub const fn plus_micros(self, micros: i64) -> Self {
        Self::from_micros(self.0.saturating_add(micros))
    }

    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_micros(days.saturating_mul(DAY))
    }

    pub const fn plus_hours(self, hours: i64) -> Self {
        self.plus_micros(hours.saturating_mul(HOUR))
    }

    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_micros(seconds.saturating_mul(SECOND))
    }

    /// Microseconds from `earlier` to this instant.
    pub const fn since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whole days from this instant to `later`, rounded down.
    pub const fn days_until(self, later: Timestamp) -> i64 {
        later.since(self).div_euclid(DAY)
    }

    /// The day on a wall calendar of that time zone.
    pub fn day_in(self, zone: &TimeZone) -> Day {
        Day(self.jiff().to_zoned(zone.clone()).date())
    }

    pub fn jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.jiff(), f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    /// Reads RFC 3339, or a bare day, which means its first instant in UTC.
    fn from_str(text: &str) -> Result<Self> {
        if let Ok(at) = text.parse::<jiff::Timestamp>() {
            return Ok(Self(at.as_microsecond()));
        }
        text.parse::<Day>().map(|day| day.start_in(&TimeZone::UTC)).map_err(|_| {
            Error::invalid("time", format!("`{text}` is not an RFC 3339 time such as 2026-03-01T09:00:00Z"))
        })
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|_| {
            serde::de::Error::custom(format!("`{text}` is not an RFC 3339 time such as 2026-03-01T09:00:00Z"))
        })
    }
}

impl JsonSchema for Timestamp {
    fn schema_name() -> Cow<'static, str> {
        "Timestamp".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
    fn inline_schema() -> bool {
        true
    }
}

/// A day on the calendar, without a time of day: contract dates, statement periods.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    pub fn new(year: i16, month: i8, day: i8) -> Result<Self> {
        Date::new(year, month, day).map(Self).map_err(|e| Error::invalid("day", e.to_string()))
    }

    pub const fn date(self) -> Date {
        self.0
    }

    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().days(days.clamp(-3_000_000, 3_000_000))))
    }

    pub fn plus_months(self, months: i64) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().months(months.clamp(-100_000, 100_000))))
    }

    pub fn first_of_month(self) -> Self {
        Self(self.0.first_of_month())
    }

    /// The first instant of the day in that time zone.
    pub fn start_in(self, zone: &TimeZone) -> Timestamp {
        let instant = self.0.to_zoned(zone.clone()).map(|z| z.timestamp().as_microsecond());
        Timestamp::from_micros(instant.unwrap_or(LATEST))
    }

    /// Whether people usually work on that day (Monday to Friday).
    pub fn is_weekday(self) -> bool {
        use jiff::civil::Weekday;
        !matches!(self.0.weekday(), Weekday::Saturday | Weekday::Sunday)
    }

    /// `YYYY-MM`, the name of the month.
    pub fn month(self) -> String {
        format!("{:04}-{:02}", self.0.year(), self.0.month())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Day {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let well_formed = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
        match text.parse::<Date>() {
            Ok(date) if well_formed => Ok(Self(date)),
            _ => Err(Error::invalid("day", format!("`{text}` is not a day such as 2026-03-01"))),
        }
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom(format!("`{text}` is not a day such as 2026-03-01")))
    }
}

impl JsonSchema for Day {
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date" })
    }
    fn inline_schema() -> bool {
        true
    }
}

/// Tells the time to the shell of the system; rules get it as an argument.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // the one place that reads the machine's clock
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(jiff::Timestamp::now().as_microsecond())
    }
}

/// A clock that stands still until it is moved: tests and the demo's past year.
pub struct FixedClock(AtomicI64);

impl FixedClock {
    pub fn at(instant: Timestamp) -> Self {
        Self(AtomicI64::new(instant.0))
    }

    pub fn set(&self, instant: Timestamp) {
        self.0.store(instant.0, Ordering::SeqCst);
    }

    pub fn advance(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }

    pub fn advance_days(&self, days: i64) {
        self.advance(days * DAY);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_time_can_be_written() {
        for micros in [i64::MAX, i64::MIN] {
            let end = Timestamp::from_micros(micros);
            assert_eq!(end.jiff().as_microsecond(), end.micros(), "{end}");
            assert_eq!(end.to_string().parse::<Timestamp>().unwrap(), end);
        }
    }

    #[test]
    fn a_day_begins_in_its_zone() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let start = Day::new(2026, 7, 1).unwrap().start_in(&berlin);
        assert_eq!(start.to_string(), "2026-06-30T22:00:00Z");
        assert_eq!(start.day_in(&berlin).to_string(), "2026-07-01");
    }
}
