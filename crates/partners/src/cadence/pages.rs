//! `/cadence`: with whom to speak next; `/partners/{partner}/contacts`: what was said, with a card on the partner's page.

use futures::future::BoxFuture;
use kernel::{Operation as _, PartnerId, Query as _, Registry, Result};
use maud::{Markup, html};
use ui::{Column, Empty, Filter, Icon, ListView, NavSpec, PageCx, PageSpec, Row, ShownTo, Table, Tone, View};

use super::{CadenceOf, GetCadence, ListCadence, ListContacts, LogContact, Rhythm};
use crate::profile::{Card, GetPartner, Status};

pub fn install(registry: &mut Registry) {
    let nav = NavSpec { section: "Work", label: "Contacts", icon: Icon::Bell, order: 26, shown_to: ShownTo::Vendor };
    registry
        .add(PageSpec { path: "/cadence", permission: ListCadence::NAME, nav: Some(nav), render: list })
        .add(PageSpec {
            path: "/partners/{partner}/contacts",
            permission: ListContacts::NAME,
            nav: None,
            render: contacts,
        })
        .add(Card { permission: GetCadence::NAME, render: |cx, partner| Box::pin(card(cx, partner)) });
}

fn list(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListCadence>()?).await?;
        let columns = vec![
            Column::text("Partner"),
            Column::text("Speak by").sort("due_at"),
            Column::number("Every").secondary(),
            Column::text("Last contact"),
        ];
        let empty = Empty::new("Nobody to speak with", "The program says how often in partnership.toml, by tier.");
        let table = Table::new("Contacts", columns).rows(page.items.iter().map(|one| row(cx, one))).empty(empty);
        let silent = vec![("true".to_owned(), "Silent for too long".to_owned())];
        let view = ListView::new("/cadence", &cx.query, table)
            .filter(Filter::choice("silent", "Show", silent))
            .next(page.next)
            .export("CSV", cx.export::<ListCadence>("csv"));
        Ok(View::new("Contacts", html! { (view) })
            .line(html! { "Who is to be spoken with next. A partner that nobody speaks with goes dark." }))
    })
}

fn row(cx: &PageCx, one: &CadenceOf) -> Row {
    let rhythm = &one.rhythm;
    let row = Row::new(vec![
        html! { (one.name) },
        ui::due_chip(rhythm.due_at, cx.now, &cx.zone),
        html! { (rhythm.days) " days" },
        last(cx, rhythm),
    ])
    .href(format!("/partners/{}/contacts", rhythm.partner));
    if one.silent { row.tone(Tone::Warn) } else { row }
}

fn last(cx: &PageCx, rhythm: &Rhythm) -> Markup {
    html! { @match rhythm.last_contact_at { Some(at) => (ui::ago(at, cx.now, &cx.zone)), None => span.muted { "none yet" } } }
}

async fn card(cx: &PageCx, partner: &crate::Partner) -> Result<Markup> {
    if matches!(partner.status, Status::Rejected) {
        return Ok(html! {});
    }
    let rhythm = cx.ask(GetCadence { partner: partner.id }).await?;
    let body = html! {
        @match &rhythm {
            Some(rhythm) => {
                p { "Last contact: " (last(cx, rhythm)) }
                p { "Next by " (ui::due_chip(rhythm.due_at, cx.now, &cx.zone)) " " span.muted { "every " (rhythm.days) " days" } }
            }
            None => p.muted { "The program asks for no rhythm here." },
        }
        p { a href={ "/partners/" (partner.id) "/contacts" } { "See and note contacts" } }
    };
    Ok(ui::card("Contacts", &body, &html! {}))
}

fn contacts(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let id: PartnerId = cx.param("partner")?;
        let partner = cx.ask(GetPartner { partner: id }).await?.partner;
        let query = ListContacts {
            partner: id,
            page: kernel::PageRequest { cursor: cx.arg("cursor").map(str::to_owned), ..kernel::PageRequest::default() },
        };
        let page = cx.ask(query).await?;
        let rhythm = cx.ask(GetCadence { partner: id }).await?;
        let columns = vec![
            Column::text("When"),
            Column::text("How"),
            Column::text("With"),
            Column::text("What came of it"),
            Column::text("Noted by").secondary(),
        ];
        let rows = page.items.iter().map(|contact| {
            Row::new(vec![
                ui::datetime(contact.contacted_at, &cx.zone),
                html! { (ui::humanize(contact.channel.name())) },
                html! { (contact.with) },
                html! { (contact.note) },
                html! { (contact.logged_by_name) },
            ])
        });
        let empty = Empty::new("No contact was noted yet", "Note the first one below.");
        let table = Table::new("Contacts", columns).rows(rows).empty(empty);
        let body = html! {
            (ListView::new(cx.path.clone(), &cx.query, table).next(page.next))
            @if cx.may(LogContact::NAME) {
                (ui::card("Note a contact", &cx.form::<LogContact>("Note it", &cx.path, &[("partner", &id.to_string())]), &html! {}))
            }
        };
        let view = View::new(format!("Contacts with {}", partner.name), body)
            .crumb("Contacts", "/cadence")
            .crumb(partner.name.clone(), format!("/partners/{id}"));
        Ok(match &rhythm {
            Some(rhythm) => view.line(html! {
                "At least every " (rhythm.days) " days; next by " (ui::due_chip(rhythm.due_at, cx.now, &cx.zone))
            }),
            None => view,
        })
    })
}
