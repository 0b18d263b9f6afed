//! What a new version of the program would change for partners: tiers, benefits, terms, and onboarding.

use std::collections::BTreeMap;

use kernel::app::ReadCx;
use kernel::{Money, PartnerId, Result, Timestamp};
use law::{BenefitValue, Case, Program, Tier};
use programs::Affected;
use scoring::{Metric, SegmentTerms, TierTerms, Watch, cases_of};

use super::moves;
use crate::enrollment;
use crate::profile::{Partner, Status, store};

/// Compares both programs for every partner that is in the program or on its way in.
pub async fn assess(cx: &mut ReadCx<'_>, old: Option<&Program>, new: &Program) -> Result<Vec<Affected>> {
    let Some(old) = old else { return Ok(Vec::new()) };
    let metrics = cx.app.registry().parts::<Metric>();
    let ladders = (TierTerms::of(old, &metrics), TierTerms::of(new, &metrics));
    let active = store::of_status(cx.tx, &cx.scope, Status::Active).await?;
    let ids: Vec<PartnerId> = active.iter().map(|partner| partner.id).collect();
    let needs = (ladders.0.needs(), ladders.1.needs());
    let (org, now) = (cx.scope.organization, cx.now);
    let before = cases_of(cx.app, cx.tx, org, &ids, (&needs.0, &ladders.0.basis), now).await?;
    // Most versions read the same facts as the one before.
    let after = if needs.0 == needs.1 && ladders.0.basis == ladders.1.basis {
        None
    } else {
        Some(cases_of(cx.app, cx.tx, org, &ids, (&needs.1, &ladders.1.basis), now).await?)
    };
    let watch = scoring::watch(cx.tx, &cx.scope).await?;
    let sides = [
        Side { program: old, ladder: &ladders.0, measured: &before, watch: &watch },
        Side { program: new, ladder: &ladders.1, measured: after.as_ref().unwrap_or(&before), watch: &watch },
    ];
    let mut affected = Vec::new();
    let segments = segments(cx, &ids, (old, new)).await?;
    let moved = scoring::spread(&active, |partner| {
        let mut affected = Vec::new();
        tier_and_benefits(partner, &sides, now, &mut affected);
        affected
    });
    for (partner, moved) in active.into_iter().zip(moved) {
        affected.extend(moved);
        if let Some((before, after)) = segments.get(&partner.id).filter(|(before, after)| before != after) {
            let cost = segment_cost((old, before.as_deref()), (new, after.as_deref()));
            let change = about(&partner, "segment", before.clone(), after.clone());
            affected.push(Affected { cost, note: waits(new), ..change });
        }
        affected.extend(terms(&partner, old, new));
    }
    for partner in store::of_status(cx.tx, &cx.scope, Status::Onboarding).await? {
        affected.extend(terms(&partner, old, new));
        affected.extend(onboarding(&partner, old, new));
    }
    Ok(affected)
}

type Segments = BTreeMap<PartnerId, (Option<String>, Option<String>)>;

/// The segment that the figures give each partner under both programs.
async fn segments(cx: &mut ReadCx<'_>, ids: &[PartnerId], (old, new): (&Program, &Program)) -> Result<Segments> {
    let mut found = Segments::new();
    if old.segments.is_empty() && new.segments.is_empty() {
        return Ok(found);
    }
    let metrics = cx.app.registry().parts::<Metric>();
    for (program, is_new) in [(old, false), (new, true)] {
        let Some(terms) = SegmentTerms::of(program, &metrics) else { continue };
        let about = (&terms.needs(), &terms.basis);
        for (id, case) in cases_of(cx.app, cx.tx, cx.scope.organization, ids, about, cx.now).await? {
            let given = terms.outcome(&case).map(|segment| segment.key.clone());
            let both = found.entry(id).or_default();
            if is_new { both.1 = given } else { both.0 = given }
        }
    }
    Ok(found)
}

fn segment_cost(before: (&Program, Option<&str>), after: (&Program, Option<&str>)) -> Option<Money> {
    let of = |(program, key): (&Program, Option<&str>)| {
        key.and_then(|key| program.segment(key)).map(|segment| segment.invests.clone()).unwrap_or_default()
    };
    crate::runs::dearer(&of(before), &of(after))
}

/// Where partners are moved by runs, nothing moves by itself.
fn waits(program: &Program) -> Option<String> {
    program.runs.as_ref().map(|_| "it waits for the next tier run".to_owned())
}

fn about(partner: &Partner, what: &str, before: Option<String>, after: Option<String>) -> Affected {
    let (subject, title) = (partner.id.to_string(), partner.name.clone());
    Affected { subject, title, partner: Some(partner.id), what: what.to_owned(), before, after, ..Affected::default() }
}

/// One of the two programs that are compared, with what it reads about partners.
struct Side<'a> {
    program: &'a Program,
    ladder: &'a TierTerms,
    measured: &'a BTreeMap<PartnerId, Case>,
    watch: &'a Watch,
}

/// Where a partner is under a program from now on.
struct Place<'a> {
    tier: Option<&'a Tier>,
    /// The tier that the figures alone would give, and why the partner is not in it.
    held: Option<(&'a str, String)>,
}

impl<'a> Side<'a> {
    /// The tier that a computation now would leave the partner in, with the rules of movement.
    fn place(&self, partner: &Partner, now: Timestamp) -> Place<'a> {
        let facts = moves::facts_of(partner, self.measured);
        let facts = moves::with_history(facts, self.ladder, partner, self.watch, now);
        let moved = self.ladder.moved(&facts);
        let tier = self.program.tiers.get(moved.place);
        let figures = self.ladder.figures_give(&facts.case).filter(|figures| *figures != moved.place);
        let held = figures.and_then(|figures| self.program.tiers.get(figures)).map(|figures| {
            let why: Vec<&str> = moved.reasons.iter().map(|reason| reason.text.as_str()).collect();
            (figures.key.as_str(), format!("the figures give {}. {}", figures.title, why.join(" ")))
        });
        Place { tier, held }
    }
}

/// The tier in which the partner would really be under the new ladder, where the old ladder would have left it in its own, and
/// the benefits that differ.
fn tier_and_benefits(partner: &Partner, sides: &[Side<'_>; 2], now: Timestamp, affected: &mut Vec<Affected>) {
    let [before, after] = sides.each_ref().map(|side| side.place(partner, now));
    let key = |place: &Place<'_>| place.tier.map(|tier| tier.key.clone());
    let figures = |place: &Place<'_>| place.held.as_ref().map(|(key, _)| (*key).to_owned());
    // Somebody who is held in the tier that the figures no longer give will feel the change later.
    let newly_held = after.held.is_some() && figures(&before) != figures(&after);
    if key(&before) != key(&after) || newly_held {
        let moves = key(&before) != key(&after);
        let wait = waits(sides[1].program).filter(|_| moves);
        let note = after.held.as_ref().map(|(_, why)| why.clone()).or(wait);
        affected.push(Affected { note, ..about(partner, "tier", key(&before), key(&after)) });
    }
    benefits(partner, (before.tier, after.tier), affected);
}

/// What is granted differently; benefits in money say what they cost more.
fn benefits(partner: &Partner, (before, after): (Option<&Tier>, Option<&Tier>), affected: &mut Vec<Affected>) {
    let of = |tier: Option<&Tier>| tier.map(|tier| tier.benefits.clone()).unwrap_or_default();
    let (before, after) = (of(before), of(after));
    let mut keys: Vec<&String> = before.keys().chain(after.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys.into_iter().filter(|key| before.get(*key) != after.get(*key)) {
        let shown = |benefits: &BTreeMap<String, BenefitValue>| benefits.get(key).map(ToString::to_string);
        let cost = cost(before.get(key), after.get(key));
        affected.push(Affected { cost, ..about(partner, key, shown(&before), shown(&after)) });
    }
}

/// The difference of a benefit in money; what is not granted is nothing.
fn cost(before: Option<&BenefitValue>, after: Option<&BenefitValue>) -> Option<Money> {
    let money = |value: Option<&BenefitValue>| match value {
        Some(BenefitValue::Money(amount)) => Some(*amount),
        _ => None,
    };
    match (money(before), money(after)) {
        (Some(before), Some(after)) => after.checked_sub(before).ok(),
        (Some(before), None) => Some(before.negated()),
        (None, after) => after,
    }
}

/// A partner keeps what it has accepted until it accepts the new text; the doors stay open meanwhile.
fn terms(partner: &Partner, old: &Program, new: &Program) -> Option<Affected> {
    let version = |program: &Program| {
        enrollment::terms_of(program, partner).map(|(key, terms)| format!("{key} {}", short(&terms.version)))
    };
    let (before, after) = (version(old), version(new));
    (before != after).then(|| about(partner, "terms to accept", before, after))
}

fn short(version: &str) -> &str {
    version.get(..12).unwrap_or(version)
}

/// Who is in the middle of an onboarding goes on with the stages that it began with.
fn onboarding(partner: &Partner, old: &Program, new: &Program) -> Option<Affected> {
    let archetype = partner.archetype.as_deref();
    fn procedure<'p>(program: &'p Program, archetype: Option<&str>) -> Option<&'p law::Procedure> {
        program.procedure(&program.archetype(archetype?)?.onboarding)
    }
    let (before, after) = (procedure(old, archetype), procedure(new, archetype));
    if before == after {
        return None;
    }
    let stages = |procedure: &law::Procedure| {
        let titles: Vec<&str> = procedure.stages.iter().map(|stage| stage.title.as_str()).collect();
        titles.join(", ")
    };
    let what = "stages of the onboarding (an open run keeps those that it began with)";
    Some(about(partner, what, before.map(stages), after.map(stages)))
}
