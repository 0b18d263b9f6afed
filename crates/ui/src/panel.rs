//! The quiet structure of a page: headings, sections, cards, grids, key–value lists and tabs.

use maud::{Markup, html};

use crate::icon::{Icon, icon};

/// The head of a part of a page: title, a line under it, buttons to the right. The frame makes the page's own `h1`.
pub fn heading(title: &str, line: &str, actions: &Markup) -> Markup {
    html! {
        div.heading {
            div {
                h2 { (title) }
                @if !line.is_empty() { p.sub { (line) } }
            }
            @if !actions.0.is_empty() { div.actions { (actions) } }
        }
    }
}

/// A titled part of a page without a card around it.
pub fn section(title: &str, body: &Markup) -> Markup {
    html! { section.section { h2 { (title) } (body) } }
}

/// A card; an empty title or empty actions leave that part out.
pub fn card(title: &str, body: &Markup, actions: &Markup) -> Markup {
    html! {
        section.card {
            @if !title.is_empty() || !actions.0.is_empty() {
                header.card-head {
                    h2 { (title) }
                    @if !actions.0.is_empty() { div.actions { (actions) } }
                }
            }
            div.card-body { (body) }
        }
    }
}

/// Cards side by side: two or three equal columns, one on narrow windows. A main column with an aside is `"main-aside"`.
pub fn grid(columns: &str, cells: &[Markup]) -> Markup {
    let class = match columns {
        "2" => "grid grid-2",
        "3" => "grid grid-3",
        "main-aside" => "grid grid-aside",
        _ => "grid",
    };
    html! { div class=(class) { @for cell in cells { div { (cell) } } } }
}

/// Facts about one thing.
pub fn key_values(pairs: &[(&str, Markup)]) -> Markup {
    html! { dl.facts { @for (key, value) in pairs { div { dt { (key) } dd { (value) } } } } }
}

/// One tab: a link to the same object seen from another side.
#[derive(Debug, Clone)]
pub struct Tab {
    pub label: String,
    pub href: String,
    pub current: bool,
    pub count: Option<u64>,
}

impl Tab {
    pub fn new(label: impl Into<String>, href: impl Into<String>, current: bool) -> Self {
        Self { label: label.into(), href: href.into(), current, count: None }
    }

    pub fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }
}

pub fn tabs(label: &str, tabs: &[Tab]) -> Markup {
    html! {
        nav.tabs aria-label=(label) {
            @for tab in tabs {
                a href=(tab.href) aria-current=[tab.current.then_some("page")] {
                    (tab.label)
                    @if let Some(count) = tab.count { span.count { (count) } }
                }
            }
        }
    }
}

/// An id that is copied with one click: the end of it is shown, the whole is copied and read out on hover.
pub fn id_chip(id: &str) -> Markup {
    let (prefix, rest) = id.rsplit_once('_').map_or(("", id), |(p, r)| (p, r));
    let length = rest.chars().count();
    let tail: String = rest.chars().skip(length.saturating_sub(6)).collect();
    html! {
        button.id-chip type="button" data-copy=(id) title=(format!("{id} (click to copy)")) {
            @if !prefix.is_empty() { span { (prefix) "_" } }
            @if length > 6 { "…" }
            (tail)
            (icon(Icon::Copy))
        }
    }
}
