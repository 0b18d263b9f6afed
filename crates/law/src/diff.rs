//! What a new version of a program changes, said in the program's own words.
//!
//! Both versions are compared as values, so that comments, order of keys and spelling of amounts (`25%` or `0.25`) do not
//! count. Things with a key (tiers, stages, policies) are compared by key: moving one is not removing and adding it.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::model::Program;

/// One change between two versions of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What has changed, such as `tiers.gold.benefits.deal_slots`.
    pub path: String,
    pub kind: ChangeKind,
    /// The value before; absent if it was added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Json>,
    /// The value after; absent if it was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<Json>,
    /// What the change bears on.
    pub affects: BTreeSet<Area>,
}

/// How something has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    Added,
    Removed,
    Changed,
}

/// What a change bears on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// Name, zone, sign-in and approvals of the program.
    Settings,
    /// Kinds of partner.
    Archetypes,
    /// Which tier a partner is in.
    Tiers,
    /// Claims, their clocks and who wins.
    Deals,
    /// What is owed.
    Plans,
    /// Limits and rights that the system enforces.
    Controls,
    /// Decisions of the gate.
    Gate,
    /// Standard flows.
    Procedures,
    /// Texts that partners accept.
    Terms,
}

/// What the new version changes, sorted by path. Two equal programs have no changes.
pub fn diff(old: &Program, new: &Program) -> Vec<Change> {
    let (old, new) = (as_json(old), as_json(new));
    let mut changes = Vec::new();
    compare("", Some(&old), Some(&new), &mut changes);
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    changes
}

/// The program as JSON in which everything that has a key is found by it.
fn as_json(program: &Program) -> Json {
    let json = serde_json::to_value(program).expect("a program has string keys only");
    keyed(json)
}

/// Lists of things with keys become maps in the order of the list; all other maps are sorted or written in a fixed order.
fn keyed(json: Json) -> Json {
    match json {
        Json::Object(map) => Json::Object(map.into_iter().map(|(k, v)| (k, keyed(v))).collect()),
        Json::Array(items) if !items.is_empty() && items.iter().all(|item| key_of(item).is_some()) => {
            let mut map = Map::new();
            for item in items {
                let key = key_of(&item).unwrap_or_default().to_owned();
                map.insert(key, keyed(item));
            }
            Json::Object(map)
        }
        Json::Array(items) => Json::Array(items.into_iter().map(keyed).collect()),
        other => other,
    }
}

fn key_of(item: &Json) -> Option<&str> {
    item.get("key")?.as_str()
}

fn compare(path: &str, old: Option<&Json>, new: Option<&Json>, changes: &mut Vec<Change>) {
    match (old, new) {
        // Equal maps may still stand in another order.
        (Some(old), Some(new)) if old == new && !old.is_object() => {}
        (Some(Json::Object(a)), Some(Json::Object(b))) => {
            reordered(path, a, b, changes);
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                // A text is compared by its version, which names it in one line; a rank follows from the order.
                if key == "rank" || (key == "text" && a.contains_key("version")) {
                    continue;
                }
                compare(&join(path, key), a.get(key), b.get(key), changes);
            }
        }
        (Some(Json::Array(a)), Some(Json::Array(b))) if structured(a) || structured(b) => {
            for place in 0..a.len().max(b.len()) {
                compare(&format!("{path}[{place}]"), a.get(place), b.get(place), changes);
            }
        }
        _ => changes.push(Change {
            path: path.to_owned(),
            kind: match (old, new) {
                (None, _) => ChangeKind::Added,
                (_, None) => ChangeKind::Removed,
                _ => ChangeKind::Changed,
            },
            old: old.cloned(),
            new: new.cloned(),
            affects: affected(path),
        }),
    }
}

/// Notes that what both versions have stands in another order, which for tiers and stages is a change of its own.
fn reordered(path: &str, old: &Map<String, Json>, new: &Map<String, Json>, changes: &mut Vec<Change>) {
    let order = |map: &Map<String, Json>, other: &Map<String, Json>| -> Vec<Json> {
        map.keys().filter(|key| other.contains_key(*key)).map(|key| Json::from(key.as_str())).collect()
    };
    let (before, after) = (order(old, new), order(new, old));
    if before != after && !old.contains_key("key") {
        changes.push(Change {
            path: path.to_owned(),
            kind: ChangeKind::Changed,
            old: Some(before.into()),
            new: Some(after.into()),
            affects: affected(path),
        });
    }
}

/// Lists of tables are compared item by item, lists of words as a whole.
fn structured(items: &[Json]) -> bool {
    items.iter().any(Json::is_object)
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// What a change at that path bears on.
fn affected(path: &str) -> BTreeSet<Area> {
    let parts: Vec<&str> = path.split('.').collect();
    let areas: &[Area] = match parts.as_slice() {
        ["settings", "currency"] => &[Area::Settings, Area::Plans, Area::Deals, Area::Tiers],
        ["settings", "time_zone" | "fiscal_year_start"] => &[Area::Settings, Area::Plans, Area::Deals],
        ["settings", ..] => &[Area::Settings],
        ["archetypes", _] => &[Area::Archetypes, Area::Plans, Area::Terms, Area::Procedures],
        ["archetypes", _, "plan"] => &[Area::Archetypes, Area::Plans],
        ["archetypes", _, "terms"] => &[Area::Archetypes, Area::Terms],
        ["archetypes", _, "onboarding"] => &[Area::Archetypes, Area::Procedures],
        ["archetypes", ..] => &[Area::Archetypes],
        ["tiers", _, "benefits", ..] | ["benefits", ..] => &[Area::Controls],
        ["tiers", _] => &[Area::Tiers, Area::Controls, Area::Deals],
        ["tiers", _, "requires"] => &[Area::Tiers, Area::Controls],
        ["tiers"] => &[Area::Tiers, Area::Controls, Area::Deals],
        ["tiers", ..] => &[Area::Tiers],
        ["movement" | "facts" | "runs" | "metrics" | "scorecard" | "segments", ..] => &[Area::Tiers, Area::Controls],
        ["markets", ..] => &[Area::Tiers, Area::Controls, Area::Plans],
        ["engagement" | "deals", ..] => &[Area::Deals],
        ["plans" | "statements", ..] => &[Area::Plans],
        ["gate", ..] => &[Area::Gate],
        ["procedures" | "partnership", ..] => &[Area::Procedures],
        ["terms", ..] => &[Area::Terms],
        _ => &[],
    };
    areas.iter().copied().collect()
}
