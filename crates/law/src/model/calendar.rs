//! The working days of the program: weekends and the holidays that it names do not count.

use jiff::tz::TimeZone;
use kernel::{Day, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longer terms than this are cut; the longest that a program can state is 260 business days.
const MOST_DAYS: u32 = 5_000;

/// Which days count as business days.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Days on which nobody is expected to work, such as `2026-12-25`; Saturdays and Sundays never count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("requirement" = "B1.6"))]
    pub holidays: Vec<Day>,
}

impl Calendar {
    /// Whether people are expected to work on that day.
    pub fn is_business_day(&self, day: Day) -> bool {
        day.is_weekday() && !self.holidays.contains(&day)
    }

    /// The end of the `days`th business day after the day of `from`, on a wall calendar of that zone. What begins on a
    /// Friday with one business day ends with Monday.
    pub fn end_of(&self, days: u32, from: Timestamp, zone: &TimeZone) -> Timestamp {
        let mut day = from.day_in(zone);
        let mut left = days.min(MOST_DAYS);
        while left > 0 {
            day = day.plus_days(1);
            if self.is_business_day(day) {
                left -= 1;
            }
        }
        day.plus_days(1).start_in(zone)
    }

    pub fn is_empty(&self) -> bool {
        self.holidays.is_empty()
    }
}
