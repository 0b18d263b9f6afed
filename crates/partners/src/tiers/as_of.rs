//! Tiers at two times: what the figures gave as they were known at one instant, under the rules in force at another.

use kernel::app::ReadCx;
use kernel::{Error, PartnerId, Query, Result, Route, Timestamp, get};
use schemars::JsonSchema;
use scoring::{Metric, TierTerms, cases_of};
use serde::{Deserialize, Serialize};

use super::operations::vendor_only;
use crate::profile::store;

/// Show which tier the figures gave each partner, as they were known at one time, under the rules of another.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct TiersAsOf {
    /// Only what had happened and was known by then counts.
    pub known_at: Timestamp,
    /// The instant whose rules are applied; those in force when the facts were known, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub law_at: Option<Timestamp>,
}

/// The tiers of that time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TiersThen {
    pub known_at: Timestamp,
    pub law_at: Timestamp,
    /// The version whose rules were applied, such as `northwind/3`.
    pub law: String,
    /// Partners that were in the program then, by name.
    pub partners: Vec<TierThen>,
}

/// The tier that the figures gave a partner. What movement between tiers would have held back is left out, because it depends
/// on what had been decided before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TierThen {
    pub partner: PartnerId,
    pub name: String,
    /// The key of the tier.
    pub tier: String,
    pub title: String,
    /// The conditions of the tier as they were met, in sentences.
    pub because: Vec<String>,
    /// The tier in which it is today.
    pub today: Option<String>,
}

impl Query for TiersAsOf {
    const NAME: &'static str = "tiers.as_of";
    const ROUTE: Route = get("/tiers/as-of");
    type Output = TiersThen;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<TiersThen> {
        vendor_only(&cx.scope, Self::NAME)?;
        let known_at = self.known_at;
        if known_at > cx.now {
            let rule = format!("{known_at} has not come yet; choose {} or earlier", cx.now);
            return Err(Error::invalid("known_at", rule));
        }
        let law_at = self.law_at.unwrap_or(known_at);
        let law = programs::law_at(cx.app, cx.tx, &cx.scope, law_at, cx.now).await?;
        let terms = TierTerms::of(&law.program, &cx.app.registry().parts::<Metric>());
        let mut partners = store::active_at(cx.tx, &cx.scope, known_at).await?;
        partners.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        let ids: Vec<PartnerId> = partners.iter().map(|partner| partner.id).collect();
        let about = (&terms.needs(), &terms.basis);
        let mut measured = cases_of(cx.app, cx.tx, cx.scope.organization, &ids, about, known_at).await?;
        let then = partners.into_iter().filter_map(|partner| {
            let progress = terms.progress(&measured.remove(&partner.id).unwrap_or_default())?;
            Some(TierThen {
                partner: partner.id,
                name: partner.name,
                tier: progress.tier,
                title: progress.title,
                because: progress.because.into_iter().map(|one| one.text).collect(),
                today: partner.tier,
            })
        });
        Ok(TiersThen { known_at, law_at, law: law.citation(), partners: then.collect() })
    }
}
