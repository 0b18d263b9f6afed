//! Every component on one page, to look at and to test against.

use maud::{Markup, Render, html};

use crate::page::{Frame, Side};

/// The whole gallery as a page of its own.
pub fn gallery() -> Markup {
    Frame::new("Gallery", Side::Console).body(html! {}).render()
}
