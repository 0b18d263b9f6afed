//! `/gate`: the gate at a glance, with a form to try an assignment; `/gate/decisions`: every decision.

use kernel::{Operation as _, PageRequest, Query as _, Registry, Result};
use maud::{Markup, html};
use ui::form::Field;
use ui::{
    Column, Empty, Filter, Icon, ListView, NavSpec, PageCx, PageSpec, Row, ShownTo, Stat, Table, Tone, View, Why, ago,
    card, state_badge,
};

use super::evaluate::word;
use super::overview::{EffectStats, GateOverview, GetGate, PolicyInForce, Totals};
use super::queries::{CheckAssignment, Checked, ListDecisions, RecordedDecision};
use crate::overrides::GrantOverride;
use crate::policy::{Answer, Mode};

pub(super) fn install(registry: &mut Registry) {
    let nav = NavSpec { section: "Trust", label: "Gate", icon: Icon::Gate, order: 60, shown_to: ShownTo::Everyone };
    registry
        .add(PageSpec { path: "/gate", permission: GetGate::NAME, nav: Some(nav), render: |cx| Box::pin(overview(cx)) })
        .add(PageSpec {
            path: "/gate/decisions",
            permission: ListDecisions::NAME,
            nav: None,
            render: |cx| Box::pin(decisions(cx)),
        });
}

async fn overview(cx: &PageCx) -> Result<View> {
    let gate = cx.ask(GetGate {}).await?;
    let vendor = !cx.is_partner();
    let latest = if vendor && cx.may(ListDecisions::NAME) {
        let page = PageRequest { limit: Some(10), ..PageRequest::default() };
        cx.ask(ListDecisions { page, ..ListDecisions::default() }).await?.items
    } else {
        Vec::new()
    };
    let all = html! { a href="/gate/decisions" { "All decisions" } };
    let body = html! {
        (ui::stat_grid(&stats(&gate)))
        (card("Policies", &html! { (policies(&gate.policies)) }, &html! {}))
        (effects(&gate.effects))
        @if vendor && cx.may(CheckAssignment::NAME) { (card("Try an assignment", &trial(cx).await, &html! {})) }
        @if vendor { (card("Latest decisions", &html! { (table(cx, &latest)) }, &all)) }
        @if vendor && cx.may(GrantOverride::NAME) {
            (card("Override a policy", &cx.form::<GrantOverride>("Let the driver pass", "/gate", &[]), &html! {}))
        }
    };
    Ok(View::new("Gate", body)
        .line(html! { "The platform enforces, the provider attests, the customer owns the policy. Decided under " code { (gate.law) } "." })
        .actions(html! { a.btn href="/gate/drivers" { "Drivers" } " " a.btn href="/gate/sources" { "Credential sources" } }))
}

fn stats(gate: &GateOverview) -> Vec<Stat> {
    let mut stats = Vec::new();
    if let Some(Totals { allowed, warned, denied, mean_latency_micros }) = &gate.decisions {
        stats.push(Stat::new("Allowed, last 24 h", allowed).href("/gate/decisions?answer=allow"));
        stats.push(Stat::new("Warned", warned).href("/gate/decisions?answer=warn"));
        stats.push(
            Stat::new("Denied", denied)
                .href("/gate/decisions?answer=deny")
                .hint(html! { "decided in " (mean_latency_micros) " µs on average" }),
        );
    }
    let effects = &gate.effects;
    let p95 = if effects.count == 0 { "–".to_owned() } else { span(effects.p95_micros) };
    stats.push(Stat::new("Webhook to effect, p95", p95).hint(html! {
        (effects.within_promise) " of " (effects.count) " within the promised 60 s"
    }));
    stats
}

/// A length of time in the unit in which it reads well.
pub(crate) fn span(micros: i64) -> String {
    match micros {
        m if m < 1_000 => format!("{m} µs"),
        m if m < 1_000_000 => format!("{}.{} ms", m / 1_000, m % 1_000 / 100),
        m => format!("{}.{} s", m / 1_000_000, m % 1_000_000 / 100_000),
    }
}

fn effects(effects: &EffectStats) -> Markup {
    if effects.count == 0 {
        return html! {};
    }
    let buckets: Vec<(f64, u64)> =
        effects.histogram.iter().map(|(bound, count)| (*bound as f64, *count as u64)).collect();
    let milliseconds = |micros: i64| micros as f64 / 1_000.0;
    let marks = [
        ("p50", milliseconds(effects.p50_micros)),
        ("p95", milliseconds(effects.p95_micros)),
        ("p99", milliseconds(effects.p99_micros)),
        ("promise", milliseconds(effects.promise_micros)),
    ];
    card(
        "From webhook to changed decision, last 24 hours",
        &ui::chart::histogram("Updates", &buckets, &marks),
        &html! {},
    )
}

fn policies(policies: &[PolicyInForce]) -> Table {
    let columns = vec![
        Column::text("Policy"),
        Column::text("Mode"),
        Column::text("Owns it"),
        Column::text("Attests"),
        Column::text("Enforces"),
        Column::text("Fresh for").secondary(),
        Column::text("Overridden by").secondary(),
        Column::number("Spoke against, 7 days"),
        Column::number("Would deny").secondary(),
    ];
    let rows = policies.iter().map(|policy| {
        let week = policy.last_week.as_ref();
        Row::new(vec![
            html! { (policy.title) br; span.muted { (policy.key) } },
            mode(policy.mode),
            html! { (policy.owner) },
            html! { (policy.attests) },
            html! { (ui::humanize(&policy.enforcer)) },
            html! { @match policy.freshness_days { Some(days) => (ui::words::counted(u64::from(days), "day")), None => "any age" } },
            html! { @if policy.override_roles.is_empty() { "nobody" } @else { (roles(&policy.override_roles)) } },
            html! { @if let Some(week) = week { (week.firings) } },
            html! { @if let Some(week) = week { (week.would_deny) br; span.muted { (ui::words::counted(u64::try_from(week.drivers).unwrap_or_default(), "driver")) } } },
        ])
    });
    let empty = Empty::new("No policies", "The program has no gate policies; every assignment is allowed.");
    Table::new("Policies", columns).rows(rows).empty(empty)
}

/// Roles by the titles that people know them by.
fn roles(names: &[String]) -> String {
    names.iter().map(|name| people::role(name).map_or(name.as_str(), |role| role.title)).collect::<Vec<_>>().join(", ")
}

fn mode(mode: Mode) -> Markup {
    let tone = match mode {
        Mode::Off => Tone::Neutral,
        Mode::Shadow => Tone::Info,
        Mode::Warn => Tone::Warn,
        Mode::Enforce => Tone::Accent,
    };
    ui::badge(tone, &ui::humanize(mode.as_str()))
}

/// The form, and under it what the gate would say to what was typed.
async fn trial(cx: &PageCx) -> Markup {
    let value = |name: &str| cx.arg(name).unwrap_or_default().to_owned();
    let asked = CheckAssignment {
        driver: value("driver"),
        order: value("order"),
        requires: value("requires"),
        segment: value("segment"),
    };
    let answer = if asked.driver.is_empty() { None } else { Some(cx.ask(asked.clone()).await) };
    html! {
        form.form method="get" action="/gate" {
            (Field::text("driver", "Driver").scope("try").value(asked.driver).required())
            (Field::text("order", "Order").scope("try").value(asked.order))
            (Field::text("requires", "The order requires").value(asked.requires).help("Such as `medical, insurance`"))
            (Field::text("segment", "Fleet segment").value(asked.segment))
            (ui::button(Tone::Accent, "Try it"))
        }
        @match &answer {
            Some(Ok(checked)) => { (verdict(checked)) },
            Some(Err(error)) => { (ui::alert(Tone::Bad, "The gate cannot answer that", &html! { (error) }, &[])) },
            None => { p.muted { "Nothing is recorded and nobody is told." } },
        }
    }
}

fn verdict(checked: &Checked) -> Markup {
    let (tone, words) = match checked.verdict.outcome.answer {
        Answer::Allow if checked.overridden => (Tone::Warn, "Allowed by an override"),
        Answer::Allow => (Tone::Good, "Allowed: no policy speaks against it"),
        Answer::Warn => (Tone::Warn, "Allowed with a warning"),
        Answer::Deny => (Tone::Bad, "Denied"),
    };
    html! { (Why::new(tone, words, &checked.verdict.reasons).law(&checked.law)) }
}

async fn decisions(cx: &PageCx) -> Result<View> {
    let page = cx.ask(cx.list::<ListDecisions>()?).await?;
    let answers = [Answer::Allow, Answer::Warn, Answer::Deny].map(|a| (word(a).to_owned(), ui::humanize(word(a))));
    let view = ListView::new(&cx.path, &cx.query, table(cx, &page.items))
        .filter(Filter::choice("answer", "Answer", answers.to_vec()))
        .filter(Filter::search("driver", "Driver"))
        .next(page.next)
        .export("CSV", cx.export::<ListDecisions>("csv"))
        .export("JSON Lines", cx.export::<ListDecisions>("jsonl"));
    Ok(View::new("Gate decisions", html! { (view) })
        .line(html! { "Each can be computed again from its stored facts and policies." })
        .crumb("Gate", "/gate"))
}

fn table(cx: &PageCx, decisions: &[RecordedDecision]) -> Table {
    let columns = vec![
        Column::text("Driver"),
        Column::text("Order"),
        Column::text("Answer"),
        Column::text("Spoke against it"),
        Column::number("Took").secondary(),
        Column::text("Asked by").secondary(),
        Column::text("Law").secondary(),
        Column::text("Decided").sort("decided"),
    ];
    let rows = decisions.iter().map(|decision| {
        Row::new(vec![
            html! { (decision.driver) },
            html! { (decision.order) @if !decision.segment.is_empty() { " " span.muted { (ui::humanize(&decision.segment)) } } },
            html! { (state_badge(word(decision.answer))) @if decision.overridden { " " (ui::badge(Tone::Warn, "Override")) } },
            html! { (decision.policies) },
            html! { (span(decision.latency_micros)) },
            ui::thing(&decision.asked_by),
            html! { code { (decision.law) } },
            ago(decision.decided_at, cx.now, &cx.zone),
        ])
        .href(format!("/decisions/{}", decision.id))
    });
    let empty =
        Empty::new("No decisions yet", "Dispatch asks at /access/v1/evaluation; try an assignment on the gate's page.")
            .action(html! { a.btn href="/gate" { "To the gate" } });
    Table::new("Decisions of the gate", columns).rows(rows).empty(empty)
}
