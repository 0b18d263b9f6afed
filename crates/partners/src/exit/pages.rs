//! `/exits` and `/exits/{case}`: partnerships in question, why, and what can be done; the partner sees its own and appeals.

use futures::future::BoxFuture;
use kernel::{Operation as _, Query as _, Registry, Result};
use maud::{Markup, html};
use ui::{
    Column, Empty, Filter, Icon, ListView, NavSpec, PageCx, PageSpec, PostButton, Row, ShownTo, Table, Tone, View,
};

use super::{AnswerAppeal, AppealExit, BeginRemediation, Case, CloseExit, DetectExits, GetExit, ListExits, State};
use crate::profile::{Card, Status};

pub fn install(registry: &mut Registry) {
    let nav =
        NavSpec { section: "Trust", label: "Remediation", icon: Icon::Warning, order: 71, shown_to: ShownTo::Vendor };
    registry
        .add(PageSpec { path: "/exits", permission: ListExits::NAME, nav: Some(nav), render: list })
        .add(PageSpec { path: "/exits/{case}", permission: GetExit::NAME, nav: None, render: show })
        .add(Card { permission: ListExits::NAME, render: |cx, partner| Box::pin(card(cx, partner)) });
}

fn list(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListExits>()?).await?;
        let columns = vec![
            Column::text("Partner"),
            Column::text("State"),
            Column::text("Why"),
            Column::text("Since").secondary(),
        ];
        let rows = page.items.iter().map(|case| {
            let why: Vec<&str> = case.grounds.iter().map(|ground| ground.title.as_str()).collect();
            Row::new(vec![
                html! { (case.about) },
                ui::state_badge(case.state.name()),
                html! { (why.join("; ")) },
                ui::ago(case.opened_at, cx.now, &cx.zone),
            ])
            .href(format!("/exits/{}", case.id))
        });
        let empty =
            Empty::new("No partnership is in question", "The criteria of the program are looked at every week.");
        let states = State::ALL.map(|state| (state.name().to_owned(), ui::humanize(state.name())));
        let view =
            ListView::new("/exits", &cx.query, Table::new("Partnerships in question", columns).rows(rows).empty(empty))
                .filter(Filter::choice("state", "State", states.to_vec()))
                .next(page.next)
                .export("CSV", cx.export::<ListExits>("csv"));
        let look = cx.may(DetectExits::NAME) && !cx.is_partner();
        let view = View::new("Remediation", html! { (view) })
            .line(html! { "Partnerships in question, and the ladder before any of them ends." });
        Ok(if look { view.actions(html! { (cx.button::<DetectExits>("Look now", &[])) }) } else { view })
    })
}

fn show(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let case = cx.ask(GetExit { case: cx.param("case")? }).await?;
        let at = |at: Option<kernel::Timestamp>| html! { @if let Some(at) = at { (ui::datetime(at, &cx.zone)) } @else { "–" } };
        let said = |by: &Option<String>| by.clone().unwrap_or_default();
        let facts = ui::key_values(&[
            ("By the terms", html! { (case.clause) }),
            ("In question since", at(Some(case.opened_at))),
            ("Remediation since", at(case.begun_at)),
            ("Appeal possible until", at(case.appeal_until)),
            ("Closed", html! { (at(case.closed_at)) @if let Some(closing) = &case.closing { ": " (closing) } }),
        ]);
        let main = html! {
            (ui::card("Why", &html! { ul { @for ground in &case.grounds { li { b { (ground.title) } ": " (ground.text) } } } }, &html! {}))
            @if let Some(appeal) = &case.appeal {
                (ui::card("Appeal", &html! { p { (appeal) } p.muted { (said(&case.appealed_by_name)) ", " (at(case.appealed_at)) } }, &html! {}))
            }
            @if let Some(answer) = &case.answer {
                (ui::card("Answer", &html! { p { (answer) } p.muted { (said(&case.answered_by_name)) ", " (at(case.answered_at)) } }, &html! {}))
            }
        };
        let aside = html! { (ui::card("The case", &facts, &html! {})) (acts(cx, &case)) };
        let line = html! {
            (ui::state_badge(case.state.name()))
            @if let Some(run) = case.run { " " a href={ "/onboarding/" (run) } { "The stages" } }
            " " a href={ "/partners/" (case.partner) } { "The partner" }
        };
        let body = ui::grid("main-aside", &[main, aside]);
        Ok(View::new(case.about.clone(), body).line(line).crumb("Remediation", "/exits"))
    })
}

/// What this reader can do with the case now.
fn acts(cx: &PageCx, case: &Case) -> Markup {
    let (id, partner) = (case.id.to_string(), case.partner.to_string());
    let vendor = !cx.is_partner();
    let open = case.closed_at.is_none();
    let appealable = case.state == State::Remediation
        && case.appealed_at.is_none()
        && case.appeal_until.is_some_and(|until| cx.now <= until);
    let body = html! {
        @if vendor && case.state == State::Detected && cx.may(BeginRemediation::NAME) {
            (cx.fold::<BeginRemediation>("Begin the remediation", &cx.path, &[("partner", &partner)]))
        }
        @if vendor && case.state == State::Appealed && cx.may(AnswerAppeal::NAME) {
            (cx.fold::<AnswerAppeal>("Answer the appeal", &cx.path, &[("case", &id)]))
        }
        @if vendor && open && cx.may(CloseExit::NAME) {
            (cx.fold::<CloseExit>("Close the case", &cx.path, &[("case", &id)]))
        }
        @if !vendor && cx.may(AppealExit::NAME) {
            @if appealable { (cx.fold::<AppealExit>("Appeal", &cx.path, &[("case", &id)])) }
            @else if open { (PostButton::new("Appeal", "", "").disabled("An appeal is made once, within its time.")) }
        }
    };
    if body.0.is_empty() {
        html! {}
    } else {
        ui::card("What you can do", &body, &html! {})
    }
}

async fn card(cx: &PageCx, partner: &crate::Partner) -> Result<Markup> {
    let cases = cx.ask(ListExits { partner: Some(partner.id), ..ListExits::default() }).await?.items;
    let running = matches!(partner.status, Status::Active | Status::Suspended);
    let open = cases.iter().any(|case| case.closed_at.is_none());
    let may_begin = running && !open && !cx.is_partner() && cx.may(BeginRemediation::NAME);
    if cases.is_empty() && !may_begin {
        return Ok(html! {});
    }
    let id = partner.id.to_string();
    let body = html! {
        @for case in &cases {
            p { (ui::state_badge(case.state.name())) " " a href={ "/exits/" (case.id) } { "Since " (ui::datetime(case.opened_at, &cx.zone)) } }
        }
        @if cases.is_empty() { p.muted { "This partnership was never in question." } }
        @if may_begin { (cx.fold::<BeginRemediation>("Begin a remediation", &cx.path, &[("partner", &id)])) }
    };
    let body = if open && cx.is_partner() {
        html! { (ui::alert(Tone::Warn, "Your partnership is in question", &html! { "Read why, and what helps." }, &[])) (body) }
    } else {
        body
    };
    Ok(ui::card("Remediation", &body, &html! {}))
}
