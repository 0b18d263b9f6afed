//! Granting and reading: a source replaces what it grants a partner, and everyone reads the composed result.

use std::collections::BTreeMap;

use kernel::{Cx, Error, PartnerId, Registry, Result, Scope, Timestamp, Tx};
use law::BenefitValue;
use serde::Serialize;

use crate::compose::{Compose, Effective, Source};
use crate::store::{self, Stored};
use crate::{ControlKind, GrantId};

/// One control granted by a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The key of the control, such as `deal_slots`.
    pub control: String,
    pub value: BenefitValue,
    /// The place that says so, such as `tiers.toml: tier.gold.benefits.deal_slots`.
    pub cites: String,
}

/// How a change of an effective value is told.
#[derive(Debug, Clone, Serialize)]
struct Changed {
    control: String,
    title: String,
    before: Option<BenefitValue>,
    after: Option<BenefitValue>,
    /// For people.
    sentence: String,
}

/// Makes `grants` all that this source grants the partner: grants that are missing or differ end now, new ones begin now,
/// equal ones go on. Tells the partner what has changed for it.
pub async fn replace(
    cx: &mut Cx<'_>,
    partner: PartnerId,
    source: &str,
    reference: &str,
    law: &str,
    grants: Vec<Grant>,
) -> Result<()> {
    let scope = cx.scope;
    let before = effective(cx.tx, &scope, partner).await?;
    let mut wanted = BTreeMap::new();
    for grant in grants {
        if let Some(twice) = wanted.insert(grant.control.clone(), grant) {
            return Err(Error::internal(format!("{source} {reference} grants `{}` twice", twice.control)));
        }
    }
    let open = store::open(cx.tx, &scope, partner).await?;
    for stored in open.into_iter().filter(|stored| stored.source.source == source) {
        let goes_on = wanted.get(&stored.control).is_some_and(|grant| stored.says(reference, grant));
        if goes_on {
            wanted.remove(&stored.control);
        } else {
            store::end(cx.tx, stored.id, cx.now).await?;
        }
    }
    for grant in wanted.into_values() {
        let stored = new_grant(cx, source, reference, law, grant);
        store::insert(cx.tx, &scope, partner, &stored).await?;
    }
    let after = effective(cx.tx, &scope, partner).await?;
    tell(cx, partner, &before, &after);
    Ok(())
}

fn new_grant(cx: &Cx<'_>, source: &str, reference: &str, law: &str, grant: Grant) -> Stored {
    let (title, compose) = kind_of(cx.app.registry(), &grant.control);
    let id: GrantId = cx.id();
    let source = Source {
        source: source.to_owned(),
        reference: reference.to_owned(),
        value: grant.value,
        cites: grant.cites,
        law: law.to_owned(),
        since: cx.now,
        governs: false,
    };
    Stored { id, control: grant.control, title, compose, source }
}

/// Title and composition; the kind that was added last speaks for its key.
fn kind_of(registry: &Registry, control: &str) -> (String, Compose) {
    let kinds = registry.parts::<ControlKind>();
    match kinds.iter().rev().find(|kind| kind.key == control) {
        Some(kind) => (kind.title.to_owned(), kind.compose),
        None => (title_from(control), Compose::Latest),
    }
}

/// `beta_access` becomes `Beta access`.
fn title_from(control: &str) -> String {
    let words = control.replace(['_', '-'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// One event with a sentence for each control whose effective value has changed; none if nothing has.
fn tell(cx: &mut Cx<'_>, partner: PartnerId, before: &[Effective], after: &[Effective]) {
    let mut changes = Vec::new();
    for new in after {
        let old = before.iter().find(|old| old.control == new.control);
        if old.is_none_or(|old| old.value != new.value) {
            changes.push(change(old, Some(new)));
        }
    }
    let gone = before.iter().filter(|old| after.iter().all(|new| new.control != old.control));
    changes.extend(gone.map(|old| change(Some(old), None)));
    if changes.is_empty() {
        return;
    }
    let sentences: Vec<&str> = changes.iter().map(|change| change.sentence.as_str()).collect();
    cx.emit("controls.changed", partner, Some(partner), sentences.join(" "), &changes);
}

fn change(old: Option<&Effective>, new: Option<&Effective>) -> Changed {
    let shown = new.or(old);
    let title = shown.map(|one| one.title.clone()).unwrap_or_default();
    let was = old.map_or_else(String::new, |old| format!(" (was {})", old.value));
    let sentence = match new {
        Some(new) => {
            let by = new.governing().map(|g| format!(" by {} {}", g.source, g.reference)).unwrap_or_default();
            format!("{title}: now {}{was}{by}.", new.value)
        }
        None => format!("{title}: no longer granted{was}."),
    };
    Changed {
        control: shown.map(|one| one.control.clone()).unwrap_or_default(),
        title,
        before: old.map(|old| old.value.clone()),
        after: new.map(|new| new.value.clone()),
        sentence,
    }
}

/// The controls of a partner as they are now, by key.
pub async fn effective(tx: &mut Tx, scope: &Scope, partner: PartnerId) -> Result<Vec<Effective>> {
    Ok(composed(store::open(tx, scope, partner).await?))
}

/// The controls of a partner as they were at an instant, by key.
pub async fn effective_at(tx: &mut Tx, scope: &Scope, partner: PartnerId, at: Timestamp) -> Result<Vec<Effective>> {
    Ok(composed(store::valid_at(tx, scope, partner, at).await?))
}

/// The value in effect of one control; none where nothing grants it.
pub async fn value(tx: &mut Tx, scope: &Scope, partner: PartnerId, control: &str) -> Result<Option<BenefitValue>> {
    let grants = store::open_of(tx, scope, partner, control).await?;
    Ok(composed(grants).pop().map(|effective| effective.value))
}

/// Grants come oldest first; where an area has changed how a control composes, the newest grant says how.
fn composed(grants: Vec<Stored>) -> Vec<Effective> {
    let mut by_control: BTreeMap<String, (String, Compose, Vec<Source>)> = BTreeMap::new();
    for Stored { control, title, compose, source, .. } in grants {
        let entry = by_control.entry(control).or_insert_with(|| (title.clone(), compose, Vec::new()));
        (entry.0, entry.1) = (title, compose);
        entry.2.push(source);
    }
    let effective = by_control.into_iter();
    effective
        .filter_map(|(control, (title, compose, sources))| Effective::of(control, title, compose, sources))
        .collect()
}
