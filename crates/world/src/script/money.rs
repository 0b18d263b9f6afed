//! What is invoiced, paid, refunded and charged back, and when the billing system and the statements run.

use kernel::Timestamp;

use super::calendar::DAYS;
use super::customers::Account;
use super::{Act, Calendar, Claim, PartnerPlan, Step};
use crate::dice::Dice;

/// One event of the billing system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invoice {
    pub at: Timestamp,
    /// Its own number.
    pub id: String,
    pub kind: InvoiceKind,
    /// What it pays or takes back.
    pub of: Option<String>,
    pub account: usize,
    /// The claim that it follows from; only a claim that was really won is invoiced.
    pub claim: Option<usize>,
    pub revenue: &'static str,
    /// In cents.
    pub minor: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvoiceKind {
    Invoice,
    Payment,
    Refund,
    Chargeback,
}

/// Deals that are won and never invoiced: somebody has to find them.
const FORGOTTEN_PER_MILLE: usize = 25;
/// Known customers of the vendor itself: their revenue is nobody's.
const DIRECT_PER_MILLE: usize = 250;

pub(super) fn plan(
    seed: u64,
    calendar: &Calendar,
    partners: &[PartnerPlan],
    claims: &[Claim],
    accounts: &[Account],
    steps: &mut Vec<Step>,
) -> Vec<Invoice> {
    let mut ledger = Ledger { dice: Dice::new(seed, "money"), calendar, events: Vec::new(), last: 0 };
    for (number, claim) in claims.iter().enumerate() {
        let Some(won_on) = claim.won_on.filter(|day| *day < DAYS - 12) else { continue };
        if ledger.dice.happens(FORGOTTEN_PER_MILLE) {
            continue;
        }
        let revenue = match partners[claim.partner].archetype {
            "oem" => "license",
            "data" => "usage",
            "si" if ledger.dice.happens(300) => "project",
            _ => "subscription",
        };
        let quarters = if ledger.dice.happens(600) { 1 } else { 4 };
        for quarter in 0..quarters {
            let day = won_on + 4 + quarter * 91;
            ledger.invoice(claim.account, Some(number), revenue, claim.value * 100 / quarters, day);
        }
    }
    for (number, account) in accounts.iter().enumerate() {
        if account.live_from == Some(0) && ledger.dice.happens(DIRECT_PER_MILLE) {
            let minor = ledger.dice.between(40, 900) * 5_000;
            let day = ledger.dice.between(5, 300);
            ledger.invoice(number, None, "subscription", minor, day);
        }
    }
    let mut events = ledger.events;
    events.retain(|event| event.at < calendar.today);
    events.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    for day in 0..DAYS {
        if day % 7 == 6 {
            steps.push(Step { at: calendar.at(day + 1, -20), act: Act::Bill });
        }
        // The statement day of the program is the fifth; what the month has brought is in by then.
        if calendar.day(day).date().day() == 5 && day >= 5 {
            steps.push(Step { at: calendar.at(day, 5 * 60), act: Act::Statements });
        }
    }
    steps.push(Step { at: calendar.today.plus_seconds(-60), act: Act::Bill });
    events
}

struct Ledger<'a> {
    dice: Dice,
    calendar: &'a Calendar,
    events: Vec<Invoice>,
    last: usize,
}

impl Ledger<'_> {
    /// An invoice with what becomes of it.
    fn invoice(&mut self, account: usize, claim: Option<usize>, revenue: &'static str, minor: i64, day: i64) {
        self.last += 1;
        let id = format!("INV-{:06}", self.last);
        let at = self.calendar.at(day, self.dice.between(8 * 60, 16 * 60));
        let event = |kind, id: String, of, minor, at| Invoice { at, id, kind, of, account, claim, revenue, minor };
        self.events.push(event(InvoiceKind::Invoice, id.clone(), None, minor, at));
        let later =
            |dice: &mut Dice, low, high| at.plus_days(dice.between(low, high)).plus_seconds(dice.between(0, 9_000));
        if self.dice.happens(930) {
            let paid = later(&mut self.dice, 5, 40);
            self.events.push(event(
                InvoiceKind::Payment,
                format!("PAY-{:06}", self.last),
                Some(id.clone()),
                minor,
                paid,
            ));
        }
        match self.dice.below(1000) {
            0..22 => {
                let part = self.dice.between(20, 100);
                let refunded = later(&mut self.dice, 10, 70);
                let minor = (minor * part / 100).max(1);
                self.events.push(event(
                    InvoiceKind::Refund,
                    format!("REF-{:06}", self.last),
                    Some(id),
                    minor,
                    refunded,
                ));
            }
            22..28 => {
                let back = later(&mut self.dice, 15, 60);
                self.events.push(event(
                    InvoiceKind::Chargeback,
                    format!("CHB-{:06}", self.last),
                    Some(id),
                    minor,
                    back,
                ));
            }
            _ => {}
        }
    }
}
