//! The list of decisions, and one decision with its why.

use kernel::{Audience, Registry, Result};
use ui::{
    Column, Empty, Filter, ListView, NavSpec, PageCx, PageSpec, Render as _, Row, ShownTo, Table, Tone, View, Why, html,
};

use super::queries::{ExplainDecision, GetDecision, ListDecisions};

pub fn install(registry: &mut Registry) {
    registry.add(PageSpec {
        path: "/decisions",
        permission: "decisions.list",
        nav: Some(NavSpec {
            section: "Trust",
            label: "Decisions",
            icon: ui::Icon::Law,
            order: 75,
            shown_to: ShownTo::Everyone,
        }),
        render: |cx| Box::pin(list(cx)),
    });
    registry.add(PageSpec {
        path: "/decisions/{decision}",
        permission: "decisions.get",
        nav: None,
        render: |cx| Box::pin(show(cx)),
    });
}

async fn list(cx: &PageCx) -> Result<View> {
    let page = cx.ask(cx.list::<ListDecisions>()?).await?;
    let columns = vec![
        Column::text("Decided").sort("decided_at"),
        Column::text("Rule"),
        Column::text("Outcome"),
        Column::text("About").secondary(),
        Column::text("Law").secondary(),
    ];
    let rows = page.items.iter().map(|d| {
        Row::new(vec![
            ui::datetime(d.decided_at, &cx.zone),
            html! { (ui::rule_title(&d.kind)) },
            html! { (ui::outcome(&d.outcome, &cx.zone)) },
            ui::thing(&d.subject),
            html! { code { (d.law) } },
        ])
        .href(format!("/decisions/{}", d.id))
    });
    let table = Table::new("Decisions", columns).rows(rows).empty(Empty::new(
        "No decisions yet",
        "Each time a rule of the program decides (a claim, a tier, a gate), it is kept here with its reasons.",
    ));
    let kinds = cx.app.registry().rules().map(|kind| (kind.to_owned(), ui::rule_title(kind))).collect();
    let view = ListView::new(&cx.path, &cx.query, table)
        .filter(Filter::choice("kind", "Rule", kinds))
        .filter(Filter::search("subject", "Id of the thing decided about"))
        .next(page.next)
        .export("CSV", cx.export::<ListDecisions>("csv"))
        .export("JSON Lines", cx.export::<ListDecisions>("jsonl"));
    Ok(View::new("Decisions", view.render())
        .line(html! { "Every outcome of a rule, with the law and the facts that led to it." }))
}

async fn show(cx: &PageCx) -> Result<View> {
    let id = cx.param("decision")?;
    let decision = cx.ask(GetDecision { decision: id }).await?;
    let explained = cx.ask(ExplainDecision { decision: id }).await?;
    let facts = serde_json::to_string_pretty(&decision.facts)?;
    let mut why = Why::new(Tone::Info, ui::outcome(&decision.outcome, &cx.zone), &decision.reasons).law(&decision.law);
    if !cx.is_partner() {
        why = why.data("Facts", facts).data("Outcome", serde_json::to_string_pretty(&decision.outcome)?);
    }
    let hidden = decision.reasons.iter().filter(|r| r.audience == Audience::Vendor).count();
    let proof = if explained.reproduced {
        ui::alert(
            Tone::Good,
            "Recomputed just now: the same outcome and reasons",
            &html! {
                "The rule was run again on the terms and facts that were stored with the decision."
            },
            &[],
        )
    } else {
        ui::alert(
            Tone::Bad,
            "Recomputed just now: it comes out differently",
            &html! {
                "The stored record or the rule has changed since."
            },
            &[],
        )
    };
    let body = html! {
        (ui::key_values(&[
            ("Rule", html! { (ui::rule_title(&decision.kind)) " " code { (decision.kind) } }),
            ("About", ui::thing(&decision.subject)),
            ("Decided", ui::datetime(decision.decided_at, &cx.zone)),
            ("By", ui::thing(&decision.decided_by)),
            ("Law", html! { code { (decision.law) } }),
            ("Terms", ui::id_chip(&decision.terms)),
        ]))
        (why)
        @if hidden > 0 && !cx.is_partner() { p.muted { (ui::words::counted(hidden as u64, "reason")) " for the vendor alone; the partner does not see them." } }
        (proof)
    };
    Ok(View::new(ui::rule_title(&decision.kind), body).crumb("Decisions", "/decisions"))
}
