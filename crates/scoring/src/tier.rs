//! The tier rule: the highest tier whose requirement certainly holds over the measured values (B0.1).

use std::collections::BTreeMap;

use kernel::{Reason, Rule, Verdict};
use law::{Evaluation, Facts, Program};
use serde::{Deserialize, Serialize};

use crate::progress::{NextTier, Requirement, TierProgress, Titles, requirements};

/// The ladder, lowest tier first, with the names of metrics for the reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TierTerms {
    pub rungs: Vec<Rung>,
    /// Metric titles by key.
    #[serde(default)]
    pub titles: BTreeMap<String, String>,
}

/// One tier of the ladder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rung {
    pub key: String,
    pub title: String,
    /// Absent for the entry tier.
    pub requires: Option<law::Rule>,
}

impl TierTerms {
    /// The ladder of a program. Titles come from the metrics that are installed.
    pub fn of(program: &Program, metrics: &[std::sync::Arc<crate::Metric>]) -> Self {
        let rungs = program.tiers.iter();
        let rungs = rungs.map(|t| Rung { key: t.key.clone(), title: t.title.clone(), requires: t.requires.clone() });
        let titles = metrics.iter().map(|metric| (metric.key.to_owned(), metric.title.to_owned()));
        Self { rungs: rungs.collect(), titles: titles.collect() }
    }

    fn title(&self, key: &str) -> String {
        let rung = self.rungs.iter().find(|rung| rung.key == key);
        rung.map_or_else(|| key.to_owned(), |rung| rung.title.clone())
    }

    /// The place of the highest tier that the values reach; the entry tier requires nothing.
    fn reached(&self, values: &Facts) -> usize {
        let holds = |rung: &Rung| rung.evaluate(values).is_none_or(|evaluation| evaluation.holds());
        self.rungs.iter().rposition(holds).unwrap_or(0)
    }

    /// The tier that the values give and the way to the next one; none for an empty ladder.
    pub fn progress(&self, values: &Facts) -> Option<TierProgress> {
        let place = self.reached(values);
        let rung = self.rungs.get(place)?;
        let next = self.rungs.get(place + 1).map(|next| NextTier {
            tier: next.key.clone(),
            title: next.title.clone(),
            requirements: next.requirements(values, &self.titles),
        });
        let because = rung.requirements(values, &self.titles);
        Some(TierProgress { tier: rung.key.clone(), title: rung.title.clone(), because, next })
    }
}

impl Rung {
    fn evaluate(&self, values: &Facts) -> Option<Evaluation> {
        self.requires.as_ref().map(|rule| rule.evaluate(values))
    }

    fn requirements(&self, values: &Facts, titles: &Titles) -> Vec<Requirement> {
        self.evaluate(values).map(|evaluation| requirements(&evaluation, titles)).unwrap_or_default()
    }

    fn cites(&self) -> String {
        format!("tiers.toml: tier.{}.requires", self.key)
    }
}

/// What is measured about a partner.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TierFacts {
    /// The tier that it is in; absent when it gets its first one.
    pub current: Option<String>,
    pub values: Facts,
}

/// Decides the tier of a partner.
pub struct TierRule;

impl Rule for TierRule {
    const KIND: &'static str = "scoring.tier";
    type Terms = TierTerms;
    type Facts = TierFacts;
    /// The key of the tier.
    type Outcome = String;

    fn decide(terms: &TierTerms, facts: &TierFacts) -> Verdict<String> {
        let place = terms.reached(&facts.values);
        let Some(rung) = terms.rungs.get(place) else {
            let reason = Reason::new("no_tiers", "The program has no tiers.").citing("tiers.toml");
            return Verdict { outcome: String::new(), reasons: vec![reason] };
        };
        let mut reasons = vec![summary(terms, facts.current.as_deref(), place)];
        let met = rung.requirements(&facts.values, &terms.titles).into_iter();
        reasons.extend(met.map(|one| Reason::new("met", one.text).citing(rung.cites())));
        for (distance, higher) in terms.rungs.iter().skip(place + 1).enumerate() {
            reasons.extend(missing(higher, facts, &terms.titles, distance == 0));
        }
        Verdict { outcome: rung.key.clone(), reasons }
    }
}

/// Where the partner goes, in one sentence.
fn summary(terms: &TierTerms, current: Option<&str>, place: usize) -> Reason {
    let rung = &terms.rungs[place];
    let before = current.and_then(|key| terms.rungs.iter().position(|rung| rung.key == key));
    let title = &rung.title;
    let (code, text) = match (current, before) {
        (None, _) => ("placed", format!("The measured values give {title}.")),
        // The old tier is gone from the ladder.
        (Some(old), None) => ("placed", format!("{old} is no longer a tier; the measured values give {title}.")),
        (Some(_), Some(before)) if before == place => ("kept", format!("The measured values keep it in {title}.")),
        (Some(old), Some(before)) => {
            let (code, word) = if before < place { ("promoted", "up") } else { ("demoted", "down") };
            (code, format!("The measured values move it {word} from {} to {title}.", terms.title(old)))
        }
    };
    Reason::new(code, text).citing(rung.cites())
}

/// What a higher tier still needs: each condition of the next one, the ones further up in one sentence.
fn missing(rung: &Rung, facts: &TierFacts, titles: &Titles, next: bool) -> Vec<Reason> {
    let requirements = rung.requirements(&facts.values, titles);
    let unmet: Vec<&Requirement> = requirements.iter().filter(|one| !one.met).collect();
    if !next {
        let conditions =
            if unmet.len() == 1 { "1 condition is".to_owned() } else { format!("{} conditions are", unmet.len()) };
        let text = format!("{}: {conditions} not met.", rung.title);
        return vec![Reason::new("not_met", text).citing(rung.cites())];
    }
    let reason = |one: &&Requirement| {
        let reason = Reason::new("missing", format!("For {}: {}", rung.title, one.text)).citing(rung.cites());
        match &one.remedy {
            Some(remedy) => reason.remedy(remedy),
            None => reason,
        }
    };
    unmet.iter().map(reason).collect()
}
