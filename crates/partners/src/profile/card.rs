//! Cards that capabilities put on the page of a partner, so that the page need not know them.

use futures::future::BoxFuture;
use kernel::{Registry, Result};
use maud::{Markup, html};
use ui::PageCx;

use super::Partner;

/// A card on the page of a partner; capabilities add theirs with `registry.add(Card { … })`.
#[derive(Clone, Copy)]
pub struct Card {
    /// The query whose permission shows it.
    pub permission: &'static str,
    /// The card; nothing where there is nothing to say.
    pub render: for<'a> fn(&'a PageCx, &'a Partner) -> BoxFuture<'a, Result<Markup>>,
}

/// All cards that this reader may see.
pub(super) async fn cards(cx: &PageCx, registry: &Registry, partner: &Partner) -> Result<Markup> {
    let mut all = Vec::new();
    for card in registry.parts::<Card>().iter().filter(|card| cx.may(card.permission)) {
        match (card.render)(cx, partner).await {
            Ok(markup) => all.push(markup),
            // What is the vendor's own has no card for the partner.
            Err(kernel::Error::Forbidden { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(html! { @for card in &all { (card) } })
}
