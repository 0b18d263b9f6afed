//! Recalculating tiers, and trying it.

use clocks::NewClock;
use kernel::app::ReadCx;
use kernel::{Access, Cx, Error, Operation, PartnerId, Query, Result, Route, Scope, get, post};
use law::Stay;
use programs::{InForce, Law as _};
use schemars::JsonSchema;
use scoring::{Metric, TierFacts, TierRule, TierTerms, Watch, cases_of, watch};
use serde::{Deserialize, Serialize};

use super::moves::{self, Direction, TierMove};
use crate::profile::{Partner, store};

/// Partners that change in one run. The log takes an entry of bounded size per run; a clock goes on with the others.
const MOST_AT_ONCE: usize = 60;
const CLOCK: &str = "tiers.recalculate";

/// Decide the tier of every active partner anew from what is measured.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct RecalculateTiers {}

/// What a recalculation did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recalculated {
    /// Active partners that were looked at.
    pub partners: usize,
    /// Decisions that were kept: first ones and those that changed something.
    pub decided: usize,
    pub promoted: usize,
    pub demoted: usize,
    /// Partners that come next; a clock goes on with them.
    pub remaining: usize,
    /// Partners whose move waits for a tier run, where the program moves partners by runs.
    #[serde(default, skip_serializing_if = "is_none")]
    pub waiting: usize,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

impl Operation for RecalculateTiers {
    const NAME: &'static str = "tiers.recalculate";
    const ROUTE: Route = post("/tiers/recalculations");
    const ACCESS: Access = Access::Open;
    type Output = Recalculated;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Recalculated> {
        vendor_only(&cx.scope, Self::NAME)?;
        let law = cx.law().await?;
        let terms = TierTerms::of(&law.program, &cx.app.registry().parts::<Metric>());
        let partners = store::active_with_decision(cx.tx, &cx.scope).await?;
        let ids: Vec<PartnerId> = partners.iter().map(|(partner, _)| partner.id).collect();
        let about = (&terms.needs(), &terms.basis);
        let measured = cases_of(cx.app, cx.tx, cx.scope.organization, &ids, about, cx.now).await?;
        let watch = watch(cx.tx, &cx.scope).await?;
        let moves_by_run = law.program.runs.is_some();
        let mut done = Recalculated { partners: partners.len(), ..Recalculated::default() };
        for (partner, decided_before) in partners {
            let facts = moves::facts_of(&partner, &measured);
            let facts = moves::with_history(facts, &terms, &partner, &watch, cx.now);
            let Some(outcome) = terms.outcome(&facts) else { continue };
            let remembers = terms.moves() && watch.changes(partner.id, &terms.moved(&facts));
            let settled = decided_before && partner.tier.as_deref() == Some(outcome) && !remembers;
            if settled {
                continue;
            }
            // Where a run moves partners, only what is not a move is decided here, such as the time to cure.
            if moves_by_run && partner.tier.as_deref() != Some(outcome) {
                done.waiting += 1;
                continue;
            }
            if done.decided == MOST_AT_ONCE {
                done.remaining += 1;
                continue;
            }
            decide(cx, &law, &terms, (&partner, &watch), &facts, &mut done).await?;
        }
        if done.remaining > 0 {
            go_on(cx).await?;
        } else if terms.moves() && !moves_by_run {
            scoring::computed(cx.tx, &cx.scope, cx.now).await?;
        }
        Ok(done)
    }
}

async fn decide(
    cx: &mut Cx<'_>,
    law: &InForce,
    terms: &TierTerms,
    (partner, watch): (&Partner, &Watch),
    facts: &TierFacts,
    done: &mut Recalculated,
) -> Result<()> {
    let moving = moves::move_of(&law.program, terms, partner, facts);
    let decided = cx.decide::<TierRule>(partner.id, Some(partner.id), &law.citation(), terms, facts)?;
    store::set_tier_decision(cx.tx, partner.id, decided.id).await?;
    done.decided += 1;
    if terms.moves() {
        let here = partner.tier.clone().zip(partner.tier_since).filter(|_| moving.is_some());
        let left = here.map(|(tier, since)| Stay { tier, since });
        scoring::remember(cx.tx, &cx.scope, watch, partner.id, &terms.moved(facts), left).await?;
    }
    let Some(moving) = moving else { return Ok(()) };
    let tier = law.program.tier(&moving.to);
    let tier = tier.ok_or_else(|| Error::internal(format!("the tier rule gave `{}`, which is no tier", moving.to)))?;
    let kind = match moving.direction {
        Direction::Up | Direction::Placed => "partner.promoted",
        Direction::Down => "partner.demoted",
    };
    match moving.direction {
        Direction::Up => done.promoted += 1,
        Direction::Down => done.demoted += 1,
        Direction::Placed => {}
    }
    let data = serde_json::json!({ "from": moving.from, "to": moving.to, "decision": decided.id });
    cx.emit(kind, partner.id, Some(partner.id), format!("{} is {} now", partner.name, tier.title), &data);
    super::give(cx, law, partner.id, tier).await
}

/// A clock that is due at once runs the recalculation again for those that are left.
async fn go_on(cx: &mut Cx<'_>) -> Result<()> {
    let clock = NewClock {
        kind: CLOCK,
        subject: cx.scope.organization.to_string(),
        partner: None,
        title: "The recalculation of tiers goes on".to_owned(),
        due_at: cx.now,
        warn_at: Vec::new(),
        on_lapse: RecalculateTiers::NAME,
        on_warn: None,
        input: serde_json::json!({}),
    };
    clocks::start(cx, clock).await.map(|_| ())
}

/// Show which partners a recalculation would move now, without moving them.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct PreviewTiers {}

impl Query for PreviewTiers {
    const NAME: &'static str = "tiers.preview";
    const ROUTE: Route = get("/tiers/preview");
    type Output = Vec<TierMove>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Vec<TierMove>> {
        vendor_only(&cx.scope, Self::NAME)?;
        let law = cx.law().await?;
        let terms = TierTerms::of(&law.program, &cx.app.registry().parts::<Metric>());
        let partners = store::active_with_decision(cx.tx, &cx.scope).await?;
        let ids: Vec<PartnerId> = partners.iter().map(|(partner, _)| partner.id).collect();
        let about = (&terms.needs(), &terms.basis);
        let measured = cases_of(cx.app, cx.tx, cx.scope.organization, &ids, about, cx.now).await?;
        let watch = watch(cx.tx, &cx.scope).await?;
        let moving = partners.iter().filter_map(|(partner, _)| {
            let facts = moves::facts_of(partner, &measured);
            let facts = moves::with_history(facts, &terms, partner, &watch, cx.now);
            moves::move_of(&law.program, &terms, partner, &facts)
        });
        Ok(moving.collect())
    }
}

/// Tiers compare all partners, so they are the vendor's to recalculate.
pub(crate) fn vendor_only(scope: &Scope, permission: &str) -> Result<()> {
    if scope.partner.is_none() {
        return Ok(());
    }
    let message = "tiers of all partners are recalculated by the company that runs the program".to_owned();
    Err(Error::Forbidden { permission: permission.to_owned(), message })
}
