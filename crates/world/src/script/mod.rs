//! What happens in the year, written down before anything is done: who joins, which deals are registered and how they
//! end, what is invoiced, who drives. Pure: the same seed and scale always give the same script.

mod calendar;
mod customers;
mod deals;
mod drivers;
mod money;
mod partners;

pub(crate) use calendar::Calendar;
pub(crate) use customers::Account;
pub(crate) use deals::{Claim, Spelling};
pub(crate) use drivers::{Driver, Report};
pub(crate) use money::{Invoice, InvoiceKind};
pub(crate) use partners::PartnerPlan;

use kernel::Timestamp;

use crate::names::Names;

/// How many of each there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub partners: usize,
    pub customers: usize,
    pub deals: usize,
    pub drivers: usize,
    pub usage_events: usize,
    pub gate_questions: usize,
}

impl Size {
    /// Scale 1 is the size of a healthy program; the smallest world still has one of everything.
    pub fn of(scale: f64) -> Self {
        let scaled = |full: usize, least: usize| (((full as f64) * scale).round() as usize).max(least);
        Self {
            partners: scaled(240, 16),
            customers: scaled(2_000, 30),
            deals: scaled(6_000, 60),
            drivers: scaled(400, 12),
            usage_events: scaled(1_000_000, 1_000),
            gate_questions: scaled(1_200, 30),
        }
    }
}

/// The whole year.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Script {
    pub calendar: Calendar,
    pub size: Size,
    pub partners: Vec<PartnerPlan>,
    pub accounts: Vec<Account>,
    pub claims: Vec<Claim>,
    pub invoices: Vec<Invoice>,
    pub drivers: Vec<Driver>,
    /// In order of time.
    pub steps: Vec<Step>,
}

/// Something that somebody does at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Step {
    pub at: Timestamp,
    pub act: Act,
}

/// What is done; the numbers are places in the lists of the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Act {
    /// The program gets its second version.
    Amend,
    Partner(usize, PartnerAct),
    /// The vendor's own people enter an account.
    AddAccount(usize),
    Deal(usize, DealAct),
    /// The billing system delivers the invoice events of the week up to now.
    Bill,
    /// A provider reports about a driver: driver and number of the report.
    Report(usize, usize),
    /// A dispatcher asks whether the driver may take an order.
    Dispatch(usize),
    /// Tiers are decided and scorecards are written.
    Score,
    /// Statements of the month before.
    Statements,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PartnerAct {
    Apply,
    Invite,
    Accept,
    TurnDown,
    AcceptTerms,
    /// Gives the evidence of the current stage and completes it.
    CompleteStage,
    Suspend,
    Reinstate,
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DealAct {
    Register,
    /// Partner operations asks for more.
    Return,
    Resubmit,
    /// Partner operations decides what the program leaves to a person.
    Approve,
    Activity,
    Renew,
    Win,
    Lose,
    Withdraw,
    Reopen,
}

impl Script {
    pub fn write(seed: u64, scale: f64, today: Timestamp) -> Self {
        let size = Size::of(scale);
        let calendar = Calendar::ending(today);
        let mut names = Names::new(seed);
        let mut steps = vec![Step { at: calendar.at(182, 9 * 60), act: Act::Amend }];
        let partners = partners::plan(seed, &size, &calendar, &mut names, &mut steps);
        let mut accounts = customers::plan(seed, &size, &mut names);
        let claims = deals::plan(seed, &size, &calendar, &partners, &mut accounts, &mut steps);
        customers::meter(&size, &mut accounts);
        customers::enter(&calendar, &accounts, &mut steps);
        let invoices = money::plan(seed, &calendar, &partners, &claims, &accounts, &mut steps);
        let drivers = drivers::plan(seed, &size, &calendar, &mut names, &mut steps);
        for week in 1..=52 {
            steps.push(Step { at: calendar.at(week * 7, 60), act: Act::Score });
        }
        steps.retain(|step| step.at < today);
        steps.sort();
        Self { calendar, size, partners, accounts, claims, invoices, drivers, steps }
    }
}
