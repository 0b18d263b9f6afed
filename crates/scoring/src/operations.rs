//! Refreshing the snapshots of all scorecards, and asking for one.

use std::sync::Arc;

use kernel::app::ReadCx;
use kernel::{Access, Cx, Error, Operation, PartnerId, Query, Result, Route, get, post};
use law::expr::{Needs, figure};
use law::{Case, Program, Rule, Value};
use programs::{InForce, Law};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::cases_of;
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
        let mut measured = measure_all(cx.app, cx.tx, scope.organization, cx.now).await?;
        if let Some(program) = in_force(cx.law().await)?.filter(|law| !law.program.metrics.is_empty()) {
            let (needs, basis) = (figures(&program.program), program.program.basis());
            let partners: Vec<PartnerId> = measured.keys().copied().collect();
            let cases = cases_of(cx.app, cx.tx, scope.organization, &partners, (&needs, &basis), cx.now).await?;
            for (partner, case) in cases {
                let computed = basis.metrics.keys().map(|key| (key.clone(), figure(key, &case, &basis)));
                measured.entry(partner).or_default().extend(computed);
            }
        }
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

/// The program in force, if there is one.
fn in_force(law: Result<Arc<InForce>>) -> Result<Option<Arc<InForce>>> {
    match law {
        Ok(law) => Ok(Some(law)),
        Err(Error::Conflict { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the computed metrics and the scorecard of a program read.
fn figures(program: &Program) -> Needs {
    let formulas = program.metrics.values().map(|metric| &metric.formula);
    let criteria = program.scorecard.criterion.values().map(|criterion| &criterion.metric);
    let mut needs = Needs::of(formulas.chain(criteria).map(Rule::tree), &program.basis());
    program.metrics.values().filter_map(|metric| metric.by.as_ref()).for_each(|field| needs.and_field(field));
    needs
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
        let law = in_force(cx.law().await)?;
        let published = kinds.iter().map(|kind| (kind.key.to_owned(), kind.title.to_owned(), kind.help.to_owned()));
        let computed = law.iter().flat_map(|law| &law.program.metrics);
        let computed = computed.map(|(key, metric)| (key.clone(), metric.title.clone(), metric.description.clone()));
        let mut metrics = Vec::new();
        let mut case = Case { now: Some(cx.now), ..Case::default() };
        for (key, title, help) in published.chain(computed) {
            let points: Vec<Point> = history.get(&key).into_iter().flatten().map(Point::of).collect();
            let newest = points.last();
            let value = newest.map_or_else(|| Value::unknown("not measured yet"), |point| point.value.clone());
            let as_of = newest.map(|point| point.as_of);
            case.values.insert(key.clone(), value.clone());
            case.measured_at.extend(as_of.map(|at| (key.clone(), at)));
            metrics.push(MetricCard {
                key,
                title,
                help,
                shown: value.pretty(),
                value,
                as_of,
                stale: as_of.is_none_or(|at| at.plus_days(STALE_DAYS) < cx.now),
                history: points,
            });
        }
        let (mut tier, mut score) = (None, None);
        if let Some(law) = &law {
            let terms = TierTerms::of(&law.program, &kinds);
            self.add_facts(cx, &law.program, &terms, &mut case).await?;
            tier = terms.progress(&case);
            if let Some(next) = tier.as_mut().and_then(|tier| tier.next.as_mut()) {
                next.way = terms.way_up(&case, &law.program.basis(), cx.now);
            }
            score = case.view(&law.program.basis()).score();
        }
        let law = law.map(|law| law.citation());
        Ok(Scorecard { partner: self.partner, law, metrics, score, tier })
    }
}

impl GetScorecard {
    /// The facts that the rules read beyond the kept values, if they read any.
    async fn add_facts(
        &self,
        cx: &mut ReadCx<'_>,
        program: &Program,
        terms: &TierTerms,
        case: &mut Case,
    ) -> Result<()> {
        let (tiers, figures) = (terms.needs(), figures(program));
        for needs in [tiers, figures] {
            if needs.fields.is_empty() && needs.names.iter().all(|name| case.values.contains_key(name)) {
                continue;
            }
            let about = (&needs, &program.basis());
            let mut loaded = cases_of(cx.app, cx.tx, cx.scope.organization, &[self.partner], about, cx.now).await?;
            let Some(own) = loaded.remove(&self.partner) else { continue };
            for (key, set) in own.sets {
                // Both may read the same set with different columns; the wider one serves both.
                let wider = case.sets.get(&key).is_none_or(|known| known.fields.len() < set.fields.len());
                if wider {
                    case.sets.insert(key, set);
                }
            }
            case.history.extend(own.history);
        }
        Ok(())
    }
}
