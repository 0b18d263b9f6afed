//! `/onboarding`: everyone who goes through a procedure; `/onboarding/{run}`: where one stands and what is asked for next.

use futures::future::BoxFuture;
use kernel::{Error, Operation, Query, Registry, Result};
use law::{EvidenceKind, Party};
use maud::{Markup, html};
use ui::form::{self, Field};
use ui::{
    Column, Empty, Entry, FileBody, FileSpec, Filter, Icon, ListView, NavSpec, PageCx, PageSpec, Row, ShownTo, Step,
    StepState, Table, Tone, View, Why,
};

use crate::ending::CloseRun;
use crate::evidence::{Given, content, is_address};
use crate::operations::{CompleteStage, GiveEvidence, side};
use crate::queries::{EvidenceView, GetEvidence, GetRun, ListRuns, RunDetail, StageState, StageView};
use crate::run::{Run, State};

pub(crate) fn install(registry: &mut Registry) {
    let nav =
        NavSpec { section: "Work", label: "Onboarding", icon: Icon::Procedure, order: 25, shown_to: ShownTo::Everyone };
    registry
        .add(PageSpec { path: "/onboarding", permission: ListRuns::NAME, nav: Some(nav), render: list })
        .add(PageSpec { path: "/onboarding/{run}", permission: GetRun::NAME, nav: None, render: show })
        .add(FileSpec { path: "/onboarding/{run}/evidence/{evidence}", permission: GetEvidence::NAME, render: file });
}

fn list(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListRuns>()?).await?;
        let columns = vec![
            Column::text("Who").sort("about"),
            Column::text("Procedure").secondary(),
            Column::text("State"),
            Column::text("Stage"),
            Column::text("Target"),
            Column::text("Began").sort("started_at").secondary(),
        ];
        let empty = Empty::new(
            "Nothing runs",
            "A run begins when a partner applies, is invited or is active, or when the calendar says so.",
        )
        .action(ui::link_button(Tone::Neutral, "Partners", "/partners"));
        let table = Table::new("Runs", columns).rows(page.items.iter().map(|run| row(cx, run))).empty(empty);
        let states = State::ALL.map(|s| (s.name().to_owned(), ui::humanize(s.name())));
        // A state is a plain word, which needs no encoding.
        let state = cx.arg("state").filter(|state| states.iter().any(|(name, _)| name == state));
        let export = state.map(|state| format!("?state={state}")).unwrap_or_default();
        let view = ListView::new("/onboarding", &cx.query, table)
            .filter(Filter::choice("state", "State", states.to_vec()))
            .filter(Filter::choice("overdue", "Target", vec![("true".to_owned(), "Overdue".to_owned())]))
            .filter(Filter::search("procedure", "Procedure, such as onboarding"))
            .filter(Filter::search("stage", "Stage, such as security"))
            .next(page.next)
            .export("CSV", format!("/v1/procedure-runs.csv{export}"))
            .export("JSON", format!("/v1/procedure-runs.json{export}"));
        Ok(View::new("Onboarding", html! { (view) })
            .line(html! { "Everyone goes through the same stages; a stage is done when its evidence is there." }))
    })
}

fn row(cx: &PageCx, run: &Run) -> Row {
    let stage = run.current().map_or(run.stage.as_str(), |stage| stage.title.as_str());
    let place = format!("{} of {}", run.completed.len(), run.definition.stages.len());
    Row::new(vec![
        html! { (run.about) },
        html! { (run.title) },
        ui::state_badge(run.state.name()),
        html! {
            @if run.state.is_alive() { (stage) " " }
            @if !run.definition.stages.is_empty() { span.muted { (place) " done" } }
        },
        html! { @if let Some(due) = run.due_at { (ui::due_chip(due, cx.now, &cx.zone)) } (slippage(run, cx.now)) },
        ui::ago(run.started_at, cx.now, &cx.zone),
    ])
    .href(format!("/onboarding/{}", run.id))
}

/// How far behind its targets a run is: the days by which the current stage is late, and how many were late before.
fn slippage(run: &Run, now: kernel::Timestamp) -> Markup {
    let before = run.completed.iter().filter(|completed| completed.late).count();
    let behind = run.due_at.filter(|due| *due < now).map_or(0, |due| due.days_until(now));
    html! {
        @if behind > 0 { " " span.muted { (behind) " days behind" } }
        @if before > 0 { " " span.muted { (ui::words::counted(before as u64, "stage")) " late before" } }
    }
}

fn show(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let detail = cx.ask(GetRun { run: cx.param("run")? }).await?;
        let run = &detail.run;
        let steps: Vec<Step> = detail.stages.iter().map(|stage| step(cx, run, stage)).collect();
        let current = detail.stages.iter().find(|stage| stage.state == StageState::Current);
        let main = html! {
            @match current {
                Some(stage) if run.state == State::Running => (stage_card(cx, run, stage)),
                Some(stage) => (stands(run, stage)),
                None => (ui::alert(Tone::Good, "Completed", &html! { "Every stage is done." }, &[])),
            }
            @for stage in detail.stages.iter().rev().filter(|stage| stage.state == StageState::Done) {
                (done_card(cx, run, stage))
            }
        };
        let body = html! { (ui::steps(&steps)) (ui::grid("main-aside", &[main, aside(cx, &detail)])) };
        let line = html! {
            (ui::state_badge(run.state.name())) " " (run.title) " under " code { (run.law) }
            @for clock in &detail.clocks { " " (ui::due_chip(clock.due_at, cx.now, &cx.zone)) }
        };
        Ok(View::new(run.about.clone(), body).line(line).crumb("Onboarding", "/onboarding"))
    })
}

fn step(cx: &PageCx, run: &Run, stage: &StageView) -> Step {
    match (&stage.completed, stage.state) {
        (Some(completed), _) => Step::new(&stage.title, StepState::Done).note(html! {
            (completed.by_name) ", " (ui::ago(completed.at, cx.now, &cx.zone))
            @if completed.late { " " (ui::badge(Tone::Warn, "late")) }
        }),
        (None, StageState::Current) => {
            let late = run.due_at.is_some_and(|due| due < cx.now);
            Step::new(&stage.title, if late { StepState::Failed } else { StepState::Current })
                .note(html! { "moved by " (party(stage.moved_by)) })
        }
        (None, _) => Step::new(&stage.title, StepState::Waiting).note(html! { "moved by " (party(stage.moved_by)) }),
    }
}

/// What a run that is held or was closed says in place of the stage's form.
fn stands(run: &Run, stage: &StageView) -> Markup {
    let (title, body) = match run.state {
        State::Held => ("Held", html! { "The clock of “" (stage.title) "” stands still until the run goes on." }),
        _ => ("Closed", html! { "It ended at “" (stage.title) "” and is not gone through any further." }),
    };
    ui::alert(Tone::Warn, title, &body, &[])
}

const fn party(party: Party) -> &'static str {
    match party {
        Party::Partner => "the partner",
        Party::Vendor => "the vendor",
    }
}

/// The current stage: what is there, what is missing, and the way on.
fn stage_card(cx: &PageCx, run: &Run, stage: &StageView) -> Markup {
    let own = side(&cx.actor).is_none_or(|side| side == stage.moved_by);
    let missing = stage.evidence.iter().filter(|evidence| evidence.given.is_none()).count() as u64;
    let run_id = run.id.to_string();
    let complete =
        cx.button::<CompleteStage>("Complete this stage", &[("run", &run_id), ("stage", &stage.key)]).primary();
    let complete = match (own && cx.may(CompleteStage::NAME), missing) {
        (false, _) => complete.disabled(format!("This stage is moved by {}.", party(stage.moved_by))),
        (true, 0) => complete,
        (true, _) => complete.disabled(format!("{} missing", ui::words::counted(missing, "piece"))),
    };
    let body = html! {
        p { (stage.description) }
        @for evidence in &stage.evidence {
            h3 { (evidence.title) " " (ui::state_badge(if evidence.given.is_some() { "done" } else { "missing" })) }
            @if let Some(given) = &evidence.given { (answer(cx, run, given)) }
            @if own && cx.may(GiveEvidence::NAME) { (ask_for(cx, run, evidence)) }
        }
        (complete)
    };
    ui::card(&stage.title, &body, &html! {})
}

/// The form for one piece of evidence.
fn ask_for(cx: &PageCx, run: &Run, evidence: &EvidenceView) -> Markup {
    let run_id = run.id.to_string();
    let field = match evidence.kind {
        EvidenceKind::Terms => {
            return html! { @if evidence.given.is_none() { p.muted { "This is ticked when the terms are accepted." } } };
        }
        EvidenceKind::Check if evidence.given.is_some() => return html! {},
        EvidenceKind::Check => {
            let fields = [("run", run_id.as_str()), ("evidence", &evidence.key), ("value", "true")];
            return html! {
                @if !evidence.help.is_empty() { p.muted { (evidence.help) } }
                (cx.button::<GiveEvidence>("This is so", &fields))
            };
        }
        EvidenceKind::Text => Field::text("value", &evidence.title).help(&evidence.help),
        EvidenceKind::File => Field::url("value", format!("{} (https address)", evidence.title)).help(&evidence.help),
    };
    let refilled = cx.refilled.as_ref().filter(|refilled| {
        refilled.operation == GiveEvidence::NAME && refilled.values.get("evidence") == Some(&evidence.key)
    });
    let errors = refilled.map(|refilled| refilled.errors.clone()).unwrap_or_default();
    let typed = refilled.and_then(|refilled| refilled.values.get("value")).cloned().unwrap_or_default();
    let body = html! {
        (form::hidden("_return", &cx.path))
        (form::hidden("_page", &cx.path))
        (form::hidden("run", &run_id))
        (form::hidden("evidence", &evidence.key))
        (form::errors_summary(&errors))
        (field.value(typed).errors(&errors).required())
        (ui::button(Tone::Neutral, if evidence.given.is_some() { "Replace" } else { "Give" }))
    };
    form::form(&format!("/do/{}", GiveEvidence::NAME), &cx.csrf, &body)
}

fn answer(cx: &PageCx, run: &Run, given: &Given) -> Markup {
    html! {
        p {
            @match given.value.as_str() {
                "true" => "Ticked",
                address if is_address(address) => a href=(address) rel="noreferrer" { (address) },
                "kept here" => a href={ "/onboarding/" (run.id) "/evidence/" (given.evidence) } { "Download the file" },
                text => (shortened(text)),
            }
            " " span.muted { (given.by_name) ", " (ui::ago(given.at, cx.now, &cx.zone)) }
        }
    }
}

/// What was typed, with a hash in it cut to its beginning; the whole of it stands in its title.
fn shortened(text: &str) -> Markup {
    let hash = |word: &&str| word.len() >= 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.split([' ', ',']).find(hash) {
        Some(long) => html! { span title=(text) { (text.replace(long, &format!("{}…", &long[..8]))) } },
        None => html! { (text) },
    }
}

fn done_card(cx: &PageCx, run: &Run, stage: &StageView) -> Markup {
    let body = html! {
        @if stage.evidence.is_empty() { p.muted { "This stage asked for no evidence." } }
        @for evidence in &stage.evidence {
            h3 { (evidence.title) }
            @if let Some(given) = &evidence.given { (answer(cx, run, given)) }
        }
    };
    ui::card(&stage.title, &body, &ui::state_badge("done"))
}

fn aside(cx: &PageCx, detail: &RunDetail) -> Markup {
    let entries: Vec<Entry> = detail
        .timeline
        .iter()
        .map(|event| Entry::new(event.at, &event.actor_name, &event.summary).mark(Tone::Neutral, Icon::Procedure))
        .collect();
    html! {
        @for decision in &detail.decisions {
            (Why::new(Tone::Good, "The stage was completed", &decision.reasons)
                .basis(ui::datetime_text(decision.decided_at, &cx.zone))
                .law(&decision.law)
                .recompute(format!("/decisions/{}", decision.id)))
        }
        @if detail.run.state.is_alive() && !cx.is_partner() && cx.may(CloseRun::NAME) {
            (cx.fold::<CloseRun>("Close it before its end", &cx.path, &[("run", &detail.run.id.to_string())]))
        }
        (ui::section("Timeline", &ui::timeline(&entries, cx.now, &cx.zone)))
    }
}

/// A file that was given, always as a download, whatever it claims to be.
fn file(cx: &PageCx) -> BoxFuture<'_, Result<FileBody>> {
    Box::pin(async move {
        let (run, evidence) = (cx.param("run")?, cx.param::<String>("evidence")?);
        let given = cx.ask(GetEvidence { run, evidence: evidence.clone() }).await?;
        let bytes = content(&given.value).ok_or_else(|| Error::not_found("file", &evidence))?;
        Ok(FileBody { content_type: "application/octet-stream", name: Some(evidence), bytes })
    })
}
