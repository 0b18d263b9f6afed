//! The command palette: Ctrl-K opens it, arrow keys choose, Enter goes. Without script, `/search` is a page.

use maud::{Markup, html};

use crate::icon::{Icon, icon};

pub(crate) fn palette() -> Markup {
    html! {
        dialog.palette #palette aria-label="Search" {
            form method="get" action="/search" {
                (icon(Icon::Search))
                input #palette-input type="search" name="q" autocomplete="off" spellcheck="false" role="combobox" aria-expanded="false"
                    aria-controls="palette-results" aria-label="Search" placeholder="Search partners, deals, customers, pages…";
                kbd { "Esc" }
            }
            ul #palette-results role="listbox" aria-label="Results" {}
            p.palette-hint { kbd { "↑" } kbd { "↓" } " to choose, " kbd { "Enter" } " to open" }
        }
    }
}
