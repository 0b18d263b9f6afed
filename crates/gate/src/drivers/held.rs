//! From statements on record to the credentials that policies read, and to the line in a list.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use kernel::Timestamp;

use super::statement::{DriverSummary, Statement};
use crate::credentials::{CredentialFact, governing};
use crate::policy::HeldCredential;

/// The statement that governs each credential type: of several sources the latest one.
pub(super) fn governing_by_type(statements: &[Statement]) -> BTreeMap<&str, &Statement> {
    let mut by_type: BTreeMap<&str, Vec<&Statement>> = BTreeMap::new();
    for statement in statements {
        by_type.entry(&statement.fact.credential_type).or_default().push(statement);
    }
    let chosen = |all: Vec<&'_ Statement>| -> Option<usize> {
        let facts: Vec<&CredentialFact> = all.iter().map(|each| &each.fact).collect();
        let winner = governing(facts.iter().copied())?;
        facts.iter().position(|fact| std::ptr::eq(*fact, winner))
    };
    by_type.into_iter().filter_map(|(name, all)| Some((name, all.get(chosen(all.clone())?).copied()?))).collect()
}

/// What holds about a driver, one entry for each credential type, as policies read it; last days end in that zone.
pub fn held(statements: &[Statement], zone: &TimeZone) -> Arc<[HeldCredential]> {
    let of = |statement: &Statement| HeldCredential {
        source: statement.attested_by(),
        ..HeldCredential::of(&statement.fact, statement.update, zone)
    };
    governing_by_type(statements).into_values().map(of).collect()
}

/// The driver in one line; `None` when nothing is known about it.
pub(super) fn summary(driver: &str, statements: &[Statement], now: Timestamp) -> Option<DriverSummary> {
    let governing: Vec<&Statement> = governing_by_type(statements).into_values().collect();
    Some(DriverSummary {
        driver: driver.to_owned(),
        status: governing.iter().map(|each| each.fact.status).max()?,
        credentials: i64::try_from(governing.len()).unwrap_or(i64::MAX),
        next_expiry: governing.iter().filter_map(|each| each.fact.expires_on).min(),
        verified_at: governing.iter().map(|each| each.fact.verified_at).min()?,
        updated_at: now,
    })
}
