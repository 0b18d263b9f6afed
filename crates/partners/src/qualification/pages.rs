//! `/partners/{partner}/qualification`: the scores and what they recommend, with a card on the page of the partner.

use futures::future::BoxFuture;
use kernel::{Error, Operation as _, PartnerId, Query as _, Registry, Result};
use maud::{Markup, html};
use ui::{Column, Empty, PageCx, PageSpec, Row, Stat, Table, Tone, View};

use super::{GetQualification, QualificationView, Recommendation, ScoreApplicant};
use crate::profile::{Card, GetPartner, Status};

pub fn install(registry: &mut Registry) {
    registry
        .add(PageSpec {
            path: "/partners/{partner}/qualification",
            permission: GetQualification::NAME,
            nav: None,
            render: page,
        })
        .add(Card { permission: GetQualification::NAME, render: |cx, partner| Box::pin(card(cx, partner)) });
}

fn tone(recommendation: Recommendation) -> Tone {
    match recommendation {
        Recommendation::Incomplete => Tone::Neutral,
        Recommendation::TakeIn => Tone::Good,
        Recommendation::LookCloser => Tone::Warn,
        Recommendation::TurnDown => Tone::Bad,
    }
}

fn words(recommendation: Recommendation) -> &'static str {
    match recommendation {
        Recommendation::Incomplete => "Not all is scored",
        Recommendation::TakeIn => "Take it in",
        Recommendation::LookCloser => "Look closer",
        Recommendation::TurnDown => "Turn it down",
    }
}

async fn card(cx: &PageCx, partner: &crate::Partner) -> Result<Markup> {
    if matches!(partner.status, Status::Ended | Status::Rejected) {
        return Ok(html! {});
    }
    let Some(view) = cx.ask(GetQualification { partner: partner.id }).await? else { return Ok(html! {}) };
    let scored = view.criteria.iter().filter(|criterion| criterion.given.is_some()).count();
    if scored == 0 && partner.status != Status::Applied {
        return Ok(html! {});
    }
    let body = html! {
        p { (ui::badge(tone(view.recommendation), words(view.recommendation))) " " (view.total) " of " (view.recommend_from) " asked for" }
        p.muted { (scored) " of " (view.criteria.len()) " criteria are scored" }
        p { a href={ "/partners/" (partner.id) "/qualification" } { "See and score" } }
    };
    Ok(ui::card("Qualification", &body, &html! {}))
}

fn page(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let id: PartnerId = cx.param("partner")?;
        let partner = cx.ask(GetPartner { partner: id }).await?.partner;
        let view = cx.ask(GetQualification { partner: id }).await?;
        let view = view.ok_or_else(|| Error::not_found("qualification", id))?;
        let may_score = cx.may(ScoreApplicant::NAME) && !matches!(partner.status, Status::Ended | Status::Rejected);
        let body = html! {
            (ui::stat_grid(&[
                Stat::new("Recommendation", ui::badge(tone(view.recommendation), words(view.recommendation))),
                Stat::new("Weighted total", view.total.to_string())
                    .hint(html! { (view.recommend_from) " are asked for" }),
            ]))
            (table(&view))
            @if may_score { (forms(cx, id, &view)) }
            @if let Some(decision) = view.decision { (ui::section("Decision", &cx.decisions(&[decision]))) }
        };
        Ok(View::new(format!("Qualification of {}", partner.name), body)
            .line(html! { "Each criterion is scored 0 to 5 with what the score rests on; the program weighs them." })
            .crumb("Partners", "/partners")
            .crumb(partner.name.clone(), format!("/partners/{id}")))
    })
}

fn table(view: &QualificationView) -> Markup {
    let columns = vec![
        Column::text("Criterion"),
        Column::number("Weight"),
        Column::number("Score"),
        Column::text("Rests on"),
        Column::text("By").secondary(),
    ];
    let rows = view.criteria.iter().map(|criterion| {
        Row::new(vec![
            html! { (criterion.title) },
            html! { (criterion.weight) },
            html! { @match &criterion.given { Some(given) => { (given.score) " of 5" } None => "–" } },
            html! { @match &criterion.given { Some(given) => (given.evidence), None => span.muted { (criterion.help) } } },
            html! { @if let Some(given) = &criterion.given { (given.scored_by_name) } },
        ])
    });
    let empty = Empty::new("No criteria", "The program names them in partnership.toml.");
    html! { (Table::new("Scores", columns).rows(rows).empty(empty)) }
}

/// A form per criterion; those that are scored stay folded.
fn forms(cx: &PageCx, partner: PartnerId, view: &QualificationView) -> Markup {
    let partner = partner.to_string();
    let one = |key: &str, title: &str| {
        let fixed = [("partner", partner.as_str()), ("criterion", key)];
        cx.fold::<ScoreApplicant>(&format!("Score: {title}"), &cx.path, &fixed)
    };
    let body = html! { @for criterion in &view.criteria { (one(&criterion.key, &criterion.title)) } };
    ui::card("Score", &body, &html! {})
}
