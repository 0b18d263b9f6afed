//! The list of segments as a document for inside: every partner with segment, tier, investment and reason, and what changed.

use std::collections::BTreeMap;

use documents::{Block, Cell, Column, Document, KeyValue, Number, Party, Row, Table};
use kernel::{Day, PartnerId};
use programs::InForce;

use super::apply::title_of;
use super::run::{Move, MoveKind};
use crate::profile::Partner;

/// Everything that stands on it.
pub(super) struct Sheet<'a> {
    pub law: &'a InForce,
    pub period: &'a str,
    pub partners: &'a [Partner],
    /// Moves between segments since the list before.
    pub changes: &'a [Move],
    pub reasons: &'a BTreeMap<PartnerId, String>,
    pub issued_on: Day,
}

/// The series of a program's lists, such as `NORTHWIND-SEG`.
pub(super) fn series(program: &str) -> String {
    let word: String = program.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    format!("{}-SEG", word.to_ascii_uppercase())
}

pub(super) fn write(sheet: &Sheet<'_>, number: &Number) -> Document {
    let settings = &sheet.law.program.settings;
    let version = Cell::text(settings.title.clone()).detail(format!("Version {}", sheet.law.citation()));
    Document {
        title: format!("Segments of the partners, {}", sheet.period),
        number: number.clone(),
        kind: "segments".to_owned(),
        issuer: Party { name: settings.vendor.clone(), lines: vec![settings.title.clone()] },
        recipient: None,
        issued_on: sheet.issued_on,
        language: "en".to_owned(),
        facts: vec![
            KeyValue::new("Program", version),
            KeyValue::new("Partners", sheet.partners.len().to_string().as_str()),
            KeyValue::new("Changes", sheet.changes.len().to_string().as_str()),
        ],
        blocks: vec![
            Block::section("Changes since the list before"),
            changes(sheet),
            Block::section("All partners"),
            Block::Table(all(sheet)),
        ],
        footer: "For inside only. Each partner sees its own segment in the portal.".to_owned(),
    }
}

fn changes(sheet: &Sheet<'_>) -> Block {
    if sheet.changes.is_empty() {
        return Block::paragraph("Nobody has moved between segments.");
    }
    let mut table = Table {
        columns: vec![Column::new("Partner", 34), Column::new("From", 33), Column::new("To", 33)],
        ..Table::default()
    };
    let title = |key: &str| title_of(&sheet.law.program, MoveKind::Segment, key);
    table.rows = sheet
        .changes
        .iter()
        .map(|one| {
            let from = one.from.as_deref().map_or_else(|| "–".to_owned(), title);
            Row::line(vec![partner(one.partner, &one.name), Cell::text(from), Cell::text(title(&one.to))])
        })
        .collect();
    Block::Table(table)
}

/// The segments in their order, each with what is invested and its partners by name.
fn all(sheet: &Sheet<'_>) -> Table {
    let program = &sheet.law.program;
    let mut rows = Vec::new();
    let keys = program.segments.iter().map(|segment| Some(segment.key.as_str())).chain([None]);
    for key in keys {
        let mut members: Vec<&Partner> =
            sheet.partners.iter().filter(|partner| partner.segment.as_deref() == key).collect();
        members.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        if members.is_empty() {
            continue;
        }
        rows.push(Row::group(heading(sheet, key)));
        rows.extend(members.into_iter().map(|member| {
            let tier =
                member.tier.as_deref().map_or_else(|| "–".to_owned(), |key| title_of(program, MoveKind::Tier, key));
            let why = sheet.reasons.get(&member.id).cloned().unwrap_or_default();
            Row::line(vec![partner(member.id, &member.name), Cell::text(tier), Cell::text(why)])
        }));
    }
    let columns = vec![Column::new("Partner", 28), Column::new("Tier", 14), Column::new("Because", 58)];
    Table { columns, rows, ..Table::default() }
}

fn heading(sheet: &Sheet<'_>, key: Option<&str>) -> Cell {
    let Some(segment) = key.and_then(|key| sheet.law.program.segment(key)) else {
        return Cell::text("Not placed yet".to_owned());
    };
    let invests: Vec<String> =
        segment.invests.iter().map(|(key, value)| format!("{} {value}", key.replace('_', " "))).collect();
    Cell::text(segment.title.clone()).detail(invests.join(", "))
}

fn partner(id: PartnerId, name: &str) -> Cell {
    Cell::text(name.to_owned()).linked(format!("/partners/{id}"))
}
