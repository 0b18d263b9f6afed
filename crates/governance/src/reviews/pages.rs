//! `/reviews` and `/reviews/{review}`: reviews with partners, their packs and actions, in console and portal.

use futures::future::BoxFuture;
use kernel::{Operation as _, Query as _, Registry, Result};
use law::Party;
use maud::{Markup, html};
use partners::profile::Card;
use partners::{Partner, Status};
use ui::{Column, Empty, Filter, Icon, ListView, NavSpec, PageCx, PageSpec, Row, ShownTo, Table, Tone, View};

use super::{
    Action, AddAction, Contribute, FinishAction, GetReview, HoldReview, IssuePack, IssuePreread, ListReviews, Review,
    ReviewDetail, ScheduleReview, State,
};

pub fn install(registry: &mut Registry) {
    let nav = NavSpec { section: "Work", label: "Reviews", icon: Icon::Chart, order: 27, shown_to: ShownTo::Everyone };
    registry
        .add(PageSpec { path: "/reviews", permission: ListReviews::NAME, nav: Some(nav), render: list })
        .add(PageSpec { path: "/reviews/{review}", permission: GetReview::NAME, nav: None, render: show })
        .add(Card { permission: ListReviews::NAME, render: |cx, partner| Box::pin(card(cx, partner)) });
}

fn list(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListReviews>()?).await?;
        let columns = vec![
            Column::text("With"),
            Column::text("State"),
            Column::text("Meeting").sort("meeting_at"),
            Column::text("Pack"),
        ];
        let rows = page.items.iter().map(|review| {
            Row::new(vec![
                html! { (review.about) },
                ui::state_badge(review.state.name()),
                ui::datetime(review.meeting_at, &cx.zone),
                pack_of(cx, review),
            ])
            .href(format!("/reviews/{}", review.id))
        });
        let empty = Empty::new("No review is scheduled", "A review is scheduled on the page of a partner.");
        let states = State::ALL.map(|state| (state.name().to_owned(), ui::humanize(state.name())));
        let view =
            ListView::new("/reviews", &cx.query, Table::new("Business reviews", columns).rows(rows).empty(empty))
                .filter(Filter::choice("state", "State", states.to_vec()))
                .next(page.next)
                .export("CSV", cx.export::<ListReviews>("csv"));
        let view = View::new("Business reviews", html! { (view) })
            .line(html! { "Each quarter both sides look at the same figures; the pack is there before the meeting." });
        let may_issue = !cx.is_partner() && cx.may(IssuePack::NAME);
        Ok(if may_issue {
            view.actions(html! {
                (ui::link_button(Tone::Neutral, "Packs of the program", "/documents?kind=program-pack"))
                (cx.button::<IssuePack>("Issue a pack of the program", &[]))
            })
        } else {
            view
        })
    })
}

fn pack_of(cx: &PageCx, review: &Review) -> Markup {
    html! {
        @match (review.document, review.issued_at) {
            (Some(document), Some(at)) => { a href={ "/documents/" (document) } { "Read the pack" } " " span.muted { (ui::ago(at, cx.now, &cx.zone)) } }
            _ => { "due " (ui::due_chip(review.preread_at, cx.now, &cx.zone)) }
        }
    }
}

fn show(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let detail = cx.ask(GetReview { review: cx.param("review")? }).await?;
        let review = &detail.review;
        let main = html! {
            (ui::card("Actions", &actions(cx, &detail), &html! {}))
            @if let Some(minutes) = &review.minutes { (ui::card("Minutes", &html! { p { (minutes) } }, &html! {})) }
            (ui::card("Agenda", &html! { ol { @for point in &review.agenda { li { (point) } } } }, &html! {}))
            (ui::card("What the partner brings", &ui::key_values(&[
                ("Risks", html! { (review.risks.as_deref().unwrap_or("None were named.")) }),
                ("Asks", html! { (review.asks.as_deref().unwrap_or("Nothing was asked for.")) }),
            ]), &html! {}))
        };
        let facts = ui::key_values(&[
            ("Meeting", ui::datetime(review.meeting_at, &cx.zone)),
            ("Pack", pack_of(cx, review)),
            ("Partner", html! { a href={ "/partners/" (review.partner) } { (review.about) } }),
        ]);
        let aside = html! {
            (ui::card("The review", &facts, &html! {}))
            (acts(cx, review))
            (ui::card("Timeline", &cx.history(&detail.timeline), &html! {}))
        };
        let line = html! { (ui::state_badge(review.state.name())) @for clock in &detail.clocks { " " (ui::due_chip(clock.due_at, cx.now, &cx.zone)) } };
        let body = ui::grid("main-aside", &[main, aside]);
        Ok(View::new(format!("Review with {}", review.about), body).line(line).crumb("Business reviews", "/reviews"))
    })
}

fn actions(cx: &PageCx, detail: &ReviewDetail) -> Markup {
    let mine = |action: &Action| !cx.is_partner() || action.side == Party::Partner;
    let columns = vec![Column::text("What"), Column::text("Who"), Column::text("By"), Column::text("State")];
    let rows = detail.actions.iter().map(|action| {
        Row::new(vec![
            html! { (action.text) @if action.review != detail.review.id { " " (ui::badge(Tone::Info, "carried forward")) } },
            html! { @match action.side { Party::Partner => "the partner", Party::Vendor => "the vendor" } },
            html! { @if action.done_at.is_none() { (ui::due_chip(action.due_at, cx.now, &cx.zone)) } @else { (ui::datetime(action.due_at, &cx.zone)) } },
            html! {
                @match &action.done_at {
                    Some(at) => { (ui::state_badge("done")) " " (action.note.as_deref().unwrap_or_default()) " " span.muted { (ui::ago(*at, cx.now, &cx.zone)) } }
                    None if mine(action) && cx.may(FinishAction::NAME) => {
                        (cx.fold::<FinishAction>("Done", &cx.path, &[("action", &action.id.to_string())]))
                    }
                    None => (ui::state_badge("open")),
                }
            },
        ])
    });
    let empty = Empty::new("No actions", "What the review agrees on is carried forward until it is done.");
    html! { (Table::new("Actions", columns).rows(rows).empty(empty)) }
}

/// What this reader can do with the review now.
fn acts(cx: &PageCx, review: &Review) -> Markup {
    let id = review.id.to_string();
    let fixed = [("review", id.as_str())];
    let vendor = !cx.is_partner();
    let partner = review.partner.to_string();
    let body = html! {
        @if review.state == State::Scheduled {
            @if cx.may(Contribute::NAME) { (cx.fold::<Contribute>("Bring risks and asks", &cx.path, &fixed)) }
            @if vendor && cx.may(IssuePreread::NAME) { (cx.button::<IssuePreread>("Issue the pack", &fixed).primary()) }
        }
        @if vendor && review.state != State::Held && cx.may(ScheduleReview::NAME) {
            (cx.fold::<ScheduleReview>("Move the meeting", &cx.path, &[("partner", &partner)]))
        }
        @if vendor && cx.may(AddAction::NAME) { (cx.fold::<AddAction>("Agree on an action", &cx.path, &fixed)) }
        @if vendor && review.state == State::Issued && cx.may(HoldReview::NAME) {
            (cx.fold::<HoldReview>("Note the minutes", &cx.path, &fixed))
        }
    };
    if body.0.is_empty() {
        html! {}
    } else {
        ui::card("What you can do", &body, &html! {})
    }
}

async fn card(cx: &PageCx, partner: &Partner) -> Result<Markup> {
    if !matches!(partner.status, Status::Active | Status::Suspended) {
        return Ok(html! {});
    }
    let reviews = cx.ask(ListReviews { partner: Some(partner.id), ..ListReviews::default() }).await?.items;
    let id = partner.id.to_string();
    let open = reviews.iter().any(|review| review.state != State::Held);
    let body = html! {
        @for review in reviews.iter().take(4) {
            p { a href={ "/reviews/" (review.id) } { (ui::datetime(review.meeting_at, &cx.zone)) } " " (ui::state_badge(review.state.name())) }
        }
        @if reviews.is_empty() { p.muted { "No review is scheduled." } }
        @if !open && !cx.is_partner() && cx.may(ScheduleReview::NAME) {
            (cx.fold::<ScheduleReview>("Schedule a review", "/reviews/{id}", &[("partner", &id)]))
        }
    };
    Ok(ui::card("Business reviews", &body, &html! {}))
}
