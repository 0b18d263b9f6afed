//! The ladder of tiers as a whole: tiers in which nobody can be, or nobody stays.

use super::meaning::warn;
use super::source::Source;
use super::{Parts, one_of};
use crate::expr::{Catalog, Conditions, Type};
use crate::model::{Tier, TiersFile};
use crate::nearest::nearest;

/// Checks the ladder, if it could be read.
pub(super) fn check(sources: &mut [Source<'_>], parts: &Parts, catalog: &Catalog) {
    let Some(file) = &parts.tiers else { return };
    let Some(source) = sources.iter_mut().find(|source| source.file == "tiers.toml") else { return };
    for place in 0..file.tier.len() {
        rung(source, file, place);
        scope(source, &file.tier[place], place, catalog);
    }
    weaker(source, &file.tier);
    segments(source, file);
    for (key, benefit) in &file.benefit {
        if matches!(benefit.kind, Type::Duration | Type::Months | Type::Instant | Type::Period) {
            let span = source.place(&format!("benefit.{key}.kind"));
            let message = format!("a benefit cannot be a {}", benefit.kind);
            let expected = "`count`, with the unit in the title";
            source.error(span, "wrong-type", message).with(expected, Some("count".to_owned()));
        }
    }
}

/// A segment without a rule takes everyone that is left, so it is the last one, and there must be one.
fn segments(source: &mut Source<'_>, file: &TiersFile) {
    let Some(last) = file.segment.len().checked_sub(1) else { return };
    if file.runs.is_none() {
        let span = source.place("segment[0].key");
        let message = "segments are moved by runs, but the program has no `[runs]`";
        source.error(span, "missing-section", message.to_owned()).with("a section `[runs]` in this file", None);
    }
    for (place, segment) in file.segment.iter().enumerate() {
        let key = &segment.key;
        if place < last && segment.requires.is_none() {
            let span = source.place(&format!("segment[{place}].key"));
            let message = format!("`{key}` requires nothing, so that nobody is in the segments after it");
            source.error(span, "unreachable-segment", message).with("`requires`, or this segment as the last", None);
        }
        if place == last && segment.requires.is_some() {
            let span = source.place(&format!("segment[{place}].requires"));
            let message = format!("whoever does not meet the rule of `{key}` would be in no segment");
            source.error(span, "open-segments", message).with("a last segment without `requires`", None);
        }
    }
}

fn is_open(tier: &Tier) -> bool {
    tier.requires.is_none() && tier.tracks.is_empty()
}

fn rung(source: &mut Source<'_>, file: &TiersFile, place: usize) {
    let tier = &file.tier[place];
    let key = &tier.key;
    if place == 0 && !is_open(tier) {
        let field = if tier.requires.is_some() { "requires" } else { "tracks" };
        let span = source.place(&format!("tier[0].{field}"));
        let message = format!("`{key}` is the entry tier, which requires nothing");
        let expected = "no `requires`, or another tier before this one";
        source.error(span, "entry-tier", message).with(expected, None);
    }
    if place > 0 && is_open(tier) {
        let span = source.place(&format!("tier[{place}].key"));
        let below = &file.tier[place - 1].key;
        let message = format!("`{key}` requires nothing, so that everyone is in it and nobody stays in `{below}`");
        source.error(span, "unreachable-tier", message).with("`requires`", None);
    }
    if place > 0 && tier.requires.is_some() {
        let same =
            |above: &&Tier| above.requires == tier.requires && above.tracks == tier.tracks && above.by == tier.by;
        if let Some(above) = file.tier[place + 1..].iter().find(same) {
            let span = source.place(&format!("tier[{place}].requires"));
            let message = format!("`{}` requires the same, so that nobody stays in `{key}`", above.key);
            warn(source.error(span, "unreachable-tier", message));
        }
    }
    if let (Some(least), Some(most)) = (tier.least_months, tier.most_months)
        && least >= most
    {
        let span = source.place(&format!("tier[{place}].most_months"));
        let message = format!("a partner stays at least {least} months, so it cannot leave after {most}");
        source.error(span, "unordered-thresholds", message).with(format!("more than {least}"), None);
    }
    if place == 0 && tier.most_months.is_some() {
        let span = source.place("tier[0].most_months");
        let message = format!("`{key}` is the lowest tier, so nobody can be moved below it");
        source.error(span, "never-happens", message).with("no `most_months`", None);
    }
}

/// `by` names a field that facts have.
fn scope(source: &mut Source<'_>, tier: &Tier, place: usize, catalog: &Catalog) {
    if let Some(field) = &tier.by {
        known_field(source, &format!("tier[{place}].by"), field, catalog);
    }
}

/// A field by which facts are told apart is a text that some set of facts has.
pub(super) fn known_field(source: &mut Source<'_>, path: &str, field: &str, catalog: &Catalog) {
    let texts = catalog.sets.values().flat_map(|set| &set.fields).filter(|(_, kind)| **kind == Type::Text);
    let mut names: Vec<&str> = texts.map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if !names.contains(&field) {
        let near = nearest(field, names.iter().copied()).map(str::to_owned);
        let message = format!("no facts have a text field `{field}`");
        let span = source.place(path);
        source.error(span, "unknown-field", message).with(one_of(names), near);
    }
}

/// A tier that follows from the rule of a lower one leaves nobody in the lower one.
fn weaker(source: &mut Source<'_>, tiers: &[Tier]) {
    let conditions: Vec<Option<Conditions>> = tiers.iter().map(conditions).collect();
    for (place, tier) in tiers.iter().enumerate() {
        for (lower, below) in tiers.iter().enumerate().take(place).skip(1) {
            let same = below.requires == tier.requires && below.tracks == tier.tracks;
            let comparable = below.by == tier.by && below.counts == tier.counts && !same;
            let (Some(weak), Some(strong)) = (&conditions[place], &conditions[lower]) else { continue };
            if comparable && strong.implies(weak) {
                let field = if tier.requires.is_some() { "requires" } else { "tracks" };
                let span = source.place(&format!("tier[{place}].{field}"));
                let message = format!(
                    "whoever meets the rule of `{}` also meets this one, so that nobody stays in `{}`",
                    below.key, below.key
                );
                let expected = format!("a rule that asks for more than `{}` does", below.key);
                source.error(span, "weaker-tier", message).with(expected, None);
                break;
            }
        }
        let never = conditions[place].as_ref().is_some_and(Conditions::is_never);
        if never && tier.tracks.is_empty() && never_by_itself(tier) {
            let span = source.place(&format!("tier[{place}].requires"));
            let message = format!("nobody can ever meet this, so that `{}` stays empty", tier.key);
            source.error(span, "contradiction", message).with("conditions that some partner can meet", None);
        }
    }
}

/// Whether no single chain of conditions shows the contradiction, which would have been told at its place.
fn never_by_itself(tier: &Tier) -> bool {
    tier.requires.as_ref().is_some_and(|rule| crate::expr::contradictions(rule.tree()).is_empty())
}

/// What a tier requires as a whole; none where that cannot be looked into.
fn conditions(tier: &Tier) -> Option<Conditions> {
    let requires = tier.requires.as_ref().map(|rule| Conditions::of(rule.tree()));
    let tracks = tier.tracks.values().map(|rule| Conditions::of(rule.tree()));
    let tracks = tracks.reduce(|all, next| Some(all?.or(next?)));
    match (requires, tracks) {
        (Some(requires), None) => requires,
        (None, tracks) => tracks?,
        (Some(requires), Some(tracks)) => requires?.and(&tracks?),
    }
}
