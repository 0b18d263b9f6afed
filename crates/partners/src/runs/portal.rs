//! `/standing` in the portal: the tier and segment of a partner, why it is there, and how to appeal.

use futures::future::BoxFuture;
use kernel::{Error, Operation as _, Query as _, Registry, Result};
use maud::{Markup, html};
use ui::{Empty, Icon, NavSpec, PageCx, PageSpec, Row, ShownTo, Stat, Table, Tone, View};

use super::appeals::AppealMove;
use super::pages::between;
use super::queries::{GetStanding, MoveDetail, Standing};
use super::run::AppealState;

pub(super) const PATH: &str = "/standing";

pub fn install(registry: &mut Registry) {
    let nav =
        NavSpec { section: "Work", label: "Tier and segment", icon: Icon::Star, order: 35, shown_to: ShownTo::Partner };
    registry.add(PageSpec { path: PATH, permission: GetStanding::NAME, nav: Some(nav), render: own });
}

fn own(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let partner = cx.actor.partner.ok_or_else(|| Error::not_found("page", &cx.path))?;
        let standing = cx.ask(GetStanding { partner }).await?;
        let body = html! { (figures(cx, &standing)) (moves(cx, &standing)) };
        Ok(View::new("Tier and segment", body))
    })
}

fn figures(cx: &PageCx, standing: &Standing) -> Markup {
    let since =
        |at: Option<kernel::Timestamp>| html! { @if let Some(at) = at { "since " (ui::datetime(at, &cx.zone)) } };
    let none = || "None yet".to_owned();
    let mut stats =
        vec![Stat::new("Tier", standing.tier_title.clone().unwrap_or_else(none)).hint(since(standing.tier_since))];
    if let Some(segment) = &standing.segment_title {
        stats.push(Stat::new("Segment", segment.clone()).hint(since(standing.segment_since)));
    }
    html! {
        (ui::stat_grid(&stats))
        @if standing.segment_description.is_some() || !standing.invests.is_empty() {
            (ui::card("What we invest in you", &html! {
                @if let Some(text) = &standing.segment_description { p { (text) } }
                ul { @for line in &standing.invests { li { (line) } } }
            }, &html! {}))
        }
    }
}

fn moves(cx: &PageCx, standing: &Standing) -> Markup {
    let columns = vec![ui::Column::text("When"), ui::Column::text("Move"), ui::Column::text("Because").secondary()];
    let rows = standing.moves.iter().map(|one| {
        let open = one.made.open_to_appeal(cx.now).is_ok();
        Row::new(vec![
            html! { @if let Some(until) = one.made.appeal_until.filter(|_| open) { "Appeal " (ui::due_chip(until, cx.now, &cx.zone)) } @else { "–" } },
            html! { (between(one)) @if let Some(appeal) = &one.appealed { " " (ui::state_badge(appeal.state.word())) } },
            html! { (one.made.why()) },
        ])
        .href(format!("/tiers/moves/{}", one.made.id))
    });
    let empty =
        Empty::new("You have not been moved", "Moves between tiers and segments appear here with their reasons.");
    let table = Table::new("Your moves", columns).rows(rows).empty(empty);
    ui::card("Your moves", &html! { (table) }, &html! {})
}

/// The appeal against a move: what was said and answered, or the form for it.
pub(super) fn appeal(cx: &PageCx, detail: &MoveDetail) -> Markup {
    if let Some(appeal) = &detail.appealed {
        let tone = match appeal.state {
            AppealState::Open => Tone::Info,
            AppealState::Granted => Tone::Good,
            AppealState::Refused => Tone::Bad,
        };
        let body = html! {
            p { (ui::badge(tone, &ui::humanize(appeal.state.word()))) " " (appeal.filed.name) ", " (ui::datetime(appeal.filed.at, &cx.zone)) }
            p { (appeal.text) }
            @if let Some(answer) = &appeal.answer { h3 { "Answer" } p { (answer) } }
        };
        return ui::card("Appeal", &body, &html! {});
    }
    let open = cx.is_partner() && detail.made.open_to_appeal(cx.now).is_ok() && cx.may(AppealMove::NAME);
    if !open {
        return html! {};
    }
    let id = detail.made.id.to_string();
    ui::card("Appeal", &cx.form::<AppealMove>("Appeal", &cx.path, &[("move", &id)]), &html! {})
}
