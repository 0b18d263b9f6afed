//! What a run would move: every active partner measured once, its tier and its segment decided by the rules in force.

use std::collections::BTreeMap;

use kernel::{Cx, Money, PartnerId, Result, Rule as _};
use law::{BenefitValue, Case, Program, Tier};
use programs::InForce;
use scoring::{Metric, SegmentFacts, SegmentRule, SegmentTerms, TierTerms, cases_of};

use super::run::{MoveKind, dearer};
use super::store::NewMove;
use crate::profile::{Partner, store};
use crate::tiers::{Direction, TierMove, facts_of, move_of, with_history};

/// The rules of a program by which partners are moved.
pub(super) struct Rules {
    pub tiers: TierTerms,
    pub segments: Option<SegmentTerms>,
}

impl Rules {
    pub fn of(program: &Program, metrics: &[std::sync::Arc<Metric>]) -> Self {
        Self { tiers: TierTerms::of(program, metrics), segments: SegmentTerms::of(program, metrics) }
    }
}

/// Measures everybody and lists who would move, with the number of partners that were looked at.
pub(super) async fn moves(cx: &mut Cx<'_>, law: &InForce) -> Result<(usize, Vec<NewMove>)> {
    let rules = Rules::of(&law.program, &cx.app.registry().parts::<Metric>());
    let partners: Vec<Partner> =
        store::active_with_decision(cx.tx, &cx.scope).await?.into_iter().map(|(partner, _)| partner).collect();
    let ids: Vec<PartnerId> = partners.iter().map(|partner| partner.id).collect();
    let (org, now) = (cx.scope.organization, cx.now);
    let about = (&rules.tiers.needs(), &rules.tiers.basis);
    let measured = cases_of(cx.app, cx.tx, org, &ids, about, now).await?;
    let segmented = match &rules.segments {
        Some(terms) => cases_of(cx.app, cx.tx, org, &ids, (&terms.needs(), &terms.basis), now).await?,
        None => BTreeMap::new(),
    };
    let watch = scoring::watch(cx.tx, &cx.scope).await?;
    let tiers = scoring::spread(&partners, |partner| {
        let facts = with_history(facts_of(partner, &measured), &rules.tiers, partner, &watch, now);
        move_of(&law.program, &rules.tiers, partner, &facts).map(|moving| (moving, facts))
    });
    let mut found = Vec::new();
    for (partner, tier) in partners.iter().zip(tiers) {
        if let Some((moving, facts)) = tier {
            let TierMove { from, to, direction, reasons, .. } = moving;
            let cost = tier_cost(&law.program, from.as_deref(), &to);
            let (reasons, facts) = (serde_json::to_string(&reasons)?, serde_json::to_string(&facts)?);
            found.push(planned(cx, partner, (MoveKind::Tier, from, to, direction, cost), reasons, facts));
        }
        if let Some(terms) = &rules.segments
            && let Some(new) = segment_move(cx, &law.program, terms, partner, &segmented)?
        {
            found.push(new);
        }
    }
    found.sort_by_key(|one| one.id);
    Ok((partners.len(), found))
}

type What = (MoveKind, Option<String>, String, Direction, Option<Money>);

pub(super) fn planned(cx: &Cx<'_>, partner: &Partner, what: What, reasons: String, facts: String) -> NewMove {
    let (kind, from, to, direction, cost) = what;
    NewMove {
        id: cx.id(),
        partner: partner.id,
        name: partner.name.clone(),
        search_key: partner.search_key(),
        kind,
        from,
        to,
        direction,
        cost,
        reasons,
        facts,
    }
}

fn segment_move(
    cx: &Cx<'_>,
    program: &Program,
    terms: &SegmentTerms,
    partner: &Partner,
    measured: &BTreeMap<PartnerId, Case>,
) -> Result<Option<NewMove>> {
    let case = measured.get(&partner.id).cloned().unwrap_or_default();
    let current = partner.segment.clone();
    if terms.outcome(&case).is_none_or(|found| current.as_deref() == Some(found.key.as_str())) {
        return Ok(None);
    }
    let facts = SegmentFacts { current: current.clone(), case };
    let verdict = SegmentRule::decide(terms, &facts);
    let to = verdict.outcome;
    let direction = segment_direction(program, current.as_deref(), &to);
    let cost = segment_cost(program, current.as_deref(), &to);
    let (reasons, facts) = (serde_json::to_string(&verdict.reasons)?, serde_json::to_string(&facts)?);
    Ok(Some(planned(cx, partner, (MoveKind::Segment, current, to, direction, cost), reasons, facts)))
}

/// Segments are listed from the one in which most is invested.
pub(super) fn segment_direction(program: &Program, from: Option<&str>, to: &str) -> Direction {
    let place = |key: &str| program.segments.iter().position(|segment| segment.key == key);
    match (from.and_then(place), place(to)) {
        (Some(before), Some(after)) if after < before => Direction::Up,
        (Some(_), Some(_)) => Direction::Down,
        _ => Direction::Placed,
    }
}

pub(super) fn tier_cost(program: &Program, from: Option<&str>, to: &str) -> Option<Money> {
    let of = |key: &str| program.tier(key).map(|tier: &Tier| &tier.benefits);
    difference(from.and_then(of), of(to))
}

pub(super) fn segment_cost(program: &Program, from: Option<&str>, to: &str) -> Option<Money> {
    let of = |key: &str| program.segment(key).map(|segment| &segment.invests);
    difference(from.and_then(of), of(to))
}

type Benefits = BTreeMap<String, BenefitValue>;

fn difference(before: Option<&Benefits>, after: Option<&Benefits>) -> Option<Money> {
    let none = Benefits::new();
    dearer(before.unwrap_or(&none), after.unwrap_or(&none))
}
