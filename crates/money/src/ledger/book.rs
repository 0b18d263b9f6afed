//! The balances of a book: pure arithmetic over its entries, and the limits that no transfer passes.

use std::collections::BTreeMap;

use kernel::{Currency, Error, Money, Result};

use super::account::{Account, Normal};
use super::transfer::{Entry, GENESIS, Phase};

/// What the entries of an account add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Balance {
    /// Debits less credits that were posted.
    pub posted: i128,
    /// What pending transfers would debit and credit, both positive.
    pub pending_debit: i128,
    pub pending_credit: i128,
    pub entries: i64,
}

impl Balance {
    /// What can still be taken from a guarded account: pending takings are gone, pending gifts have not come.
    pub fn available(&self, normal: Normal) -> i128 {
        match normal {
            Normal::Debit => self.posted - self.pending_credit,
            Normal::Credit => -self.posted - self.pending_debit,
        }
    }

    fn reserve(&mut self, amount: i128, sign: i128) {
        if amount > 0 {
            self.pending_debit += sign * amount;
        } else {
            self.pending_credit -= sign * amount;
        }
    }
}

/// A book in hand while transfers are posted to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BookState {
    pub transfers: i64,
    /// The hash of the newest transfer.
    pub head: String,
    pub balances: BTreeMap<(Account, Currency), Balance>,
}

impl BookState {
    pub fn new() -> Self {
        Self { head: GENESIS.to_owned(), ..Self::default() }
    }

    /// Applies the entries of a transfer, all or none of them; `resolves` says that they were pending before.
    pub fn apply(&mut self, phase: Phase, resolves: bool, entries: &[Entry]) -> Result<()> {
        let mut touched: BTreeMap<(Account, Currency), Balance> = BTreeMap::new();
        for entry in entries {
            let key = (entry.account.clone(), entry.amount.currency);
            let known = || self.balances.get(&key).copied().unwrap_or_default();
            let balance = touched.entry(key.clone()).or_insert_with(known);
            let minor = entry.amount.minor;
            if resolves {
                balance.reserve(minor, -1);
            }
            match phase {
                Phase::Posted => balance.posted += minor,
                Phase::Pending => balance.reserve(minor, 1),
                Phase::Void => {}
            }
            balance.entries += i64::from(phase != Phase::Void);
        }
        for ((account, currency), after) in &touched {
            let before = self.balances.get(&(account.clone(), *currency)).copied().unwrap_or_default();
            guard(account, *currency, before, *after)?;
        }
        self.balances.extend(touched);
        Ok(())
    }

    /// What lies on an account, on the side on which it grows.
    pub fn balance(&self, account: &Account, currency: Currency) -> Money {
        let balance = self.balances.get(&(account.clone(), currency)).copied().unwrap_or_default();
        let minor = if account.kind.normal() == Normal::Debit { balance.posted } else { -balance.posted };
        Money::new(minor, currency)
    }
}

/// I11: a guarded account is never overdrawn; what moves it back towards its side is always welcome.
fn guard(account: &Account, currency: Currency, before: Balance, after: Balance) -> Result<()> {
    let normal = account.kind.normal();
    let (had, left) = (before.available(normal), after.available(normal));
    if !account.kind.is_guarded() || left >= 0 || left >= had {
        return Ok(());
    }
    let (had, wanted) = (Money::new(had, currency), Money::new(had - left, currency));
    let message = format!("{account} has {} left, and {} was to be taken", had.pretty(), wanted.pretty());
    Err(Error::conflict("overdrawn", message))
}
