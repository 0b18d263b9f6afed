//! What stands in a pack, gathered from what the other areas publish.

use deals::registration::{StateCount, SummarizeDeals};
use kernel::{Cx, Result, Scope, Timestamp};
use money::revenue::{MonthOfRevenue, RevenueByMonth};
use scoring::{GetScorecard, Scorecard};

use super::review::{Action, Review};
use super::store;
use crate::roadmap::{Request, asked_by};

/// Everything about one partner that its pack says.
pub(super) struct PartnerFigures {
    pub scorecard: Scorecard,
    pub pipeline: Vec<StateCount>,
    pub revenue: Vec<MonthOfRevenue>,
    /// When the last review was held.
    pub since: Option<Timestamp>,
    pub actions: Vec<Action>,
    pub roadmap: Vec<Request>,
    /// Dates that are due before the meeting or soon after it.
    pub dates: Vec<clocks::Clock>,
}

/// Gathers as the partner would see it: the pack goes to both sides, so it holds nothing that the partner may not know.
pub(super) async fn of_partner(cx: &mut Cx<'_>, review: &Review) -> Result<PartnerFigures> {
    let partner = review.partner;
    let own = Scope { partner: Some(partner), ..cx.scope };
    let since = store::last_held(cx.tx, &cx.scope, partner, review.meeting_at).await?;
    let actions = store::actions(cx.tx, &own, partner, since.unwrap_or(review.created_at)).await?;
    let roadmap = asked_by(cx.tx, &own, partner).await?;
    let mut as_partner = kernel::app::ReadCx { tx: cx.tx, now: cx.now, actor: cx.actor, scope: own, app: cx.app };
    let scorecard = as_partner.ask(GetScorecard { partner }).await?;
    let pipeline = as_partner.ask(SummarizeDeals { partner: Some(partner) }).await?;
    let revenue = as_partner.ask(RevenueByMonth { partner: Some(partner) }).await?;
    let query = clocks::ListClocks {
        state: Some(clocks::State::Running),
        due_before: Some(review.meeting_at.plus_days(30)),
        ..clocks::ListClocks::default()
    };
    let dates = as_partner.ask(query).await?.items;
    Ok(PartnerFigures { scorecard, pipeline, revenue, since, actions, roadmap, dates })
}
