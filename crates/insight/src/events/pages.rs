//! The activity page.

use kernel::{EventRecord, Registry, Result};
use ui::{Entry, Icon, NavSpec, PageCx, PageSpec, ShownTo, View, html};

use super::queries::ListEvents;

pub fn install(registry: &mut Registry) {
    registry.add(PageSpec {
        path: "/events",
        permission: "events.list",
        nav: Some(NavSpec {
            section: "Trust",
            label: "Activity",
            icon: Icon::Clock,
            order: 78,
            shown_to: ShownTo::Everyone,
        }),
        render: |cx| Box::pin(list(cx)),
    });
}

async fn list(cx: &PageCx) -> Result<View> {
    let page = cx.ask(cx.list::<ListEvents>()?).await?;
    let entries: Vec<Entry> = page.items.iter().map(line).collect();
    let body = html! {
        @if entries.is_empty() {
            (ui::empty_state(&ui::Empty::new("Nothing has happened yet", "Whatever people, clocks and rules do appears here.")))
        } @else {
            (ui::timeline(&entries, cx.now, &cx.zone))
        }
        p.actions {
            @if let Some(next) = &page.next { (ui::link_button(ui::Tone::Neutral, "Older", &cx.with("cursor", next))) }
            a href=(cx.export::<ListEvents>("csv")) { "CSV" } " " a href=(cx.export::<ListEvents>("jsonl")) { "JSON Lines" }
        }
    };
    Ok(View::new("Activity", body).line(html! { "Everything that was written, as it happened." }))
}

/// An event among those of other things: it leads to the thing, and says which deal it was, since its sentence does not.
pub(crate) fn line(event: &EventRecord) -> Entry {
    let mut entry = ui::entry(event);
    if let Ok(deal) = event.subject.parse::<deals::DealId>() {
        entry = entry.detail(html! { "Deal " (deals::registration::number_of(deal)) });
    }
    match ui::page_of(&event.subject) {
        Some(href) => entry.href(href),
        None => entry,
    }
}
