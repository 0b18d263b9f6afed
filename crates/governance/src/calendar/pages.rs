//! `/calendar`: what is due this week, this month and this quarter.

use futures::future::BoxFuture;
use kernel::{Query as _, Registry, Result};
use maud::{Markup, html};
use ui::{Column, Empty, Icon, NavSpec, PageCx, PageSpec, Row, ShownTo, Table, Tone, View};

use super::{Due, GetCalendar, Next};

pub fn install(registry: &mut Registry) {
    let nav = NavSpec { section: "Work", label: "Calendar", icon: Icon::Clock, order: 12, shown_to: ShownTo::Everyone };
    registry.add(PageSpec { path: "/calendar", permission: GetCalendar::NAME, nav: Some(nav), render: page });
}

fn page(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let schedule = cx.ask(GetCalendar {}).await?;
        let body = html! {
            @if !schedule.overdue.is_empty() {
                (ui::alert(Tone::Warn, "Some dates have passed", &list(cx, "Overdue", &schedule.overdue), &[]))
            }
            (ui::section("This week", &list(cx, "This week", &schedule.this_week)))
            (ui::section("This month", &list(cx, "This month", &schedule.this_month)))
            (ui::section("This quarter", &list(cx, "This quarter", &schedule.this_quarter)))
            @if !schedule.next.is_empty() { (ui::section("Begins next", &begins(&schedule.next))) }
        };
        Ok(View::new("Calendar", body).line(html! { "What is due, and what the program begins by itself." }))
    })
}

fn list(cx: &PageCx, caption: &str, dates: &[Due]) -> Markup {
    let rows = dates.iter().map(|due| {
        Row::new(vec![html! { (due.title) }, ui::due_chip(due.due_at, cx.now, &cx.zone)]).href(due.href.clone())
    });
    let empty = Empty::new("Nothing is due", "Stages, contacts, packs and answers appear here with their dates.");
    html! { (Table::new(caption, vec![Column::text("What"), Column::text("By")]).rows(rows).empty(empty)) }
}

fn begins(next: &[Next]) -> Markup {
    let rows = next.iter().map(|next| {
        let every = format!("{:?}", next.every).to_lowercase();
        Row::new(vec![
            html! { (next.title) },
            html! { (next.about) },
            html! { (next.begins_on) },
            html! { "every " (every) },
        ])
    });
    let columns =
        vec![Column::text("What"), Column::text("About"), Column::text("On"), Column::text("How often").secondary()];
    html! { (Table::new("Begins next", columns).rows(rows)) }
}
