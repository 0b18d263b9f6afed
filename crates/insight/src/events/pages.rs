//! The activity page.

use kernel::{Registry, Result};
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
    let entries: Vec<Entry> = page.items.iter().map(ui::entry).collect();
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
