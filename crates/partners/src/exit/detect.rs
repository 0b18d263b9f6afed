//! Looking at every partnership: those for which a criterion holds are in question.

use kernel::{Access, Cx, Operation, PartnerId, Result, Route, post};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::case::{Case, State};
use super::rule::{ExitFacts, ExitRule, ExitTerms};
use super::store;
use crate::profile::{self, Status};
use crate::vendor_only;

/// New cases in one run; the next run finds the others.
const MOST_AT_ONCE: usize = 60;

/// Look which partnerships are in question by the criteria of the program, and open a case for each.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct DetectExits {}

/// What a look at all partnerships found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Detected {
    /// Active partners that were looked at.
    pub partners: usize,
    /// Cases that were opened.
    pub opened: usize,
    /// Cases that nobody had begun and that are out of question again.
    pub recovered: usize,
}

impl Operation for DetectExits {
    const NAME: &'static str = "partners.detect_exits";
    const ROUTE: Route = post("/exits/detections");
    const ACCESS: Access = Access::Open;
    type Output = Detected;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Detected> {
        vendor_only(&cx.scope, Self::NAME)?;
        let law = match cx.law().await {
            Ok(law) => law,
            Err(kernel::Error::Conflict { .. }) => return Ok(Detected::default()),
            Err(error) => return Err(error),
        };
        let metrics = cx.app.registry().parts::<scoring::Metric>();
        let Some(terms) = ExitTerms::of(&law.program, &metrics) else { return Ok(Detected::default()) };
        let partners = profile::store::of_status(cx.tx, &cx.scope, Status::Active).await?;
        let ids: Vec<PartnerId> = partners.iter().map(|partner| partner.id).collect();
        let needs = terms.needs();
        let about = (&needs, &terms.basis);
        let mut measured = scoring::cases_of(cx.app, cx.tx, cx.scope.organization, &ids, about, cx.now).await?;
        let mut done = Detected { partners: partners.len(), ..Detected::default() };
        for partner in partners {
            let facts = ExitFacts { case: needs.trim(&measured.remove(&partner.id).unwrap_or_default()) };
            let grounds = terms.grounds(&facts.case);
            let open = store::open(cx.tx, &cx.scope, partner.id).await?;
            match open {
                None if !grounds.is_empty() && done.opened < MOST_AT_ONCE => {
                    let citation = law.citation();
                    cx.decide::<ExitRule>(partner.id, None, &citation, &terms, &facts)?;
                    let mut case = Case::new(cx.id(), partner.id, partner.name, terms.clause.clone(), cx.now);
                    case.grounds = grounds;
                    store::save(cx.tx, &cx.scope, &case).await?;
                    let summary = format!("The partnership with {} is in question", case.about);
                    cx.emit("exit.detected", case.id, None, summary, &case);
                    done.opened += 1;
                }
                Some(mut case) if grounds.is_empty() && case.state == State::Detected => {
                    case.close(State::Recovered, "No criterion holds any more.", cx.now);
                    store::save(cx.tx, &cx.scope, &case).await?;
                    let summary = format!("The partnership with {} is out of question again", case.about);
                    cx.emit("exit.resolved", case.id, None, summary, &case);
                    done.recovered += 1;
                }
                _ => {}
            }
        }
        Ok(done)
    }
}
