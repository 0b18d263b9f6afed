//! The tier rule: the highest tier whose requirement certainly holds over the measured values (B0.1).

use std::collections::BTreeMap;

use kernel::{Reason, Rule, Verdict};
use law::expr::{Needs, Trace};
use law::{
    Basis, Case, Combine, ComputedMetric, Evaluation, Facts, Ladder, Memo, Moved, Movement, Program, Step, TierHistory,
    View,
};
use serde::{Deserialize, Serialize};

use crate::progress::{NextTier, Requirement, TierProgress, Titles, requirements};

/// The ladder, lowest tier first, with the names of metrics for the reasons.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TierTerms {
    pub rungs: Vec<Rung>,
    /// Metric titles by key.
    #[serde(default)]
    pub titles: BTreeMap<String, String>,
    /// When a computed tier takes effect.
    #[serde(default, skip_serializing_if = "Movement::is_immediate")]
    pub movement: Movement,
    /// What the rules depend on beyond their own text.
    #[serde(default, skip_serializing_if = "Basis::is_none")]
    pub basis: Basis,
}

/// One tier of the ladder.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Rung {
    pub key: String,
    pub title: String,
    /// Absent for the entry tier.
    pub requires: Option<law::Rule>,
    /// Ways into the tier, of which one must hold besides.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tracks: BTreeMap<String, law::Rule>,
    /// A field of the facts by which the rules are computed apart, such as `region`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// With `by`: where the rules must hold.
    #[serde(default, skip_serializing_if = "is_best")]
    pub counts: Combine,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least_months: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_months: Option<u32>,
}

fn is_best(counts: &Combine) -> bool {
    *counts == Combine::Best
}

impl TierTerms {
    /// The ladder of a program. Titles come from the metrics that are installed, and from those that the program computes.
    pub fn of(program: &Program, metrics: &[std::sync::Arc<crate::Metric>]) -> Self {
        let rungs = program.tiers.iter().map(|tier| Rung {
            key: tier.key.clone(),
            title: tier.title.clone(),
            requires: tier.requires.clone(),
            tracks: tier.tracks.clone(),
            by: tier.by.clone(),
            counts: tier.counts,
            least_months: tier.least_months,
            most_months: tier.most_months,
        });
        let published = metrics.iter().map(|metric| (metric.key.to_owned(), metric.title.to_owned()));
        let mut terms = Self {
            rungs: rungs.collect(),
            titles: published.collect(),
            movement: program.movement.clone(),
            basis: program.basis(),
        };
        terms.basis = if terms.moves() { terms.basis.clone() } else { terms.needs().basis(&terms.basis) };
        let computed = terms.basis.metrics.iter();
        let computed = computed.map(|(key, metric): (&String, &ComputedMetric)| (key.clone(), metric.title.clone()));
        terms.titles.extend(computed.collect::<Vec<_>>());
        terms
    }

    /// What its rules read.
    pub fn needs(&self) -> Needs {
        let rules = self.rungs.iter().flat_map(|rung| rung.requires.iter().chain(rung.tracks.values()));
        let mut needs = Needs::of(rules.map(law::Rule::tree), &self.basis);
        self.rungs.iter().filter_map(|rung| rung.by.as_ref()).for_each(|field| needs.and_field(field));
        needs
    }

    /// Whether anything can keep a computed tier from taking effect at once.
    pub fn moves(&self) -> bool {
        let bounded = |rung: &Rung| rung.least_months.is_some() || rung.most_months.is_some();
        !self.movement.is_immediate() || self.rungs.iter().any(bounded)
    }

    fn title(&self, key: &str) -> String {
        let rung = self.rungs.iter().find(|rung| rung.key == key);
        rung.map_or_else(|| key.to_owned(), |rung| rung.title.clone())
    }

    /// The place of the highest tier that the figures reach; the entry tier requires nothing.
    fn reached(&self, view: View<'_>) -> usize {
        self.rungs.iter().rposition(|rung| rung.holds(view)).unwrap_or(0)
    }

    /// The place of the tier that the figures alone give; none for an empty ladder.
    pub fn figures_give(&self, case: &Case) -> Option<usize> {
        (!self.rungs.is_empty()).then(|| self.reached(case.view(&self.basis)))
    }

    /// The key of the tier in which the partner is from now on, without the reasons; none for an empty ladder.
    pub fn outcome(&self, facts: &TierFacts) -> Option<&str> {
        self.rungs.get(self.moved(facts).place).map(|rung| rung.key.as_str())
    }

    /// The tier that the figures give and the way to the next one; none for an empty ladder.
    pub fn progress(&self, case: &Case) -> Option<TierProgress> {
        let view = case.view(&self.basis);
        let place = self.reached(view);
        let rung = self.rungs.get(place)?;
        let next = self.rungs.get(place + 1).map(|next| NextTier {
            tier: next.key.clone(),
            title: next.title.clone(),
            requirements: next.requirements(view, &self.titles),
            way: None,
        });
        let because = rung.requirements(view, &self.titles);
        Some(TierProgress { tier: rung.key.clone(), title: rung.title.clone(), because, next })
    }

    /// Where the partner goes from here: the tier that the figures give, as far as the rules of movement let it.
    pub fn moved(&self, facts: &TierFacts) -> Moved {
        let memo = Memo::default();
        self.moved_in(facts, facts.case.view(&self.basis).remembering(&memo))
    }

    fn moved_in(&self, facts: &TierFacts, view: View<'_>) -> Moved {
        let computed = self.reached(view);
        let (Some(now), true) = (facts.now, self.moves()) else {
            return Moved { place: computed, below_since: None, held_until: None, reasons: Vec::new() };
        };
        let step = |rung: &Rung| Step {
            tier: rung.key.clone(),
            title: rung.title.clone(),
            least_months: rung.least_months,
            most_months: rung.most_months,
        };
        let steps: Vec<Step> = self.rungs.iter().map(step).collect();
        let calendar = self.basis.calendar();
        Ladder { steps: &steps, movement: &self.movement, calendar: &calendar }.next(&facts.tiers, computed, now)
    }
}

impl Rung {
    /// Whether its rules certainly hold, without the reasons.
    fn holds(&self, view: View<'_>) -> bool {
        let here = |view: View<'_>| {
            self.requires.iter().all(|rule| rule.holds(view))
                && (self.tracks.is_empty() || self.tracks.values().any(|rule| rule.holds(view)))
        };
        match self.by.as_deref().map(|field| (field, view.texts_of(field))) {
            Some((field, texts)) if self.counts == Combine::Best => {
                texts.into_iter().any(|text| here(view.only(field, text)))
            }
            Some((field, texts)) if self.counts == Combine::Worst && !texts.is_empty() => {
                texts.into_iter().all(|text| here(view.only(field, text)))
            }
            _ => here(view),
        }
    }

    fn evaluate(&self, view: View<'_>) -> Option<Evaluation> {
        let mut parts: Vec<Trace> = self.requires.iter().map(|rule| rule.explain(view).trace).collect();
        if !self.tracks.is_empty() {
            parts.push(Trace::Any(self.tracks.values().map(|rule| rule.explain(view).trace).collect()));
        }
        let trace = match parts.len() {
            0 => return None,
            1 => parts.remove(0),
            _ => Trace::All(parts),
        };
        Some(Evaluation { truth: trace.truth(), trace })
    }

    /// Its conditions. Computed apart by region, those of the region that decides: where they hold, or where least is missing.
    fn requirements(&self, view: View<'_>, titles: &Titles) -> Vec<Requirement> {
        let here = |view| self.evaluate(view).map(|evaluation| requirements(&evaluation, titles)).unwrap_or_default();
        let Some(field) = self.by.as_deref().filter(|_| self.counts != Combine::Sum) else { return here(view) };
        let missing = |conditions: &Vec<Requirement>| conditions.iter().filter(|one| !one.met).count();
        let each = view.texts_of(field).into_iter().map(|text| (text, here(view.only(field, text))));
        let decisive = match self.counts {
            Combine::Worst => each.rev().max_by_key(|(_, conditions)| missing(conditions)),
            _ => each.min_by_key(|(_, conditions)| missing(conditions)),
        };
        let Some((text, mut conditions)) = decisive else { return here(view) };
        for condition in &mut conditions {
            condition.text = format!("In {text}: {}", condition.text);
        }
        conditions
    }

    fn cites(&self) -> String {
        let field = if self.requires.is_none() && !self.tracks.is_empty() { "tracks" } else { "requires" };
        format!("tiers.toml: tier.{}.{field}", self.key)
    }
}

/// What is measured about a partner.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TierFacts {
    /// The tier that it is in; absent when it gets its first one.
    pub current: Option<String>,
    /// What the rules read.
    #[serde(flatten)]
    pub case: Case,
    /// Where it has been, if the program has rules of movement.
    #[serde(default, skip_serializing_if = "is_unknown")]
    pub tiers: TierHistory,
    /// The instant of the computation, if the program has rules of movement.
    #[serde(default, rename = "computed_at", skip_serializing_if = "Option::is_none")]
    pub now: Option<kernel::Timestamp>,
}

fn is_unknown(history: &TierHistory) -> bool {
    *history == TierHistory::default()
}

impl TierFacts {
    /// Metrics alone.
    pub fn of(current: Option<String>, values: Facts) -> Self {
        Self { current, case: Case::of(values), ..Self::default() }
    }
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
        let memo = Memo::default();
        let view = facts.case.view(&terms.basis).remembering(&memo);
        let moved = terms.moved_in(facts, view);
        let Some(rung) = terms.rungs.get(moved.place) else {
            let reason = Reason::new("no_tiers", "The program has no tiers.").citing("tiers.toml");
            return Verdict { outcome: String::new(), reasons: vec![reason] };
        };
        let mut reasons = vec![summary(terms, facts.current.as_deref(), moved.place, &moved)];
        reasons.extend(moved.reasons);
        let conditions = rung.requirements(view, &terms.titles).into_iter();
        reasons.extend(conditions.map(|one| {
            let code = if one.met { "met" } else { "unmet" };
            Reason::new(code, one.text).citing(rung.cites())
        }));
        for (distance, higher) in terms.rungs.iter().skip(moved.place + 1).enumerate() {
            reasons.extend(missing(higher, view, &terms.titles, distance == 0));
            if distance == 0 {
                reasons.extend(way(higher, view, &terms.titles));
            }
        }
        Verdict { outcome: rung.key.clone(), reasons }
    }
}

/// Where the partner goes, in one sentence.
fn summary(terms: &TierTerms, current: Option<&str>, place: usize, moved: &Moved) -> Reason {
    let rung = &terms.rungs[place];
    let before = current.and_then(|key| terms.rungs.iter().position(|rung| rung.key == key));
    let title = &rung.title;
    let (code, text) = match (current, before) {
        (None, _) => ("placed", format!("The measured values give {title}.")),
        // The old tier is gone from the ladder.
        (Some(old), None) => ("placed", format!("{old} is no longer a tier; the measured values give {title}.")),
        (Some(_), Some(before)) if before == place && !moved.reasons.is_empty() => {
            ("kept", format!("It stays in {title} for now."))
        }
        (Some(old), Some(before)) if before > place && moved.reasons.iter().any(|one| one.code == "stay_ended") => {
            ("demoted", format!("It moves down from {} to {title}.", terms.title(old)))
        }
        (Some(_), Some(before)) if before == place => ("kept", format!("The measured values keep it in {title}.")),
        (Some(old), Some(before)) => {
            let (code, word) = if before < place { ("promoted", "up") } else { ("demoted", "down") };
            (code, format!("The measured values move it {word} from {} to {title}.", terms.title(old)))
        }
    };
    Reason::new(code, text).citing(rung.cites())
}

/// The smallest change that leads to the next tier now, where it takes more than one or there are several ways.
fn way(rung: &Rung, view: View<'_>, titles: &Titles) -> Option<Reason> {
    let ways = rung.path(view, None, titles).ways;
    let several = ways.len() > 1 || ways.first().is_some_and(|way| way.gaps.len() > 1);
    let texts: Vec<String> = ways.iter().map(law::Way::text).collect();
    let text = format!("The smallest change that leads to {} takes all of this.", rung.title);
    several.then(|| Reason::new("way", text).citing(rung.cites()).remedy(format!("{}.", texts.join("; or "))))
}

/// What a higher tier still needs: each condition of the next one, the ones further up in one sentence.
fn missing(rung: &Rung, view: View<'_>, titles: &Titles, next: bool) -> Vec<Reason> {
    let requirements = rung.requirements(view, titles);
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
