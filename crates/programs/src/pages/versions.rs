//! Every version of the program: when it was the law, what it changed, and the way back to it.

use kernel::{Operation as _, Query as _, Result};
use ui::{
    Cell, Column, Empty, Entry, Markup, PageCx, Row, Table, Tone, View, ago, badge, card, datetime, empty_state, grid,
    html, id_chip, key_values, section, timeline,
};

use super::differences;
use crate::{GetDraft, ListVersions, RollBackProgram, ShowVersion, Version, VersionDetail};

pub async fn list(cx: &PageCx) -> Result<View> {
    let versions = cx.ask(ListVersions {}).await?.items;
    let columns = vec![
        Column::text("Version"),
        Column::text("In force from"),
        Column::text("Decided"),
        Column::text("Why").secondary(),
    ];
    let rows = versions.iter().map(|version| {
        let cells: Vec<Cell> = vec![
            html! { (version.citation()) },
            html! { (datetime(version.effective_from, &cx.zone)) @if version.effective_from > cx.now { " " (badge(Tone::Info, "to come")) } },
            html! { (ago(version.decided_at, cx.now, &cx.zone)) },
            html! { (version.note) },
        ];
        Row::new(cells).href(format!("/program/versions/{}", version.number))
    });
    let mut empty = Empty::new("No version yet", "Every program that is applied stays here for good.");
    if cx.may(GetDraft::NAME) {
        empty = empty.action(ui::link_button(Tone::Accent, "Write the first version", "/program/plan"));
    }
    let table = Table::new("Versions of the program", columns).rows(rows).empty(empty);
    Ok(View::new("Versions of the program", html! { (table) }).crumb("Program", "/program"))
}

pub async fn page(cx: &PageCx) -> Result<View> {
    let detail = cx.ask(ShowVersion { number: cx.param("number")? }).await?;
    let version = &detail.version;
    let body = html! {
        (grid("main-aside", &[changes(&detail), card("Facts", &facts(cx, &detail), &html! {})]))
        (section("Files", &files(&detail)))
        (section("History", &history(cx, &detail)))
    };
    let mut view =
        View::new(version.citation(), body).crumb("Program", "/program").crumb("Versions", "/program/versions");
    if !version.note.is_empty() {
        view = view.line(html! { (version.note) });
    }
    if cx.may(RollBackProgram::NAME) {
        view = view.actions(roll_back(cx, version, detail.in_force));
    }
    Ok(view)
}

fn roll_back(cx: &PageCx, version: &Version, in_force: bool) -> Markup {
    let number = version.number.to_string();
    let button = cx.button::<RollBackProgram>("Return to this version", &[("number", &number)]);
    let button = match in_force {
        true => button.disabled("it is in force"),
        false => button.danger(
            format!("Put what {} says in force again?", version.citation()),
            "It becomes the next version, at once. Decisions that were made stay as they are.",
        ),
    };
    html! { (button) }
}

fn facts(cx: &PageCx, detail: &VersionDetail) -> Markup {
    let version = &detail.version;
    let state = match (detail.in_force, version.effective_from > cx.now) {
        (true, _) => badge(Tone::Good, "In force"),
        (false, true) => badge(Tone::Info, "To come, unless superseded"),
        (false, false) => badge(Tone::Neutral, "Not in force"),
    };
    key_values(&[
        ("State", state),
        ("In force from", datetime(version.effective_from, &cx.zone)),
        ("Decided", datetime(version.decided_at, &cx.zone)),
        ("Version", id_chip(&version.id.to_string())),
        ("Fingerprint", id_chip(&version.fingerprint)),
    ])
}

fn changes(detail: &VersionDetail) -> Markup {
    let (title, body) = match &detail.previous {
        None => ("Changes".to_owned(), html! { p { "This is the first version." } }),
        Some(previous) if detail.changes.is_empty() => {
            let same = html! { p { "It says the same as " (previous.citation()) "." } };
            ("Changes".to_owned(), same)
        }
        Some(previous) => (format!("Changes to {}", previous.citation()), ui::diff_list(&differences(&detail.changes))),
    };
    card(&title, &body, &html! {})
}

fn files(detail: &VersionDetail) -> Markup {
    html! {
        @for (file, text) in &detail.files {
            details { summary { code { (file) } } (ui::compare::code_block(file, text)) }
        }
        @if detail.files.is_empty() { (empty_state(&Empty::new("No files", "This version was kept without them."))) }
    }
}

fn history(cx: &PageCx, detail: &VersionDetail) -> Markup {
    let entries: Vec<Entry> =
        detail.timeline.iter().map(|event| Entry::new(event.at, &event.actor_name, &event.summary)).collect();
    timeline(&entries, cx.now, &cx.zone)
}
