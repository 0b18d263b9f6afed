//! The statement as a document: what the partner gets on paper, each amount linked to the page that explains it.

use std::collections::BTreeMap;

use documents::{Block, Cell, Column, Document, KeyValue, Number, Party, Row, Table, Text, Tone};
use kernel::{Day, DecisionId, Money};
use partners::{CustomerId, Partner};
use programs::InForce;

use super::StatementId;
use super::month::Month;
use super::rule::{StatementOutcome, StatementTerms};
use super::store::{Line, State};

/// Everything that stands on it.
pub(crate) struct Sheet<'a> {
    pub statement: StatementId,
    pub month: Month,
    pub partner: &'a Partner,
    pub law: &'a InForce,
    pub terms: &'a StatementTerms,
    pub outcome: &'a StatementOutcome,
    pub lines: &'a [Line],
    pub names: &'a BTreeMap<CustomerId, String>,
    pub decision: DecisionId,
    pub issued_on: Day,
}

/// The series of a program's statements, such as `NORTHWIND-STM`.
pub(crate) fn series(program: &str) -> String {
    let word: String = program.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    format!("{}-STM", word.to_ascii_uppercase())
}

pub(crate) fn write(sheet: &Sheet<'_>, number: &Number) -> Document {
    let settings = &sheet.law.program.settings;
    let outcome = sheet.outcome;
    let first = sheet.month.first();
    let last = sheet.month.next().first().plus_days(-1);
    Document {
        title: "Commission statement".to_owned(),
        number: number.clone(),
        kind: "statement".to_owned(),
        issuer: Party { name: settings.vendor.clone(), lines: vec![settings.title.clone()] },
        recipient: Some(recipient(sheet.partner)),
        issued_on: sheet.issued_on,
        language: "en".to_owned(),
        facts: vec![
            KeyValue::new("Period", format!("{first} to {last}").as_str()),
            KeyValue::new("Payable from", Cell::day(outcome.payable_from)),
            KeyValue::new(
                "Program",
                Cell::text(settings.title.clone()).detail(format!("Version {}", sheet.law.citation())),
            ),
            KeyValue::new(
                if outcome.payable.minor < 0 { "You owe" } else { "Amount" },
                Cell::money(owed(outcome.payable)),
            ),
        ],
        blocks: blocks(sheet),
        footer: "Amounts are net of taxes. Each line was rounded once, half away from zero.".to_owned(),
    }
}

fn recipient(partner: &Partner) -> Party {
    let vat = partner.vat_number.as_ref().map(|number| format!("VAT {number}"));
    let lines = [Some(partner.country.clone()), vat].into_iter().flatten().collect();
    Party { name: partner.legal_name.clone().unwrap_or_else(|| partner.name.clone()), lines }
}

fn owed(amount: Money) -> Money {
    Money::new(amount.minor.abs(), amount.currency)
}

fn blocks(sheet: &Sheet<'_>) -> Vec<Block> {
    let outcome = sheet.outcome;
    let mut blocks = vec![summary(sheet)];
    if outcome.state == State::Carried {
        let text = format!(
            "{} is carried to the next statement, because it is less than the smallest payout.",
            outcome.carried_out.pretty()
        );
        blocks.push(Block::note(Tone::Info, "Carried forward", text));
    }
    if outcome.lines.iter().any(|line| line.reverses.is_some()) {
        let text = "Refunds and chargebacks take back what their invoices earned, in proportion.";
        blocks.push(Block::note(Tone::Warning, "Amounts taken back", text));
    }
    blocks.push(Block::section("Lines"));
    blocks.push(Block::Table(table(sheet)));
    blocks.push(Block::section("How this was computed"));
    blocks.push(Block::KeyValues {
        items: vec![
            KeyValue::new(
                "Plan",
                Cell::text(sheet.terms.plan.title.clone()).detail(sheet.terms.plan.description.clone()),
            ),
            KeyValue::new(
                "Decision",
                Cell::text(sheet.decision.to_string()).linked(format!("/decisions/{}", sheet.decision)),
            ),
            KeyValue::new(
                "Statement",
                Cell::text(sheet.statement.to_string()).linked(format!("/money/statements/{}", sheet.statement)),
            ),
        ],
    });
    blocks
}

fn summary(sheet: &Sheet<'_>) -> Block {
    let outcome = sheet.outcome;
    let verb = if outcome.total.minor < 0 { "owe" } else { "earned" };
    let text = Text::plain(format!("For {} you {verb} ", sheet.month.title()))
        .bold(owed(outcome.total).pretty())
        .then(". Every amount below leads to its inputs, the rule and the revenue that it rests on.");
    Block::paragraph(text)
}

fn table(sheet: &Sheet<'_>) -> Table {
    let outcome = sheet.outcome;
    let mut table = Table {
        columns: vec![
            Column::new("Reference", 18),
            Column::new("Day", 11),
            Column::new("Customer and rule", 39),
            Column::figures("Revenue", 16),
            Column::figures("Amount", 16),
        ],
        ..Table::default()
    };
    let mut by_component: BTreeMap<(&str, &str), Vec<&Line>> = BTreeMap::new();
    for line in sheet.lines {
        by_component.entry((&line.line.cites, &line.line.component)).or_default().push(line);
    }
    let zone = sheet.terms.zone();
    for ((_, component), lines) in &by_component {
        table.rows.push(Row::group(*component));
        for line in lines {
            let customer = sheet.names.get(&line.line.customer).map_or("", String::as_str);
            table.rows.push(Row::line(vec![
                Cell::text(line.line.reference.clone()),
                Cell::day(line.line.occurred_at.day_in(&zone)),
                Cell::text(customer).detail(line.line.rule.clone()),
                Cell::money(line.line.base),
                Cell::money(line.line.amount).linked(format!("/money/lines/{}", line.id)),
            ]));
        }
        let sum = lines.iter().map(|line| line.line.amount.minor).sum();
        let sum = Money::new(sum, outcome.total.currency);
        table.rows.push(Row::subtotal(vec![Cell::text(format!("Subtotal of {component}")), Cell::money(sum)]));
    }
    if !outcome.carried_in.is_zero() {
        table
            .rows
            .push(Row::subtotal(vec!["Carried from the statement before".into(), Cell::money(outcome.carried_in)]));
    }
    if !outcome.carried_out.is_zero() {
        let carried = outcome.carried_out.negated();
        table.rows.push(Row::subtotal(vec!["Carried to the next statement".into(), Cell::money(carried)]));
    }
    table.rows.push(Row::total(vec!["Total".into(), Cell::money(outcome.payable)]));
    table
}
