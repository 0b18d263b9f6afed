//! Who drives, what the credential providers say about them, and when a dispatcher asks.

use kernel::{Day, Timestamp};

use super::calendar::DAYS;
use super::{Act, Calendar, Size, Step};
use crate::dice::Dice;
use crate::names::Names;

/// Somebody who drives, with everything that is reported about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Driver {
    /// Such as `drv_1042`.
    pub id: String,
    pub jurisdiction: &'static str,
    pub reports: Vec<Report>,
}

/// One message of a provider about one credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    pub at: Timestamp,
    pub credential: &'static str,
    pub status: &'static str,
    pub expires_on: Day,
    /// The provider's own count.
    pub sequence: u64,
    /// The provider looked at its source so long before it sent the message, in seconds.
    pub age: i64,
}

/// Reports go back at most so far: what is older was refreshed since.
const FIRST_DAY: i64 = 270;

pub(super) fn plan(
    seed: u64,
    size: &Size,
    calendar: &Calendar,
    _names: &mut Names,
    steps: &mut Vec<Step>,
) -> Vec<Driver> {
    let mut dice = Dice::new(seed, "drivers");
    let mut drivers = Vec::with_capacity(size.drivers);
    for number in 0..size.drivers {
        let jurisdiction =
            dice.weighted(&[("US-CA", 20), ("US-TX", 16), ("US-IL", 12), ("DE", 30), ("FR", 12), ("PL", 10)]);
        let mut reports = Vec::new();
        for credential in ["licence", "insurance", "medical"] {
            credential_year(&mut dice, calendar, credential, number, &mut reports);
        }
        reports.sort_by_key(|report| report.at);
        for (report, one) in reports.iter().enumerate() {
            steps.push(Step { at: one.at, act: Act::Report(number, report) });
        }
        drivers.push(Driver { id: format!("drv_{}", 1001 + number), jurisdiction, reports });
    }
    // Dispatchers ask all the time; the demo keeps the questions of the last weeks.
    for _ in 0..size.gate_questions {
        let at = calendar.office(dice.between(DAYS - 45, DAYS - 1), &mut dice);
        steps.push(Step { at, act: Act::Dispatch(dice.below(size.drivers)) });
    }
    drivers
}

/// What is said about one credential of one driver.
fn credential_year(
    dice: &mut Dice,
    calendar: &Calendar,
    credential: &'static str,
    number: usize,
    reports: &mut Vec<Report>,
) {
    // A few have no medical certificate on file at all.
    if credential == "medical" && dice.happens(120) {
        return;
    }
    let today = calendar.day(DAYS);
    let expires_on = match dice.below(100) {
        0..3 => today.plus_days(-dice.between(1, 20)),
        3..9 => today.plus_days(dice.between(1, 28)),
        _ => today.plus_days(dice.between(60, 1_400)),
    };
    let first = calendar.office(dice.between(FIRST_DAY, DAYS - 50), dice);
    let mut sequence = 1;
    let mut say = |dice: &mut Dice, at, status, sequence: u64| {
        let age = dice.between(5, 90);
        reports.push(Report { at, credential, status, expires_on, sequence, age });
    };
    say(dice, first, "valid", sequence);
    // One in twenty was never looked at again: what is on file is stale by now.
    if credential == "licence" && !dice.happens(50) || credential == "insurance" && !dice.happens(40) {
        sequence += 1;
        let again = calendar.office(dice.between(DAYS - 26, DAYS - 2), dice);
        say(dice, again, "valid", sequence);
    }
    let incident = credential == "licence" && (number % 40 == 7 || dice.happens(15));
    if incident {
        let day = dice.between(DAYS - 40, DAYS - 1);
        sequence += 1;
        let (at, status) = (calendar.office(day, dice), if dice.happens(700) { "suspended" } else { "revoked" });
        say(dice, at, status, sequence);
        if dice.happens(400) && day + 4 < DAYS {
            sequence += 1;
            let day = dice.between(day + 2, DAYS - 1);
            let at = calendar.office(day, dice);
            say(dice, at, "valid", sequence);
        }
    }
}
