//! `/deals`: every deal that the reader may see.

use futures::future::BoxFuture;
use kernel::{Operation as _, Query as _, Result};
use maud::html;
use ui::{Column, Empty, Filter, ListView, PageCx, Row, Table, Tone, View};

use crate::opportunities::ListOpportunities;
use crate::registration::deal::State;
use crate::registration::queries::{DealListed, ListDeals};
use crate::registration::register::RegisterDeal;

pub(super) fn page(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListDeals>()?).await?;
        let mut columns = vec![Column::text("Deal"), Column::text("Customer").sort("customer")];
        if !cx.is_partner() {
            columns.push(Column::text("Partner"));
        }
        columns.extend([
            Column::text("State"),
            Column::number("Value").sort("value"),
            Column::text("Protected").sort("protected_until"),
            Column::text("Expected close").secondary(),
            Column::text("Registered").sort("submitted_at").secondary(),
        ]);
        let may_register = cx.may(RegisterDeal::NAME);
        let register = html! {
            @if may_register { (ui::link_button(Tone::Accent, "Register a deal", "/deals/new")) }
        };
        let empty = Empty::new("No deals yet", "A registered deal is protected for its partner as the program says.")
            .action(register.clone());
        let rows = page.items.iter().map(|item| row(cx, item));
        let table = Table::new("Deals", columns).rows(rows).empty(empty);
        let states = State::ALL.map(|state| (state.name().to_owned(), ui::humanize(state.name())));
        let view = ListView::new("/deals", &cx.query, table)
            .filter(Filter::search("text", "Number, title or customer"))
            .filter(Filter::choice("state", "State", states.to_vec()))
            .filter(Filter::day("closes_from", "Closes from"))
            .filter(Filter::day("closes_before", "Closes before"))
            .next(page.next)
            .export("CSV", cx.export::<ListDeals>("csv"))
            .export("JSON Lines", cx.export::<ListDeals>("jsonl"));
        let line = html! { "Registrations from the claim to the closed sale." };
        let actions = html! {
            @if !cx.is_partner() && cx.may(ListOpportunities::NAME) {
                (ui::link_button(Tone::Neutral, "Opportunities", "/deals/opportunities"))
            }
            (register)
        };
        Ok(View::new("Deals", html! { (view) }).line(line).actions(actions))
    })
}

fn row(cx: &PageCx, item: &DealListed) -> Row {
    let deal = &item.deal;
    let mut cells = vec![html! { (deal.title) " " span.muted.num { (deal.number) } }, html! { (deal.identity.name) }];
    if !cx.is_partner() {
        cells.push(html! { a href={ "/partners/" (deal.partner) } { (item.partner_name) } });
    }
    cells.extend([
        ui::state_badge(deal.state.name()),
        ui::money(deal.value),
        html! {
            @if let Some(until) = deal.protected_until.filter(|_| deal.state == State::Approved) {
                (ui::due_chip(until, cx.now, &cx.zone))
            }
        },
        html! { @if let Some(day) = deal.expected_close { (ui::day(day)) } },
        ui::ago(deal.submitted_at, cx.now, &cx.zone),
    ]);
    Row::new(cells).href(format!("/deals/{}", deal.id))
}
