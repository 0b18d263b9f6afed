//! The part of `tiers.toml` that says when a computed tier takes effect.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::expr::Cycle;

/// When a computed tier takes effect. Promotion and demotion have rhythms of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Movement {
    /// When a partner goes up: in the first computation of each period, or at once.
    #[serde(default)]
    pub promotion: Rhythm,
    /// When a partner goes down: in the first computation of each period, or at once.
    #[serde(default)]
    pub demotion: Rhythm,
    /// No demotion within the year in which the tier was reached.
    #[serde(default)]
    pub ratchet: Ratchet,
    /// How long a partner has to meet the rules of its tier again before it is demoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 730), extend("unit" = "days"))]
    pub cure_days: Option<u32>,
    /// Whether a demotion goes down one tier at a time.
    #[serde(default)]
    pub one_step_down: bool,
}

impl Movement {
    pub fn is_immediate(&self) -> bool {
        *self == Self::default()
    }
}

/// How often something takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rhythm {
    /// Whenever tiers are computed.
    #[default]
    Immediate,
    /// Once in each month.
    Monthly,
    /// Once in each quarter of the calendar year.
    Quarterly,
    /// Once in each half of the calendar year.
    HalfYearly,
    /// Once in each calendar year.
    Yearly,
    /// Once in each quarter of the fiscal year.
    FiscalQuarterly,
    /// Once in each half of the fiscal year.
    FiscalHalfYearly,
    /// Once in each fiscal year.
    FiscalYearly,
}

impl Rhythm {
    /// The cycle in which it takes effect once; none if at any time.
    pub const fn cycle(self) -> Option<Cycle> {
        Some(match self {
            Self::Immediate => return None,
            Self::Monthly => Cycle::Month,
            Self::Quarterly => Cycle::Quarter,
            Self::HalfYearly => Cycle::HalfYear,
            Self::Yearly => Cycle::Year,
            Self::FiscalQuarterly => Cycle::FiscalQuarter,
            Self::FiscalHalfYearly => Cycle::FiscalHalfYear,
            Self::FiscalYearly => Cycle::FiscalYear,
        })
    }
}

/// For how long a tier that was reached is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ratchet {
    /// No longer than its rules hold.
    #[default]
    None,
    /// To the end of the calendar year.
    Year,
    /// To the end of the fiscal year.
    FiscalYear,
    /// To the end of the calendar year after.
    NextYear,
    /// To the end of the fiscal year after.
    NextFiscalYear,
}

impl Ratchet {
    /// The cycle to whose end the tier is kept, and how many more of it.
    pub const fn cycle(self) -> Option<(Cycle, i64)> {
        Some(match self {
            Self::None => return None,
            Self::Year => (Cycle::Year, 0),
            Self::FiscalYear => (Cycle::FiscalYear, 0),
            Self::NextYear => (Cycle::Year, 1),
            Self::NextFiscalYear => (Cycle::FiscalYear, 1),
        })
    }
}
