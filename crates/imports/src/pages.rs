//! `/imports` and `/imports/{import}`: upload, mapping with a preview, trial, run with progress, and undo.

use futures::future::BoxFuture;
use kernel::{PageRequest, Query as _, Registry, Result};
use maud::{Markup, html};
use ui::{
    Column, Empty, FileBody, FileSpec, Filter, Icon, ListView, NavSpec, PageCx, PageSpec, Row, ShownTo, Table, View,
};

use crate::import::{Import, RowState, State};
use crate::{
    CheckImport, CreateImport, GetImport, ImportId, ListImports, ListPresets, ListRows, ListTargets, MapImport,
    RefusedRows, RunImport, UndoImport,
};

/// Rows of the preview.
const PREVIEW: u32 = 20;

pub fn install(registry: &mut Registry) {
    let nav =
        NavSpec { section: "Work", label: "Imports", icon: Icon::Procedure, order: 90, shown_to: ShownTo::Vendor };
    registry
        .add(PageSpec { path: "/imports", permission: ListImports::NAME, nav: Some(nav), render: list })
        .add(PageSpec { path: "/imports/{import}", permission: GetImport::NAME, nav: None, render: show })
        .add(FileSpec { path: "/imports/{import}/refused.csv", permission: RefusedRows::NAME, render: refused });
}

fn list(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListImports>()?).await?;
        let columns = vec![
            Column::text("File"),
            Column::text("What it holds"),
            Column::text("State"),
            Column::number("Rows"),
            Column::number("Refused"),
            Column::text("Uploaded").sort("created").secondary(),
        ];
        let rows = page.items.iter().map(|one| {
            Row::new(vec![
                html! { (one.name) },
                html! { (ui::humanize(&one.target)) },
                ui::state_badge(one.state.name()),
                html! { (one.rows) },
                html! { (one.counts.refused) },
                ui::datetime(one.created_at, &cx.zone),
            ])
            .href(format!("/imports/{}", one.id))
        });
        let empty = Empty::new("Nothing was imported yet", "Upload a spreadsheet or an export of your CRM below.");
        let states = State::ALL.iter().map(|state| (state.name().to_owned(), ui::humanize(state.name()))).collect();
        let view = ListView::new("/imports", &cx.query, Table::new("Imports", columns).rows(rows).empty(empty))
            .filter(Filter::choice("state", "State", states))
            .next(page.next);
        let choices = [("target", targets(cx).await?), ("preset", presets(cx).await?)];
        let fixed = [("headers", ""), ("file_hash", "")];
        let body = html! {
            (view)
            @if cx.may("imports.create") {
                (ui::card("Upload a file", &cx.form_choosing::<CreateImport>("Upload", "/imports/{id}", &fixed, &choices), &html! {}))
            }
        };
        Ok(View::new("Imports", body).line(html! { "Bring your data: nothing is written before you run it." }))
    })
}

async fn targets(cx: &PageCx) -> Result<Vec<(String, String)>> {
    let all = cx.ask(ListTargets {}).await?;
    Ok(all.into_iter().map(|target| (target.key, target.title)).collect())
}

async fn presets(cx: &PageCx) -> Result<Vec<(String, String)>> {
    let all = cx.ask(ListPresets {}).await?;
    Ok(all.into_iter().map(|preset| (preset.key, preset.title)).collect())
}

fn show(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let id: ImportId = cx.param("import")?;
        let detail = cx.ask(GetImport { import: id }).await?;
        let import = &detail.import;
        let state = cx.arg("state").and_then(|word| RowState::ALL.iter().copied().find(|state| state.name() == word));
        let page =
            PageRequest { limit: Some(PREVIEW), cursor: cx.arg("cursor").map(str::to_owned), ..PageRequest::default() };
        let rows = cx.ask(ListRows { import: id, state, page }).await?;
        let body = html! {
            (progress(import))
            (counts(import))
            (acts(cx, import, &detail.unused))
            (table(cx, import, rows))
            (ui::card("Timeline", &cx.history(&detail.timeline), &html! {}))
        };
        Ok(View::new(import.name.clone(), body)
            .crumb("Imports", "/imports")
            .line(html! { (ui::state_badge(import.state.name())) " " (ui::humanize(&import.target)) " from " (import.source) }))
    })
}

fn progress(import: &Import) -> Markup {
    let done =
        if import.state == State::Undoing { import.rows.saturating_sub(import.position) } else { import.position };
    html! {
        @if import.state.is_at_work() {
            (ui::progress(&format!("Rows {}", import.state.name()), done, import.rows))
            p { a href={ "/imports/" (import.id) } { "Show how far it is now" } }
        }
    }
}

fn counts(import: &Import) -> Markup {
    let counts = import.counts;
    let number = |count: u64| html! { (count) };
    ui::key_values(&[
        ("Rows", number(import.rows)),
        ("New", number(counts.new)),
        ("Changed", number(counts.changed)),
        ("Unchanged", number(counts.unchanged)),
        ("Left out", number(counts.skipped)),
        (
            "Refused",
            html! {
                (counts.refused)
                @if counts.refused > 0 { " – " a href={ "/imports/" (import.id) "/refused.csv" } { "download them to fix" } }
            },
        ),
        ("Taken back", number(counts.undone)),
        ("Could not be taken back", number(counts.kept)),
    ])
}

fn acts(cx: &PageCx, import: &Import, unused: &[String]) -> Markup {
    let id = import.id.to_string();
    let fixed = [("import", id.as_str())];
    let ready = matches!(import.state, State::Draft | State::Checked | State::Refused);
    html! {
        @if ready && cx.may("imports.check") { (cx.button::<CheckImport>("Try it without effect", &fixed)) }
        @if ready && cx.may("imports.run") {
            (ui::card("Run", &cx.form::<RunImport>("Import the rows", &cx.path, &fixed), &html! {}))
        }
        @if import.state == State::Done && cx.may("imports.undo") { (cx.button::<UndoImport>("Undo this import", &fixed)) }
        (ui::card("Mapping", &html! {
            pre { code { (import.mapping) } }
            @if !unused.is_empty() { p.muted { "Nothing reads the columns " (unused.join(", ")) "." } }
        }, &html! {}))
        @if ready && cx.may("imports.map") { (cx.fold::<MapImport>("Map it differently", &cx.path, &fixed)) }
    }
}

fn table(cx: &PageCx, import: &Import, rows: kernel::Page<crate::ImportRow>) -> Markup {
    let mut columns = vec![Column::number("Line"), Column::text("Result"), Column::text("Why")];
    columns.extend(import.headers.iter().take(8).map(|header| Column::text(header.clone()).secondary()));
    let shown = rows.items.iter().map(|row| {
        let subject = row.subject.as_ref().map(|id| ui::thing(id)).unwrap_or_default();
        let mut cells = vec![
            html! { (row.line) },
            html! { (ui::state_badge(row.state.name())) " " (subject) },
            html! { (row.reasons()) },
        ];
        cells.extend(
            (0..import.headers.len().min(8)).map(|n| html! { (row.cells.get(n).cloned().unwrap_or_default()) }),
        );
        Row::new(cells)
    });
    let states = RowState::ALL.iter().map(|state| (state.name().to_owned(), ui::humanize(state.name()))).collect();
    let empty = Empty::new("No such rows", "Choose another result, or upload a file with rows below its header.");
    let view = ListView::new(&cx.path, &cx.query, Table::new("Rows", columns).rows(shown).empty(empty));
    html! { (view.filter(Filter::choice("state", "Result", states)).next(rows.next)) }
}

fn refused(cx: &PageCx) -> BoxFuture<'_, Result<FileBody>> {
    Box::pin(async move {
        let file = cx.ask(RefusedRows { import: cx.param("import")? }).await?;
        Ok(FileBody { content_type: "text/csv; charset=utf-8", name: Some(file.name), bytes: file.text.into_bytes() })
    })
}
