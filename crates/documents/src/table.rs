//! Tables on paper: column widths that never tear an amount, rows that stay together, heads that repeat.

use crate::layout::{Flow, Item, LEFT, WIDTH};
use crate::model::{Align, Cell, Row, RowKind, Table, Value};
use crate::typeset::{Ink, Line, Piece, Style, single_line, wrap};

const CELL: Style = Style::new(8.5, Ink::Text);
const HEAD: Style = Style::new(7.5, Ink::Muted);
const DETAIL: Style = Style::new(7.0, Ink::Muted);
/// White space on each side of a column.
const GUTTER: f32 = 5.0;
const PADDING: f32 = 2.8;

/// A cell whose text is already broken into lines.
#[derive(Clone)]
struct SetCell {
    x: f32,
    width: f32,
    align: Align,
    lines: Vec<Line>,
}

#[derive(Clone)]
struct SetRow {
    kind: RowKind,
    cells: Vec<SetCell>,
}

impl SetCell {
    fn height(&self) -> f32 {
        self.lines.iter().map(|line| line.leading).sum()
    }

    /// Takes off as many lines as fit, at least one when `forced`.
    fn split(&mut self, room: f32, forced: bool) -> Self {
        let mut used = 0.0;
        let fitting = self.lines.iter().take_while(|line| {
            used += line.leading;
            used <= room
        });
        let count = fitting.count().max(usize::from(forced));
        let rest = self.lines.split_off(count.min(self.lines.len()));
        Self { lines: std::mem::replace(&mut self.lines, rest), ..*self }
    }
}

impl SetRow {
    fn height(&self) -> f32 {
        let tallest = self.cells.iter().map(SetCell::height).fold(0.0, f32::max);
        tallest + 2.0 * PADDING
    }
}

/// The table being set: its head and the group that is open.
struct Setting {
    head: SetRow,
    columns: Vec<(f32, f32)>,
    open_group: Option<String>,
}

pub(crate) fn place(flow: &mut Flow, table: &Table) {
    if table.column_count() == 0 {
        return;
    }
    let columns = columns(table);
    let head = head(table, &columns);
    let rows: Vec<SetRow> = table.rows.iter().map(|row| set_row(table, row, &columns)).collect();
    let mut setting = Setting { head, columns, open_group: None };
    let caption = wrap(&[Piece::new(table.caption.as_str(), Style::new(9.5, Ink::Text).bold())], WIDTH);
    let caption_height: f32 = caption.iter().map(|line| line.leading).sum();
    let first = rows.first().map_or(0.0, |_| chunk_height(&rows[..chunk_end(&rows, 0)]));
    flow.ensure((caption_height + setting.head.height() + first).min(flow.capacity()));
    flow.lines(LEFT, caption);
    place_head(flow, &setting.head);
    let mut at = 0;
    while at < rows.len() {
        let end = chunk_end(&rows, at);
        setting.place_chunk(flow, &rows[at..end], &table.rows[at..end]);
        at = end;
    }
    flow.skip(12.0);
}

/// Rows that belong together: a group with its first line, a line with the subtotals and totals below it.
fn chunk_end(rows: &[SetRow], start: usize) -> usize {
    let sums = |kind: RowKind| matches!(kind, RowKind::Subtotal | RowKind::Total);
    let mut end = start + 1;
    while end < rows.len() && (rows[end - 1].kind == RowKind::Group || sums(rows[end].kind)) {
        end += 1;
    }
    end
}

fn chunk_height(rows: &[SetRow]) -> f32 {
    rows.iter().map(SetRow::height).sum()
}

impl Setting {
    fn place_chunk(&mut self, flow: &mut Flow, rows: &[SetRow], source: &[Row]) {
        let height = chunk_height(rows);
        let room = flow.capacity() - self.head.height() - 20.0;
        if height > flow.remaining() && height <= room {
            self.turn(flow, rows[0].kind);
        }
        for (row, source) in rows.iter().zip(source) {
            self.place_row(flow, row.clone());
            match source.kind {
                RowKind::Group => {
                    self.open_group = source.cells.first().map(|cell| cell.value.display());
                }
                RowKind::Subtotal | RowKind::Total => self.open_group = None,
                RowKind::Line => {}
            }
        }
    }

    /// A row taller than what is left moves on; one taller than a sheet is cut between lines.
    fn place_row(&mut self, flow: &mut Flow, mut row: SetRow) {
        if row.height() > flow.remaining() && !flow.at_top() {
            self.turn(flow, row.kind);
        }
        while row.height() > flow.remaining() {
            let room = flow.remaining() - 2.0 * PADDING;
            let cells = row.cells.iter_mut().map(|cell| cell.split(room, true));
            let part = SetRow { cells: cells.collect(), kind: row.kind };
            draw_row(flow, &part);
            if row.cells.iter().all(|cell| cell.lines.is_empty()) {
                return;
            }
            self.turn(flow, row.kind);
        }
        draw_row(flow, &row);
    }

    /// A fresh sheet with the head again, and the open group's name when it goes on there.
    fn turn(&self, flow: &mut Flow, next: RowKind) {
        flow.next_sheet();
        if self.head.height() < flow.capacity() / 3.0 {
            place_head(flow, &self.head);
        }
        if next == RowKind::Group || next == RowKind::Total {
            return;
        }
        if let Some(group) = &self.open_group {
            let label = format!("{group} ({})", flow.words.continued);
            let row = Row::group(label);
            let set = set_cells(&row, &self.columns, &vec![Align::Start; self.columns.len()]);
            if set.height() < flow.capacity() / 3.0 {
                draw_row(flow, &set);
            }
        }
    }
}

fn place_head(flow: &mut Flow, head: &SetRow) {
    if head.cells.iter().all(|cell| cell.lines.is_empty()) {
        flow.rule(flow.y(), 0.5, Ink::Hairline);
        return;
    }
    draw_lines(flow, head);
    flow.advance(head.height());
    flow.rule(flow.y() - 0.8, 0.8, Ink::Rule);
}

fn draw_row(flow: &mut Flow, row: &SetRow) {
    let (height, top) = (row.height(), flow.y());
    if matches!(row.kind, RowKind::Group | RowKind::Total) {
        flow.draw(Item::Box { x: LEFT, y: top, width: WIDTH, height, ink: Ink::Panel });
    }
    draw_lines(flow, row);
    match row.kind {
        RowKind::Line | RowKind::Group => flow.rule(top + height - 0.4, 0.4, Ink::Hairline),
        RowKind::Subtotal => flow.rule(top, 0.6, Ink::Muted),
        RowKind::Total => {
            flow.rule(top, 0.9, Ink::Rule);
            flow.rule(top + height - 0.9, 0.9, Ink::Rule);
        }
    }
    flow.advance(height);
}

fn draw_lines(flow: &mut Flow, row: &SetRow) {
    for cell in &row.cells {
        let mut top = flow.y() + PADDING;
        for line in cell.lines.iter().cloned() {
            let slack = cell.width - line.width;
            let x = match cell.align {
                Align::Start => cell.x,
                Align::Center => cell.x + slack / 2.0,
                Align::End => cell.x + slack,
            };
            let leading = line.leading;
            flow.put(x, top, line);
            top += leading;
        }
    }
}

/// Position and width of each column's text. Relative widths, except that an amount or a day never wraps: its
/// column takes what it needs and the others share the rest.
fn columns(table: &Table) -> Vec<(f32, f32)> {
    let count = table.column_count();
    let gutter = GUTTER.min(WIDTH / count as f32 / 4.0);
    let weights: Vec<f32> =
        (0..count).map(|at| table.columns.get(at).map_or(1.0, |c| f32::from(c.width.max(1)))).collect();
    let needs = needs(table, count, gutter);
    let mut fixed = vec![false; count];
    let widths = loop {
        let taken: f32 = (0..count).filter(|i| fixed[*i]).map(|i| needs[i]).sum();
        let open: f32 = (0..count).filter(|i| !fixed[*i]).map(|i| weights[i]).sum();
        let rest = (WIDTH - taken).max(0.0);
        let share = |i: usize| rest * weights[i] / open;
        let short = (0..count).find(|i| !fixed[*i] && share(*i) < needs[*i]);
        match short {
            Some(i) => fixed[i] = true,
            None => {
                break (0..count).map(|i| if fixed[i] { needs[i] } else { share(i) }).collect::<Vec<f32>>();
            }
        }
    };
    let scale = (WIDTH / widths.iter().sum::<f32>()).min(1.0);
    let mut x = LEFT;
    widths
        .into_iter()
        .map(|width| {
            let width = width * scale;
            let column = (x + gutter, width - 2.0 * gutter);
            x += width;
            column
        })
        .collect()
}

/// The least width of each column: its widest amount or day, and a few letters for the rest.
fn needs(table: &Table, count: usize, gutter: f32) -> Vec<f32> {
    let mut needs = vec![(WIDTH / count as f32).min(24.0); count];
    for row in &table.rows {
        let spanned = count - row.cells.len();
        for (at, cell) in row.cells.iter().enumerate() {
            let spanning = at == 0 && spanned > 0;
            if spanning || !unbreakable(&cell.value) {
                continue;
            }
            let piece = Piece::value(&cell.value, None, cell_style(row.kind));
            let need = single_line(piece).width + 2.0 * gutter + 0.1;
            let column = at + spanned;
            needs[column] = needs[column].max(need.min(WIDTH * 0.8));
        }
    }
    needs
}

fn unbreakable(value: &Value) -> bool {
    matches!(value, Value::Money(_) | Value::Day(_))
}

fn head(table: &Table, columns: &[(f32, f32)]) -> SetRow {
    let cells = table.columns.iter().zip(columns).map(|(column, (x, width))| {
        let lines = wrap(&[Piece::new(column.label.as_str(), HEAD.bold())], *width);
        SetCell { x: *x, width: *width, align: column.align, lines }
    });
    SetRow { kind: RowKind::Line, cells: cells.collect() }
}

fn set_row(table: &Table, row: &Row, columns: &[(f32, f32)]) -> SetRow {
    let aligns: Vec<Align> =
        (0..columns.len()).map(|at| table.columns.get(at).map_or(Align::Start, |c| c.align)).collect();
    set_cells(row, columns, &aligns)
}

fn set_cells(row: &Row, columns: &[(f32, f32)], aligns: &[Align]) -> SetRow {
    let spanned = columns.len().saturating_sub(row.cells.len());
    let style = cell_style(row.kind);
    let cells = row.cells.iter().enumerate().map(|(at, cell)| {
        let column = at + spanned;
        let (mut x, mut width) = columns[column];
        let mut align = aligns[column];
        if at == 0 && spanned > 0 {
            width += x - columns[0].0;
            x = columns[0].0;
            align = Align::Start;
        }
        SetCell { x, width, align, lines: cell_lines(cell, style, width) }
    });
    SetRow { kind: row.kind, cells: cells.collect() }
}

fn cell_style(kind: RowKind) -> Style {
    match kind {
        RowKind::Line => CELL,
        RowKind::Group | RowKind::Subtotal | RowKind::Total => CELL.bold(),
    }
}

fn cell_lines(cell: &Cell, style: Style, width: f32) -> Vec<Line> {
    let piece = Piece::value(&cell.value, cell.link.as_deref(), style);
    let mut lines = if unbreakable(&cell.value) { vec![fitted(piece, width)] } else { wrap(&[piece], width) };
    lines.extend(wrap(&[Piece::new(cell.detail.as_str(), DETAIL)], width));
    lines
}

/// An amount torn over two lines reads as two amounts; in a column too narrow for it, it gets smaller instead.
fn fitted(piece: Piece, width: f32) -> Line {
    let line = single_line(piece.clone());
    if line.width <= width {
        return line;
    }
    let size = (piece.style.size * width / line.width).max(1.0);
    let style = Style { size, ..piece.style };
    single_line(Piece { style, ..piece })
}
