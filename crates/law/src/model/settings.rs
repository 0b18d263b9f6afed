//! `program.toml`: what the program is called, who runs it, and the units and zone it reckons in.

use jiff::tz::TimeZone;
use kernel::Currency;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Name, vendor, currency and time zone of the program (`program.toml`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The name of the program in addresses and decisions, such as `northwind`; never changes.
    #[schemars(extend("format" = "key"))]
    pub key: String,
    /// The name of the program for people.
    pub title: String,
    /// One or two sentences for partners who consider joining.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The company that runs the program.
    pub vendor: String,
    /// The currency of every amount in the program.
    #[schemars(extend("format" = "currency"))]
    pub currency: Currency,
    /// The zone of business days, statement periods and working hours, by its IANA name.
    #[schemars(extend("format" = "time-zone", "examples" = ["Europe/Berlin"]))]
    pub time_zone: String,
    /// The first month of the fiscal year, 1 for January.
    #[serde(default = "january")]
    #[schemars(range(min = 1, max = 12), extend("unit" = "month"))]
    pub fiscal_year_start: i8,
    /// Whether vendor staff must sign in with a second factor.
    #[serde(default)]
    #[schemars(extend("requirement" = "B10.9"))]
    pub second_factor: SecondFactor,
    /// Who may put a new version of this program in force.
    pub approvals: Approvals,
}

impl Settings {
    /// The zone of the program; UTC if this machine does not know it (lint refuses such names).
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }
}

/// Who may put a new version of the program in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approvals {
    /// Roles of which one must approve a change of the program.
    #[schemars(
        length(min = 1),
        extend("refers" = "role", "requirement" = "B0.3")
    )]
    pub program_changes: Vec<String>,
    /// How long before a new version takes effect it is decided, so that partners can read what comes. A return to an old
    /// version needs no notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 365), extend("unit" = "days", "requirement" = "B1.2"))]
    pub notice_days: Option<u32>,
}

/// Whether vendor staff must sign in with a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// Nobody of the vendor signs in without one.
    #[default]
    Required,
    /// Everyone may set one up.
    Optional,
}

const fn january() -> i8 {
    1
}
