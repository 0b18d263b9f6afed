//! A document on a page: semantic HTML with class names of its own and no inline style, for a strict content policy.

use maud::{Markup, html};

use crate::blocks::share_of;
use crate::model::{
    Align, Bar, Block, Cell, Document, KeyValue, Level, Party, Row, RowKind, Signature, Span, Table, Text, Tone, Value,
    Weight, safe_link,
};
use crate::words::words;

/// The style of documents; it takes the colors of the page it is part of and brings its own where there are none.
pub const DOC_CSS: &str = include_str!("doc.css");

/// The document as an `article`, to be put into a page that carries [`DOC_CSS`].
pub fn render(document: &Document) -> Markup {
    let words = words(&document.language);
    html! {
        article.doc lang=(document.language) data-kind=(document.kind) {
            header.doc-head {
                (party(&document.issuer, "doc-issuer"))
            }
            div.doc-meta {
                @if let Some(recipient) = &document.recipient {
                    div {
                        p.doc-label { (words.recipient) }
                        (party(recipient, "doc-recipient"))
                    }
                }
                dl.doc-facts {
                    dt { (words.number) } dd { (document.number) }
                    dt { (words.issued) } dd { (day(document.issued_on)) }
                    @for fact in &document.facts { (key_value(fact)) }
                }
            }
            h1.doc-title { (document.title) }
            @for one in &document.blocks { (block(one)) }
            footer.doc-foot {
                @if !document.footer.is_empty() { p { (document.footer) } }
                p.doc-hash { (words.document_hash) ": sha256 " code { (document.hash()) } }
            }
        }
    }
}

fn party(party: &Party, class: &str) -> Markup {
    html! {
        address class=(class) {
            strong { (party.name) }
            @for line in &party.lines { span { (line) } }
        }
    }
}

fn block(block: &Block) -> Markup {
    match block {
        Block::Heading { level, text } => match level {
            Level::Section => html! { h2.doc-section { (text) } },
            Level::Subsection => html! { h3.doc-subsection { (text) } },
        },
        Block::Paragraph { text } => html! { p.doc-text { (running(text)) } },
        Block::KeyValues { items } => html! {
            dl.doc-pairs { @for item in items { (key_value(item)) } }
        },
        Block::Table(table) => self::table(table),
        Block::Note { tone, title, text } => note(*tone, title, text),
        Block::Spacer => html! { div.doc-spacer {} },
        Block::PageBreak => html! { hr.doc-page-break; },
        Block::Signatures { parties } => signatures(parties),
        Block::Seal { label, sha256 } => html! {
            p.doc-seal { (label) ": sha256 " code { (sha256) } }
        },
        Block::Bars { title, bars } => bar_chart(title, bars),
    }
}

fn running(text: &Text) -> Markup {
    html! { @for span in &text.0 { (self::span(span)) } }
}

fn span(span: &Span) -> Markup {
    let text = match span.weight {
        Weight::Regular => html! { (span.text) },
        Weight::Bold => html! { strong { (span.text) } },
    };
    followed(text, span.link.as_deref())
}

fn followed(text: Markup, link: Option<&str>) -> Markup {
    match safe_link(link) {
        Some(href) => html! { a href=(href) { (text) } },
        None => text,
    }
}

fn day(day: kernel::Day) -> Markup {
    html! { time datetime=(day) { (day) } }
}

fn key_value(item: &KeyValue) -> Markup {
    html! { dt { (item.key) } dd { (cell(&item.value)) } }
}

fn cell(cell: &Cell) -> Markup {
    let value = match &cell.value {
        Value::Day(value) => day(*value),
        Value::Money(amount) => html! { data.doc-amount value=(amount) { (amount.pretty()) } },
        value => html! { (value.display()) },
    };
    html! {
        (followed(value, cell.link.as_deref()))
        @if !cell.detail.is_empty() { span.doc-detail { (cell.detail) } }
    }
}

fn table(table: &Table) -> Markup {
    let labelled = table.columns.iter().any(|column| !column.label.is_empty());
    html! {
        div.doc-scroll {
            table.doc-table {
                @if !table.caption.is_empty() { caption { (table.caption) } }
                @if labelled {
                    thead { tr {
                        @for column in &table.columns {
                            th scope="col" class=(align_class(column.align)) { (column.label) }
                        }
                    } }
                }
                tbody { @for one in &table.rows { (row(table, one)) } }
            }
        }
    }
}

fn row(table: &Table, row: &Row) -> Markup {
    let spanned = table.column_count() - row.cells.len();
    let class = match row.kind {
        RowKind::Line => None,
        RowKind::Group => Some("doc-group"),
        RowKind::Subtotal => Some("doc-subtotal"),
        RowKind::Total => Some("doc-total"),
    };
    html! {
        tr class=[class] {
            @for (at, one) in row.cells.iter().enumerate() {
                @if at == 0 && row.kind != RowKind::Line {
                    th scope="row" colspan=[(spanned > 0).then_some(spanned + 1)] { (cell(one)) }
                } @else if at == 0 && spanned > 0 {
                    td colspan=(spanned + 1) { (cell(one)) }
                } @else {
                    td class=(class_at(table, at + spanned)) { (cell(one)) }
                }
            }
        }
    }
}

fn class_at(table: &Table, column: usize) -> &'static str {
    align_class(table.columns.get(column).map(|c| c.align).unwrap_or_default())
}

fn align_class(align: Align) -> &'static str {
    match align {
        Align::Start => "doc-start",
        Align::Center => "doc-center",
        Align::End => "doc-end",
    }
}

fn note(tone: Tone, title: &str, text: &Text) -> Markup {
    let class = match tone {
        Tone::Info => "doc-note doc-info",
        Tone::Success => "doc-note doc-success",
        Tone::Warning => "doc-note doc-warning",
        Tone::Danger => "doc-note doc-danger",
    };
    html! {
        aside class=(class) {
            @if !title.is_empty() { p { strong { (title) } } }
            p { (running(text)) }
        }
    }
}

fn signatures(parties: &[Signature]) -> Markup {
    html! {
        div.doc-signatures {
            @for signature in parties {
                p {
                    strong { (signature.name) }
                    span { (signature.role) }
                    @if let Some(signed_on) = signature.signed_on { (day(signed_on)) }
                }
            }
        }
    }
}

/// Bars as SVG attributes, since a length in a `style` attribute would break the content policy.
fn bar_chart(title: &str, bars: &[Bar]) -> Markup {
    let largest = bars.iter().map(|bar| bar.value.minor.unsigned_abs()).max();
    html! {
        figure.doc-bars {
            @if !title.is_empty() { figcaption { (title) } }
            dl {
                @for bar in bars {
                    @let share = share_of(bar.value.minor.unsigned_abs(), largest.unwrap_or(0));
                    @let class = if bar.value.minor < 0 { "doc-bar doc-danger" } else { "doc-bar" };
                    dt { (bar.label) }
                    dd {
                        svg class=(class) viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
                            rect width=(format!("{:.2}", share * 100.0)) height="8" {}
                        }
                        data.doc-amount value=(bar.value) { (bar.value.pretty()) }
                    }
                }
            }
        }
    }
}
