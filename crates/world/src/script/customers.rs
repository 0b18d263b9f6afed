//! The companies that buy: most are in the vendor's accounts before a partner names them, the others come in with a deal.

use super::calendar::DAYS;
use super::{Act, Calendar, Size, Step};
use crate::dice::Dice;
use crate::names::{Company, Names};

/// A customer, and what is known about it from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub company: Company,
    /// The vendor has it in its own accounts from that day of the year on.
    pub entered_on: Option<i64>,
    /// It uses the product from that day on.
    pub live_from: Option<i64>,
    /// Drivers that it runs: what usage is counted by.
    pub drivers: usize,
    /// Usage events of the whole year; they are spread over the days on which it is live.
    pub usage: u64,
    /// The partners that sold to it, as far as the script is written.
    pub winners: Vec<usize>,
    /// The day from which nobody claims it any more, as far as the script is written.
    pub busy_until: i64,
}

/// Accounts that the vendor knows when the program begins.
const KNOWN_PER_MILLE: usize = 550;

pub(super) fn plan(seed: u64, size: &Size, names: &mut Names) -> Vec<Account> {
    let mut dice = Dice::new(seed, "customers");
    (0..size.customers)
        .map(|_| {
            let company = names.customer();
            let known = dice.happens(KNOWN_PER_MILLE);
            let direct = known && dice.happens(330);
            Account {
                company,
                entered_on: known.then(|| if dice.happens(800) { 0 } else { dice.between(1, 200) }),
                // A third of the known ones bought from the vendor itself before.
                live_from: direct.then_some(0),
                drivers: dice.weighted(&[(4, 40), (12, 35), (40, 20), (150, 5)]),
                usage: 0,
                winners: Vec::new(),
                busy_until: 0,
            }
        })
        .collect()
}

impl Account {
    /// Usage events of that day: equally many on each, without losing any to rounding.
    pub fn usage_on(&self, day: i64) -> usize {
        let Some(from) = self.live_from.filter(|from| *from <= day) else { return 0 };
        let days = (DAYS - from).max(1) as u64;
        let until = |day: i64| self.usage * (day - from) as u64 / days;
        (until(day + 1) - until(day)) as usize
    }
}

/// Shares the usage of the year among those who are live, by drivers and days.
pub(super) fn meter(size: &Size, accounts: &mut [Account]) {
    let weight = |account: &Account| match account.live_from {
        Some(from) if from < DAYS => account.drivers as u64 * (DAYS - from) as u64,
        _ => 0,
    };
    let total: u64 = accounts.iter().map(weight).sum();
    for account in accounts {
        account.usage = size.usage_events as u64 * weight(account) / total.max(1);
    }
}

/// The steps by which the vendor enters its accounts.
pub(super) fn enter(calendar: &Calendar, accounts: &[Account], steps: &mut Vec<Step>) {
    for (number, account) in accounts.iter().enumerate() {
        if let Some(day) = account.entered_on {
            // A second after another, as an import or a busy morning does it.
            let at = calendar.at(day, 6 * 60).plus_seconds(number as i64);
            steps.push(Step { at, act: Act::AddAccount(number) });
        }
    }
}
