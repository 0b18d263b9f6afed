//! `money.toml`: commission plans, that is who pays whom which part of which revenue, and how statements are made.

use std::collections::BTreeMap;

use kernel::{Day, Money, Rate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Party;

/// Commission plans and statements (`money.toml`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MoneyFile {
    /// Plans by key, such as `[plan.reseller]`.
    #[serde(default)]
    #[schemars(extend("requirement" = "B8.1"))]
    pub plan: BTreeMap<String, Plan>,
    /// When and how statements are made.
    #[serde(default)]
    pub statements: Statements,
}

/// How the money of a deal is shared between vendor and partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The name of the plan for people.
    pub title: String,
    /// One or two sentences that a partner reads before it accepts the plan.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Who leads the project and owns the customer.
    #[serde(default)]
    #[schemars(extend("requirement" = "C1"))]
    pub led_by: LedBy,
    /// Whom the customer pays, by kind of revenue.
    #[serde(default)]
    #[schemars(extend("requirement" = "C1"))]
    pub collected_by: Collection,
    /// What one side owes the other, line by line; all lines that fit a revenue apply.
    #[serde(rename = "component")]
    #[schemars(length(min = 1), extend("requirement" = "C7"))]
    pub components: Vec<Component>,
}

/// Who leads the project and owns the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LedBy {
    /// The vendor sells and owns the customer; the partner refers or delivers.
    #[default]
    Vendor,
    /// The partner sells, delivers and owns the customer.
    Partner,
    /// Both deliver together.
    Joint,
}

/// Whom the customer pays, by kind of revenue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Collection {
    /// One-off project fees.
    pub project: Party,
    /// Recurring subscriptions.
    pub subscription: Party,
    /// Metered use.
    pub usage: Party,
    /// Licenses.
    pub license: Party,
}

impl Collection {
    pub const fn of(&self, kind: RevenueKind) -> Party {
        match kind {
            RevenueKind::Project => self.project,
            RevenueKind::Subscription => self.subscription,
            RevenueKind::Usage => self.usage,
            RevenueKind::License => self.license,
        }
    }
}

impl Default for Collection {
    fn default() -> Self {
        Self { project: Party::Vendor, subscription: Party::Vendor, usage: Party::Vendor, license: Party::Vendor }
    }
}

/// Kinds of revenue from an end customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevenueKind {
    /// A one-off project.
    Project,
    /// A recurring subscription.
    Subscription,
    /// Metered use.
    Usage,
    /// A license.
    License,
}

/// One line of a plan: on this revenue, this side pays the other so much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// The name of the line on statements, such as `Subscription share`.
    pub title: String,
    /// The kind of revenue that it applies to.
    #[schemars(extend("requirement" = "B8.1"))]
    pub on: RevenueKind,
    /// Who pays; the other side receives.
    #[serde(default = "vendor")]
    pub pays: Party,
    /// Only for partners in these tiers; all of them if it is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("refers" = "tier", "requirement" = "C2"))]
    pub tiers: Vec<String>,
    /// Only for what was invoiced on this day or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("requirement" = "P6"))]
    pub from: Option<Day>,
    /// Only for what was invoiced before this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("requirement" = "P6"))]
    pub before: Option<Day>,
    /// How much.
    pub how: How,
}

impl Component {
    /// Whether it is meant for a partner in that tier and for what was invoiced on that day.
    pub fn is_for(&self, tier: Option<&str>, day: Day) -> bool {
        let ranked = self.tiers.is_empty() || tier.is_some_and(|tier| self.tiers.iter().any(|known| known == tier));
        ranked && self.from.is_none_or(|from| day >= from) && self.before.is_none_or(|before| day < before)
    }
}

const fn vendor() -> Party {
    Party::Vendor
}

/// How much a line pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum How {
    /// A share of the revenue: `{ rate = "25%" }`.
    Rate(RateTerms),
    /// Shares that grow with the revenue reached: `{ bands = […], mode = "marginal", period = "calendar_year" }`.
    Bands(BandTerms),
    /// A fixed fee: `{ fixed = "USD 20000.00", per = "deal" }`.
    Fixed(FixedTerms),
    /// A price per unit used: `{ each = "EUR 1.50", unit = "driver" }`.
    Each(EachTerms),
    /// A bonus for a target: `{ bonus = "EUR 5000.00", target = "EUR 100000.00", period = "quarter" }`.
    Bonus(BonusTerms),
}

/// A bonus that is due once in each period whose revenue reaches the target, and goes back if refunds undo that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BonusTerms {
    /// The bonus.
    #[schemars(extend("requirement" = "P6"))]
    pub bonus: Money,
    /// The revenue that it takes.
    #[schemars(extend("requirement" = "P6"))]
    pub target: Money,
    /// The period over which revenue adds up.
    #[serde(default)]
    pub period: Period,
}

/// A share of the revenue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateTerms {
    /// The share of the revenue.
    #[schemars(extend("format" = "share", "unit" = "share of revenue", "requirement" = "C3"))]
    pub rate: Rate,
    /// The part of the revenue that it is a share of, such as your own 15 % of it; the whole if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "share", "unit" = "share of revenue", "requirement" = "B8.1"))]
    pub of: Option<Rate>,
}

/// Shares that grow with the revenue reached in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BandTerms {
    /// Bands from the bottom up; the last one has no `up_to`.
    #[schemars(length(min = 1), extend("requirement" = "P4"))]
    pub bands: Vec<Band>,
    /// Whether a band's rate applies to what lies in it or to the whole.
    #[serde(default)]
    #[schemars(extend("requirement" = "P4"))]
    pub mode: BandMode,
    /// The period over which revenue adds up to reach a band.
    #[serde(default)]
    pub period: Period,
    /// Whether the jumps at the bounds of a `whole_band` plan are meant: lint then warns of them no longer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub jumps_meant: bool,
}

/// One cent past a bound is worth this much, in a plan whose rate applies to the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cliff {
    /// The place of the lower band, counted from 0.
    pub band: usize,
    pub bound: Money,
    pub jump: Money,
}

impl BandTerms {
    /// The jumps of a whole-band plan; a marginal plan has none.
    pub fn cliffs(&self) -> Vec<Cliff> {
        if self.mode != BandMode::WholeBand {
            return Vec::new();
        }
        let pairs = self.bands.iter().zip(self.bands.iter().skip(1));
        let jumps = pairs.enumerate().filter_map(|(band, (lower, upper))| {
            let bound = lower.up_to?;
            let difference = Rate { scaled: upper.rate.scaled - lower.rate.scaled };
            let jump = bound.times(difference);
            (!jump.is_zero()).then_some(Cliff { band, bound, jump })
        });
        jumps.collect()
    }
}

/// One band of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// The upper bound, which still belongs to the band; absent in the last band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<Money>,
    /// The share of the revenue.
    #[schemars(extend("format" = "share", "unit" = "share of revenue", "requirement" = "P4"))]
    pub rate: Rate,
}

/// Whether a band's rate applies to what lies in it or to the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BandMode {
    /// Each rate applies to the part of the revenue that lies in its band.
    #[default]
    Marginal,
    /// The rate of the band that is reached applies to all of it, so that pay jumps at each bound.
    WholeBand,
    /// The rate of the band that was reached before applies to what comes next, and to nothing that came earlier.
    Prospective,
    /// The revenue of the period before decides the rate of this one.
    PriorPeriod,
}

/// The period over which revenue adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// From January to December in the program's zone.
    #[default]
    CalendarYear,
    /// Three calendar months from January, April, July or October, in the program's zone.
    Quarter,
    /// One calendar month in the program's zone.
    Month,
    /// The revenue of one deal, for as long as it lasts: by its size.
    Deal,
    /// From the first revenue on, without end.
    Lifetime,
}

/// A fixed fee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixedTerms {
    /// The fee.
    #[schemars(extend("requirement" = "C8"))]
    pub fixed: Money,
    /// How often it is due.
    pub per: Per,
}

/// How often a fixed fee is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Once for each deal with such revenue.
    Deal,
    /// Once for each deal and calendar month with such revenue.
    Month,
}

/// A price per unit used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EachTerms {
    /// The price of one unit.
    #[schemars(extend("requirement" = "C5"))]
    pub each: Money,
    /// What is counted, such as `driver` or `run`.
    #[schemars(extend("format" = "key"))]
    pub unit: String,
}

/// When and how statements are made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Statements {
    /// The day of the month on which the statement of the month before is made.
    #[schemars(range(min = 1, max = 28), extend("unit" = "day of month", "requirement" = "B8.3"))]
    pub day: u8,
    /// A smaller amount is carried to the next statement; absent means that every amount is paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_payout: Option<Money>,
    /// How long a commission rests before it can be paid, for refunds to arrive.
    #[schemars(range(max = 365), extend("unit" = "days"))]
    pub hold_days: u32,
    /// For how many months what a partner owes is set off against its next statements before it is to be paid; absent means
    /// that it is owed at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 24), extend("unit" = "months", "requirement" = "B8.2"))]
    pub carry_negative_months: Option<u32>,
}

impl Default for Statements {
    fn default() -> Self {
        Self { day: 5, minimum_payout: None, hold_days: 0, carry_negative_months: None }
    }
}
