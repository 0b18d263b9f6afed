//! `/findings`: what is at stake, per check and one by one; `/findings/{finding}`: one of them and what to do about it.

use futures::future::BoxFuture;
use kernel::{Operation, Query, Registry, Result};
use maud::{Markup, html};
use ui::{
    Column, Empty, Entry, Filter, Icon, ListView, NavSpec, PageCx, PageSpec, Row, ShownTo, Stat, Table, Tone, View,
};

use crate::FindingId;
use crate::check::Severity;
use crate::finding::{Finding, State};
use crate::operations::{AssignFinding, DisposeFinding, RunChecks};
use crate::queries::{CheckSummary, FindingDetail, GetFinding, ListChecks, ListFindings};

pub(crate) fn install(registry: &mut Registry) {
    let nav =
        NavSpec { section: "Trust", label: "Findings", icon: Icon::Finding, order: 70, shown_to: ShownTo::Vendor };
    registry
        .add(PageSpec { path: "/findings", permission: ListFindings::NAME, nav: Some(nav), render: list })
        .add(PageSpec { path: "/findings/{finding}", permission: GetFinding::NAME, nav: None, render: show });
}

fn list(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let mut query: ListFindings = cx.list()?;
        query.state = query.state.or(Some(State::Open));
        let page = cx.ask(query).await?;
        let checks = if cx.may(ListChecks::NAME) { cx.ask(ListChecks {}).await? } else { Vec::new() };
        // The page shows open findings unless told otherwise, and says so in its filter.
        let mut shown = cx.query.clone();
        if cx.arg("state").is_none() {
            shown.push(("state".to_owned(), State::Open.name().to_owned()));
        }
        let export = export(&shown);
        let choice = |names: &[&str]| names.iter().map(|n| ((*n).to_owned(), ui::humanize(n))).collect::<Vec<_>>();
        let view = ListView::new("/findings", &shown, table(cx, &page.items, &checks))
            .filter(Filter::choice("state", "State", choice(&State::ALL.map(State::name))))
            .filter(Filter::choice("severity", "Severity", choice(&Severity::ALL.map(Severity::name))))
            .filter(Filter::choice(
                "check",
                "Check",
                checks.iter().map(|check| (check.key.clone(), check.title.clone())).collect(),
            ))
            .next(page.next)
            .export("CSV", format!("/v1/findings.csv?{export}"))
            .export("JSON", format!("/v1/findings.json?{export}"));
        let body = html! {
            (ui::stat_grid(&checks.iter().map(stat).collect::<Vec<_>>()))
            (view)
            (ui::card("What is checked", &html! { @for check in &checks { (explained(check)) } }, &html! {}))
        };
        let mut view = View::new("Findings", body)
            .line(html! { "What should not be so, found by checks that run every day and whenever you ask." });
        if cx.may(RunChecks::NAME) {
            view = view.actions(html! { (cx.button::<RunChecks>("Run the checks now", &[]).primary()) });
        }
        Ok(view)
    })
}

fn table(cx: &PageCx, findings: &[Finding], checks: &[CheckSummary]) -> Table {
    let columns = vec![
        Column::text("Finding"),
        Column::text("Severity").sort("severity"),
        Column::text("State"),
        Column::number("At stake").sort("amount"),
        Column::text("Check").secondary(),
        Column::text("Owner").secondary(),
        Column::text("Found").sort("first_seen").secondary(),
    ];
    let title = |finding: &Finding| {
        checks.iter().find(|check| check.key == finding.check).map_or(finding.check.clone(), |c| c.title.clone())
    };
    let rows = findings.iter().map(|finding| {
        Row::new(vec![
            html! { (finding.title) },
            severity(finding.severity),
            ui::state_badge(finding.state.name()),
            html! { @if let Some(amount) = finding.amount { (ui::money(amount)) } },
            html! { (title(finding)) },
            html! { (finding.owner.as_deref().unwrap_or("nobody yet")) },
            ui::ago(finding.first_seen, cx.now, &cx.zone),
        ])
        .href(format!("/findings/{}", finding.id))
    });
    let empty = if checks.is_empty() {
        Empty::new("Nothing is checked", "No area has added a check.")
    } else {
        Empty::new("Nothing found", "No finding matches. Choose another state, or run the checks now.")
    };
    Table::new("Findings", columns).rows(rows).empty(empty)
}

fn stat(check: &CheckSummary) -> Stat {
    let at_risk = html! {
        @for (place, amount) in check.at_risk.iter().enumerate() { @if place > 0 { " + " } (ui::money(*amount)) }
        @if check.at_risk.is_empty() { (check.open) }
    };
    let hint = html! {
        (ui::words::counted(check.open, "open finding"))
        @if check.accepted > 0 { ", " (check.accepted) " accepted" }
    };
    Stat::new(&check.title, at_risk).hint(hint).href(format!("/findings?check={}", check.key))
}

fn explained(check: &CheckSummary) -> Markup {
    html! {
        h3 { (check.title) " " (severity(check.severity)) }
        p { (check.help) }
        (query(&check.sql))
    }
}

fn query(sql: &str) -> Markup {
    html! { details { summary { "The query that shows it" } (ui::code_block("SQL", sql)) } }
}

fn severity(severity: Severity) -> Markup {
    let tone = match severity {
        Severity::Info => Tone::Info,
        Severity::Warning => Tone::Warn,
        Severity::Critical => Tone::Bad,
    };
    ui::badge(tone, &ui::humanize(severity.name()))
}

fn show(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let id: FindingId = cx.param("finding")?;
        let detail = cx.ask(GetFinding { finding: id }).await?;
        let timeline: Vec<Entry> = detail
            .timeline
            .iter()
            .map(|event| Entry::new(event.at, &event.actor_name, &event.summary).mark(Tone::Neutral, Icon::Finding))
            .collect();
        let main = html! {
            (ui::card("What was found", &facts(cx, &detail), &html! {}))
            (ui::section("Timeline", &ui::timeline(&timeline, cx.now, &cx.zone)))
        };
        let body = ui::grid("main-aside", &[main, acts(cx, &detail.finding)]);
        Ok(View::new(detail.finding.title.clone(), body)
            .line(html! { (ui::state_badge(detail.finding.state.name())) " " (severity(detail.finding.severity)) })
            .crumb("Findings", "/findings"))
    })
}

fn facts(cx: &PageCx, detail: &FindingDetail) -> Markup {
    let finding = &detail.finding;
    let mut pairs = vec![
        ("Check", html! { (ui::rule_title(&finding.check)) }),
        ("About", ui::thing(&finding.subject)),
        ("Found", ui::datetime(finding.first_seen, &cx.zone)),
        ("Last changed", ui::datetime(finding.last_seen, &cx.zone)),
        ("Owner", html! { (finding.owner.as_deref().unwrap_or("nobody yet")) }),
    ];
    if let Some(amount) = finding.amount {
        pairs.push(("At stake", ui::money(amount)));
    }
    if let Some(partner) = finding.partner {
        pairs.push(("Partner", ui::thing(&partner.to_string())));
    }
    if let Some(until) = finding.accepted_until {
        pairs.push(("Accepted until", ui::datetime(until, &cx.zone)));
    }
    if let Some(note) = &finding.note {
        pairs.push(("Decided", html! { (note) @if let Some(by) = &finding.disposed_by { " – " (ui::thing(by)) } }));
    }
    html! {
        (ui::key_values(&pairs))
        @if let Some(help) = &detail.help { p { (help) } }
        @if let Some(sql) = &detail.sql { (query(sql)) }
    }
}

fn acts(cx: &PageCx, finding: &Finding) -> Markup {
    let id = finding.id.to_string();
    let fixed = [("finding", id.as_str())];
    html! {
        @if cx.may(DisposeFinding::NAME) {
            (ui::card("Decide", &cx.form::<DisposeFinding>("Decide", &cx.path, &fixed), &html! {}))
        }
        @if cx.may(AssignFinding::NAME) {
            (ui::card("Owner", &cx.form::<AssignFinding>("Assign", &cx.path, &fixed), &html! {}))
        }
    }
}

/// The filters in force, for the links to the exports. All of them are words or ids, which need no encoding.
fn export(query: &[(String, String)]) -> String {
    let plain = |value: &str| value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    let pairs = query.iter().filter(|(name, value)| name != "cursor" && !value.is_empty() && plain(value));
    pairs.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}
