//! Refreshing the snapshots of all scorecards, and asking for one.

use kernel::app::ReadCx;
use kernel::{Access, Cx, Error, Operation, PartnerId, Query, Result, Route, get, post};
use law::{Facts, Value};
use programs::Law;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::metric::{Metric, measure_all};
use crate::scorecard::{MetricCard, Point, Scorecard};
use crate::store::{self, NewValue};
use crate::tier::TierTerms;

/// An unchanged value is written again after so many days, to say that it was looked at.
const REPEAT_DAYS: i64 = 7;
/// A value older than this says less about today than about the refresh that failed.
const STALE_DAYS: i64 = 14;
/// How far back a scorecard looks.
const HISTORY_DAYS: i64 = 400;

/// Measure every metric of every partner and keep what has changed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RefreshScorecards {}

/// What a refresh did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refreshed {
    /// Partners that were measured.
    pub partners: usize,
    /// Values that were kept, because they changed or a week has passed.
    pub recorded: usize,
}

impl Operation for RefreshScorecards {
    const NAME: &'static str = "scoring.refresh";
    const ROUTE: Route = post("/scorecards/refreshes");
    const ACCESS: Access = Access::Open;
    type Output = Refreshed;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Refreshed> {
        let scope = cx.scope;
        if scope.partner.is_some() {
            let message = "scorecards of all partners are refreshed by the company that runs the program".to_owned();
            return Err(Error::Forbidden { permission: Self::NAME.to_owned(), message });
        }
        let measured = measure_all(cx.app, cx.tx, scope.organization, cx.now).await?;
        let known = store::newest(cx.tx, &scope).await?;
        let partners = measured.len();
        let mut values = Vec::new();
        for (partner, facts) in measured {
            for (metric, value) in facts {
                let key = (partner, metric);
                let fresh = known
                    .get(&key)
                    .is_some_and(|last| last.value == value && last.as_of.plus_days(REPEAT_DAYS) > cx.now);
                if !fresh {
                    values.push(NewValue { id: cx.id(), partner, metric: key.1, value });
                }
            }
        }
        let recorded = values.len();
        if recorded > 0 {
            let batch = cx.id();
            store::insert(cx.tx, &scope, batch, cx.now, &values).await?;
            let summary = format!("{recorded} values of {partners} partners were recorded");
            cx.emit("scorecards.refreshed", batch, None, summary, &Refreshed { partners, recorded });
        }
        Ok(Refreshed { partners, recorded })
    }
}

/// The measured values of a partner over time, and the tier that they give.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetScorecard {
    pub partner: PartnerId,
}

impl Query for GetScorecard {
    const NAME: &'static str = "scorecard.get";
    const ROUTE: Route = get("/partners/{partner}/scorecard");
    type Output = Scorecard;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Scorecard> {
        if cx.scope.partner.is_some_and(|own| own != self.partner) {
            return Err(Error::not_found("partner", self.partner));
        }
        let history = store::history(cx.tx, &cx.scope, self.partner, cx.now.plus_days(-HISTORY_DAYS)).await?;
        let kinds = cx.app.registry().parts::<Metric>();
        let mut metrics = Vec::new();
        let mut values = Facts::new();
        for kind in &kinds {
            let points: Vec<Point> = history.get(kind.key).into_iter().flatten().map(Point::of).collect();
            let newest = points.last();
            let value = newest.map_or_else(|| Value::unknown("not measured yet"), |point| point.value.clone());
            let as_of = newest.map(|point| point.as_of);
            values.insert(kind.key.to_owned(), value.clone());
            metrics.push(MetricCard {
                key: kind.key.to_owned(),
                title: kind.title.to_owned(),
                help: kind.help.to_owned(),
                shown: value.pretty(),
                value,
                as_of,
                stale: as_of.is_none_or(|at| at.plus_days(STALE_DAYS) < cx.now),
                history: points,
            });
        }
        let (law, tier) = match cx.law().await {
            Ok(law) => (Some(law.citation()), TierTerms::of(&law.program, &kinds).progress(&values)),
            Err(Error::Conflict { .. }) => (None, None),
            Err(error) => return Err(error),
        };
        Ok(Scorecard { partner: self.partner, law, metrics, tier })
    }
}
