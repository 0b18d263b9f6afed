//! What a new version of the program would change for partners: tiers, benefits, terms, and onboarding.

use std::collections::BTreeMap;

use kernel::app::ReadCx;
use kernel::{PartnerId, Result};
use law::{Case, Program};
use programs::Affected;
use scoring::{Metric, TierTerms, cases_of};

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
    let mut measured = Vec::new();
    for ladder in [&ladders.0, &ladders.1] {
        let about = (&ladder.needs(), &ladder.basis);
        measured.push(cases_of(cx.app, cx.tx, cx.scope.organization, &ids, about, cx.now).await?);
    }
    let mut affected = Vec::new();
    for partner in active {
        tier_and_benefits(&partner, (old, new), &ladders, (&measured[0], &measured[1]), &mut affected);
        affected.extend(terms(&partner, old, new));
    }
    for partner in store::of_status(cx.tx, &cx.scope, Status::Onboarding).await? {
        affected.extend(terms(&partner, old, new));
        affected.extend(onboarding(&partner, old, new));
    }
    Ok(affected)
}

fn about(partner: &Partner, what: &str, before: Option<String>, after: Option<String>) -> Affected {
    Affected { subject: partner.id.to_string(), title: partner.name.clone(), what: what.to_owned(), before, after }
}

/// The tier that the values give under the new ladder, where the old ladder would have left the partner in its tier, and the
/// benefits that differ.
fn tier_and_benefits(
    partner: &Partner,
    (old, new): (&Program, &Program),
    ladders: &(TierTerms, TierTerms),
    measured: (&BTreeMap<PartnerId, Case>, &BTreeMap<PartnerId, Case>),
    affected: &mut Vec<Affected>,
) {
    let under = |program: &Program, ladder: &TierTerms, measured| {
        let facts = moves::facts_of(partner, measured);
        let moving = moves::move_of(program, ladder, partner, &facts);
        moving.map(|moving| moving.to).or_else(|| partner.tier.clone())
    };
    let (before, after) = (under(old, &ladders.0, measured.0), under(new, &ladders.1, measured.1));
    if before != after {
        affected.push(about(partner, "tier", before.clone(), after.clone()));
    }
    let benefits = |program: &Program, tier: &Option<String>| {
        let tier = tier.as_deref().and_then(|key| program.tier(key));
        tier.map(|tier| tier.benefits.clone()).unwrap_or_default()
    };
    let (before, after) = (benefits(old, &before), benefits(new, &after));
    let mut keys: Vec<&String> = before.keys().chain(after.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys.into_iter().filter(|key| before.get(*key) != after.get(*key)) {
        let value = |benefits: &BTreeMap<String, law::BenefitValue>| benefits.get(key).map(ToString::to_string);
        affected.push(about(partner, key, value(&before), value(&after)));
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
