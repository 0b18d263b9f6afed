//! `/money/revenue`: revenue and commission by month, drawn and in figures.

use futures::future::BoxFuture;
use kernel::{Query as _, Registry, Result};
use maud::html;
use ui::chart::{Chart, Unit, Width, bars};
use ui::{Column, Empty, Icon, NavSpec, PageCx, PageSpec, Row, ShownTo, Table, View};

use super::queries::{MonthOfRevenue, RevenueByMonth};

pub(crate) fn install(registry: &mut Registry) {
    let nav = NavSpec { section: "Money", label: "Revenue", icon: Icon::Chart, order: 45, shown_to: ShownTo::Everyone };
    registry.add(PageSpec { path: "/money/revenue", permission: RevenueByMonth::NAME, nav: Some(nav), render: show });
}

fn show(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let months = cx.ask(cx.list::<RevenueByMonth>()?).await?;
        let line = if cx.is_partner() {
            "What your customers were invoiced, and what it earned you."
        } else {
            "What customers were invoiced, what partners brought of it, and what it earned them."
        };
        let body = html! { (drawn(&months)) (table(&months)) };
        Ok(View::new("Revenue", body).line(html! { (line) }))
    })
}

fn drawn(months: &[MonthOfRevenue]) -> maud::Markup {
    let Some(currency) = months.first().map(|month| month.attributed.currency) else { return html! {} };
    let labels = months.iter().map(|month| month.month.to_string()).collect();
    // Pixels need no cents: the table below has them.
    let values = |of: fn(&MonthOfRevenue) -> i128| months.iter().map(move |month| of(month) as f64);
    let chart = Chart::new("Revenue and commission by month", Unit::Money(currency), labels)
        .description("Revenue that partners brought and their commission, for each of the last twelve months.")
        .series("Revenue of partners", values(|month| month.attributed.minor))
        .series("Commission", values(|month| month.commission.minor))
        .width(Width::Full);
    ui::card("Twelve months", &bars(&chart), &html! {})
}

fn table(months: &[MonthOfRevenue]) -> Table {
    let with_all = months.iter().any(|month| month.all.is_some());
    let mut columns = vec![Column::text("Month"), Column::number("Revenue of partners"), Column::number("Commission")];
    if with_all {
        columns.push(Column::number("All revenue"));
    }
    let rows = months.iter().rev().map(|month| {
        let mut cells = vec![
            html! { a href={ "/money/statements?month=" (month.month) } { (month.month.title()) } },
            ui::money(month.attributed),
            ui::money(month.commission),
        ];
        if with_all {
            cells.push(html! { @if let Some(all) = month.all { (ui::money(all)) } });
        }
        Row::new(cells)
    });
    Table::new("Revenue by month", columns)
        .rows(rows)
        .empty(Empty::new("No revenue yet", "Invoices come in by API, or are imported from a file."))
}
