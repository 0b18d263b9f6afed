//! Resolves names across files: references, duplicates, and the metrics inside rules.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Currency;

use super::one_of;
use super::source::{Note, NoteKind, Source};
use crate::diagnostic::Diagnostic;
use crate::expr::{self, Catalog, Declared, Fault, Scope, Type};
use crate::model::BenefitValue;
use crate::nearest::nearest;

/// Which file defines the keys of a kind.
const HOMES: [(&str, &str); 8] = [
    ("archetype", "archetypes.toml"),
    ("tier", "tiers.toml"),
    ("plan", "money.toml"),
    ("procedure", "procedures.toml"),
    ("terms", "terms.toml"),
    ("segment", "engagement.toml"),
    ("credential", "gate.toml"),
    ("benefit", "tiers.toml"),
];

/// Resolves names across files.
pub(super) fn check(
    sources: &mut [Source<'_>],
    files: &BTreeMap<String, String>,
    catalog: &Catalog,
    declared: &Declared,
    currency: Option<Currency>,
) {
    let scope = Scope { catalog, currency, declared };
    let known = Known::collect(sources, files, catalog);
    for source in sources {
        duplicates(source);
        for note in std::mem::take(&mut source.notes) {
            match &note.kind {
                NoteKind::Reference { to, name } if to == "file" && is_empty(files, name) => {
                    let message = format!("`{name}` is empty");
                    source.error(note.span, "empty-text", message).with("a file with some text", None);
                }
                NoteKind::Reference { to, name } => known.resolve(source, &note, to, name),
                NoteKind::Rule(text) => rule(source, &note, text, scope, true),
                NoteKind::Formula(text) => rule(source, &note, text, scope, false),
                NoteKind::Benefit(value) => known.benefit(source, &note, value),
            }
        }
    }
}

fn is_empty(files: &BTreeMap<String, String>, name: &str) -> bool {
    files.get(name).is_some_and(|text| text.trim().is_empty())
}

/// All names that may be referred to, by kind; a kind whose file could not be read whole is left out.
struct Known {
    names: BTreeMap<String, BTreeSet<String>>,
    benefits: BTreeMap<String, Type>,
}

impl Known {
    fn collect(sources: &[Source<'_>], files: &BTreeMap<String, String>, catalog: &Catalog) -> Self {
        let mut names = BTreeMap::new();
        for (kind, home) in HOMES {
            let source = sources.iter().find(|source| source.file == home);
            if source.is_some_and(|source| !source.complete) {
                continue;
            }
            let words = source.and_then(|source| source.defined.get(kind)).into_iter().flatten();
            names.insert(kind.to_owned(), words.map(|word| word.text.clone()).collect());
        }
        names.insert("role".to_owned(), catalog.roles.clone());
        names.insert("operation".to_owned(), catalog.operations.clone());
        names.insert("file".to_owned(), files.keys().cloned().collect());
        if let Some(benefits) = names.get_mut("benefit") {
            benefits.extend(catalog.benefits.keys().cloned());
        }
        let mut benefits = catalog.benefits.clone();
        benefits.extend(sources.iter().flat_map(declared_benefits));
        Self { names, benefits }
    }

    fn resolve(&self, source: &mut Source<'_>, note: &Note, to: &str, name: &str) {
        let Some(names) = self.names.get(to) else {
            return;
        };
        if names.contains(name) {
            return;
        }
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        let near = nearest(name, all.iter().copied()).map(str::to_owned);
        let (code, message) = match to {
            "file" => ("missing-file", format!("the program has no file `{name}`")),
            _ => ("unknown-name", format!("there is no {to} `{name}`")),
        };
        let home = HOMES.iter().find(|(kind, _)| *kind == to);
        let expected = match (to, home) {
            ("file", _) => "a file of the program folder".to_owned(),
            (_, Some((_, home))) if names.is_empty() => format!("a {to} that `{home}` defines"),
            _ => one_of(all),
        };
        source.error(note.span.clone(), code, message).with(expected, near);
    }

    fn benefit(&self, source: &mut Source<'_>, note: &Note, value: &BenefitValue) {
        let key = note.path.rsplit('.').next().unwrap_or_default();
        let Some(wanted) = self.benefits.get(key) else {
            return;
        };
        if value.kind() != *wanted {
            let message = format!("`{key}` is a {wanted}, this is a {}", value.kind());
            source.error(note.span.clone(), "wrong-type", message).with(wanted.described(), None);
        }
    }
}

/// The benefits that the program adds, with their types.
fn declared_benefits(source: &Source<'_>) -> Vec<(String, Type)> {
    let table = source.table.get_ref().get("benefit");
    let Some(table) = table.and_then(|value| value.get_ref().as_table()) else {
        return Vec::new();
    };
    let typed = table.iter().filter_map(|(key, value)| {
        let kind = value.get_ref().get("kind")?.get_ref().as_str()?;
        let kind = serde_json::from_value(kind.into()).ok()?;
        Some((key.get_ref().to_string(), kind))
    });
    typed.collect()
}

/// Two things of one list with the same key. (The TOML reader itself refuses the same table twice.)
fn duplicates(source: &mut Source<'_>) {
    let mut twice = Vec::new();
    for (list, words) in &source.defined {
        let mut seen = BTreeMap::new();
        for word in words {
            if let Some(first) = seen.insert(&word.text, word.span.clone()) {
                let line = source.text[..first.start].matches('\n').count() + 1;
                let message = format!("there are two of `{list}` with the key `{}`", word.text);
                twice.push((word.span.clone(), message, line));
            }
        }
    }
    for (span, message, line) in twice {
        let expected = format!("a key that differs from the one in line {line}");
        source.error(span, "duplicate-key", message).with(expected, None);
    }
}

/// Reads and types a rule, which must say yes or no, or a formula, which may give any value.
fn rule(source: &mut Source<'_>, note: &Note, text: &str, scope: Scope<'_>, decides: bool) {
    let faults = match expr::parse(text) {
        Err(fault) => vec![fault],
        Ok(tree) => match expr::check(&tree, scope) {
            Ok(kind) if kind == Type::Bool || !decides => contradictory(&tree),
            Ok(kind) => {
                let message = format!("this rule gives a {kind}, but it must say yes or no");
                vec![Fault::new(tree.span, "type-mismatch", message).expecting("a comparison such as `… >= …`")]
            }
            Err(faults) => faults,
        },
    };
    for fault in faults {
        let span = source.inside(&note.span, text, &fault.span);
        let mut found = Diagnostic::error(source.file, source.text, span, fault.code, fault.message);
        found.expected = fault.expected;
        found.suggestion = fault.suggestion;
        source.diagnostics.push(found);
    }
}

/// Conditions that can never hold together.
fn contradictory(tree: &expr::Expr) -> Vec<Fault> {
    let told = |found: expr::Contradiction| {
        let message = format!("`{}` can never hold together with `{}`", found.text, found.against);
        Fault::new(found.span, "contradiction", message).expecting("conditions that some partner can meet")
    };
    expr::contradictions(tree).into_iter().map(told).collect()
}
