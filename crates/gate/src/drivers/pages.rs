//! `/gate/drivers`: who is known; `/gate/drivers/{driver}`: the credentials of one driver and what came of them.

use kernel::{Operation as _, Query as _, Registry, Result};
use maud::{Markup, html};
use ui::{
    Column, Empty, Filter, ListView, PageCx, PageSpec, Row, Table, Tone, View, ago, badge, card, datetime, day,
    due_chip, state_badge,
};

use super::queries::{DriverDetail, GetDriver, ListDrivers, ViewedCredential};
use super::statement::{DriverSummary, Update};
use crate::credentials::{Arrival, CredentialStatus};
use crate::enforcement::span;
use crate::overrides::{EndOverride, GrantOverride, Override};

pub fn install(registry: &mut Registry) {
    registry
        .add(PageSpec {
            path: "/gate/drivers",
            permission: ListDrivers::NAME,
            nav: None,
            render: |cx| Box::pin(list(cx)),
        })
        .add(PageSpec {
            path: "/gate/drivers/{driver}",
            permission: GetDriver::NAME,
            nav: None,
            render: |cx| Box::pin(show(cx)),
        });
}

async fn list(cx: &PageCx) -> Result<View> {
    let page = cx.ask(cx.list::<ListDrivers>()?).await?;
    let columns = vec![
        Column::text("Driver").sort("driver"),
        Column::text("Status").sort("status"),
        Column::number("Credentials"),
        Column::text("First to end"),
        Column::text("Verified").sort("verified").secondary(),
        Column::text("Last news").sort("updated").secondary(),
    ];
    let row = |driver: &DriverSummary| {
        Row::new(vec![
            html! { (driver.driver) },
            state_badge(driver.status.as_str()),
            html! { (driver.credentials) },
            html! { @if let Some(ends) = driver.next_expiry { (day(ends)) } },
            ago(driver.verified_at, cx.now, &cx.zone),
            ago(driver.updated_at, cx.now, &cx.zone),
        ])
        .href(format!("/gate/drivers/{}", path_segment(&driver.driver)))
    };
    let empty = Empty::new("No drivers yet", "Drivers appear with the first credential that a source sends.")
        .action(html! { a.btn href="/gate/sources" { "Credential sources" } });
    let statuses = CredentialStatus::ALL.map(|s| (s.as_str().to_owned(), ui::humanize(s.as_str())));
    let table = Table::new("Drivers", columns).rows(page.items.iter().map(row)).empty(empty);
    let view = ListView::new(&cx.path, &cx.query, table)
        .filter(Filter::search("text", "Driver"))
        .filter(Filter::choice("status", "Status", statuses.to_vec()))
        .next(page.next)
        .export("CSV", cx.export::<ListDrivers>("csv"))
        .export("JSON Lines", cx.export::<ListDrivers>("jsonl"));
    Ok(View::new("Drivers", html! { (view) })
        .line(html! { "Everyone whose credentials a source attests." })
        .crumb("Gate", "/gate"))
}

async fn show(cx: &PageCx) -> Result<View> {
    let detail = cx.ask(GetDriver { driver: cx.param("driver")? }).await?;
    let main = html! {
        (card("Credentials", &html! { (credentials(cx, &detail.credentials)) }, &html! {}))
        @if !detail.decisions.is_empty() {
            (ui::section("Why was this driver allowed or denied?", &cx.decisions(&detail.decisions)))
        }
        (card("What the sources said", &html! { (updates(cx, &detail.updates)) }, &html! {}))
    };
    let aside = html! {
        @if !cx.is_partner() { (overrides(cx, &detail)) }
        (ui::section("Timeline", &cx.history(&detail.timeline)))
    };
    Ok(View::new(format!("Driver {}", detail.driver), ui::grid("main-aside", &[main, aside]))
        .crumb("Gate", "/gate")
        .crumb("Drivers", "/gate/drivers"))
}

fn credentials(cx: &PageCx, credentials: &[ViewedCredential]) -> Table {
    let columns = vec![
        Column::text("Credential"),
        Column::text("Status"),
        Column::text("Ends"),
        Column::text("Attested by"),
        Column::text("Verified"),
    ];
    let row = |viewed: &ViewedCredential| {
        let (statement, fact) = (&viewed.statement, &viewed.statement.fact);
        Row::new(vec![
            html! {
                (ui::humanize(&fact.credential_type)) " " (fact.jurisdiction)
                @if let Some(class) = &fact.class { " " (class) }
                @if !viewed.governs { " " (badge(Tone::Neutral, "Superseded by another source")) }
            },
            state_badge(fact.status.as_str()),
            html! { @match viewed.expires_at { Some(at) => (due_chip(at, cx.now, &cx.zone)), None => "does not end" } },
            html! { (statement.attested_by()) br; span.muted { "as of " (datetime(fact.source_as_of, &cx.zone)) } },
            html! {
                (ago(fact.verified_at, cx.now, &cx.zone)) br;
                span.muted { @match viewed.fresh_until {
                    Some(at) => { "again " (due_chip(at, cx.now, &cx.zone)) },
                    None => "any age counts",
                } }
            },
        ])
    };
    let empty = Empty::new("No credentials", "No source has attested anything about this driver.");
    Table::new("Credentials", columns).rows(credentials.iter().map(row)).empty(empty)
}

fn updates(cx: &PageCx, updates: &[Update]) -> Table {
    let columns = vec![
        Column::text("Received"),
        Column::text("Statement"),
        Column::text("Source"),
        Column::text("Became"),
        Column::number("To effect"),
    ];
    let row = |update: &Update| {
        let fact = &update.fact;
        Row::new(vec![
            ago(update.received_at, cx.now, &cx.zone),
            html! {
                (ui::humanize(&fact.credential_type)) " " (state_badge(fact.status.as_str()))
                " as of " (datetime(fact.source_as_of, &cx.zone))
            },
            html! { (update.source_name) },
            arrival(update.arrival),
            html! { @if let Some(micros) = update.effect_micros { (span(micros)) } },
        ])
    };
    let empty = Empty::new("Nothing received", "No source has said anything about this driver.");
    Table::new("Statements", columns).rows(updates.iter().map(row)).empty(empty)
}

fn arrival(arrival: Arrival) -> Markup {
    match arrival {
        Arrival::Applied => badge(Tone::Good, "Applied"),
        Arrival::TieApplied => badge(Tone::Good, "Applied, the stricter of two"),
        Arrival::TieKept => badge(Tone::Neutral, "Kept the stricter one"),
        Arrival::Stale => badge(Tone::Neutral, "Late news"),
        Arrival::Duplicate => badge(Tone::Neutral, "Known already"),
    }
}

fn overrides(cx: &PageCx, detail: &DriverDetail) -> Markup {
    let one = |granted: &Override| {
        let id = granted.id.to_string();
        html! {
            p {
                code { (granted.policy) } " "
                @if let Some(order) = &granted.order { "for order " (order) " " }
                (due_chip(granted.expires_at, cx.now, &cx.zone)) br;
                (granted.granted_by_name) ": " (granted.reason)
            }
            @if cx.may(EndOverride::NAME) { (cx.button::<EndOverride>("End it now", &[("override", &id)])) }
        }
    };
    let fixed = [("driver", detail.driver.as_str())];
    html! {
        @if !detail.overrides.is_empty() {
            (card("Overrides in force", &html! { @for granted in &detail.overrides { (one(granted)) } }, &html! {}))
        }
        @if cx.may(GrantOverride::NAME) {
            (card("Override a policy", &cx.form::<GrantOverride>("Let the driver pass", &cx.path, &fixed), &html! {}))
        }
    }
}

/// An id that others choose, as a part of a path.
fn path_segment(id: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    id.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
