//! `/tiers/as-of`: the tiers as they were known on a day, under the rules of another one.

use futures::future::BoxFuture;
use kernel::{Day, Error, Query as _, Registry, Result, Timestamp};
use maud::html;
use ui::{Column, Empty, Filter, ListView, PageCx, PageSpec, Row, Table, Tone, View};

use super::as_of::{TierThen, TiersAsOf, TiersThen};

const PATH: &str = "/tiers/as-of";

pub fn install(registry: &mut Registry) {
    registry.add(PageSpec { path: PATH, permission: TiersAsOf::NAME, nav: None, render: show });
}

fn show(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let known_at = end_of(cx, "known_at")?.unwrap_or(cx.now);
        let law_at = end_of(cx, "law_at")?;
        let (line, partners) = match cx.ask(TiersAsOf { known_at, law_at }).await {
            Ok(then) => (told(cx, &then), then.partners),
            // Before the first version there were no tiers, which is no mistake of the reader.
            Err(Error::Conflict { .. }) => ("No program was in force on that day.".to_owned(), Vec::new()),
            Err(error) => return Err(error),
        };
        let columns = vec![
            Column::text("Partner"),
            Column::text("Tier then"),
            Column::text("Tier today"),
            Column::text("Because").secondary(),
        ];
        let table = Table::new("Tiers then and today", columns)
            .rows(partners.iter().map(row))
            .empty(Empty::new("No tiers", "Nobody was in the program then."));
        let view = ListView::new(PATH, &cx.query, table)
            .filter(Filter::day("known_at", "Facts known on"))
            .filter(Filter::day("law_at", "Rules in force on"));
        let view = View::new("Tiers as of a day", html! { (view) }).line(html! { (line) });
        Ok(view.crumb("Partners", "/partners"))
    })
}

fn told(cx: &PageCx, then: &TiersThen) -> String {
    let day = |at: Timestamp| at.day_in(&cx.zone);
    let (law, known, rules) = (&then.law, day(then.known_at), day(then.law_at));
    format!("What the figures gave as they were known on {known}, under {law}, the rules of {rules}.")
}

/// The last moment of a day that the reader chose.
fn end_of(cx: &PageCx, name: &str) -> Result<Option<Timestamp>> {
    let Some(text) = cx.arg(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    let day: Day = text.parse().map_err(|_| Error::invalid(name, format!("`{text}` is no day such as 2026-03-31")))?;
    let end = day.plus_days(1).start_in(&cx.zone).plus_micros(-1);
    // Today is not over; what is known of it is known now.
    let today = day == cx.now.day_in(&cx.zone);
    Ok(Some(if today { end.min(cx.now) } else { end }))
}

fn row(one: &TierThen) -> Row {
    let tone = if one.today.as_deref() == Some(one.tier.as_str()) { Tone::Neutral } else { Tone::Accent };
    Row::new(vec![
        html! { (one.name) },
        ui::badge(tone, &one.title),
        html! { @if let Some(today) = &one.today { (ui::humanize(today)) } @else { "–" } },
        html! { (one.because.join(" ")) },
    ])
    .href(format!("/partners/{}", one.partner))
}
