//! Things against each other: two versions of a value, two claims side by side, and text as it is.

use maud::{Markup, html};

/// One changed value of a difference.
#[derive(Debug, Clone)]
pub struct Change {
    pub what: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Change {
    pub fn new(what: impl Into<String>, before: Option<String>, after: Option<String>) -> Self {
        Self { what: what.into(), before, after }
    }
}

/// What changed, one line each: removed, added or replaced.
pub fn diff_list(changes: &[Change]) -> Markup {
    html! {
        ul.diff {
            @for change in changes {
                li {
                    span.diff-what { (change.what) }
                    @if let Some(before) = &change.before { del { span.sr { "was " } (before) } }
                    @if let Some(after) = &change.after { ins { span.sr { "is now " } (after) } }
                }
            }
        }
    }
}

/// Several things side by side, row by row; a row whose cells differ is marked.
/// `rows`: the label, one text per column.
pub fn comparison(columns: &[&str], rows: &[(&str, Vec<String>)]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label={ "Comparison: " (columns.join(", ")) } {
            table.table.compare {
                thead { tr { td {} @for column in columns { th scope="col" { (column) } } } }
                tbody {
                    @for (label, cells) in rows {
                        @let differs = cells.windows(2).any(|pair| pair[0] != pair[1]);
                        tr.differs[differs] {
                            th scope="row" { (label) @if differs { span.sr { " (differs)" } } }
                            @for cell in cells { td { (cell) } }
                        }
                    }
                }
            }
        }
    }
}

/// Text as it is, such as JSON or a command, with a button that copies it.
pub fn code_block(caption: &str, text: &str) -> Markup {
    html! {
        figure.code {
            figcaption {
                span { (caption) }
                button.btn.btn-small type="button" data-copy=(text) { "Copy" }
            }
            pre tabindex="0" { code { (text) } }
        }
    }
}
