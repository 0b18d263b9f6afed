//! The kinds of facts that the program records (`facts.toml`): what is wrong with them, and the sets that rules then know.

use super::one_of;
use super::source::Source;
use crate::expr::{self, Catalog};
use crate::model::{About, FactKind, FactsFile, FieldKind, OWN_FIELDS, PERSON};
use crate::nearest::nearest;

/// The catalog with the sets that the program itself records.
pub(super) fn extend(sources: &mut [Source<'_>], catalog: &Catalog) -> Catalog {
    let mut extended = catalog.clone();
    let Some(source) = sources.iter_mut().find(|source| source.file == "facts.toml") else { return extended };
    // What could not be read is told by its shape.
    let file = toml::from_str::<FactsFile>(source.text).unwrap_or_default();
    for (name, kind) in file.fact {
        check(source, &name, &kind, catalog);
        extended.sets.entry(name).or_insert_with(|| kind.set());
    }
    extended
}

fn check(source: &mut Source<'_>, name: &str, kind: &FactKind, catalog: &Catalog) {
    let place = format!("fact.{name}");
    if catalog.metrics.contains_key(name) || catalog.sets.contains_key(name) || expr::is_reserved(name) {
        let message = format!("`{name}` already has a meaning in rules");
        let span = source.place(&place);
        source.error(span, "duplicate-key", message).with("another name", None);
    }
    plain(source, &place, name);
    for (field, declared) in &kind.field {
        let place = format!("{place}.field.{field}");
        let person = kind.about == About::Person && field == PERSON;
        if person || OWN_FIELDS.iter().any(|(own, _)| own == field) {
            let message = format!("every fact of this kind already has a `{field}`");
            let span = source.place(&place);
            source.error(span, "duplicate-key", message).with("another name", None);
        }
        plain(source, &place, field);
        if declared.kind != FieldKind::Text && !declared.choices.is_empty() {
            let message = "only a text has choices".to_owned();
            let span = source.place(&format!("{place}.choices"));
            source.error(span, "wrong-type", message).with("`kind = \"text\"`", None);
        }
    }
    for (number, key) in kind.key.iter().enumerate().filter(|(_, key)| !kind.has(key)) {
        let person = (kind.about == About::Person).then_some(PERSON);
        let names: Vec<&str> = kind.field.keys().map(String::as_str).chain(person).collect();
        let message = format!("`{name}` has no field `{key}`");
        let span = source.place(&format!("{place}.key[{number}]"));
        let near = nearest(key, names.iter().copied()).map(str::to_owned);
        source.error(span, "unknown-field", message).with(one_of(names), near);
    }
    if let (Some(remind), Some(valid)) = (kind.remind_days, kind.valid_days)
        && remind >= valid
    {
        let message = format!("a fact that holds for {valid} days would be reminded of from its first day on");
        let span = source.place(&format!("{place}.remind_days"));
        source.error(span, "out-of-range", message).with(format!("fewer than {valid} days"), None);
    }
}

/// A name with `-` cannot be read by a rule.
fn plain(source: &mut Source<'_>, place: &str, name: &str) {
    if name.contains('-') {
        let message = format!("`{name}` would be read as a subtraction in rules");
        let instead = Some(name.replace('-', "_"));
        let span = source.place(place);
        source.error(span, "bad-key", message).with("a name with `_`", instead);
    }
}
