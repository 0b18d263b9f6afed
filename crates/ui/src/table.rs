//! Tables: typed columns, rows that link to their object, scrolling inside their own box on narrow windows.

use maud::{Markup, Render, html};

use crate::alert::{Empty, empty_state};
use crate::badge::Tone;

/// One column: its label, alignment, and the key it is sorted by.
#[derive(Debug, Clone)]
pub struct Column {
    pub(crate) label: String,
    pub(crate) number: bool,
    pub(crate) secondary: bool,
    pub(crate) sort: Option<String>,
}

impl Column {
    pub fn text(label: impl Into<String>) -> Self {
        Self { label: label.into(), number: false, secondary: false, sort: None }
    }

    /// Right-aligned with tabular digits: counts, money, rates.
    pub fn number(label: impl Into<String>) -> Self {
        Self { number: true, ..Self::text(label) }
    }

    /// Hidden on narrow windows.
    pub fn secondary(mut self) -> Self {
        self.secondary = true;
        self
    }

    /// Sortable: its header links to `?sort=key`, then `?sort=-key`.
    pub fn sort(mut self, key: impl Into<String>) -> Self {
        self.sort = Some(key.into());
        self
    }

    fn class(&self) -> Option<&'static str> {
        match (self.number, self.secondary) {
            (false, false) => None,
            (true, false) => Some("n"),
            (false, true) => Some("wide"),
            (true, true) => Some("n wide"),
        }
    }
}

/// The content of one cell: anything that renders.
pub type Cell = Markup;

/// One row; with a link, its first cell leads there and the script makes the whole row clickable.
#[derive(Debug, Clone, Default)]
pub struct Row {
    cells: Vec<Cell>,
    href: Option<String>,
    select: Option<String>,
    tone: Option<Tone>,
}

impl Row {
    pub fn new(cells: Vec<Cell>) -> Self {
        Self { cells, ..Self::default() }
    }

    pub fn href(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }

    /// The value that a bulk action posts for this row.
    pub fn select(mut self, value: impl Into<String>) -> Self {
        self.select = Some(value.into());
        self
    }

    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = Some(tone);
        self
    }
}

/// Acts on the chosen rows: posts `name=value` per chosen row and `act` of the pressed button.
#[derive(Debug, Clone)]
pub struct Bulk {
    pub action: String,
    pub csrf: String,
    pub name: String,
    pub acts: Vec<(String, String)>,
}

/// A table with its caption for screen readers.
#[derive(Debug, Clone)]
pub struct Table {
    caption: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
    foot: Option<Row>,
    empty: Empty,
    bulk: Option<Bulk>,
    pub(crate) sorted: Option<Sorted>,
}

/// The order in force and where each header leads.
#[derive(Debug, Clone)]
pub(crate) struct Sorted {
    pub(crate) key: String,
    pub(crate) descending: bool,
    /// The address with everything but the order; `sort=` is appended.
    pub(crate) base: String,
}

impl Table {
    pub fn new(caption: impl Into<String>, columns: Vec<Column>) -> Self {
        Self {
            caption: caption.into(),
            columns,
            rows: Vec::new(),
            foot: None,
            empty: Empty::new("Nothing here yet", "Entries appear here as soon as there are some."),
            bulk: None,
            sorted: None,
        }
    }

    pub fn row(mut self, row: Row) -> Self {
        self.rows.push(row);
        self
    }

    pub fn rows(mut self, rows: impl IntoIterator<Item = Row>) -> Self {
        self.rows.extend(rows);
        self
    }

    /// A row of totals.
    pub fn foot(mut self, cells: Vec<Cell>) -> Self {
        self.foot = Some(Row::new(cells));
        self
    }

    pub fn empty(mut self, empty: Empty) -> Self {
        self.empty = empty;
        self
    }

    pub fn bulk(mut self, bulk: Bulk) -> Self {
        self.bulk = Some(bulk);
        self
    }

    fn head(&self) -> Markup {
        html! {
            thead {
                tr {
                    @if self.bulk.is_some() { th.pick scope="col" { span.sr { "Choose" } } }
                    @for column in &self.columns {
                        @let order = self.order_of(column);
                        @if column.label.is_empty() { td {} } @else {
                        th scope="col" class=[column.class()] aria-sort=[order.map(|(word, _)| word)] {
                            @match (&column.sort, &self.sorted) {
                                (Some(key), Some(sorted)) => {
                                    @let next = if order == Some(("ascending", "↑")) { "-" } else { "" };
                                    a href={ (sorted.base) "sort=" (next) (key) } {
                                        (column.label)
                                        @if let Some((_, arrow)) = order { span aria-hidden="true" { " " (arrow) } }
                                    }
                                },
                                _ => (column.label),
                            }
                        }
                        }
                    }
                }
            }
        }
    }

    fn order_of(&self, column: &Column) -> Option<(&'static str, &'static str)> {
        let sorted = self.sorted.as_ref()?;
        if column.sort.as_ref() != Some(&sorted.key) {
            return None;
        }
        Some(if sorted.descending { ("descending", "↓") } else { ("ascending", "↑") })
    }

    fn body_row(&self, row: &Row) -> Markup {
        let name = self.bulk.as_ref().map(|bulk| bulk.name.as_str());
        html! {
            tr class=[row.tone.map(Tone::class)] data-href=[row.href.as_ref()] {
                @if let Some(name) = name {
                    td.pick {
                        @if let Some(value) = &row.select {
                            input type="checkbox" name=(name) value=(value) aria-label={ "Choose " (value) };
                        }
                    }
                }
                @for (place, cell) in row.cells.iter().enumerate() {
                    td class=[self.columns.get(place).and_then(Column::class)] {
                        @match (&row.href, place) {
                            (Some(href), 0) => a.row-link href=(href) { (cell) },
                            _ => (cell),
                        }
                    }
                }
            }
        }
    }

    fn grid(&self) -> Markup {
        html! {
            div.scroll tabindex="0" role="region" aria-label=(self.caption) {
                table.table {
                    caption.sr { (self.caption) }
                    (self.head())
                    tbody { @for row in &self.rows { (self.body_row(row)) } }
                    @if let Some(foot) = &self.foot { tfoot { (self.body_row(foot)) } }
                }
            }
        }
    }
}

impl Render for Table {
    fn render(&self) -> Markup {
        if self.rows.is_empty() {
            return empty_state(&self.empty);
        }
        let Some(bulk) = &self.bulk else {
            return self.grid();
        };
        html! {
            form method="post" action=(bulk.action) data-bulk {
                input type="hidden" name="csrf" value=(bulk.csrf);
                (self.grid())
                div.bulk {
                    span.muted data-bulk-count { "With the chosen rows:" }
                    @for (label, value) in &bulk.acts { button.btn type="submit" name="act" value=(value) { (label) } }
                }
            }
        }
    }
}
