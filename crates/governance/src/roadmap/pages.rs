//! `/roadmap` and `/roadmap/{request}`: what partners ask for and why it is built or not, in console and portal.

use futures::future::BoxFuture;
use kernel::{Operation as _, Query as _, Registry, Result};
use maud::{Markup, html};
use ui::{Column, Empty, Filter, Icon, ListView, NavSpec, PageCx, PageSpec, Row, ShownTo, Table, Tone, View};

use super::{
    AskFor, DecideRequest, GetRequest, ListRequests, MergeRequest, Request, RequestDetail, ShipRequest, State,
    SupportRequest, TriageRequest,
};

pub fn install(registry: &mut Registry) {
    let nav = NavSpec { section: "Work", label: "Roadmap", icon: Icon::Star, order: 28, shown_to: ShownTo::Everyone };
    registry
        .add(PageSpec { path: "/roadmap", permission: ListRequests::NAME, nav: Some(nav), render: list })
        .add(PageSpec { path: "/roadmap/{request}", permission: GetRequest::NAME, nav: None, render: show });
}

fn list(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListRequests>()?).await?;
        let empty = Empty::new("Nothing is asked for", "Requests of partners are triaged, weighed and answered here.");
        let states = State::ALL.map(|state| (state.name().to_owned(), ui::humanize(state.name())));
        let view = ListView::new("/roadmap", &cx.query, table(cx, "Requests", &page.items, empty))
            .filter(Filter::choice("state", "State", states.to_vec()))
            .next(page.next)
            .export("CSV", cx.export::<ListRequests>("csv"));
        let own = match cx.actor.partner {
            Some(partner) => cx.ask(ListRequests { partner: Some(partner), ..ListRequests::default() }).await?.items,
            None => Vec::new(),
        };
        let body = html! {
            @if cx.is_partner() {
                @let none = Empty::new("You have not asked for anything", "Ask below, or join what others ask for.");
                (ui::section("What you ask for", &html! { (table(cx, "What you ask for", &own, none)) }))
                (ui::section("What is asked for", &html! { (view) }))
            } @else { (view) }
            @if cx.may(AskFor::NAME) {
                (ui::card("Ask for something", &cx.form::<AskFor>("Ask", "/roadmap/{id}", &[]), &html! {}))
            }
        };
        Ok(View::new("Roadmap", body)
            .line(html! { "What partners ask for, who is behind it, and why it is built or not." }))
    })
}

fn table(cx: &PageCx, caption: &str, requests: &[Request], empty: Empty) -> Table {
    let columns =
        vec![Column::text("What"), Column::text("State"), Column::text("Answer"), Column::text("Asked").secondary()];
    let rows = requests.iter().map(|request| {
        Row::new(vec![
            html! { (request.title) },
            ui::state_badge(request.state.name()),
            html! {
                @match (&request.rationale, request.due_at) {
                    (Some(rationale), _) => (rationale),
                    (None, Some(due)) => { "by " (ui::due_chip(due, cx.now, &cx.zone)) }
                    _ => {}
                }
            },
            ui::ago(request.created_at, cx.now, &cx.zone),
        ])
        .href(format!("/roadmap/{}", request.id))
    });
    Table::new(caption, columns).rows(rows).empty(empty)
}

fn show(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let detail = cx.ask(GetRequest { request: cx.param("request")? }).await?;
        let request = &detail.request;
        let main = html! {
            (ui::card("What it is needed for", &html! { p { (request.need) } }, &html! {}))
            @if let Some(rationale) = &request.rationale {
                (ui::card("Why", &html! { p { (rationale) } p.muted { (request.decided_by_name.as_deref().unwrap_or("The vendor")) @if let Some(at) = request.decided_at { ", " (ui::datetime(at, &cx.zone)) } } }, &html! {}))
            }
            @if let Some(into) = request.merged_into { p { "It goes on as " a href={ "/roadmap/" (into) } { "another request" } "." } }
            (ui::card("Who asks", &voices(cx, &detail), &html! {}))
            @if let Some(triage) = &request.triage { (ui::card("Triage", &triaged(request, triage), &html! {})) }
        };
        let aside = html! {
            (acts(cx, &detail).await?)
            (ui::card("Timeline", &cx.history(&detail.timeline), &html! {}))
        };
        let line = html! {
            (ui::state_badge(request.state.name()))
            @if let Some(due) = request.due_at { " " (ui::due_chip(due, cx.now, &cx.zone)) }
        };
        let body = ui::grid("main-aside", &[main, aside]);
        Ok(View::new(request.title.clone(), body).line(line).crumb("Roadmap", "/roadmap"))
    })
}

fn triaged(request: &Request, triage: &str) -> Markup {
    let score = |score: Option<u32>| html! { @match score { Some(score) => { (score) " of 5" } None => "–" } };
    html! {
        (ui::key_values(&[("Return", score(request.return_score)), ("Security", score(request.security_score))]))
        p { (triage) }
    }
}

fn voices(cx: &PageCx, detail: &RequestDetail) -> Markup {
    if cx.is_partner() {
        return html! { @if detail.voices.is_empty() { "Others ask for this; join them below." } @else { "You ask for this." } };
    }
    let columns =
        vec![Column::text("Partner"), Column::number("Revenue in 12 months"), Column::text("What it is worth to them")];
    let rows = detail.voices.iter().map(|voice| {
        Row::new(vec![
            html! { (voice.name) },
            html! { @match voice.revenue { Some(revenue) => (ui::money(revenue)), None => "–" } },
            html! { (voice.voice.note) },
        ])
        .href(format!("/partners/{}", voice.voice.partner))
    });
    let empty = Empty::new("Nobody is left", "Those who asked have joined another request.");
    html! {
        (Table::new("Who asks", columns).rows(rows).empty(empty))
        @if let Some(weight) = detail.weight { p { "Together: " (ui::money(weight)) } }
    }
}

/// What this reader can do with the request now.
async fn acts(cx: &PageCx, detail: &RequestDetail) -> Result<Markup> {
    let request = &detail.request;
    let id = request.id.to_string();
    let fixed = [("request", id.as_str())];
    let vendor = !cx.is_partner();
    let mut others = Vec::new();
    if vendor && request.state.is_open() {
        let all = cx.ask(ListRequests::default()).await?.items;
        let open = all.into_iter().filter(|other| other.id != request.id && other.state.is_open());
        others = open.map(|other| (other.id.to_string(), other.title)).collect();
    }
    let may_join = request.state.is_open() && detail.voices.is_empty() && !vendor && cx.may(SupportRequest::NAME);
    let body = html! {
        @if may_join { (cx.fold::<SupportRequest>("We need this, too", &cx.path, &fixed)) }
        @if vendor && request.state.is_open() && cx.may(TriageRequest::NAME) {
            (cx.fold::<TriageRequest>("Triage", &cx.path, &fixed))
        }
        @if vendor && request.state == State::InReview && cx.may(DecideRequest::NAME) {
            (cx.fold::<DecideRequest>("Decide", &cx.path, &fixed))
        }
        @if !others.is_empty() && cx.may(MergeRequest::NAME) {
            details { summary { "Merge into another request" }
                (cx.form_choosing::<MergeRequest>("Merge", "/roadmap/{id}", &fixed, &[("into", others)])) }
        }
        @if vendor && request.state == State::Planned && cx.may(ShipRequest::NAME) {
            (cx.button::<ShipRequest>("It is there", &fixed).tone(Tone::Accent))
        }
    };
    Ok(if body.0.is_empty() {
        html! {}
    } else {
        ui::card("What you can do", &body, &html! {})
    })
}
