//! The transfers of a statement: pure functions from what was decided to what is posted.

use std::collections::BTreeMap;

use kernel::{Day, Money, Result};
use law::Party;

use crate::commission::RevenueLine;
use crate::intake::InvoiceEventId;
use crate::ledger::{Account, AccountKind, Book, Entry, Phase, Transfer};
use crate::statements::{Line, LineId, Month, Statement, StatementFacts, StatementTerms};

/// The line of each event and component: what a later correction names.
pub(crate) type Known = BTreeMap<(InvoiceEventId, String), LineId>;

/// Everything that the transfers of a statement follow from.
pub(crate) struct Booking<'a> {
    pub terms: &'a StatementTerms,
    pub facts: &'a StatementFacts,
    pub statement: &'a Statement,
    pub lines: &'a [Line],
    /// The lines of earlier statements that this one corrects.
    pub earlier: &'a Known,
    pub today: Day,
}

impl Booking<'_> {
    /// What is earned, what is taken back, and what becomes of the sum.
    pub fn transfers(&self) -> Result<Vec<Transfer>> {
        let mut transfers = Vec::new();
        let month = self.statement.month.title();
        let (back, earned): (Vec<&Line>, Vec<&Line>) =
            self.lines.iter().filter(|line| !line.line.amount.is_zero()).partition(|l| l.line.reverses.is_some());
        let known = self.known();
        for (kind, lines, summary) in [
            ("accrual", earned, format!("Earned in the statement for {month}")),
            ("clawback", back, format!("Taken back in the statement for {month}")),
        ] {
            let entries: Vec<Entry> = lines.into_iter().flat_map(|line| self.of_line(line, &known)).collect();
            if !entries.is_empty() {
                transfers.push(self.transfer(kind, summary, entries));
            }
        }
        let entries = self.settling();
        if !entries.is_empty() {
            transfers.push(self.transfer("statement", format!("Statement for {month}"), entries));
        }
        Ok(transfers)
    }

    fn transfer(&self, kind: &str, summary: String, entries: Vec<Entry>) -> Transfer {
        transfer(self.statement, kind, kind, self.today, summary, entries)
    }

    /// Lines that a correction can name: those of earlier statements and of this one.
    fn known(&self) -> Known {
        let mut known = self.earlier.clone();
        for line in self.lines.iter().filter(|line| line.line.reverses.is_none()) {
            if let Some(event) = line.line.event {
                known.insert((event, line.line.component.clone()), line.id);
            }
        }
        known
    }

    fn of_line(&self, line: &Line, known: &Known) -> Vec<Entry> {
        let amount = line.line.amount;
        let entries = Transfer::between(self.cost(line).into(), AccountKind::Pending.into(), amount);
        let corrects = line.line.reverses.and_then(|event| known.get(&(event, line.line.component.clone())).copied());
        let period = self.period(line);
        let named = |entry: Entry| Entry { line: Some(line.id), corrects, period, ..entry };
        entries.into_iter().map(named).collect()
    }

    /// What the program pays is an expense, what it is paid an income, in both directions.
    fn cost(&self, line: &Line) -> AccountKind {
        let component = self.terms.plan.components.iter().find(|component| component.title == line.line.component);
        let pays = component.map_or_else(
            || {
                if (line.line.amount.minor < 0) == line.line.reverses.is_none() {
                    Party::Partner
                } else {
                    Party::Vendor
                }
            },
            |component| component.pays,
        );
        if pays == Party::Partner { AccountKind::Income } else { AccountKind::Expense }
    }

    /// The month of the invoice, where it is not that of the statement.
    fn period(&self, line: &Line) -> Option<Month> {
        let of = |revenue: &&RevenueLine| Some(revenue.event) == line.line.event;
        let revenue = self.facts.rating.lines.iter().find(of)?;
        let month = Month::of(revenue.counts_at, &self.terms.zone());
        (month != self.statement.month).then_some(month)
    }

    /// I10: what was carried in, paid and carried out moves between accounts, and nothing is lost.
    fn settling(&self) -> Vec<Entry> {
        let (statement, currency) = (self.statement, self.statement.total.currency);
        let negative = |amount: Money| Money::new((-amount.minor).max(0), currency);
        let mut entries = Vec::new();
        let mut moved = |debit: AccountKind, credit: AccountKind, amount: Money| {
            entries.extend(Transfer::between(debit.into(), credit.into(), amount));
        };
        moved(AccountKind::Pending, AccountKind::Carry, negative(statement.carried_in));
        moved(AccountKind::Carry, AccountKind::Pending, negative(statement.carried_out));
        let due = Money::new(statement.payable.minor.max(0), currency);
        let to = if statement.payable_from > self.today { AccountKind::Held } else { AccountKind::Payable };
        moved(AccountKind::Pending, to, due);
        moved(AccountKind::Receivable, AccountKind::Pending, negative(statement.payable));
        entries
    }
}

/// A transfer about a statement in the book of its partner.
pub(crate) fn transfer(
    statement: &Statement,
    kind: &str,
    step: &str,
    day: Day,
    summary: String,
    entries: Vec<Entry>,
) -> Transfer {
    Transfer {
        book: Book::Partner(statement.partner),
        key: format!("statement:{}:{step}", statement.id),
        kind: kind.to_owned(),
        phase: Phase::Posted,
        resolves: None,
        cause: statement.id.to_string(),
        day,
        summary,
        entries,
    }
}

/// Moves the amount of a statement from one account to another.
pub(crate) fn moved(debit: AccountKind, credit: AccountKind, amount: Money) -> Vec<Entry> {
    Transfer::between(Account::from(debit), Account::from(credit), amount)
}
