//! The rule by which a partnership is in question: one criterion that certainly holds is enough.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::{Reason, Rule, Verdict};
use law::expr::Needs;
use law::{Basis, Program};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::case::Ground;

/// What the law says: the criteria, and what their rules depend on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExitTerms {
    pub criteria: Vec<law::ExitCriterion>,
    pub clause: String,
    /// Metric titles by key.
    #[serde(default)]
    pub titles: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Basis::is_none")]
    pub basis: Basis,
}

impl ExitTerms {
    /// The criteria of a program; none where it has no exit.
    pub fn of(program: &Program, metrics: &[Arc<scoring::Metric>]) -> Option<Self> {
        let exit = program.partnership.exit.as_ref()?;
        let titles = metrics.iter().map(|metric| (metric.key.to_owned(), metric.title.to_owned()));
        let mut terms = Self {
            criteria: exit.criteria.clone(),
            clause: exit.clause.clone(),
            titles: titles.collect(),
            basis: program.basis(),
        };
        terms.basis = terms.needs().basis(&terms.basis);
        Some(terms)
    }

    /// What its rules read.
    pub fn needs(&self) -> Needs {
        Needs::of(self.criteria.iter().map(|criterion| criterion.when.tree()), &self.basis)
    }

    /// The criteria that hold, in words.
    pub fn grounds(&self, case: &law::Case) -> Vec<Ground> {
        let view = case.view(&self.basis);
        let holding = self.criteria.iter().filter(|criterion| criterion.when.holds(view));
        let ground = |criterion: &law::ExitCriterion| Ground {
            key: criterion.key.clone(),
            title: criterion.title.clone(),
            text: self.titled(&criterion.when.explain(view).sentences().join("; ")),
        };
        holding.map(ground).collect()
    }

    /// Metrics by their names for people.
    fn titled(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (key, title) in &self.titles {
            text = text.replace(key.as_str(), title);
        }
        text
    }
}

/// What is measured about the partner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExitFacts {
    pub case: law::Case,
}

/// Why a partnership is in question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InQuestion {
    No,
    Yes,
}

/// Whether a partnership is in question.
pub struct ExitRule;

impl Rule for ExitRule {
    const KIND: &'static str = "partners.exit";
    type Terms = ExitTerms;
    type Facts = ExitFacts;
    type Outcome = InQuestion;

    fn decide(terms: &ExitTerms, facts: &ExitFacts) -> Verdict<InQuestion> {
        let grounds = terms.grounds(&facts.case);
        let reasons: Vec<Reason> = grounds
            .iter()
            .map(|ground| {
                Reason::new("exit_criterion", format!("{}: {}", ground.title, ground.text))
                    .citing(format!("partnership.toml: exit.criterion.{}", ground.key))
                    .remedy(format!("The ladder of {} says what helps.", terms.clause))
            })
            .collect();
        let outcome = if reasons.is_empty() { InQuestion::No } else { InQuestion::Yes };
        Verdict { outcome, reasons }
    }
}
