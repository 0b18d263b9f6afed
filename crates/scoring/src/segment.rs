//! The segment rule: the first segment whose rule certainly holds over the measured values (B1.7).

use std::sync::Arc;

use kernel::{Reason, Rule, Verdict};
use law::expr::Needs;
use law::{Basis, Case, Program};
use serde::{Deserialize, Serialize};

use crate::progress::{Titles, requirements};

/// The segments in their order, with the names of metrics for the reasons.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SegmentTerms {
    pub segments: Vec<SegmentRung>,
    /// Metric titles by key.
    #[serde(default)]
    pub titles: Titles,
    /// What the rules depend on beyond their own text.
    #[serde(default, skip_serializing_if = "Basis::is_none")]
    pub basis: Basis,
}

/// One segment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SegmentRung {
    pub key: String,
    pub title: String,
    /// Absent for the last one, which takes the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires: Option<law::Rule>,
}

/// What is measured about a partner.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SegmentFacts {
    /// The segment that it is in; absent when it gets its first one.
    pub current: Option<String>,
    /// What the rules read.
    #[serde(flatten)]
    pub case: Case,
}

impl SegmentTerms {
    /// The segments of a program; none if it has none.
    pub fn of(program: &Program, metrics: &[Arc<crate::Metric>]) -> Option<Self> {
        if program.segments.is_empty() {
            return None;
        }
        let segments = program.segments.iter().map(|segment| SegmentRung {
            key: segment.key.clone(),
            title: segment.title.clone(),
            requires: segment.requires.clone(),
        });
        let titles = metrics.iter().map(|metric| (metric.key.to_owned(), metric.title.to_owned()));
        let mut terms = Self { segments: segments.collect(), titles: titles.collect(), basis: program.basis() };
        terms.basis = terms.needs().basis(&terms.basis);
        let computed = terms.basis.metrics.iter().map(|(key, metric)| (key.clone(), metric.title.clone()));
        terms.titles.extend(computed);
        Some(terms)
    }

    /// What its rules read.
    pub fn needs(&self) -> Needs {
        let rules = self.segments.iter().filter_map(|segment| segment.requires.as_ref());
        Needs::of(rules.map(law::Rule::tree), &self.basis)
    }

    /// The segment that the figures give, without the reasons.
    pub fn outcome(&self, case: &Case) -> Option<&SegmentRung> {
        let view = case.view(&self.basis);
        self.segments.iter().find(|segment| segment.requires.as_ref().is_none_or(|rule| rule.holds(view)))
    }

    fn title<'a>(&'a self, key: &'a str) -> &'a str {
        self.segments.iter().find(|segment| segment.key == key).map_or(key, |segment| &segment.title)
    }
}

/// Decides the segment of a partner.
pub struct SegmentRule;

impl Rule for SegmentRule {
    const KIND: &'static str = "scoring.segment";
    type Terms = SegmentTerms;
    type Facts = SegmentFacts;
    /// The key of the segment.
    type Outcome = String;

    fn decide(terms: &SegmentTerms, facts: &SegmentFacts) -> Verdict<String> {
        let Some(found) = terms.outcome(&facts.case) else {
            let reason = Reason::new("no_segment", "No segment of the program takes it.").citing("tiers.toml: segment");
            return Verdict { outcome: String::new(), reasons: vec![reason] };
        };
        let title = &found.title;
        let (code, text) = match facts.current.as_deref() {
            None => ("placed", format!("The measured values give {title}.")),
            Some(current) if current == found.key => ("kept", format!("The measured values keep it in {title}.")),
            Some(current) => {
                ("moved", format!("The measured values move it from {} to {title}.", terms.title(current)))
            }
        };
        let cites = |key: &str| format!("tiers.toml: segment.{key}.requires");
        let mut reasons = vec![Reason::new(code, text).citing(cites(&found.key))];
        let view = facts.case.view(&terms.basis);
        let before = terms.segments.iter().take_while(|segment| segment.key != found.key);
        for (segment, passed) in before.map(|segment| (segment, false)).chain([(found, true)]) {
            let Some(rule) = &segment.requires else { continue };
            for one in requirements(&rule.explain(view), &terms.titles).into_iter().filter(|one| one.met == passed) {
                let (code, text) = match passed {
                    true => ("met", one.text),
                    false => ("missing", format!("Not in {}: {}", segment.title, one.text)),
                };
                let reason = Reason::new(code, text).citing(cites(&segment.key));
                reasons.push(match one.remedy.filter(|_| !passed) {
                    Some(remedy) => reason.remedy(remedy),
                    None => reason,
                });
            }
        }
        Verdict { outcome: found.key.clone(), reasons }
    }
}
