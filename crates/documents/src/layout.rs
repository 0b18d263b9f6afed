//! Pages: a flow that fills sheet after sheet from top to bottom, and what stands at the head and foot of each.

use crate::model::Document;
use crate::typeset::{Ink, Line, Piece, Style, single_line, wrap};
use crate::words::{Words, words};

/// A4 in points.
pub(crate) const PAGE_WIDTH: f32 = 595.28;
pub(crate) const PAGE_HEIGHT: f32 = 841.89;
pub(crate) const LEFT: f32 = 54.0;
pub(crate) const RIGHT: f32 = PAGE_WIDTH - LEFT;
pub(crate) const WIDTH: f32 = RIGHT - LEFT;

const TOP: f32 = 50.0;
const TOP_AFTER_FIRST: f32 = 82.0;
const FOOT_BOTTOM: f32 = PAGE_HEIGHT - 34.0;
const SMALL: Style = Style::new(7.0, Ink::Muted);
/// A longer footer would take the page from the content; it closes the document instead.
const MOST_FOOTER_LINES: usize = 5;

/// Something at its place on a sheet; `y` grows downward.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    Text { x: f32, baseline: f32, line: Line },
    Box { x: f32, y: f32, width: f32, height: f32, ink: Ink },
}

/// Where the next thing goes.
pub(crate) struct Flow {
    pub words: &'static Words,
    sheets: Vec<Vec<Item>>,
    y: f32,
    bottom: f32,
}

impl Flow {
    pub fn y(&self) -> f32 {
        self.y
    }

    pub fn remaining(&self) -> f32 {
        self.bottom - self.y
    }

    /// The height that an empty sheet offers.
    pub fn capacity(&self) -> f32 {
        self.bottom - TOP_AFTER_FIRST
    }

    pub fn at_top(&self) -> bool {
        let top = if self.sheets.len() == 1 { TOP } else { TOP_AFTER_FIRST };
        self.y <= top
    }

    pub fn next_sheet(&mut self) {
        self.sheets.push(Vec::new());
        self.y = TOP_AFTER_FIRST;
    }

    /// Goes to the next sheet unless so much still fits on this one; says whether it went.
    pub fn ensure(&mut self, height: f32) -> bool {
        let turn = height > self.remaining() && !self.at_top();
        if turn {
            self.next_sheet();
        }
        turn
    }

    pub fn skip(&mut self, height: f32) {
        // White space does not open a sheet.
        if !self.at_top() {
            self.y += height;
        }
    }

    pub fn advance(&mut self, height: f32) {
        self.y += height;
    }

    /// Sets a line with its top at `top`, on the current sheet.
    pub fn put(&mut self, x: f32, top: f32, line: Line) {
        let baseline = top + line.ascent;
        self.draw(Item::Text { x, baseline, line });
    }

    pub fn put_right(&mut self, right: f32, top: f32, line: Line) {
        self.put(right - line.width, top, line);
    }

    pub fn rule(&mut self, y: f32, height: f32, ink: Ink) {
        self.draw(Item::Box { x: LEFT, y, width: WIDTH, height, ink });
    }

    pub fn draw(&mut self, item: Item) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.push(item);
        }
    }

    /// Lines one below the other, breaking over sheets.
    pub fn lines(&mut self, x: f32, lines: Vec<Line>) {
        for line in lines {
            self.ensure(line.leading);
            let leading = line.leading;
            self.put(x, self.y, line);
            self.y += leading;
        }
    }

    /// Two columns that start at the same height, each with its own spacing. When they do not fit on one sheet they go
    /// on line by line, so that both break at the same place.
    pub fn side_by_side(&mut self, left: Vec<Line>, right: Vec<Vec<(f32, Line)>>) {
        let left: Vec<_> = left.into_iter().map(|line| vec![(LEFT, line)]).collect();
        let height = height_of(&left).max(height_of(&right));
        if height <= self.capacity() {
            self.ensure(height);
        }
        if height <= self.remaining() {
            for column in [left, right] {
                let mut top = self.y;
                for row in column {
                    top += self.put_row(row, top);
                }
            }
            self.y += height;
            return;
        }
        let (mut left, mut right) = (left.into_iter(), right.into_iter());
        loop {
            let row: Vec<_> = [left.next(), right.next()].into_iter().flatten().collect();
            if row.is_empty() {
                return;
            }
            let row = row.concat();
            self.ensure(leading_of(&row));
            self.y += self.put_row(row, self.y);
        }
    }

    fn put_row(&mut self, row: Vec<(f32, Line)>, top: f32) -> f32 {
        let leading = leading_of(&row);
        for (x, line) in row {
            self.put(x, top, line);
        }
        leading
    }
}

fn leading_of(row: &[(f32, Line)]) -> f32 {
    row.iter().map(|(_, line)| line.leading).fold(0.0, f32::max)
}

fn height_of(rows: &[Vec<(f32, Line)>]) -> f32 {
    rows.iter().map(|row| leading_of(row)).sum()
}

/// The sheets of the whole document, each complete with head and foot.
pub(crate) fn sheets(document: &Document) -> Vec<Vec<Item>> {
    let footer = wrap(&[Piece::new(document.footer.as_str(), SMALL)], WIDTH - 90.0);
    let closes = footer.len() > MOST_FOOTER_LINES;
    let foot_lines = if closes { 0 } else { footer.len() };
    let foot_top = FOOT_BOTTOM - SMALL.leading() * (foot_lines.max(1) + 1) as f32 - 6.0;
    let mut flow = Flow { words: words(&document.language), sheets: vec![Vec::new()], y: TOP, bottom: foot_top - 14.0 };
    crate::blocks::letterhead(&mut flow, document);
    crate::blocks::place_all(&mut flow, &document.blocks);
    if closes {
        flow.skip(10.0);
        flow.lines(LEFT, footer.clone());
    }
    let printed = if closes { Vec::new() } else { footer };
    furnish(flow, document, foot_top, &printed)
}

/// Adds the running head and the foot, which need to know how many sheets there are.
fn furnish(flow: Flow, document: &Document, foot_top: f32, footer: &[Line]) -> Vec<Vec<Item>> {
    let Flow { words, sheets, .. } = flow;
    let total = sheets.len();
    let hash = format!("{}: sha256 {}", words.document_hash, document.hash());
    let mut furnished = Vec::with_capacity(total);
    for (at, sheet) in sheets.into_iter().enumerate() {
        let mut page = Flow { words, sheets: vec![sheet], y: 0.0, bottom: 0.0 };
        if at > 0 {
            running_head(&mut page, document);
        }
        page.rule(foot_top, 0.5, Ink::Hairline);
        let mut top = foot_top + 6.0;
        let count = format!("{} {} {} {total}", words.page, at + 1, words.of);
        page.put_right(RIGHT, top, single_line(Piece::new(count, SMALL)));
        for line in footer {
            page.put(LEFT, top, line.clone());
            top += line.leading;
        }
        let small = Style::new(5.6, Ink::Muted).fixed_width();
        page.put(LEFT, top, single_line(Piece::new(hash.as_str(), small)));
        furnished.append(&mut page.sheets);
    }
    furnished
}

/// Issuer and title on the left, number on the right, so that a lost sheet finds its way back.
fn running_head(page: &mut Flow, document: &Document) {
    let style = Style::new(8.0, Ink::Muted);
    let number = single_line(Piece::new(document.number.to_string(), style.bold()));
    let room = WIDTH - number.width - 16.0;
    page.put_right(RIGHT, TOP, number);
    let pieces = [
        Piece::new(document.issuer.name.as_str(), style.bold()),
        Piece::new("  ·  ", style),
        Piece::new(document.title.as_str(), style),
    ];
    // The full names are on the first sheet; here the first line of them is enough.
    if let Some(line) = wrap(&pieces, room).into_iter().next() {
        page.put(LEFT, TOP, line);
    }
    page.rule(TOP + 15.0, 0.5, Ink::Hairline);
}
