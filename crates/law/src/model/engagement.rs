//! `engagement.toml`: the rules of engagement, that is who owns a deal and who wins when two claim it.

use kernel::{Day, Money};
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
    /// What makes a partner able to serve a region or to sell a product, for the precedence `capability`.
    #[serde(default, rename = "capability", skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("requirement" = "B1.4"))]
    pub capabilities: Vec<Capability>,
    /// Regions that are open to some partners only.
    #[serde(default, rename = "territory", skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("requirement" = "G19"))]
    pub territories: Vec<Territory>,
    /// Customers that belong to one partner or to the vendor's own team.
    #[serde(default, rename = "named_account", skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("requirement" = "P19"))]
    pub named_accounts: Vec<NamedAccount>,
    /// Customers that partners leave alone.
    #[serde(default, rename = "no_poach", skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("requirement" = "G19"))]
    pub no_poach: Vec<NoPoach>,
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
        Self {
            precedence: tier_then_time(),
            segments: Vec::new(),
            ownership: Vec::new(),
            capabilities: Vec::new(),
            territories: Vec::new(),
            named_accounts: Vec::new(),
            no_poach: Vec::new(),
        }
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
    /// The partner with the stronger evidenced relationship wins: a named account of its own, then revenue that it brings
    /// today, then a deal that it has won with the customer.
    Relationship,
    /// A partner that is entitled for the region or the product, as `[[capability]]` says, goes before one that is not.
    Capability,
    /// The partner that serves the customer today wins: the one whose deal was won last.
    Incumbency,
    /// A claim from a public tender, with the tender's reference, goes before others.
    Tender,
    /// The renewal of what the partner has sold to the customer goes before new business.
    Renewal,
    /// The claim of the higher value wins.
    Value,
    /// The most qualified claim wins: the one in which more of the registration form is given.
    Completeness,
}

/// What makes a partner able to serve a region or to sell a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Capability {
    /// Deals with customers in these countries, such as `DE`; absent means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// Deals about these products, as registrations name them; absent means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<String>,
    /// The benefit that a capable partner has.
    #[schemars(extend("refers" = "benefit"))]
    pub benefit: String,
}

impl Capability {
    /// Whether it bears on a deal about these products with a customer of that country.
    pub fn concerns(&self, country: Option<&str>, products: &[String]) -> bool {
        let there = self.countries.is_empty() || country.is_some_and(|code| has(&self.countries, code));
        there && (self.products.is_empty() || products.iter().any(|product| has(&self.products, product)))
    }
}

fn has(list: &[String], wanted: &str) -> bool {
    list.iter().any(|one| one.trim().eq_ignore_ascii_case(wanted.trim()))
}

/// What becomes of a registration that a list stands against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// It is refused.
    #[default]
    Reject,
    /// A person decides about it.
    Review,
}

/// A region that is open to some partners only. Where several name a country, one that admits a partner is enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Territory {
    /// The name of the territory, such as `dach`.
    #[schemars(extend("format" = "key"))]
    pub key: String,
    /// The name of the territory for people.
    pub title: String,
    /// The countries that it is made of, by their two letters (ISO 3166).
    #[schemars(length(min = 1))]
    pub countries: Vec<String>,
    /// The partners that may register there, by their domain; more are assigned in the console.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partners: Vec<String>,
    /// The archetypes that may register there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("refers" = "archetype"))]
    pub archetypes: Vec<String>,
    /// The tiers that may register there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("refers" = "tier"))]
    pub tiers: Vec<String>,
    /// What becomes of the registrations of others.
    #[serde(default)]
    pub otherwise: Otherwise,
}

/// A customer that belongs to one partner or to the vendor's own team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedAccount {
    /// The name of the entry.
    #[schemars(extend("format" = "key"))]
    pub key: String,
    /// The name of the customer for people of the vendor.
    pub title: String,
    /// The customer's own domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The customer's VAT or tax number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_number: Option<String>,
    /// The partner that it belongs to, by its domain; absent means the vendor's own team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What becomes of the registrations of others.
    #[serde(default)]
    pub otherwise: Otherwise,
    /// The first day on which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// The last day on which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
}

/// A customer that partners leave alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoPoach {
    /// The name of the entry.
    #[schemars(extend("format" = "key"))]
    pub key: String,
    /// The name of the customer for people of the vendor.
    pub title: String,
    /// The customer's own domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The customer's VAT or tax number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_number: Option<String>,
    /// The partners that are bound by it, by their domain; absent means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partners: Vec<String>,
    /// What becomes of a registration all the same.
    #[serde(default)]
    pub otherwise: Otherwise,
    /// The first day on which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// The last day on which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
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
