//! How each kind of block is set on paper.

use crate::layout::{Flow, Item, LEFT, RIGHT, WIDTH};
use crate::model::{Bar, Block, Document, KeyValue, Level, Party, Signature, Text, Tone, Value};
use crate::table;
use crate::typeset::{Ink, Line, Piece, Style, single_line, wrap};

const BODY: Style = Style::new(9.5, Ink::Text);
const LABEL: Style = Style::new(7.5, Ink::Muted);
/// A heading at the foot of a sheet needs this much of what it announces below it.
const KEPT_WITH_HEADING: f32 = 64.0;
/// Panels are drawn as one box, so longer notes go without a panel and may break.
const TALLEST_PANEL: f32 = 320.0;

/// Issuer, rule, recipient beside the facts, title.
pub(crate) fn letterhead(flow: &mut Flow, document: &Document) {
    let name = Style::new(15.0, Ink::Text).bold();
    let half = WIDTH * 0.5;
    let lines = wrap(&[Piece::new(document.issuer.name.as_str(), name)], half);
    let address = address(&document.issuer.lines, half - 20.0, LABEL)
        .into_iter()
        .map(|line| vec![(RIGHT - line.width, line)])
        .collect();
    flow.side_by_side(lines, address);
    flow.advance(8.0);
    flow.rule(flow.y(), 1.2, Ink::Rule);
    flow.advance(20.0);

    let mut recipient = Vec::new();
    if let Some(party) = &document.recipient {
        recipient.push(single_line(Piece::new(flow.words.recipient, LABEL)));
        recipient.extend(party_lines(party, WIDTH * 0.46));
    }
    let mut facts = vec![
        KeyValue::new(flow.words.number, document.number.to_string()),
        KeyValue::new(flow.words.issued, document.issued_on),
    ];
    facts.extend(document.facts.iter().cloned());
    let facts = facts.iter().flat_map(|fact| fact_lines(fact, LEFT + WIDTH * 0.54)).collect();
    flow.side_by_side(recipient, facts);

    flow.advance(26.0);
    let title = Style::new(20.0, Ink::Text).bold();
    flow.lines(LEFT, wrap(&[Piece::new(document.title.as_str(), title)], WIDTH));
    flow.advance(8.0);
}

fn party_lines(party: &Party, width: f32) -> Vec<Line> {
    let name = Style::new(10.5, Ink::Text).bold();
    let mut lines = wrap(&[Piece::new(party.name.as_str(), name)], width);
    lines.extend(address(&party.lines, width, Style::new(9.0, Ink::Text)));
    lines
}

fn address(lines: &[String], width: f32, style: Style) -> Vec<Line> {
    lines.iter().flat_map(|line| wrap(&[Piece::new(line.as_str(), style)], width)).collect()
}

/// Key on the left of its column, value flush with the right margin.
fn fact_lines(fact: &KeyValue, x: f32) -> Vec<Vec<(f32, Line)>> {
    let style = Style::new(9.0, Ink::Text);
    let room = RIGHT - x;
    let muted = Style { ink: Ink::Muted, ..style };
    let keys = wrap(&[Piece::new(fact.key.as_str(), muted)], room * 0.34 - 6.0);
    let mut values = wrap(&[Piece::value(&fact.value.value, fact.value.link.as_deref(), style)], room * 0.66);
    values.extend(wrap(&[Piece::new(fact.value.detail.as_str(), LABEL)], room * 0.66));
    let rows = keys.len().max(values.len());
    let (mut keys, mut values) = (keys.into_iter(), values.into_iter());
    (0..rows)
        .map(|_| {
            let key = keys.next().map(|line| (x, line));
            let value = values.next().map(|line| (RIGHT - line.width, line));
            key.into_iter().chain(value).collect()
        })
        .collect()
}

pub(crate) fn place_all(flow: &mut Flow, blocks: &[Block]) {
    for block in blocks {
        place(flow, block);
    }
}

fn place(flow: &mut Flow, block: &Block) {
    match block {
        Block::Heading { level, text } => heading(flow, *level, text),
        Block::Paragraph { text } => {
            flow.lines(LEFT, wrap(&Piece::of(text, BODY), WIDTH));
            flow.skip(7.0);
        }
        Block::KeyValues { items } => key_values(flow, items),
        Block::Table(table) => table::place(flow, table),
        Block::Note { tone, title, text } => note(flow, *tone, title, text),
        Block::Spacer => flow.skip(14.0),
        Block::PageBreak => {
            if !flow.at_top() {
                flow.next_sheet();
            }
        }
        Block::Signatures { parties } => signatures(flow, parties),
        Block::Seal { label, sha256 } => {
            let fixed = Style::new(6.5, Ink::Text).fixed_width();
            let pieces = [Piece::new(format!("{label}: sha256 "), LABEL), Piece::new(sha256.as_str(), fixed)];
            flow.lines(LEFT, wrap(&pieces, WIDTH));
            flow.skip(5.0);
        }
        Block::Bars { title, bars } => bar_chart(flow, title, bars),
    }
}

fn heading(flow: &mut Flow, level: Level, text: &str) {
    let (size, above, below) = match level {
        Level::Section => (13.0, 12.0, 5.0),
        Level::Subsection => (10.5, 8.0, 3.0),
    };
    let style = Style::new(size, Ink::Text).bold();
    let lines = wrap(&[Piece::new(text, style)], WIDTH);
    let height: f32 = lines.iter().map(|line| line.leading).sum();
    if height + KEPT_WITH_HEADING <= flow.capacity() {
        flow.ensure(above + height + KEPT_WITH_HEADING);
    }
    flow.skip(above);
    flow.lines(LEFT, lines);
    flow.skip(below);
}

fn key_values(flow: &mut Flow, items: &[KeyValue]) {
    let key_width = WIDTH * 0.3;
    let muted = Style { ink: Ink::Muted, ..BODY };
    for item in items {
        let keys = wrap(&[Piece::new(item.key.as_str(), muted)], key_width - 10.0);
        let x = LEFT + key_width;
        let value = Piece::value(&item.value.value, item.value.link.as_deref(), BODY);
        let mut values = wrap(&[value], RIGHT - x);
        values.extend(wrap(&[Piece::new(item.value.detail.as_str(), LABEL)], RIGHT - x));
        let values = values.into_iter().map(|line| vec![(x, line)]).collect();
        flow.side_by_side(keys, values);
        flow.skip(1.5);
    }
    flow.skip(7.0);
}

fn note(flow: &mut Flow, tone: Tone, title: &str, text: &Text) {
    let inset = 12.0;
    let style = Style::new(9.0, Ink::Text);
    let width = WIDTH - 2.0 * inset;
    let mut lines = wrap(&[Piece::new(title, style.bold())], width);
    lines.extend(wrap(&Piece::of(text, style), width));
    let height = lines.iter().map(|line| line.leading).sum::<f32>() + 14.0;
    let ink = match tone {
        Tone::Info => Ink::Info,
        Tone::Success => Ink::Success,
        Tone::Warning => Ink::Warning,
        Tone::Danger => Ink::Danger,
    };
    flow.skip(3.0);
    if height <= TALLEST_PANEL {
        flow.ensure(height);
        for (width, ink) in [(WIDTH, Ink::Panel), (2.5, ink)] {
            let (x, y) = (LEFT, flow.y());
            flow.draw(Item::Box { x, y, width, height, ink });
        }
    }
    flow.advance(7.0);
    flow.lines(LEFT + inset, lines);
    flow.advance(7.0);
    flow.skip(9.0);
}

/// Two to a row; each a line to sign on with the name below it.
fn signatures(flow: &mut Flow, parties: &[Signature]) {
    let width = WIDTH * 0.44;
    for pair in parties.chunks(2) {
        flow.ensure(80.0);
        flow.advance(38.0);
        let mut columns = Vec::new();
        for (signature, x) in pair.iter().zip([LEFT, RIGHT - width]) {
            let y = flow.y();
            flow.draw(Item::Box { x, y, width, height: 0.6, ink: Ink::Rule });
            let mut lines = wrap(&[Piece::new(signature.name.as_str(), BODY.bold())], width);
            lines.extend(wrap(&[Piece::new(signature.role.as_str(), LABEL)], width));
            lines.extend(signature.signed_on.map(|day| single_line(Piece::new(day.to_string(), LABEL))));
            columns.push(lines.into_iter().map(move |line| (x, line)));
        }
        flow.advance(4.0);
        let mut rows = Vec::new();
        loop {
            let row: Vec<_> = columns.iter_mut().filter_map(Iterator::next).collect();
            if row.is_empty() {
                break;
            }
            rows.push(row);
        }
        flow.side_by_side(Vec::new(), rows);
    }
    flow.skip(10.0);
}

fn bar_chart(flow: &mut Flow, title: &str, bars: &[Bar]) {
    let lines = wrap(&[Piece::new(title, LABEL.bold())], WIDTH);
    flow.ensure(lines.iter().map(|line| line.leading).sum::<f32>() + 24.0);
    flow.lines(LEFT, lines);
    flow.skip(3.0);
    let largest = bars.iter().map(|bar| bar.value.minor.unsigned_abs()).max();
    let style = Style::new(8.5, Ink::Text);
    for bar in bars {
        let labels = wrap(&[Piece::new(bar.label.as_str(), style)], WIDTH * 0.3 - 8.0);
        let amount = Value::Money(bar.value);
        let amount = single_line(Piece::value(&amount, None, style));
        let (x, room) = (LEFT + WIDTH * 0.3, WIDTH * 0.5);
        let share = share_of(bar.value.minor.unsigned_abs(), largest.unwrap_or(0));
        flow.ensure(style.leading());
        let ink = if bar.value.minor < 0 { Ink::Danger } else { Ink::Info };
        let (y, width) = (flow.y() + 3.0, room * share);
        flow.draw(Item::Box { x, y, width, height: 7.0, ink });
        flow.side_by_side(labels, vec![vec![(RIGHT - amount.width, amount)]]);
        flow.skip(2.0);
    }
    flow.skip(8.0);
}

/// How long a bar is, from 0 to 1; only ever a length on paper, never an amount.
pub(crate) fn share_of(part: u128, whole: u128) -> f32 {
    if whole == 0 {
        return 0.0;
    }
    part as f32 / whole as f32
}
