//! A transfer: entries that add up to nothing in each currency, with the cause that they follow from.

use std::collections::BTreeMap;

use kernel::db::hex;
use kernel::{Currency, Day, Error, FromValue, Money, OrganizationId, PartnerId, Result, Timestamp, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::TransferId;
use super::account::Account;
use crate::statements::{LineId, Month};

/// Entries of one transfer at most.
const MOST_ENTRIES: usize = 100_000;
/// What the first transfer of a book follows.
pub(crate) const GENESIS: &str = "";

/// A set of accounts with a chain of its own: nobody waits for another partner's transfers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Book {
    Program,
    Partner(PartnerId),
}

impl Book {
    pub fn partner(self) -> Option<PartnerId> {
        match self {
            Self::Program => None,
            Self::Partner(partner) => Some(partner),
        }
    }

    /// The id of its row.
    pub fn key(self, organization: OrganizationId) -> String {
        self.partner().map_or_else(|| organization.to_string(), |partner| partner.to_string())
    }
}

/// How far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It counts.
    Posted,
    /// It is reserved and counts once it is posted.
    Pending,
    /// It takes a pending transfer back.
    Void,
}

impl Phase {
    pub const ALL: [Self; 3] = [Self::Posted, Self::Pending, Self::Void];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Posted => "posted",
            Self::Pending => "pending",
            Self::Void => "void",
        }
    }
}

impl FromValue for Phase {
    fn from_value(value: &Value) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|phase| *value == Value::from(phase.name()));
        found.ok_or_else(|| format!("{value:?} is no phase of a transfer"))
    }
}

/// One side of a transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    pub account: Account,
    /// Positive is a debit, negative a credit.
    pub amount: Money,
    /// The line of a statement that it books.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<LineId>,
    /// The earlier line that it corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<LineId>,
    /// The month that it belongs to, where that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Month>,
}

impl Entry {
    pub fn debit(account: impl Into<Account>, amount: Money) -> Self {
        Self { account: account.into(), amount, line: None, corrects: None, period: None }
    }

    pub fn credit(account: impl Into<Account>, amount: Money) -> Self {
        Self::debit(account, amount.negated())
    }
}

/// What is to be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    pub book: Book,
    /// Posted once for ever: a second transfer of the same key is the first one again.
    pub key: String,
    /// Such as `accrual`, `clawback` or `payment`.
    pub kind: String,
    pub phase: Phase,
    /// The pending transfer that it posts or voids; its entries are those of that one.
    pub resolves: Option<TransferId>,
    /// The id of what it follows from: an event, a decision, a statement, an entry of the log.
    pub cause: String,
    pub day: Day,
    pub summary: String,
    pub entries: Vec<Entry>,
}

impl Transfer {
    /// Two sides of one amount; a negative amount goes the other way.
    pub fn between(debit: Account, credit: Account, amount: Money) -> Vec<Entry> {
        if amount.is_zero() {
            return Vec::new();
        }
        vec![Entry::debit(debit, amount), Entry::credit(credit, amount)]
    }

    /// I1: what a transfer must be before anything is written.
    pub fn check(&self) -> Result<()> {
        let refuse = |field: &str, rule: String| Err(Error::invalid(field, rule));
        for (field, text, most) in [("key", &self.key, 200), ("kind", &self.kind, 40), ("summary", &self.summary, 300)]
        {
            if text.trim().is_empty() || text.chars().count() > most {
                return refuse(field, format!("`{text}` must be 1 to {most} characters"));
            }
        }
        if self.resolves.is_some() {
            return Ok(());
        }
        if self.entries.len() < 2 || self.entries.len() > MOST_ENTRIES {
            let count = self.entries.len();
            return refuse("entries", format!("a transfer has 2 to {MOST_ENTRIES} entries, and this one has {count}"));
        }
        if let Some(entry) = self.entries.iter().find(|entry| entry.amount.is_zero()) {
            return refuse("entries", format!("the entry on {} moves nothing; leave it out", entry.account));
        }
        for (currency, sum) in sums(&self.entries) {
            if sum != 0 {
                let off = Money::new(sum, currency);
                let rule = format!("debits and credits must add up to nothing in {currency}; they are off by {off}");
                return refuse("entries", rule);
            }
        }
        Ok(())
    }
}

/// What entries add up to in each currency.
pub(crate) fn sums(entries: &[Entry]) -> BTreeMap<Currency, i128> {
    let mut sums = BTreeMap::new();
    for entry in entries {
        *sums.entry(entry.amount.currency).or_default() += entry.amount.minor;
    }
    sums
}

/// A transfer that stands in its book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Posted {
    pub id: TransferId,
    /// Absent in the program's own book.
    pub partner: Option<PartnerId>,
    /// Its place in the book: 1, 2, 3 …
    pub number: i64,
    pub key: String,
    pub kind: String,
    pub phase: Phase,
    pub resolves: Option<TransferId>,
    pub cause: String,
    pub day: Day,
    pub summary: String,
    /// The hash of the transfer before it in the book; empty for the first.
    pub previous: String,
    /// SHA-256 over everything above and its entries.
    pub hash: String,
    pub recorded_at: Timestamp,
}

impl Posted {
    /// The hash that it must have: a changed byte anywhere in a book breaks the chain from there on.
    pub fn digest(&self, entries: &[Entry]) -> Result<String> {
        let entries: Vec<_> =
            entries.iter().map(|e| (e.account.to_string(), e.amount, e.line, e.corrects, e.period)).collect();
        let of = (self.id, self.partner, self.number, &self.key, &self.kind, self.phase, self.resolves);
        let body = (&self.previous, of, &self.cause, self.day, &self.summary, self.recorded_at, entries);
        Ok(hex(&Sha256::digest(serde_json::to_vec(&body)?)))
    }
}
