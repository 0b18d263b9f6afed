//! Checks: queries whose rows are what is wrong.

use kernel::{FromValue, Money, OrganizationId, PartnerId, Result, Row, Timestamp, Tx, Value, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many rows of one check are followed; a check that finds more says so and resolves nothing.
pub(crate) const MOST_FOUND: usize = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Should be looked into.
    Warning,
    /// Costs money or trust now.
    Critical,
}

impl Severity {
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Critical];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// The larger, the worse.
    pub(crate) const fn weight(self) -> i64 {
        self as i64
    }
}

impl From<Severity> for Value {
    fn from(severity: Severity) -> Self {
        Self::from(severity.name())
    }
}

impl FromValue for Severity {
    fn from_value(value: &Value) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|severity| *value == Value::from(*severity));
        found.ok_or_else(|| format!("{value:?} is no severity"))
    }
}

/// Something that is looked for every day; an area adds it with `registry.add(Check { … })`.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Such as `deals.won_without_revenue`.
    pub key: &'static str,
    /// What is wrong, in words: `Won deal without revenue`.
    pub title: &'static str,
    pub severity: Severity,
    /// Why it matters and what to do about it.
    pub help: &'static str,
    /// The query that shows it: `$1` is the organization, `$2` (where it is used) the instant. One row per thing, with
    /// the columns `subject`, `partner`, `title`, `amount_minor` and `currency`; the last four may be NULL.
    pub sql: &'static str,
}

/// A row of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub subject: String,
    pub partner: Option<PartnerId>,
    pub title: String,
    pub amount: Option<Money>,
}

impl Check {
    /// What the check finds now, in order of subject, and whether that is all of it.
    pub(crate) async fn find(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        now: Timestamp,
    ) -> Result<(Vec<Found>, bool)> {
        let sql = format!("SELECT * FROM ({}) AS found ORDER BY subject LIMIT {}", self.sql, MOST_FOUND + 1);
        // PostgreSQL refuses parameters that a statement does not use.
        let both = params![organization, now];
        let used = if self.sql.contains("$2") { both } else { &both[..1] };
        let mut found = tx.all(&sql, used, |row| self.read(row)).await?;
        let complete = found.len() <= MOST_FOUND;
        found.truncate(MOST_FOUND);
        found.dedup_by(|later, earlier| later.subject == earlier.subject);
        Ok((found, complete))
    }

    fn read(&self, row: &Row) -> Result<Found> {
        Ok(Found {
            subject: row.get("subject")?,
            partner: row.get("partner")?,
            title: row.get::<Option<String>>("title")?.unwrap_or_else(|| self.title.to_owned()),
            amount: amount(row)?,
        })
    }
}

/// The amount at stake, where there is one.
pub(crate) fn amount(row: &Row) -> Result<Option<Money>> {
    let (minor, currency) = (row.get::<Option<i64>>("amount_minor")?, row.get("currency")?);
    Ok(minor.zip(currency).map(|(minor, currency)| Money::new(i128::from(minor), currency)))
}
