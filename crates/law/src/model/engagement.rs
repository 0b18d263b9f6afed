//! `engagement.toml`: the rules of engagement, that is who owns a deal and who wins when two claim it.

use kernel::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The rules of engagement (`engagement.toml`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Engagement {
    /// What decides between two valid claims for one customer, most important first.
    #[serde(default = "tier_then_time")]
    #[schemars(length(min = 1), extend("requirement" = "B1.4"))]
    pub precedence: Vec<TieBreak>,
    /// Customer segments by deal value, smallest first.
    #[serde(default, rename = "segment", skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
    /// Who owns a deal of a segment at a stage; the first entry that fits decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("requirement" = "B1.4"))]
    pub ownership: Vec<Ownership>,
}

impl Engagement {
    /// The segment of a deal of this value: the last one that starts at or below it.
    pub fn segment_of(&self, value: Money) -> Option<&Segment> {
        self.segments.iter().rev().find(|segment| segment.from.is_none_or(|from| from.minor <= value.minor))
    }

    /// The first ownership entry for that segment and stage, with its place in the file (counted from 0) for citing.
    pub fn owner(&self, segment: Option<&str>, stage: SalesStage) -> Option<(usize, &Ownership)> {
        self.ownership.iter().enumerate().find(|(_, entry)| {
            let fits = entry.segment.is_none() || entry.segment.as_deref() == segment;
            fits && entry.stage == stage
        })
    }
}

impl Default for Engagement {
    fn default() -> Self {
        Self { precedence: tier_then_time(), segments: Vec::new(), ownership: Vec::new() }
    }
}

fn tier_then_time() -> Vec<TieBreak> {
    vec![TieBreak::Tier, TieBreak::RegisteredAt]
}

/// A way to decide between two valid claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TieBreak {
    /// The partner in the higher tier wins.
    Tier,
    /// The claim that was valid first wins.
    RegisteredAt,
}

/// A class of customers, told by the value of the deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// The name of the segment in rules, such as `enterprise`.
    #[schemars(extend("format" = "key"))]
    pub key: String,
    /// The name of the segment for people.
    pub title: String,
    /// The smallest deal value of the segment; absent for the smallest segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Money>,
}

/// Who owns a deal of a segment at a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ownership {
    /// The segment; absent means every segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("refers" = "segment"))]
    pub segment: Option<String>,
    /// The stage of the sale.
    pub stage: SalesStage,
    /// Who leads at that stage.
    pub owner: Owner,
}

/// The stages of a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SalesStage {
    /// A possible customer.
    Prospect,
    /// Need, budget and time are known.
    Qualified,
    /// The customer tries the product.
    TechnicalValidation,
    /// The customer checks the business case.
    BusinessValidation,
    /// The customer has said yes.
    Committed,
    /// The customer is live.
    Launched,
}

/// Who leads a deal at a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Owner {
    /// Business development of the vendor.
    Bdr,
    /// The account executive of the vendor.
    Ae,
    /// Customer success of the vendor.
    Cs,
    /// The partner that holds the registration.
    Partner,
}
