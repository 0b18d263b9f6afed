//! The year of the world: 365 days that end today.

use jiff::tz::TimeZone;
use kernel::time::{DAY, MINUTE};
use kernel::{Day, Timestamp};

use crate::dice::Dice;

/// Days of the year.
pub(crate) const DAYS: i64 = 365;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Calendar {
    /// The first instant of the first day, in UTC.
    pub start: Timestamp,
    pub today: Timestamp,
}

impl Calendar {
    pub fn ending(today: Timestamp) -> Self {
        let midnight = Timestamp::from_micros(today.micros().div_euclid(DAY) * DAY);
        Self { start: midnight.plus_days(-DAYS), today }
    }

    /// A minute of a day of the year.
    pub fn at(&self, day: i64, minute: i64) -> Timestamp {
        self.start.plus_days(day).plus_micros(minute * MINUTE)
    }

    /// Some time in office hours of that day, or of the Monday after it.
    pub fn office(&self, day: i64, dice: &mut Dice) -> Timestamp {
        let mut day = day;
        while !self.day(day).is_weekday() {
            day += 1;
        }
        self.at(day, dice.between(7 * 60, 17 * 60)).plus_micros(dice.between(0, MINUTE - 1) / 1000 * 1000)
    }

    pub fn day(&self, day: i64) -> Day {
        self.at(day, 0).day_in(&TimeZone::UTC)
    }

    /// The day of the year of an instant.
    pub fn day_of(&self, at: Timestamp) -> i64 {
        self.start.days_until(at)
    }
}
