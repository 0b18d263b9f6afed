//! The sets of facts that every installation has, with the types of their fields.

use std::collections::BTreeMap;

use super::types::{SetType, Type};

/// Name, title, fields, and the field that says from when on a row is a fact.
type Row = (&'static str, &'static str, &'static [(&'static str, Type)], Option<&'static str>, &'static [&'static str]);

const STANDARD: [Row; 3] = [
    (
        "deals",
        "deals",
        &[
            ("customer", Type::Text),
            ("id", Type::Text),
            ("lost_at", Type::Instant),
            ("product", Type::Text),
            ("region", Type::Text),
            ("registered_at", Type::Instant),
            ("segment", Type::Text),
            ("source", Type::Text),
            ("state", Type::Text),
            ("value", Type::Money),
            ("won_at", Type::Instant),
        ],
        Some("registered_at"),
        &[],
    ),
    (
        "people",
        "people",
        &[("id", Type::Text), ("joined_at", Type::Instant), ("left_at", Type::Instant), ("role", Type::Text)],
        Some("joined_at"),
        &[],
    ),
    (
        "revenue",
        "revenue entries",
        &[
            ("amount", Type::Money),
            ("at", Type::Instant),
            ("customer", Type::Text),
            ("id", Type::Text),
            ("kind", Type::Text),
            ("known_at", Type::Instant),
            ("product", Type::Text),
            ("region", Type::Text),
        ],
        Some("at"),
        &[],
    ),
];

/// The sets of facts that every installation has.
pub(super) fn standard() -> BTreeMap<String, SetType> {
    let typed = |(name, title, fields, since, ahead): Row| {
        let fields = fields.iter().map(|(field, kind)| ((*field).to_owned(), *kind));
        let set = SetType {
            title: title.to_owned(),
            fields: fields.collect(),
            since: since.map(str::to_owned),
            ahead: ahead.iter().map(|field| (*field).to_owned()).collect(),
        };
        (name.to_owned(), set)
    };
    STANDARD.into_iter().map(typed).collect()
}
