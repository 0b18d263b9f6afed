//! The deals on the page of their customer.

use futures::future::BoxFuture;
use kernel::{PageRequest, Query as _, Registry, Result};
use maud::html;
use partners::CustomerId;
use ui::{Column, Empty, PageCx, Row, Section, SectionSpec, ShownTo, Table};

use crate::registration::deal::State;
use crate::registration::queries::ListDeals;

const FIRST: u32 = 10;

pub(super) fn install(registry: &mut Registry) {
    registry.add(SectionSpec {
        page: partners::customers::PAGE,
        title: "Deals and claims",
        permission: ListDeals::NAME,
        order: 10,
        // A partner's list takes no customer, since that would tell which accounts there are.
        shown_to: ShownTo::Vendor,
        render: section,
    });
}

fn section(cx: &PageCx) -> BoxFuture<'_, Result<Section>> {
    Box::pin(async move {
        let customer: CustomerId = cx.param("customer")?;
        let page = PageRequest { limit: Some(FIRST), ..PageRequest::default() };
        let found = cx.ask(ListDeals { customer: Some(customer), page, ..ListDeals::default() }).await?;
        let rows = found.items.iter().map(|item| {
            let deal = &item.deal;
            Row::new(vec![
                html! { (deal.title) " " span.muted.num { (deal.number) } },
                html! { (item.partner_name) },
                ui::state_badge(deal.state.name()),
                ui::money(deal.value),
                html! {
                    @if let Some(until) = deal.protected_until.filter(|_| deal.state == State::Approved) {
                        (ui::due_chip(until, cx.now, &cx.zone))
                    }
                },
            ])
            .href(format!("/deals/{}", deal.id))
        });
        let columns = vec![
            Column::text("Deal"),
            Column::text("Partner"),
            Column::text("State"),
            Column::number("Value"),
            Column::text("Protected").secondary(),
        ];
        let empty = Empty::new("No deals", "No partner has registered a deal with this customer.");
        let table = Table::new("Deals and claims", columns).rows(rows).empty(empty);
        Ok(Section { table, all: Some(format!("/deals?customer={customer}")) })
    })
}
