//! A list page: filter bar, sortable table, pager, count and export links around one [`Table`].
//!
//! The address is the whole state: filters are a GET form, orders and pages are links. `sort=key` ascends, `sort=-key`
//! descends, `cursor=…` is the next page.

use maud::{Markup, Render, html};

use crate::alert::{Empty, empty_state};
use crate::icon::{Icon, icon};
use crate::table::{Sorted, Table};

/// One control of the filter bar.
#[derive(Debug, Clone)]
pub struct Filter {
    name: String,
    label: String,
    kind: FilterKind,
}

#[derive(Debug, Clone)]
enum FilterKind {
    Search,
    Choice(Vec<(String, String)>),
    Day,
}

impl Filter {
    /// A search box; the key `/` jumps to it.
    pub fn search(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self { name: name.into(), label: label.into(), kind: FilterKind::Search }
    }

    /// A choice of `(value, label)`; "any" is added.
    pub fn choice(name: impl Into<String>, label: impl Into<String>, options: Vec<(String, String)>) -> Self {
        Self { name: name.into(), label: label.into(), kind: FilterKind::Choice(options) }
    }

    pub fn day(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self { name: name.into(), label: label.into(), kind: FilterKind::Day }
    }
}

/// A list page without its heading.
#[derive(Debug, Clone)]
pub struct ListView {
    path: String,
    query: Vec<(String, String)>,
    filters: Vec<Filter>,
    table: Table,
    next: Option<String>,
    total: Option<String>,
    exports: Vec<(String, String)>,
}

impl ListView {
    /// `path` is the page's own path, `query` its query parameters as they came.
    pub fn new(path: impl Into<String>, query: &[(String, String)], table: Table) -> Self {
        Self {
            path: path.into(),
            query: query.iter().filter(|(_, value)| !value.is_empty()).cloned().collect(),
            filters: Vec::new(),
            table,
            next: None,
            total: None,
            exports: Vec::new(),
        }
    }

    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// The cursor of the next page, if there is one.
    pub fn next(mut self, cursor: Option<String>) -> Self {
        self.next = cursor;
        self
    }

    /// How many there are in all, in words: `6,012 deals`.
    pub fn total(mut self, words: impl Into<String>) -> Self {
        self.total = Some(words.into());
        self
    }

    /// Download links: `("CSV", "/deals.csv?…")`.
    pub fn export(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.exports.push((label.into(), href.into()));
        self
    }

    fn value_of(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// The page's address without the named parameters, ending in `?` or `&`.
    fn address_without(&self, left_out: &[&str]) -> String {
        let mut address = format!("{}?", self.path);
        for (key, value) in self.query.iter().filter(|(key, _)| !left_out.contains(&key.as_str())) {
            address.push_str(&format!("{}={}&", percent_encoded(key), percent_encoded(value)));
        }
        address
    }

    fn is_filtered(&self) -> bool {
        self.filters.iter().any(|filter| !self.value_of(&filter.name).is_empty())
    }

    fn bar(&self) -> Markup {
        html! {
            form.filters method="get" action=(self.path) role="search" data-filters {
                @for filter in &self.filters { (self.control(filter)) }
                @if !self.value_of("sort").is_empty() { input type="hidden" name="sort" value=(self.value_of("sort")); }
                button.btn type="submit" { (icon(Icon::Filter)) "Filter" }
                @if self.is_filtered() { a.clear href=(self.path) { "Clear" } }
            }
        }
    }

    fn control(&self, filter: &Filter) -> Markup {
        let value = self.value_of(&filter.name);
        html! {
            label.filter.filter-search[matches!(filter.kind, FilterKind::Search)] {
                span { (filter.label) }
                @match &filter.kind {
                    FilterKind::Search => {
                        input type="search" name=(filter.name) value=(value) placeholder=(filter.label) data-slash;
                    },
                    FilterKind::Day => input type="date" name=(filter.name) value=(value);,
                    FilterKind::Choice(options) => {
                        select name=(filter.name) {
                            option value="" { "Any" }
                            @for (key, label) in options { option value=(key) selected[key == value] { (label) } }
                        }
                    },
                }
            }
        }
    }

    fn foot(&self) -> Markup {
        let shown = self.table.rows.len();
        html! {
            div.list-foot {
                p.muted {
                    @match &self.total {
                        Some(total) => { (shown) " shown of " (total) },
                        None => { (shown) " shown" },
                    }
                }
                @if !self.exports.is_empty() {
                    p.exports { (icon(Icon::Download)) @for (label, href) in &self.exports { a href=(href) download { (label) } } }
                }
                nav.pager aria-label="Pages" {
                    @if !self.value_of("cursor").is_empty() {
                        a.btn href=(self.address_without(&["cursor"]).trim_end_matches(['?', '&'])) { "First page" }
                    }
                    @if let Some(next) = &self.next {
                        a.btn rel="next" href={ (self.address_without(&["cursor"])) "cursor=" (percent_encoded(next)) } {
                            "Next page"
                        }
                    }
                }
            }
        }
    }
}

impl Render for ListView {
    fn render(&self) -> Markup {
        let sort = self.value_of("sort");
        let mut table = self.table.clone();
        table.sorted = Some(Sorted {
            key: sort.trim_start_matches('-').to_owned(),
            descending: sort.starts_with('-'),
            base: self.address_without(&["sort", "cursor"]),
        });
        let nothing_matches = self.table.rows.is_empty() && self.is_filtered();
        html! {
            div.list {
                @if !self.filters.is_empty() { (self.bar()) }
                @if nothing_matches {
                    (empty_state(&Empty::new("Nothing matches", "No entry fits all of these filters.")
                        .action(html! { a.btn href=(self.path) { "Clear the filters" } })))
                } @else {
                    (table)
                }
                @if !self.table.rows.is_empty() { (self.foot()) }
            }
        }
    }
}

/// A query value in its percent-encoded form.
pub(crate) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
