//! Scoring an applicant, and what the scores come to.

use kernel::app::ReadCx;
use kernel::{
    Access, Cx, DecisionRecord, Error, Operation, PartnerId, Query, Rate, Result, Route, Rule as _, get, put,
};
use law::Qualification;
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rule::{BEST, QualificationFacts, QualificationRule, QualificationTerms, Qualified, Recommendation, Score};
use super::store::{self, GivenScore};
use crate::profile::{self, Status};
use crate::{company, vendor_only};

/// Score an applicant or partner by one criterion of the program, 0 to 5, with what the score rests on.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ScoreApplicant {
    pub partner: PartnerId,
    /// The key of the criterion, such as `strategic-fit`.
    pub criterion: String,
    /// 0 is the worst, 5 the best.
    #[schemars(range(min = 0, max = 5))]
    pub score: u32,
    /// What it rests on, in a sentence or with an address.
    pub evidence: String,
}

impl Operation for ScoreApplicant {
    const NAME: &'static str = "partners.score";
    const ROUTE: Route = put("/partners/{partner}/qualification/{criterion}");
    const ACCESS: Access = Access::Open;
    type Output = Qualified;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Qualified> {
        vendor_only(&cx.scope, Self::NAME)?;
        let partner = profile::get(cx.tx, &cx.scope, self.partner).await?;
        if matches!(partner.status, Status::Ended | Status::Rejected) {
            let message = format!("{} is {}: there is nothing to decide", partner.name, partner.status.name());
            return Err(Error::conflict("wrong_status", message));
        }
        let law = cx.law().await?;
        let qualification = asked(law.program.partnership.qualification.as_ref())?;
        let criterion = qualification.criterion(&self.criterion).ok_or_else(|| {
            let keys: Vec<&str> = qualification.criteria.iter().map(|criterion| criterion.key.as_str()).collect();
            let rule = format!("`{}` is no criterion; choose one of {}", self.criterion, keys.join(", "));
            Error::invalid("criterion", rule)
        })?;
        if self.score > u32::from(BEST) {
            let rule = format!("{} is not between 0 and {BEST}; {}", self.score, criterion.help);
            return Err(Error::invalid("score", rule));
        }
        let evidence = company::prose(Some(&self.evidence), 2000)
            .and_then(|text| {
                text.ok_or_else(|| "say what the score rests on; a number alone convinces nobody".to_owned())
            })
            .map_err(|rule| Error::invalid("evidence", rule))?;
        let known = store::of(cx.tx, &cx.scope, partner.id).await?;
        let before = known.iter().find(|score| score.criterion == criterion.key);
        let given = GivenScore {
            id: before.map_or_else(|| cx.id(), |score| score.id),
            criterion: criterion.key.clone(),
            score: self.score,
            evidence,
            scored_by: cx.actor.reference(),
            scored_by_name: cx.actor.name.clone(),
            scored_at: cx.now,
        };
        store::save(cx.tx, &cx.scope, partner.id, &given).await?;
        let mut scores = known;
        scores.retain(|score| score.criterion != given.criterion);
        scores.push(given);
        let (terms, facts) = (QualificationTerms { qualification: qualification.clone() }, facts_of(&scores));
        let summary = format!("{} was scored {} of {BEST} for {}", partner.name, self.score, criterion.title);
        let citation = law.citation();
        // The vendor's judgement is its own: neither event nor decision is shown to the partner.
        let data = serde_json::json!({ "criterion": self.criterion, "score": self.score });
        cx.emit("partner.scored", partner.id, None, summary, &data);
        if QualificationRule::decide(&terms, &facts).outcome.recommendation == Recommendation::Incomplete {
            return Ok(QualificationRule::decide(&terms, &facts).outcome);
        }
        Ok(cx.decide::<QualificationRule>(partner.id, None, &citation, &terms, &facts)?.outcome)
    }
}

fn asked(qualification: Option<&Qualification>) -> Result<&Qualification> {
    qualification.ok_or_else(|| {
        let message = "the program in force has no qualification; add `[qualification]` to partnership.toml";
        Error::conflict("no_qualification", message)
    })
}

fn facts_of(scores: &[GivenScore]) -> QualificationFacts {
    let pair = |given: &GivenScore| {
        let score = u8::try_from(given.score).unwrap_or(BEST);
        (given.criterion.clone(), Score { score, id: given.id.to_string() })
    };
    QualificationFacts { scores: scores.iter().map(pair).collect() }
}

/// A criterion with its score, if it has one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScoredCriterion {
    pub key: String,
    pub title: String,
    pub weight: Rate,
    pub help: String,
    pub given: Option<GivenScore>,
}

/// How a partner is judged today.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct QualificationView {
    pub criteria: Vec<ScoredCriterion>,
    pub recommendation: Recommendation,
    /// The weighted total as a share of the best possible one.
    pub total: Rate,
    pub recommend_from: Rate,
    /// The latest decision, once everything was scored.
    pub decision: Option<DecisionRecord>,
}

/// Show how an applicant or partner was judged, and what that recommends; nothing where the program does not judge.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetQualification {
    pub partner: PartnerId,
}

impl Query for GetQualification {
    const NAME: &'static str = "qualification.get";
    const ROUTE: Route = get("/partners/{partner}/qualification");
    type Output = Option<QualificationView>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Option<QualificationView>> {
        vendor_only(&cx.scope, Self::NAME)?;
        let partner = profile::get(cx.tx, &cx.scope, self.partner).await?;
        let law = match cx.law().await {
            Ok(law) => law,
            Err(Error::Conflict { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(qualification) = law.program.partnership.qualification.clone() else { return Ok(None) };
        let scores = store::of(cx.tx, &cx.scope, partner.id).await?;
        let (terms, facts) = (QualificationTerms { qualification: qualification.clone() }, facts_of(&scores));
        let Qualified { recommendation, total } = QualificationRule::decide(&terms, &facts).outcome;
        let decisions = kernel::log::decisions_of(cx.tx, &cx.scope, &partner.id.to_string()).await?;
        let criteria = qualification.criteria.into_iter().map(|criterion| ScoredCriterion {
            given: scores.iter().find(|score| score.criterion == criterion.key).cloned(),
            key: criterion.key,
            title: criterion.title,
            weight: criterion.weight,
            help: criterion.help,
        });
        Ok(Some(QualificationView {
            criteria: criteria.collect(),
            recommendation,
            total,
            recommend_from: qualification.recommend_from,
            decision: decisions.into_iter().find(|decision| decision.kind == QualificationRule::KIND),
        }))
    }
}
