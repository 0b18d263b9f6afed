//! Tiers: every partner is in the highest tier whose requirements its measured values meet, and holds what the tier
//! grants. A move is a decision with its reasons; before new requirements are applied, a plan shows who would move.

mod as_of;
mod impact;
mod moves;
mod operations;
mod pages;
#[cfg(test)]
mod tests;

pub use as_of::{TierThen, TiersAsOf, TiersThen};
use kernel::{Cx, Operation as _, PartnerId, Registry, Result};
use law::{Tier, Type, Value};
pub use moves::{Direction, TierMove};
pub(crate) use moves::{facts_of, grants, move_of, with_history};
pub(crate) use operations::vendor_only;
pub use operations::{PreviewTiers, RecalculateTiers, Recalculated};
use programs::InForce;
use scoring::Metric;

use crate::cadence;
use crate::profile::store;

/// What grants a partner the controls of its tier.
pub(crate) const SOURCE: &str = "tier";
/// Seconds from one recalculation to the next.
const WEEKLY: i64 = 604_800;

pub fn install(registry: &mut Registry) {
    registry
        .operation::<RecalculateTiers>()
        .query::<PreviewTiers>()
        .query::<TiersAsOf>()
        .schedule(WEEKLY, RecalculateTiers::NAME, serde_json::json!({}))
        .add(Metric {
            key: "months_in_program",
            title: "Months in the program",
            kind: Type::Count,
            help: "Whole months since the partner was activated.",
            measure: |tx, organization, now| {
                Box::pin(async move {
                    let since = store::activations(tx, organization, now).await?;
                    Ok(since.into_iter().map(|(id, at)| (id, Value::count(moves::whole_months(at, now)))).collect())
                })
            },
        })
        .add(Metric {
            key: "country",
            title: "Country",
            kind: Type::Text,
            help: "Where the partner is at home, as an ISO 3166 code; markets go by it.",
            measure: |tx, organization, now| {
                Box::pin(async move {
                    let countries = store::countries(tx, organization, now).await?;
                    Ok(countries.into_iter().map(|(id, country)| (id, Value::text(country))).collect())
                })
            },
        })
        .add(Metric {
            key: "archetype",
            title: "Archetype",
            kind: Type::Text,
            help: "The kind of partner, as the program file names it; a ladder can ask for it.",
            measure: |tx, organization, now| {
                Box::pin(async move {
                    let kinds = store::archetypes(tx, organization, now).await?;
                    Ok(kinds.into_iter().map(|(id, archetype)| (id, Value::text(archetype))).collect())
                })
            },
        })
        .add(programs::Impact { title: "Partners", assess: |cx, old, new| Box::pin(impact::assess(cx, old, new)) });
    pages::install(registry);
}

/// Puts a partner into a tier and makes the tier's benefits its controls.
pub(crate) async fn give(cx: &mut Cx<'_>, law: &InForce, partner: PartnerId, tier: &Tier) -> Result<()> {
    store::set_tier(cx.tx, partner, &tier.key, tier.rank, cx.now).await?;
    controls::replace(cx, partner, SOURCE, &tier.key, &law.citation(), moves::grants(tier)).await?;
    cadence::follow(cx, law, partner, &tier.key).await
}
