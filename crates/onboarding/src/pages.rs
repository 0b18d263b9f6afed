//! `/applications`: the vendor's view of everyone on the way into the program.

use futures::future::BoxFuture;
use kernel::{Query as _, Registry, Result};
use maud::{Markup, html};
use ui::{Column, Empty, Icon, NavSpec, PageCx, PageSpec, Row, ShownTo, Stat, Table, Tone, View};

use crate::pipeline::{StageOfPipeline, Waiting};
use crate::queries::{GetPipeline, Pipeline};

pub fn install(registry: &mut Registry) {
    let nav =
        NavSpec { section: "Work", label: "Applications", icon: Icon::Inbox, order: 22, shown_to: ShownTo::Vendor };
    registry.add(PageSpec { path: "/applications", permission: GetPipeline::NAME, nav: Some(nav), render: show });
}

fn show(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let pipeline = cx.ask(GetPipeline {}).await?;
        let body = html! {
            (figures(&pipeline))
            (ui::section("Waiting for an answer", &applications(cx, &pipeline.applications)))
            @for stage in &pipeline.stages { (self::stage(cx, stage)) }
        };
        let actions = html! {
            @if cx.may("partners.invite") { (ui::link_button(Tone::Accent, "Invite a partner", "/invite")) }
        };
        let line = html! { "Everyone on the way into the program, and how long they have been waiting." };
        Ok(View::new("Applications and onboarding", body).line(line).actions(actions))
    })
}

fn figures(pipeline: &Pipeline) -> Markup {
    let runs = pipeline.stages.iter().flat_map(|stage| &stage.runs);
    let (count, late) = (runs.clone().count(), runs.filter(|run| run.late).count());
    let mut stats = vec![
        Stat::new("Applications", pipeline.applications.len().to_string()).hint("without an answer"),
        Stat::new("In onboarding", count.to_string()).hint(format!("{late} past the target of their stage")),
    ];
    if let Some(times) = &pipeline.lead_times {
        stats.push(
            Stat::new("Days to active", times.median_days.to_string())
                .hint(format!("median of {} partners within a year", times.partners)),
        );
        stats.push(
            Stat::new("Within target", format!("{} of {}", times.within_target, times.partners))
                .hint("of all stages together"),
        );
    }
    ui::stat_grid(&stats)
}

fn applications(cx: &PageCx, waiting: &[Waiting]) -> Markup {
    let rows = waiting.iter().map(|one| {
        Row::new(vec![
            html! { (one.name) },
            html! { (one.country) },
            ui::ago(one.applied_at, cx.now, &cx.zone),
            html! { (one.days) },
        ])
        .href(format!("/partners/{}", one.partner))
    });
    let columns = vec![
        Column::text("Company"),
        Column::text("Country").secondary(),
        Column::text("Applied"),
        Column::number("Days waiting"),
    ];
    let empty = Empty::new("Every application is answered", "Companies apply at /apply.").action(ui::link_button(
        Tone::Neutral,
        "See the form",
        "/apply",
    ));
    html! { (Table::new("Applications", columns).rows(rows).empty(empty)) }
}

fn stage(cx: &PageCx, stage: &StageOfPipeline) -> Markup {
    let rows = stage.runs.iter().map(|run| {
        let due = html! { @if let Some(due) = run.due_at { (ui::due_chip(due, cx.now, &cx.zone)) } };
        let row = Row::new(vec![html! { (run.name) }, ui::ago(run.since, cx.now, &cx.zone), html! { (run.days) }, due])
            .href(format!("/onboarding/{}", run.run));
        if run.late { row.tone(Tone::Warn) } else { row }
    });
    let columns =
        vec![Column::text("Who"), Column::text("Since"), Column::number("Days in the stage"), Column::text("Target")];
    let target = stage.target_days.map(|days| format!(", target {}", ui::words::counted(u64::from(days), "day")));
    let title = format!("{} ({}{})", stage.title, stage.runs.len(), target.unwrap_or_default());
    let empty = Empty::new("Nobody is here", "Partners appear as they complete the stage before.");
    ui::section(&title, &html! { (Table::new(&stage.title, columns).rows(rows).empty(empty)) })
}
