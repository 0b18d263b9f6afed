//! How an area adds a section to the page of another one: the page of a customer shows its deals without knowing of deals.

use futures::future::BoxFuture;
use kernel::Result;
use maud::{Markup, html};

use crate::action::link_button;
use crate::badge::Tone;
use crate::panel::card;
use crate::site::{PageCx, ShownTo};
use crate::table::Table;

/// A section of a page that another area declares; areas add it with `registry.add(SectionSpec { … })`.
#[derive(Clone, Copy)]
pub struct SectionSpec {
    /// The path of the page, as its `PageSpec` has it.
    pub page: &'static str,
    pub title: &'static str,
    /// The operation or query whose permission opens the section; without it the page does not show it.
    pub permission: &'static str,
    /// The lowest comes first.
    pub order: u16,
    pub shown_to: ShownTo,
    pub render: for<'a> fn(&'a PageCx) -> BoxFuture<'a, Result<Section>>,
}

/// What a section shows: the first rows, and the way to all of them.
pub struct Section {
    pub table: Table,
    pub all: Option<String>,
}

impl PageCx {
    /// The sections that areas add to a page, each as a card, in their order.
    pub async fn sections(&self, page: &str) -> Result<Markup> {
        let side = if self.is_partner() { ShownTo::Partner } else { ShownTo::Vendor };
        let mut specs = self.app.registry().parts::<SectionSpec>();
        specs.retain(|spec| spec.page == page && self.may(spec.permission));
        specs.retain(|spec| spec.shown_to == ShownTo::Everyone || spec.shown_to == side);
        specs.sort_by_key(|spec| (spec.order, spec.title));
        let mut cards = Vec::new();
        for spec in specs {
            let Section { table, all } = (spec.render)(self).await?;
            let way = html! { @if let Some(all) = &all { (link_button(Tone::Neutral, "All", all)) } };
            cards.push(card(spec.title, &html! { (table) }, &way));
        }
        Ok(html! { @for card in &cards { (card) } })
    }
}
