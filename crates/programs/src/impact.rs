//! What a new version would touch: each area says it for its own things.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use kernel::app::ReadCx;
use kernel::{Money, PartnerId, Result};
use law::Program;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Compares the law in force, if any, with the proposed one on the data as they stand.
pub type Assess =
    for<'a, 'b> fn(&'a mut ReadCx<'b>, Option<&'a Program>, &'a Program) -> BoxFuture<'a, Result<Vec<Affected>>>;

/// An area's answer to "what would change for your things under this law?"; added with `registry.add(Impact { … })`.
#[derive(Clone, Copy)]
pub struct Impact {
    /// What it looks at, such as `Open deals`.
    pub title: &'static str,
    /// Compares the law in force, if any, with the proposed one on the data as they stand.
    pub assess: Assess,
}

/// One thing that a new version would change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Affected {
    /// The id of the thing.
    pub subject: String,
    /// Its name for people.
    pub title: String,
    /// The partner that it concerns, if it concerns one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// What changes, such as `tier` or `protected until`.
    pub what: String,
    pub before: Option<String>,
    pub after: Option<String>,
    /// Why it is so, where that is not plain, such as a tier that is kept although the figures give another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What it costs the company that runs the program more than before, if it has a value in money; negative if less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    /// How many things this line stands for, where the list would be too long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alike: Option<usize>,
}

/// All costs together; none where nothing has a value in money, or several currencies meet.
pub(crate) fn total(affected: &[Affected]) -> Option<Money> {
    affected.iter().filter_map(|one| one.cost).map(Some).reduce(|sum, next| sum?.checked_add(next?).ok()).flatten()
}

/// What a new version costs for one partner, over everything that has a value in money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PartnerCost {
    pub partner: PartnerId,
    pub name: String,
    /// What it costs the company that runs the program more than before, by what was looked at; negative if less.
    pub of: BTreeMap<String, Money>,
    /// All of it.
    pub cost: Money,
}

/// What the impacts cost partner by partner, the largest difference first. Amounts in another currency than the first one of a
/// partner stand by themselves and are left out of its sum.
pub(crate) fn by_partner<'a>(impacts: impl Iterator<Item = (&'a str, &'a [Affected])>) -> Result<Vec<PartnerCost>> {
    let mut costs: BTreeMap<PartnerId, PartnerCost> = BTreeMap::new();
    for (title, affected) in impacts {
        for one in affected {
            let (Some(partner), Some(cost)) = (one.partner, one.cost) else { continue };
            let zero = Money::zero(cost.currency);
            let name = one.title.clone();
            let entry = costs.entry(partner).or_insert(PartnerCost { partner, name, of: BTreeMap::new(), cost: zero });
            if entry.cost.currency == cost.currency {
                entry.cost = entry.cost.checked_add(cost)?;
            }
            let part = entry.of.entry(title.to_owned()).or_insert(zero);
            if part.currency == cost.currency {
                *part = part.checked_add(cost)?;
            }
        }
    }
    let mut costs: Vec<PartnerCost> = costs.into_values().collect();
    costs.sort_by_key(|one| (std::cmp::Reverse(one.cost.minor.unsigned_abs()), one.partner));
    Ok(costs)
}

/// How many things change in each way, such as 12 tiers and 3 terms to accept.
pub(crate) fn counts(affected: &[Affected]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for one in affected {
        *counts.entry(one.what.clone()).or_insert(0) += one.alike.unwrap_or(1);
    }
    counts
}
