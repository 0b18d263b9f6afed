//! The packs as documents: what both sides read before a review, and what the vendor's people read before theirs.

use deals::State as DealState;
use documents::{Block, Cell, Column, Document, KeyValue, Number, Party, Row, Table};
use kernel::{Day, Timestamp};
use law::Party as Side;
use programs::InForce;

use super::figures::PartnerFigures;
use super::program::ProgramFigures;
use super::review::{Action, Review};

/// The series of a program's packs, such as `NORTHWIND-QBR`.
pub(super) fn series(program: &str, word: &str) -> String {
    let name: String = program.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    format!("{}-{word}", name.to_ascii_uppercase())
}

fn frame(law: &InForce, number: &Number, title: &str, kind: &str, today: Day) -> Document {
    let settings = &law.program.settings;
    Document {
        title: title.to_owned(),
        number: number.clone(),
        kind: kind.to_owned(),
        issuer: Party { name: settings.vendor.clone(), lines: vec![settings.title.clone()] },
        recipient: None,
        issued_on: today,
        language: "en".to_owned(),
        facts: Vec::new(),
        blocks: Vec::new(),
        footer: format!("Made from recorded facts under {}; every figure is explained in the console.", law.citation()),
    }
}

fn day(at: Timestamp, law: &InForce) -> Cell {
    Cell::day(at.day_in(&law.zone()))
}

/// The pack of a review with one partner.
pub(super) fn of_partner(
    review: &Review,
    figures: &PartnerFigures,
    law: &InForce,
    today: Day,
    number: &Number,
) -> Document {
    let mut pack = frame(law, number, "Business review", "review-pack", today);
    pack.recipient = Some(Party { name: review.about.clone(), lines: Vec::new() });
    pack.facts = vec![
        KeyValue::new("Meeting", day(review.meeting_at, law)),
        KeyValue::new("Due to be read by", day(review.preread_at, law)),
    ];
    if let Some(since) = figures.since {
        pack.facts.push(KeyValue::new("Last review", day(since, law)));
    }
    let blocks = &mut pack.blocks;
    blocks.push(Block::section("Agenda"));
    for (place, point) in review.agenda.iter().enumerate() {
        blocks.push(Block::paragraph(format!("{}. {point}", place + 1)));
    }
    blocks.push(Block::section("Actions since the last review"));
    blocks.push(actions(&figures.actions, law));
    blocks.push(Block::section("Performance"));
    if let Some(tier) = &figures.scorecard.tier {
        blocks.push(Block::paragraph(format!("By its figures the partner is {}.", tier.title)));
    }
    blocks.push(measured(figures));
    blocks.push(Block::section("Pipeline"));
    blocks.push(pipeline(figures));
    blocks.push(Block::section("Revenue"));
    blocks.push(revenue(figures));
    blocks.push(Block::section("Joint roadmap"));
    blocks.push(roadmap(figures));
    blocks.push(Block::section("Dates ahead"));
    blocks.push(dates(figures, law));
    blocks.push(Block::section("Risks"));
    blocks.push(Block::paragraph(review.risks.clone().unwrap_or_else(|| "None were named.".to_owned())));
    blocks.push(Block::section("Asks"));
    blocks.push(Block::paragraph(review.asks.clone().unwrap_or_else(|| "Nothing was asked for.".to_owned())));
    pack
}

/// A table, or a sentence where it would be empty.
fn table_or(columns: Vec<Column>, rows: Vec<Row>, sentence: &str) -> Block {
    if rows.is_empty() {
        return Block::paragraph(sentence.to_owned());
    }
    Block::Table(Table { caption: String::new(), columns, rows })
}

fn actions(actions: &[Action], law: &InForce) -> Block {
    let rows = actions.iter().map(|action| {
        let who = match action.side {
            Side::Partner => "Partner",
            Side::Vendor => "Vendor",
        };
        let state = match (&action.done_at, &action.note) {
            (Some(_), Some(note)) => Cell::text("done").detail(note.clone()),
            (Some(_), None) => Cell::text("done"),
            (None, _) => Cell::text("open, carried forward"),
        };
        Row::line(vec![Cell::text(action.text.clone()), Cell::text(who), day(action.due_at, law), state])
    });
    let columns = vec![Column::new("Action", 5), Column::new("Who", 2), Column::new("By", 2), Column::new("State", 3)];
    table_or(columns, rows.collect(), "No actions are open, and none were done.")
}

fn measured(figures: &PartnerFigures) -> Block {
    let known = figures.scorecard.metrics.iter().filter(|metric| metric.as_of.is_some());
    let rows = known.map(|metric| {
        Row::line(vec![Cell::text(metric.title.clone()).detail(metric.help.clone()), Cell::text(metric.shown.clone())])
    });
    let columns = vec![Column::new("Figure", 7), Column::figures("Now", 3)];
    table_or(columns, rows.collect(), "Nothing was measured yet; the scorecards are refreshed every week.")
}

fn pipeline(figures: &PartnerFigures) -> Block {
    let there = figures.pipeline.iter().filter(|count| count.count > 0);
    let rows = there.map(|count| {
        let closed = matches!(count.state, DealState::ClosedWon | DealState::ClosedLost);
        let word = ui::humanize(count.state.name());
        let word = if closed { format!("{word}, last 90 days") } else { word };
        Row::line(vec![Cell::text(word), Cell::text(count.count.to_string()), Cell::money(count.value)])
    });
    let columns = vec![Column::new("State", 5), Column::figures("Deals", 2), Column::figures("Value", 3)];
    table_or(columns, rows.collect(), "No deals are registered.")
}

fn revenue(figures: &PartnerFigures) -> Block {
    let rows = figures.revenue.iter().filter(|month| month.attributed.minor != 0).map(|month| {
        Row::line(vec![Cell::text(month.month.title()), Cell::money(month.attributed), Cell::money(month.commission)])
    });
    let columns = vec![Column::new("Month", 4), Column::figures("Revenue", 3), Column::figures("Commission", 3)];
    table_or(columns, rows.collect(), "No revenue was attributed in twelve months.")
}

fn roadmap(figures: &PartnerFigures) -> Block {
    let rows = figures.roadmap.iter().map(|request| {
        let state = Cell::text(ui::humanize(request.state.name()));
        let state = match &request.rationale {
            Some(rationale) => state.detail(rationale.clone()),
            None => state,
        };
        Row::line(vec![Cell::text(request.title.clone()), state])
    });
    let columns = vec![Column::new("Request", 6), Column::new("Answer", 4)];
    table_or(columns, rows.collect(), "The partner has asked for nothing on the roadmap.")
}

fn dates(figures: &PartnerFigures, law: &InForce) -> Block {
    let rows =
        figures.dates.iter().map(|clock| Row::line(vec![day(clock.due_at, law), Cell::text(clock.title.clone())]));
    table_or(vec![Column::new("By", 2), Column::new("What", 8)], rows.collect(), "Nothing is due.")
}

/// The pack of a review of the whole program.
pub(super) fn of_program(
    title: &str,
    figures: &ProgramFigures,
    law: &InForce,
    today: Day,
    number: &Number,
) -> Document {
    let mut pack = frame(law, number, title, "program-pack", today);
    let blocks = &mut pack.blocks;
    blocks.push(Block::section("Pipeline"));
    let there = figures.pipeline.iter().filter(|count| count.count > 0);
    let rows = there.map(|count| {
        let word = ui::humanize(count.state.name());
        Row::line(vec![Cell::text(word), Cell::text(count.count.to_string()), Cell::money(count.value)])
    });
    let columns = vec![Column::new("State", 5), Column::figures("Deals", 2), Column::figures("Value", 3)];
    blocks.push(table_or(columns, rows.collect(), "No deals are registered."));
    blocks.push(Block::section("Revenue"));
    let months = figures.revenue.iter().rev().take(3);
    let rows = months.map(|month| {
        let all = month.all.map_or_else(|| Cell::text("–"), Cell::money);
        Row::line(vec![Cell::text(month.month.title()), Cell::money(month.attributed), all])
    });
    let columns = vec![Column::new("Month", 4), Column::figures("Through partners", 3), Column::figures("All", 3)];
    blocks.push(table_or(columns, rows.collect(), "There was no revenue."));
    blocks.push(Block::section("Behind their targets"));
    let rows = figures.overdue.iter().map(|run| {
        let due = run.due_at.map_or_else(|| Cell::text("–"), |due| day(due, law));
        Row::line(vec![Cell::text(run.about.clone()), Cell::text(run.title.clone()), due])
    });
    let columns = vec![Column::new("Who", 4), Column::new("Procedure", 4), Column::new("Due", 2)];
    blocks.push(table_or(columns, rows.collect(), "Every procedure is within its targets."));
    blocks.push(Block::section("Exceptions and blockers"));
    let rows = figures
        .findings
        .iter()
        .map(|check| Row::line(vec![Cell::text(check.title.clone()), Cell::text(check.open.to_string())]));
    blocks.push(table_or(
        vec![Column::new("Check", 8), Column::figures("Open", 2)],
        rows.collect(),
        "Nothing is found.",
    ));
    blocks.push(Block::section("Partnerships in question"));
    let rows = figures.exits.iter().map(|case| {
        let why: Vec<&str> = case.grounds.iter().map(|ground| ground.title.as_str()).collect();
        Row::line(vec![
            Cell::text(case.about.clone()),
            Cell::text(ui::humanize(case.state.name())),
            Cell::text(why.join("; ")),
        ])
    });
    let columns = vec![Column::new("Partner", 3), Column::new("State", 2), Column::new("Why", 5)];
    blocks.push(table_or(columns, rows.collect(), "No partnership is in question."));
    pack
}
