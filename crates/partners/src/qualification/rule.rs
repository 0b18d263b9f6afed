//! The rule by which a weighted total recommends what to answer an applicant.

use std::collections::BTreeMap;

use kernel::{Rate, Reason, Rule, Verdict};
use law::Qualification;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The best score of a criterion.
pub const BEST: u8 = 5;

/// What the scores recommend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Recommendation {
    /// Something is not scored yet.
    Incomplete,
    /// Take it in.
    TakeIn,
    /// Neither a yes nor a no: look closer.
    LookCloser,
    /// Turn it down.
    TurnDown,
}

impl Recommendation {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::TakeIn => "take_in",
            Self::LookCloser => "look_closer",
            Self::TurnDown => "turn_down",
        }
    }
}

/// The score of one criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// 0 to 5.
    pub score: u8,
    /// The id of the row that says what it rests on.
    pub id: String,
}

/// What the law says: criteria, weights and thresholds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QualificationTerms {
    pub qualification: Qualification,
}

/// What was scored, by criterion.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QualificationFacts {
    pub scores: BTreeMap<String, Score>,
}

/// What a qualification gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Qualified {
    pub recommendation: Recommendation,
    /// The weighted total as a share of the best possible one; what is not scored counts as 0.
    pub total: Rate,
}

/// Whether the weighted total recommends to take an applicant in.
pub struct QualificationRule;

impl Rule for QualificationRule {
    const KIND: &'static str = "partners.qualification";
    type Terms = QualificationTerms;
    type Facts = QualificationFacts;
    type Outcome = Qualified;

    fn decide(terms: &QualificationTerms, facts: &QualificationFacts) -> Verdict<Qualified> {
        let law = &terms.qualification;
        let total = total(law, facts);
        let mut reasons = Vec::new();
        let mut missing = false;
        let mut held_back = false;
        for criterion in &law.criteria {
            let place = format!("partnership.toml: qualification.criterion.{}", criterion.key);
            let Some(score) = facts.scores.get(&criterion.key) else {
                missing = true;
                let reason = Reason::new("not_scored", format!("{} is not scored yet", criterion.title));
                reasons.push(reason.citing(place).remedy("Score it 0 to 5 and say what that rests on.").for_vendor());
                continue;
            };
            let (title, weight) = (&criterion.title, criterion.weight);
            let reason = Reason::new("scored", format!("{title}: {} of {BEST}, weight {weight}", score.score));
            reasons.push(reason.citing(place.clone()).resting_on(&score.id).for_vendor());
            if let Some(least) = criterion.least.filter(|least| score.score < *least) {
                held_back = true;
                let text = format!("{title} is {}, below the {least} without which nobody is recommended", score.score);
                reasons.push(Reason::new("below_least", text).citing(format!("{place}.least")).for_vendor());
            }
        }
        let recommendation = match total {
            _ if missing => Recommendation::Incomplete,
            total if total < law.consider_from => Recommendation::TurnDown,
            total if total < law.recommend_from || held_back => Recommendation::LookCloser,
            _ => Recommendation::TakeIn,
        };
        let (threshold, place) = match recommendation {
            Recommendation::TurnDown => (law.consider_from, "consider_from"),
            _ => (law.recommend_from, "recommend_from"),
        };
        let text = format!("The weighted total is {total}; {threshold} are asked for");
        let cites = format!("partnership.toml: qualification.{place}");
        reasons.insert(0, Reason::new("total", text).citing(cites).for_vendor());
        Verdict { outcome: Qualified { recommendation, total }, reasons }
    }
}

fn total(law: &Qualification, facts: &QualificationFacts) -> Rate {
    let weighted = law.criteria.iter().filter_map(|criterion| {
        let score = facts.scores.get(&criterion.key)?;
        Some(criterion.weight.scaled * i128::from(score.score.min(BEST)))
    });
    Rate { scaled: weighted.sum::<i128>() / i128::from(BEST) }
}
