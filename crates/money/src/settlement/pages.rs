//! `/money/earnings`: what is pending, held, payable and paid, and what a person does with a statement.

use futures::future::BoxFuture;
use kernel::{Operation as _, Query as _, Registry, Result};
use maud::{Markup, html};
use ui::{Column, Empty, Filter, Icon, ListView, NavSpec, PageCx, PageSpec, Row, ShownTo, Stat, Table, View};

use super::operations::{HoldStatement, RecordPayment, ReleaseStatement};
use super::queries::{Earnings, GetEarnings, ListSettlements};
use super::store::{Settlement, SettlementState};

pub(crate) fn install(registry: &mut Registry) {
    let nav =
        NavSpec { section: "Money", label: "Earnings", icon: Icon::Money, order: 48, shown_to: ShownTo::Everyone };
    registry.add(PageSpec { path: "/money/earnings", permission: GetEarnings::NAME, nav: Some(nav), render: earnings });
}

fn earnings(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let sums = cx.ask(GetEarnings::default()).await?;
        let page = cx.ask(cx.list::<ListSettlements>()?).await?;
        let columns = vec![
            Column::text("Month").sort("month"),
            Column::text("State"),
            Column::number("Amount"),
            Column::text("Payable from"),
            Column::text("Payment").secondary(),
        ];
        let empty =
            Empty::new("No statements yet", "What is earned in a month is stated on the day that the program says.");
        let table =
            Table::new("Statements and where their money is", columns).rows(page.items.iter().map(row)).empty(empty);
        let states = SettlementState::ALL.map(|state| (state.name().to_owned(), ui::humanize(state.name())));
        let view = ListView::new("/money/earnings", &cx.query, table)
            .filter(Filter::choice("state", "State", states.to_vec()))
            .next(page.next)
            .export("CSV", cx.export::<ListSettlements>("csv"));
        let body = html! {
            @for earned in &sums { (ui::section(earned.currency.code(), &ui::stat_grid(&stats(earned)))) }
            (view)
        };
        let line = if cx.is_partner() {
            html! { "What you have earned, when it is paid, and what was paid so far." }
        } else {
            html! { "What partners have earned, what is due to them, and what was paid." }
        };
        Ok(View::new("Earnings", body).line(line))
    })
}

fn stats(earned: &Earnings) -> Vec<Stat> {
    let mut stats = vec![
        Stat::new("Pending", ui::money(earned.pending)).hint(html! { "Earned, and too little to be paid yet" }),
        Stat::new("Held", ui::money(earned.held)).hint(html! { "Resting, so that refunds can arrive" }),
        Stat::new("Payable", ui::money(earned.payable)).hint(html! { "Due now" }),
        Stat::new("Paid", ui::money(earned.paid)).hint(html! { "So far" }),
    ];
    if !earned.owed.is_zero() {
        stats.push(Stat::new("Owed to the vendor", ui::money(earned.owed)));
    }
    if !earned.carried.is_zero() {
        stats.push(
            Stat::new("Set off later", ui::money(earned.carried)).hint(html! { "Taken off the next statements" }),
        );
    }
    stats
}

fn row(item: &Settlement) -> Row {
    let payment = match (&item.reference, &item.reason) {
        (Some(reference), _) => html! { (reference) @if let Some(day) = item.paid_on { " · " (ui::day(day)) } },
        (None, Some(reason)) => html! { (reason) },
        (None, None) => html! {},
    };
    Row::new(vec![
        html! { (item.month.title()) },
        ui::state_badge(item.state.name()),
        ui::money(item.amount),
        ui::day(item.payable_from),
        payment,
    ])
    .href(format!("/money/statements/{}", item.statement))
}

/// Where the money of a statement is, and what this reader may do about it: a card on its page.
pub(crate) fn card(cx: &PageCx, settlement: &Settlement) -> Markup {
    let mut pairs = vec![("Money", ui::state_badge(settlement.state.name()))];
    if let Some(reason) = &settlement.reason {
        pairs.push(("Because", html! { (reason) }));
    }
    if let Some(day) = settlement.paid_on {
        pairs.push(("Paid on", ui::day(day)));
    }
    if let Some(reference) = &settlement.reference {
        pairs.push(("Reference", html! { (reference) }));
    }
    let vendor = !cx.is_partner();
    let id = settlement.statement.to_string();
    let fixed = [("statement", id.as_str())];
    let holdable = matches!(settlement.state, SettlementState::Held | SettlementState::Payable);
    let payable = matches!(settlement.state, SettlementState::Payable | SettlementState::Owed);
    let body = html! {
        (ui::key_values(&pairs))
        @if payable && vendor && cx.may(RecordPayment::NAME) {
            (cx.fold::<RecordPayment>("Record the payment", &cx.path, &fixed))
        }
        @if holdable && vendor && cx.may(HoldStatement::NAME) {
            (cx.fold::<HoldStatement>("Hold it back", &cx.path, &fixed))
        }
        @if settlement.state == SettlementState::OnHold && vendor && cx.may(ReleaseStatement::NAME) {
            (cx.button::<ReleaseStatement>("Let it go", &fixed))
        }
    };
    let ledger = html! {
        @if !cx.is_partner() { a href={ "/money/ledger/transfers?cause=" (settlement.statement) } { "In the ledger" } }
    };
    ui::card("Payment", &body, &ledger)
}
