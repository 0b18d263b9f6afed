//! Documents on screen and as files: the page shows what was issued, the PDF is made from the same model.

use kernel::{Query as _, Registry, Result};
use maud::html;
use ui::{
    Entry, FileBody, FileSpec, PageCx, PageSpec, Tone, View, alert, datetime, grid, id_chip, key_values, link_button,
    timeline,
};

use crate::html::DOC_CSS;
use crate::operations::GetDocument;

/// Where the style of documents is served; the content policy allows no style inside a page.
const STYLE: &str = "/documents/document.css";

pub fn install(registry: &mut Registry) {
    registry
        .add(PageSpec {
            path: "/documents/{document}",
            permission: GetDocument::NAME,
            nav: None,
            render: |cx| Box::pin(page(cx)),
        })
        .add(FileSpec {
            path: "/documents/{document}/pdf",
            permission: GetDocument::NAME,
            render: |cx| Box::pin(pdf(cx)),
        })
        .add(FileSpec { path: STYLE, permission: GetDocument::NAME, render: |_| Box::pin(async { Ok(style()) }) });
}

async fn page(cx: &PageCx) -> Result<View> {
    let detail = cx.ask(GetDocument { document: cx.param("document")? }).await?;
    let stored = &detail.stored;
    let entries: Vec<Entry> =
        detail.timeline.iter().map(|event| Entry::new(event.at, &event.actor_name, &event.summary)).collect();
    let facts = html! {
        (key_values(&[
            ("Document", id_chip(&stored.id.to_string())),
            ("Issued", datetime(stored.issued_at, &cx.zone)),
            ("SHA-256", id_chip(&stored.sha256)),
        ]))
        (timeline(&entries, cx.now, &cx.zone))
    };
    let body = html! {
        link rel="stylesheet" href=(STYLE);
        @if !detail.intact {
            @let body = html! { "What is shown is not what was issued: its hash differs. Check the log." };
            (alert(Tone::Bad, "This document has been changed", &body, &[]))
        }
        (grid("main-aside", &[crate::html::render(&detail.body), facts]))
    };
    let download = link_button(Tone::Accent, "Download PDF", &format!("/documents/{}/pdf", stored.id));
    let line = html! { code { (stored.number) } };
    Ok(View::new(stored.title.clone(), body).line(line).actions(download))
}

async fn pdf(cx: &PageCx) -> Result<FileBody> {
    let detail = cx.ask(GetDocument { document: cx.param("document")? }).await?;
    let bytes = crate::pdf::render(&detail.body, None)?;
    Ok(FileBody { content_type: "application/pdf", name: Some(format!("{}.pdf", detail.stored.number)), bytes })
}

fn style() -> FileBody {
    FileBody { content_type: "text/css; charset=utf-8", name: None, bytes: DOC_CSS.as_bytes().to_vec() }
}
