//! The types of the rule language, and the catalog of names that rules and program files may use.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a value measures. Values of different types are never added or compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// An amount in the program's currency, written `EUR 100000.00`.
    Money,
    /// A number of things, written `12`.
    Count,
    /// A share, written `25%`.
    Ratio,
    /// A span of time, written `90d` or `12h`.
    Duration,
    /// A word, written `"gold"`.
    Text,
    /// True or false.
    Bool,
    /// A point in time, written `date("2026-03-01")` or `now`.
    Instant,
    /// A span of the calendar, written `6mo` or `1y`.
    Months,
    /// A stretch of time, written `this_quarter` or `last(90d)`.
    Period,
}

impl Type {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Money => "money",
            Self::Count => "count",
            Self::Ratio => "ratio",
            Self::Duration => "duration",
            Self::Text => "text",
            Self::Bool => "bool",
            Self::Instant => "instant",
            Self::Months => "months",
            Self::Period => "period",
        }
    }

    /// Whether values of it can be added up and put in order.
    pub const fn is_measured(self) -> bool {
        matches!(self, Self::Money | Self::Count | Self::Ratio | Self::Duration)
    }

    /// The type with an example of how it is written.
    pub const fn described(self) -> &'static str {
        match self {
            Self::Money => "money such as EUR 100000.00",
            Self::Count => "a count such as 12",
            Self::Ratio => "a ratio such as 25%",
            Self::Duration => "a duration such as 90d",
            Self::Text => "a text such as \"gold\"",
            Self::Bool => "true or false",
            Self::Instant => "an instant such as now or date(\"2026-03-01\")",
            Self::Months => "a span of the calendar such as 6mo or 1y",
            Self::Period => "a period such as this_quarter or last(90d)",
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of facts that an area publishes: what one of its rows says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SetType {
    /// What its rows are called, such as `deals`.
    pub title: String,
    /// Fields with their types.
    pub fields: BTreeMap<String, Type>,
    /// The field that says from when on a row is a fact; before that instant nobody knew of it.
    pub since: Option<String>,
    /// Fields whose instants are planned, such as an expiry: they are known before they come.
    pub ahead: BTreeSet<String>,
}

/// The names that exist outside the program files: what rules can measure, tiers can grant and procedures can call.
///
/// An installation fills it from what its areas publish; [`Catalog::standard`] serves where none is at hand, and a test of
/// the binary compares both.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Catalog {
    /// Metrics with their types.
    pub metrics: BTreeMap<String, Type>,
    /// Benefits with their types.
    pub benefits: BTreeMap<String, Type>,
    /// Sets of facts with the types of their fields.
    #[serde(default)]
    pub sets: BTreeMap<String, SetType>,
    /// Roles of people, on both sides.
    pub roles: BTreeSet<String>,
    /// Operations that a procedure may call.
    pub operations: BTreeSet<String>,
}

impl Catalog {
    /// The names that every installation has.
    pub fn standard() -> Self {
        let typed = |names: &[(&str, Type)]| -> BTreeMap<String, Type> {
            let pairs = names.iter().map(|(name, kind)| ((*name).to_owned(), *kind));
            pairs.collect()
        };
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            metrics: typed(&[
                ("archetype", Type::Text),
                ("country", Type::Text),
                ("days_to_active", Type::Count),
                ("months_in_program", Type::Count),
                ("open_deals", Type::Count),
                ("revenue_12m", Type::Money),
                ("win_rate_12m", Type::Ratio),
                ("won_deals_12m", Type::Count),
                ("won_value_12m", Type::Money),
            ]),
            benefits: typed(&[
                ("api_requests_per_minute", Type::Count),
                ("deal_slots", Type::Count),
                ("discount", Type::Ratio),
                ("mdf_budget", Type::Money),
                ("named_manager", Type::Bool),
                ("response_hours", Type::Count),
                ("support", Type::Text),
            ]),
            sets: super::sets::standard(),
            roles: names(&[
                "auditor",
                "engineering",
                "finance",
                "head_of_partnerships",
                "owner",
                "partner_admin",
                "partner_developer",
                "partner_finance",
                "partner_ops",
                "partner_seller",
                "sales",
                "security",
            ]),
            operations: names(&["partners.activate", "partners.end", "partners.suspend", "reviews.issue_pack"]),
        }
    }
}
