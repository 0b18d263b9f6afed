//! `/clocks`: every date that is running, soonest first.

use futures::future::BoxFuture;
use kernel::{Query, Registry, Result};
use maud::html;
use ui::{Column, Empty, Filter, Icon, ListView, NavSpec, PageCx, PageSpec, Row, ShownTo, Table, View};

use crate::clock::{Clock, State};
use crate::operations::ListClocks;

pub(crate) fn install(registry: &mut Registry) {
    registry.add(PageSpec {
        path: "/clocks",
        permission: ListClocks::NAME,
        nav: Some(NavSpec {
            section: "Trust",
            label: "Clocks",
            icon: Icon::Clock,
            order: 72,
            shown_to: ShownTo::Everyone,
        }),
        render: list,
    });
}

fn list(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let mut query: ListClocks = cx.list()?;
        query.state = query.state.or(Some(State::Running));
        let page = cx.ask(query.clone()).await?;
        let columns = vec![
            Column::text("What").sort("title"),
            Column::text("Due").sort("due_at"),
            Column::text("State"),
            Column::text("Kind").secondary(),
            Column::text("Belongs to").secondary(),
        ];
        let empty =
            Empty::new("No clock here", "Dates such as deal protection and stage targets appear here while they run.");
        let table = Table::new("Clocks", columns).rows(page.items.iter().map(|clock| row(cx, clock))).empty(empty);
        let states = [State::Running, State::Paused, State::Stopped, State::Lapsed]
            .map(|state| (state.name().to_owned(), ui::humanize(state.name())));
        // The page shows running clocks unless told otherwise, and says so in its filter.
        let mut shown = cx.query.clone();
        if cx.arg("state").is_none() {
            shown.push(("state".to_owned(), State::Running.name().to_owned()));
        }
        let input = export(&shown);
        let view = ListView::new("/clocks", &shown, table)
            .filter(Filter::choice("state", "State", states.to_vec()))
            .filter(Filter::search("kind", "Kind, such as deals.protection"))
            .filter(Filter::day("due_before", "Due before"))
            .next(page.next)
            .export("CSV", format!("/v1/clocks.csv?{input}"))
            .export("JSON", format!("/v1/clocks.json?{input}"));
        Ok(View::new("Clocks", html! { (view) }).line(
            html! { "Every due date that acts by itself: it reminds before, and runs an operation when it lapses." },
        ))
    })
}

fn row(cx: &PageCx, clock: &Clock) -> Row {
    let subject = &clock.subject;
    Row::new(vec![
        html! { (clock.title) },
        match clock.state {
            State::Running => ui::due_chip(clock.due_at, cx.now, &cx.zone),
            _ => ui::datetime(clock.due_at, &cx.zone),
        },
        html! {
            (ui::state_badge(clock.state.name()))
            @if clock.attempts > 0 && !cx.is_partner() {
                " " span.muted { "failed " (clock.attempts) "×, again " (ui::ago(clock.next_at, cx.now, &cx.zone)) }
            }
        },
        html! { (ui::rule_title(&clock.kind)) },
        ui::thing(subject),
    ])
}

/// The filters in force, for the links to the exports. All of them are words or times, which need no encoding.
fn export(query: &[(String, String)]) -> String {
    let plain = |value: &str| value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-:".contains(&byte));
    let pairs = query.iter().filter(|(name, value)| name != "cursor" && !value.is_empty() && plain(value));
    pairs.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}
