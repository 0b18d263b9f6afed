//! Calendar time in rules: periods, and the calendar of a program that says when they begin and end.

use std::fmt;

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::{Day, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// From `start` on and before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    pub start: Timestamp,
    pub end: Timestamp,
}

impl Span {
    pub fn contains(&self, at: Timestamp) -> bool {
        self.start <= at && at < self.end
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.start, self.end)
    }
}

/// What a year is cut into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cycle {
    Month,
    /// A quarter of the calendar year.
    Quarter,
    /// A half of the calendar year.
    HalfYear,
    /// A calendar year.
    Year,
    /// A quarter of the fiscal year of the program.
    FiscalQuarter,
    /// A half of the fiscal year of the program.
    FiscalHalfYear,
    /// The fiscal year of the program.
    FiscalYear,
}

impl Cycle {
    pub const ALL: [Self; 7] = [
        Self::Month,
        Self::Quarter,
        Self::HalfYear,
        Self::Year,
        Self::FiscalQuarter,
        Self::FiscalHalfYear,
        Self::FiscalYear,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::HalfYear => "half_year",
            Self::Year => "year",
            Self::FiscalQuarter => "fiscal_quarter",
            Self::FiscalHalfYear => "fiscal_half_year",
            Self::FiscalYear => "fiscal_year",
        }
    }

    /// The cycle for people: "fiscal quarter".
    pub fn words(self) -> String {
        self.name().replace('_', " ")
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cycle| cycle.name() == name)
    }

    const fn months(self) -> i64 {
        match self {
            Self::Month => 1,
            Self::Quarter | Self::FiscalQuarter => 3,
            Self::HalfYear | Self::FiscalHalfYear => 6,
            Self::Year | Self::FiscalYear => 12,
        }
    }

    const fn is_fiscal(self) -> bool {
        matches!(self, Self::FiscalQuarter | Self::FiscalHalfYear | Self::FiscalYear)
    }
}

/// `this_quarter`, `last_fiscal_year`, `next_month`: the cycle and how many of it away.
pub(crate) fn named_period(name: &str) -> Option<(Cycle, i64)> {
    let (word, cycle) = name.split_once('_')?;
    let offset = match word {
        "last" => -1,
        "this" => 0,
        "next" => 1,
        _ => return None,
    };
    Some((Cycle::named(cycle)?, offset))
}

/// The zone of a program and the first month of its fiscal year.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    /// 1 for January.
    fiscal_start: i8,
}

impl Calendar {
    pub const fn new(zone: TimeZone, fiscal_start: i8) -> Self {
        Self { zone, fiscal_start }
    }

    pub fn utc() -> Self {
        Self::new(TimeZone::UTC, 1)
    }

    /// The day on the wall calendar of the program.
    pub fn day(&self, at: Timestamp) -> Day {
        at.day_in(&self.zone)
    }

    /// The first instant of a day.
    pub fn start_of(&self, day: Day) -> Timestamp {
        day.start_in(&self.zone)
    }

    /// The same time of day so many months later; the 31st becomes the last day of a shorter month.
    pub fn plus_months(&self, at: Timestamp, months: i64) -> Timestamp {
        let zoned = at.jiff().to_zoned(self.zone.clone());
        let moved = 0.months().try_months(months).and_then(|span| zoned.checked_add(span));
        match moved {
            Ok(moved) => Timestamp::from_micros(moved.timestamp().as_microsecond()),
            // Beyond the calendar: the furthest instant there is.
            Err(_) => Timestamp::from_micros(if months < 0 { i64::MIN } else { i64::MAX }),
        }
    }

    /// The period in which `now` lies, or the one so many before or after it.
    pub fn period(&self, cycle: Cycle, offset: i64, now: Timestamp) -> Span {
        let date = self.day(now).date();
        let length = cycle.months();
        let anchor = if cycle.is_fiscal() { i64::from(self.fiscal_start) - 1 } else { 0 };
        let month = i64::from(date.year()) * 12 + i64::from(date.month()) - 1 - anchor;
        let index = month.div_euclid(length).saturating_add(offset);
        let start = |index: i64| self.start_of_month(index.saturating_mul(length).saturating_add(anchor));
        Span { start: start(index), end: start(index.saturating_add(1)) }
    }

    /// The first instant of a month, counted from year 0.
    fn start_of_month(&self, month: i64) -> Timestamp {
        let year = i16::try_from(month.div_euclid(12).clamp(-9000, 9998)).unwrap_or(9998);
        let number = i8::try_from(month.rem_euclid(12) + 1).unwrap_or(1);
        let date = Date::new(year, number, 1).unwrap_or(Date::ZERO);
        let day = Day::new(date.year(), date.month(), 1);
        day.map_or_else(|_| Timestamp::from_micros(0), |day| self.start_of(day))
    }
}

/// Spans are half open, so what ends at an instant itself ends just after it.
pub(crate) const fn just_after(at: Timestamp) -> Timestamp {
    at.plus_micros(1)
}

/// Whole hours and fractions of them as microseconds, rounded toward zero.
pub(crate) fn micros(hours: super::number::Number) -> Option<i64> {
    let micros = hours.checked_mul(super::number::Number::whole(i128::from(kernel::time::HOUR)))?;
    i64::try_from(micros.truncated()).ok()
}
