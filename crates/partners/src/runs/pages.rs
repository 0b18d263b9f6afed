//! `/tiers/runs` in the console: runs, their moves, and one move with its reasons, exclusion and appeal.

use futures::future::BoxFuture;
use kernel::{Operation as _, Query as _, Registry, Result};
use maud::{Markup, html};
use ui::{Column, Empty, Filter, Icon, ListView, NavSpec, PageCx, PageSpec, Row, ShownTo, Stat, Table, Tone, View};

use super::list::{ListSegmentLists, PublishSegments};
use super::operations::{ApproveTierRun, DiscardTierRun, ExcludeFromRun, IncludeInRun, ProposeTierRun};
use super::queries::{GetMove, GetTierRun, ListMoves, ListTierRuns, MoveDetail, TierRunDetail};
use super::rollback::RollBackTierRun;
use super::run::{AppealState, Fate, Move, MoveKind, RunKind, RunState, Signed, TierRun};
use super::{DecideAppeal, RunId};
use crate::tiers::Direction;

const LIST: &str = "/tiers/runs";

pub fn install(registry: &mut Registry) {
    let nav = NavSpec { section: "Work", label: "Tier runs", icon: Icon::Star, order: 35, shown_to: ShownTo::Vendor };
    registry
        .add(PageSpec { path: LIST, permission: ListTierRuns::NAME, nav: Some(nav), render: list })
        .add(PageSpec { path: "/tiers/runs/{run}", permission: GetTierRun::NAME, nav: None, render: show })
        .add(PageSpec { path: "/tiers/moves/{move}", permission: GetMove::NAME, nav: None, render: one })
        .add(PageSpec { path: "/segments/lists", permission: ListSegmentLists::NAME, nav: None, render: lists });
}

fn list(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListTierRuns>()?).await?;
        let columns = vec![
            Column::text("Proposed").sort("proposed"),
            Column::text("State"),
            Column::number("Moves"),
            Column::text("Why").secondary(),
            Column::text("Law").secondary(),
        ];
        let empty = Empty::new(
            "No tier run yet",
            "A run shows who would move between tiers and segments, and why, before anybody is moved.",
        );
        let table = Table::new("Tier runs", columns).rows(page.items.iter().map(|run| row(cx, run))).empty(empty);
        let states = choices(RunState::ALL.iter().map(|state| state.word()));
        let view = ListView::new(LIST, &cx.query, table)
            .filter(Filter::choice("state", "State", states))
            .next(page.next)
            .export("CSV", cx.export::<ListTierRuns>("csv"))
            .export("JSON Lines", cx.export::<ListTierRuns>("jsonl"));
        let body = html! {
            (view)
            @if cx.may(ProposeTierRun::NAME) { (cx.fold::<ProposeTierRun>("Propose a run now", "/tiers/runs/{id}", &[])) }
        };
        let links = html! {
            (ui::link_button(Tone::Neutral, "Lists of segments", "/segments/lists"))
            (ui::link_button(Tone::Neutral, "Tiers as of a day", "/tiers/as-of"))
        };
        Ok(View::new("Tier runs", body).actions(links).crumb("Partners", "/partners"))
    })
}

fn choices<'a>(keys: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    keys.map(|key| (key.to_owned(), ui::humanize(key))).collect()
}

fn row(cx: &PageCx, run: &TierRun) -> Row {
    let kind = match run.kind {
        RunKind::Computed => html! {},
        RunKind::Rollback => html! { " " (ui::badge(Tone::Warn, "takes a run back")) },
    };
    Row::new(vec![
        html! { (ui::datetime(run.proposed.at, &cx.zone)) (kind) },
        ui::state_badge(run.state.word()),
        html! { (run.moves) },
        html! { (run.note) },
        html! { (run.law) },
    ])
    .href(format!("{LIST}/{}", run.id))
}

fn show(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let run: RunId = cx.param("run")?;
        let detail = cx.ask(GetTierRun { run }).await?;
        let mut query: ListMoves = moves_query(cx, run)?;
        query.run = run;
        let page = cx.ask(query).await?;
        let body = html! {
            (notices(&detail))
            (figures(&detail))
            (acts(cx, &detail))
            (moves(cx, &page.items, page.next))
            (ui::grid("main-aside", &[
                ui::card("Timeline", &cx.history(&detail.timeline), &html! {}),
                facts(cx, &detail),
            ]))
        };
        let line = html! { (ui::state_badge(detail.run.state.word())) " " (detail.run.note) " " (ui::id_chip(&run.to_string())) };
        let title = match detail.run.kind {
            RunKind::Computed => "Tier run",
            RunKind::Rollback => "Return of a tier run",
        };
        let day = detail.run.proposed.at.day_in(&cx.zone);
        Ok(View::new(format!("{title} of {day}"), body).line(line).crumb("Tier runs", LIST))
    })
}

/// The query string of the page, with the run of its path.
fn moves_query(cx: &PageCx, run: RunId) -> Result<ListMoves> {
    let mut pairs = serde_json::Map::new();
    pairs.insert("run".to_owned(), serde_json::json!(run));
    for (name, value) in cx.query.iter().filter(|(_, value)| !value.is_empty()) {
        let known = ["q", "kind", "direction", "from", "to", "state", "appeal", "cursor", "sort"];
        if known.contains(&name.as_str()) {
            pairs.insert(name.clone(), serde_json::json!(value));
        }
    }
    kernel::input::read(serde_json::Value::Object(pairs))
}

fn notices(detail: &TierRunDetail) -> Markup {
    let run = &detail.run;
    let waiting = matches!(run.state, RunState::Draft | RunState::AwaitingSecond);
    html! {
        @if detail.outdated {
            (ui::alert(Tone::Bad, "Another version is in force since", &html! {
                "The run was computed under " (run.law) ". Discard it and propose another one."
            }, &[]))
        }
        @if let (true, Some(second)) = (waiting, &detail.second) {
            (ui::alert(Tone::Warn, "Two people must agree", &html! { (ui::why::reason(second)) }, &[]))
        }
        @if let Some(again) = detail.reversed_by {
            (ui::alert(Tone::Info, "It is taken back", &html! { a href=(format!("{LIST}/{again}")) { "By this run" } "." }, &[]))
        }
    }
}

fn figures(detail: &TierRunDetail) -> Markup {
    let weight = &detail.weight;
    let count = |title: &str, number: i64| Stat::new(title, number.to_string());
    let mut stats = vec![
        count("Moves", weight.moves).hint(html! { "of " (detail.run.partners) " partners looked at" }),
        count("Up", weight.up),
        count("Down", weight.down),
        count("Left out", weight.excluded),
    ];
    if let Some(cost) = weight.cost {
        let (title, amount) = if cost.minor < 0 { ("Saves", cost.negated()) } else { ("Costs more", cost) };
        stats.push(Stat::new(title, amount.pretty()).hint(html! { "benefits in money" }));
    }
    ui::stat_grid(&stats)
}

fn moves(cx: &PageCx, items: &[Move], next: Option<String>) -> Markup {
    let columns = vec![
        Column::text("Partner").sort("name"),
        Column::text("Move"),
        Column::number("Costs").sort("cost").secondary(),
        Column::text("State"),
        Column::text("Because").secondary(),
    ];
    let rows = items.iter().map(|one| {
        Row::new(vec![
            html! { (one.name) },
            html! { (arrow(one.direction)) " " (from_to(one)) @if one.kind == MoveKind::Segment { " " (ui::badge(Tone::Info, "segment")) } },
            html! { @if let Some(cost) = one.cost { (ui::money(cost)) } },
            html! {
                (ui::state_badge(one.state.word()))
                @if let Some(appeal) = one.appeal { " " (ui::badge(Tone::Warn, &format!("appeal {}", appeal.word()))) }
            },
            html! { @if one.because.is_empty() { (one.why()) } @else { (one.because) } },
        ])
        .href(format!("/tiers/moves/{}", one.id))
    });
    let empty = Empty::new("Nobody moves", "The figures leave every partner where it is, or the filters leave nobody.");
    let table = Table::new("Moves", columns).rows(rows).empty(empty);
    let view = ListView::new(cx.path.clone(), &cx.query, table)
        .filter(Filter::search("q", "Name or domain"))
        .filter(Filter::choice("kind", "What", choices(MoveKind::ALL.iter().map(|one| one.word()))))
        .filter(Filter::choice("direction", "Direction", choices(["up", "down", "placed"].into_iter())))
        .filter(Filter::choice("state", "State", choices(Fate::ALL.iter().map(|one| one.word()))))
        .filter(Filter::choice("appeal", "Appeal", choices(AppealState::ALL.iter().map(|one| one.word()))))
        .next(next)
        .export("CSV", cx.export::<ListMoves>("csv"))
        .export("JSON Lines", cx.export::<ListMoves>("jsonl"));
    html! { (view) }
}

fn arrow(direction: Direction) -> Markup {
    match direction {
        Direction::Up => ui::badge(Tone::Good, "up"),
        Direction::Down => ui::badge(Tone::Bad, "down"),
        Direction::Placed => ui::badge(Tone::Neutral, "placed"),
    }
}

fn from_to(one: &Move) -> String {
    let from = one.from.as_deref().map_or_else(|| "none".to_owned(), ui::humanize);
    format!("{from} → {}", ui::humanize(&one.to))
}

fn facts(cx: &PageCx, detail: &TierRunDetail) -> Markup {
    let run = &detail.run;
    let signed = |one: &Signed| html! { (one.name) ", " (ui::datetime(one.at, &cx.zone)) };
    let mut facts = vec![("Proposed", signed(&run.proposed)), ("Law", html! { (run.law) })];
    facts.extend(run.first.as_ref().map(|one| ("First approval", signed(one))));
    facts.extend(run.second.as_ref().map(|one| ("Second approval", signed(one))));
    facts.extend(run.ended_at.map(|at| ("Ended", ui::datetime(at, &cx.zone))));
    if let Some(old) = run.reverses {
        facts.push(("Takes back", html! { a href=(format!("{LIST}/{old}")) { "That run" } }));
    }
    ui::card("Facts", &ui::key_values(&facts), &html! {})
}

fn acts(cx: &PageCx, detail: &TierRunDetail) -> Markup {
    let run = &detail.run;
    let id = run.id.to_string();
    let fixed: [(&str, &str); 1] = [("run", &id)];
    let body = match run.state {
        RunState::Draft | RunState::AwaitingSecond => html! {
            @if cx.may(ApproveTierRun::NAME) {
                @let label = if run.state == RunState::Draft { "Approve" } else { "Approve as the second person" };
                @let button = cx.button::<ApproveTierRun>(label, &fixed);
                @if detail.outdated { (button.disabled("another version is in force")) } @else { (button.primary()) }
            }
            @if cx.may(DiscardTierRun::NAME) { (cx.fold::<DiscardTierRun>("Discard", &cx.path, &fixed)) }
        },
        RunState::Applied if detail.reversed_by.is_none() && cx.may(RollBackTierRun::NAME) => {
            cx.fold::<RollBackTierRun>("Take it back", "/tiers/runs/{id}", &fixed)
        }
        RunState::Applying => html! { p { "Its moves are being made." } },
        _ => html! {},
    };
    if body.0.is_empty() { body } else { ui::card("What you can do", &body, &html! {}) }
}

fn one(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let detail = cx.ask(GetMove { of: cx.param("move")? }).await?;
        let title = format!("{}: {}", detail.made.name, between(&detail));
        let view = View::new(title, body(cx, &detail)).line(html! {
            (arrow(detail.made.direction)) " " (ui::state_badge(detail.made.state.word()))
            @if let Some(until) = detail.made.appeal_until.filter(|_| detail.appealed.is_none()) {
                " Appeal: " (ui::due_chip(until, cx.now, &cx.zone))
            }
        });
        Ok(match cx.is_partner() {
            true => view.crumb("Tier and segment", super::portal::PATH),
            false => view.crumb("Tier runs", LIST).crumb("Run", format!("{LIST}/{}", detail.made.run)),
        })
    })
}

pub(super) fn between(detail: &MoveDetail) -> String {
    let from = detail.from_title.as_deref().unwrap_or("no place");
    format!("{from} → {}", detail.to_title)
}

fn body(cx: &PageCx, detail: &MoveDetail) -> Markup {
    let made = &detail.made;
    let reasons = html! { ol.reasons { @for reason in &made.reasons { li { (ui::why::reason(reason)) } } } };
    let decided = html! {
        @if let Some(decision) = made.decision { (ui::link_button(Tone::Neutral, "The decision", &format!("/decisions/{decision}"))) }
    };
    let main = html! { (ui::card("Why", &reasons, &decided)) (super::portal::appeal(cx, detail)) };
    let id = made.id.to_string();
    let fixed: [(&str, &str); 1] = [("move", &id)];
    let vendor = !cx.is_partner();
    let open = detail.run_state == RunState::Draft && vendor;
    let aside = html! {
        @if vendor { (ui::card("Partner", &html! { a href=(format!("/partners/{}", made.partner)) { (made.name) } }, &html! {})) }
        @if made.held {
            (ui::alert(Tone::Info, "The benefits of before are kept", &html! { "Until the appeal is decided or its time is over." }, &[]))
        }
        @if open && made.state == Fate::Planned && cx.may(ExcludeFromRun::NAME) {
            (ui::card("Leave it out", &cx.form::<ExcludeFromRun>("Leave out", &cx.path, &fixed), &html! {}))
        }
        @if made.state == Fate::Excluded || made.state == Fate::Skipped {
            (ui::card(&ui::humanize(made.state.word()), &html! {
                p { (made.because) }
                @if open && cx.may(IncludeInRun::NAME) { (cx.button::<IncludeInRun>("Take it in again", &fixed)) }
            }, &html! {}))
        }
        @if let Some(appeal) = detail.appealed.as_ref().filter(|one| one.state == AppealState::Open) {
            @if vendor && cx.may(DecideAppeal::NAME) {
                (ui::card("Answer the appeal", &cx.form::<DecideAppeal>("Decide", &cx.path, &[("appeal", &appeal.id.to_string())]), &html! {}))
            }
        }
    };
    ui::grid("main-aside", &[main, aside])
}

fn lists(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListSegmentLists>()?).await?;
        let columns = vec![
            Column::text("Quarter"),
            Column::text("Document"),
            Column::number("Partners"),
            Column::number("Changes"),
            Column::text("Published").sort("published"),
        ];
        let rows = page.items.iter().map(|list| {
            Row::new(vec![
                html! { (list.period) },
                html! { (list.number) },
                html! { (list.partners) },
                html! { (list.changes) },
                ui::datetime(list.published_at, &cx.zone),
            ])
            .href(format!("/documents/{}", list.document))
        });
        let empty = Empty::new(
            "No list yet",
            "The first one is published at the beginning of the quarter after a tier run was applied.",
        );
        let table = Table::new("Lists of segments", columns).rows(rows).empty(empty);
        let view = ListView::new("/segments/lists", &cx.query, table).next(page.next);
        let view = View::new("Lists of segments", html! { (view) }).crumb("Tier runs", LIST);
        Ok(match cx.may(PublishSegments::NAME) {
            true => view.actions(html! { (cx.button::<PublishSegments>("Publish now", &[])) }),
            false => view,
        })
    })
}
