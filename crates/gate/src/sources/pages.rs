//! `/gate/sources`: who may send credentials, and the secret when it is shown.

use kernel::{Operation as _, Query as _, Registry, Result};
use maud::{Markup, html};
use ui::{
    Column, Empty, Filter, Icon, ListView, NavSpec, PageCx, PageSpec, Row, ShownTo, Table, Tone, View, ago, alert,
    card, datetime, id_chip, state_badge,
};

use super::operations::{CreateSource, DisableSource, IssuedSource, ListSources, RotateSource};
use super::source::{Source, SourceState};
use crate::enforcement::GetGate;

pub fn install(registry: &mut Registry) {
    let nav = NavSpec {
        section: "Trust",
        label: "Credential sources",
        icon: Icon::Key,
        order: 62,
        shown_to: ShownTo::Everyone,
    };
    registry.add(PageSpec {
        path: "/gate/sources",
        permission: ListSources::NAME,
        nav: Some(nav),
        render: |cx| Box::pin(list(cx)),
    });
}

async fn list(cx: &PageCx) -> Result<View> {
    let page = cx.ask(cx.list::<ListSources>()?).await?;
    let columns = vec![
        Column::text("Name").sort("name"),
        Column::text("State"),
        Column::text("Webhooks go to"),
        Column::text("Secret").secondary(),
        Column::text("Registered").sort("created").secondary(),
        Column::text(""),
    ];
    let empty = Empty::new("No sources", "A source sends signed credential webhooks. Register the first one below.");
    let table =
        Table::new("Credential sources", columns).rows(page.items.iter().map(|each| row(cx, each))).empty(empty);
    let states =
        [SourceState::Active, SourceState::Disabled].map(|s| (s.as_str().to_owned(), ui::humanize(s.as_str())));
    let view = ListView::new(&cx.path, &cx.query, table)
        .filter(Filter::choice("state", "State", states.to_vec()))
        .next(page.next)
        .export("CSV", cx.export::<ListSources>("csv"))
        .export("JSON Lines", cx.export::<ListSources>("jsonl"));
    let hidden: &[(&str, &str)] = if cx.is_partner() { &[("partner", "")] } else { &[] };
    let body = html! {
        (view)
        @if cx.may(CreateSource::NAME) {
            (card("Register a source", &cx.form::<CreateSource>("Register the source", "/gate/sources", hidden), &html! {}))
        }
    };
    let view = View::new("Credential sources", body)
        .line(html! { "Each webhook is believed only with a signature of its source, made within five minutes." });
    Ok(if cx.may(GetGate::NAME) { view.crumb("Gate", "/gate") } else { view })
}

fn row(cx: &PageCx, source: &Source) -> Row {
    let rotated = source.rotated_at.unwrap_or(source.created_at);
    Row::new(vec![
        html! { (source.name) " " (id_chip(&source.id.to_string())) },
        state_badge(source.state.as_str()),
        html! { code { (source.path) } },
        html! {
            "since " (ago(rotated, cx.now, &cx.zone))
            @if let Some(until) = source.previous_until.filter(|until| *until > cx.now) {
                "; the one before until " (datetime(until, &cx.zone))
            }
        },
        ago(source.created_at, cx.now, &cx.zone),
        acts(cx, source),
    ])
}

fn acts(cx: &PageCx, source: &Source) -> Markup {
    let id = source.id.to_string();
    let fields = [("source", id.as_str())];
    html! {
        @if source.state == SourceState::Active {
            @if cx.may(RotateSource::NAME) { (cx.button::<RotateSource>("Rotate the secret", &fields)) }
            @if cx.may(DisableSource::NAME) {
                (cx.button::<DisableSource>("Disable", &fields)
                    .danger(format!("Disable {}?", source.name), "Its webhooks are refused from now on."))
            }
        }
    }
}

/// The secret of a source, after it was made or rotated.
pub fn shown_once(operation: &str, output: &serde_json::Value) -> Option<View> {
    if ![CreateSource::NAME, RotateSource::NAME].contains(&operation) {
        return None;
    }
    let issued: IssuedSource = serde_json::from_value(output.clone()).ok()?;
    let body = html! {
        (alert(Tone::Warn, "This secret is shown once", &html! { "Give it to the sender now; it cannot be shown again." }, &[]))
        (ui::code_block("Signing secret", &issued.secret))
        (ui::code_block("Webhooks go to", &issued.path))
        p { "Sign as Standard Webhooks 1.0.0 says: HMAC-SHA256 over id, timestamp and raw body." }
        p { a href="/gate/sources" { "Back to the sources" } }
    };
    Some(View::new("Signing secret", body).crumb("Credential sources", "/gate/sources"))
}
