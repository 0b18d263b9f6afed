//! The search page, and the same answers as JSON for the palette.

use kernel::{Registry, Result};
use ui::{Column, Empty, FileBody, FileSpec, PageCx, PageSpec, Render as _, Row, Table, View, html};

use super::{Hit, Search};

pub fn install(registry: &mut Registry) {
    registry.add(PageSpec { path: "/search", permission: "search.find", nav: None, render: |cx| Box::pin(page(cx)) });
    registry.add(FileSpec { path: "/search.json", permission: "search.find", render: |cx| Box::pin(json(cx)) });
}

async fn find(cx: &PageCx) -> Result<Vec<Hit>> {
    cx.ask(Search { q: cx.arg("q").unwrap_or_default().to_owned() }).await
}

async fn page(cx: &PageCx) -> Result<View> {
    let hits = find(cx).await?;
    let rows = hits.iter().map(|hit| {
        Row::new(vec![html! { (hit.title) }, html! { (hit.subtitle) }, html! { (ui::humanize(&hit.kind)) }])
            .href(&hit.href)
    });
    let columns = vec![Column::text("Name"), Column::text("Details"), Column::text("Kind")];
    let table = Table::new("Found", columns)
        .rows(rows)
        .empty(Empty::new("Nothing found", "Try a part of a name, a domain or a number; two letters at least."));
    let body = html! {
        form.form method="get" action="/search" role="search" {
            (ui::form::Field::text("q", "Search").value(cx.arg("q").unwrap_or_default()).autofocus())
            (ui::button(ui::Tone::Accent, "Search"))
        }
        (table.render())
    };
    Ok(View::new("Search", body))
}

async fn json(cx: &PageCx) -> Result<FileBody> {
    let bytes = serde_json::to_vec(&find(cx).await?)?;
    Ok(FileBody { content_type: "application/json", name: None, bytes })
}
