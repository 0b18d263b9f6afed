//! A wider catalog than the product publishes, so that the language is tested over more kinds of facts.
#![allow(dead_code)]

use std::collections::BTreeMap;

use law::expr::{Catalog, SetType};
use law::{Checked, Program, Type, lint};

fn set(title: &str, since: &str, ahead: &[&str], fields: &[(&str, Type)]) -> (String, SetType) {
    let kind = SetType {
        title: title.to_owned(),
        fields: fields.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect(),
        since: Some(since.to_owned()),
        ahead: ahead.iter().map(|name| (*name).to_owned()).collect(),
    };
    (title.to_owned(), kind)
}

/// The standard catalog with two more metrics and three more sets of facts, as areas to come would publish them.
pub fn catalog() -> Catalog {
    use Type::{Count, Instant, Text};
    let mut catalog = Catalog::standard();
    catalog.metrics.extend(["certified_people", "incidents_12m"].map(|name| (name.to_owned(), Count)));
    catalog.sets.extend([
        set(
            "certifications",
            "issued_at",
            &["expires_at"],
            &[
                ("expires_at", Instant),
                ("issued_at", Instant),
                ("kind", Text),
                ("person", Text),
                ("product", Text),
                ("region", Text),
                ("version", Text),
                ("versions_behind", Count),
            ],
        ),
        set(
            "incidents",
            "at",
            &[],
            &[
                ("at", Instant),
                ("kind", Text),
                ("product", Text),
                ("region", Text),
                ("resolved_at", Instant),
                ("severity", Count),
            ],
        ),
        set(
            "surveys",
            "at",
            &[],
            &[
                ("at", Instant),
                ("customer", Text),
                ("kind", Text),
                ("product", Text),
                ("region", Text),
                ("score", Count),
            ],
        ),
    ]);
    catalog
}

pub fn checked(files: &BTreeMap<String, String>) -> Checked {
    lint(files, &catalog(), None)
}

/// The program, which must be sound over the wider catalog.
pub fn program(files: &BTreeMap<String, String>) -> Program {
    let Checked { program, diagnostics } = checked(files);
    program.unwrap_or_else(|| panic!("{}", law::render(&diagnostics, files)))
}
