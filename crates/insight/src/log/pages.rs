//! The log for auditors: its head, its verification, its entries.

use kernel::{Registry, Result};
use ui::{
    Column, Empty, Filter, ListView, NavSpec, PageCx, PageSpec, Render as _, Row, ShownTo, Stat, Table, Tone, View,
    html,
};

use super::queries::{GetCheckpoint, GetEntry, ListEntries, VerifyLog};

pub fn install(registry: &mut Registry) {
    registry.add(PageSpec {
        path: "/log",
        permission: "log.list",
        nav: Some(NavSpec {
            section: "Trust",
            label: "Log",
            icon: ui::Icon::Log,
            order: 80,
            shown_to: ShownTo::Vendor,
        }),
        render: |cx| Box::pin(list(cx)),
    });
    registry.add(PageSpec {
        path: "/log/proof",
        permission: "log.verify",
        nav: None,
        render: |cx| Box::pin(proof(cx)),
    });
    registry.add(PageSpec {
        path: "/log/entries/{entry}",
        permission: "log.get",
        nav: None,
        render: |cx| Box::pin(show(cx)),
    });
}

async fn list(cx: &PageCx) -> Result<View> {
    let head = cx.ask(GetCheckpoint {}).await?;
    let page = cx.ask(cx.list::<ListEntries>()?).await?;
    let rows = page.items.iter().map(|e| {
        Row::new(vec![
            ui::datetime(e.recorded_at, &cx.zone),
            what(e.summary.as_deref(), &e.operation),
            html! { code { (e.operation) } },
            actor(&e.actor, e.actor_name.as_deref()),
            ui::id_chip(&e.id.to_string()),
        ])
        .href(format!("/log/entries/{}", e.id))
    });
    let columns = vec![
        Column::text("Recorded").sort("recorded_at"),
        Column::text("What happened"),
        Column::text("Operation"),
        Column::text("Who").secondary(),
        Column::text("Entry").secondary(),
    ];
    let table =
        Table::new("Entries", columns).rows(rows).empty(Empty::new("No entries", "Every write is an entry here."));
    let view = ListView::new(&cx.path, &cx.query, table)
        .filter(Filter::search("operation", "Operation, such as deals.approve"))
        .filter(Filter::search("actor", "Who, by id"))
        .next(page.next)
        .export("CSV", cx.export::<ListEntries>("csv"));
    let signed = head.signed_at.map(|at| ui::ago(at, cx.now, &cx.zone)).unwrap_or_default();
    let body = html! {
        (ui::stat_grid(&[
            Stat::new("Entries", ui::words::grouped(i128::from(head.size))),
            Stat::new("Head signed", signed),
        ]))
        details { summary { "Signed head and verifier key" } (ui::code_block("Checkpoint", &head.note)) (ui::code_block("Key", &head.key)) }
        (view.render())
    };
    let actions = html! { (ui::link_button(Tone::Accent, "Prove everything", "/log/proof")) };
    Ok(View::new("Log", body)
        .line(html! { "Append-only and tamper-evident: who did what, and what it wrote." })
        .actions(actions))
}

async fn proof(cx: &PageCx) -> Result<View> {
    let report = cx.ask(VerifyLog {}).await?;
    let body = html! {
        @if report.wrong.is_empty() {
            (ui::alert(Tone::Good, "Everything is proven", &html! {
                "Each entry is where the tree says, the tree is the one that was signed, and every sealed row is as its entry wrote it."
            }, &[]))
        } @else {
            (ui::alert(Tone::Bad, "The log does not prove the database", &html! { ul { @for wrong in &report.wrong {
                li { @if let Some(position) = wrong.position { "Entry " (position) ": " } (wrong.what) }
            } } }, &["Keep the database as it is and compare it with a backup.".to_owned()]))
        }
        (ui::key_values(&[
            ("Entries", html! { (ui::words::grouped(i128::from(report.entries))) }),
            ("Signed heads", html! { (ui::words::grouped(i128::from(report.checkpoints))) }),
            ("Sealed rows", html! { (ui::words::grouped(i128::from(report.sealed_rows))) }),
            ("Root", ui::id_chip(&report.root)),
        ]))
        p.muted { "The same offline, without this server: " code { "concord log verify" } }
    };
    Ok(View::new("Proof of the log", body).crumb("Log", "/log"))
}

async fn show(cx: &PageCx) -> Result<View> {
    let entry = cx.ask(GetEntry { entry: cx.param("entry")? }).await?;
    let said = |place: &str| entry.body.pointer(place).and_then(serde_json::Value::as_str).unwrap_or("–").to_owned();
    let body = html! {
        (ui::key_values(&[
            ("Entry", ui::id_chip(&entry.id.to_string())),
            ("Operation", html! { code { (said("/operation")) } }),
            ("Who", html! { (said("/actor/name")) }),
            ("Position", html! { @match entry.position { Some(p) => (p), None => "about to be placed" } }),
            ("Leaf", entry.leaf.as_deref().map(ui::id_chip).unwrap_or_default()),
        ]))
        (ui::code_block("What was logged", &serde_json::to_string_pretty(&entry.body)?))
    };
    Ok(View::new("Log entry", body).crumb("Log", "/log"))
}

/// Who did it by name, which leads to the page of the person; a part of the system by what it is.
fn actor(id: &str, name: Option<&str>) -> ui::Markup {
    match (name, ui::page_of(id)) {
        (Some(name), Some(href)) => html! { a href=(href) { (name) } },
        (Some(name), None) if !id.starts_with("system:") => html! { (name) },
        _ => ui::thing(id),
    }
}

/// What happened in words; the operation's name where it left no event.
fn what(summary: Option<&str>, operation: &str) -> ui::Markup {
    summary.map_or_else(|| html! { span.muted { (ui::humanize(operation)) } }, ui::prose)
}
