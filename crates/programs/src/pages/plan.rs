//! The workshop: edit the draft file by file, see mistakes at their place or what the draft would change, and apply it.

use kernel::{Error, Money, Operation, Result};
use ui::form::{self, Field};
use ui::{
    Change, Column, Empty, Markup, PageCx, Row, Table, Tone, View, badge, card, code_block, diff_list, empty_state,
    grid, html, section,
};

use super::differences;
use crate::{
    ApplyProgram, DiscardDraft, Draft, DraftFile, EditProgram, GetDraft, LintProgram, LintReport, Plan, PlanProgram,
};

pub async fn page(cx: &PageCx) -> Result<View> {
    let draft = cx.ask(GetDraft {}).await?;
    let report = cx.ask(LintProgram::default()).await?;
    let outcome = match report.ok {
        true => planned(cx, &draft).await?,
        false => mistakes(&report),
    };
    let body = html! {
        (outcome)
        (section("Files", &html! { @for file in &draft.files { (editor(cx, file, &report)) } }))
        @if cx.may(EditProgram::NAME) {
            (card("Add a file", &cx.form::<EditProgram>("Add", "/program/plan", &[]), &html! {}))
        }
    };
    let line = match &draft.base {
        Some(base) => {
            html! { "A draft on top of " code { (base.citation()) } ". Nothing is in force until it is applied." }
        }
        None => html! { "There is no program yet: this is the starter program, ready to be made yours." },
    };
    let mut view = View::new("Change the program", body).line(line).crumb("Program", "/program");
    if draft.files.iter().any(|file| file.edited) && cx.may(DiscardDraft::NAME) {
        let discard = cx.button::<DiscardDraft>("Discard the draft", &[]);
        let discard = discard.danger("Throw all edits away?", "The program in force stays as it is.");
        view = view.actions(html! { (discard) });
    }
    Ok(view)
}

fn mistakes(report: &LintReport) -> Markup {
    let title = "This draft cannot be applied yet";
    let places: Vec<String> = report.diagnostics.iter().map(ToString::to_string).collect();
    html! {
        (ui::alert(Tone::Bad, title, &html! { "Each line says the file, line and column." }, &places))
        (code_block("The places", &report.rendered))
    }
}

async fn planned(cx: &PageCx, draft: &Draft) -> Result<Markup> {
    let plan = match cx.ask(PlanProgram::default()).await {
        Ok(plan) => plan,
        Err(error @ (Error::Invalid(_) | Error::Forbidden { .. })) => {
            return Ok(ui::alert(Tone::Bad, "This draft cannot be planned", &html! { (error) }, &[]));
        }
        Err(error) => return Err(error),
    };
    if plan.changes.is_empty() && draft.base.is_some() {
        let nothing = Empty::new("The draft changes nothing", "Edit a file below; what it would change appears here.");
        return Ok(empty_state(&nothing));
    }
    Ok(html! {
        @if !plan.warnings.is_empty() {
            (ui::alert(Tone::Warn, "Look at this first", &html! {}, &plan.warnings))
        }
        (grid("main-aside", &[
            html! { (costs(&plan)) (changes(&plan)) (impacts(&plan)) },
            card("Apply", &apply(cx), &html! {}),
        ]))
    })
}

fn changes(plan: &Plan) -> Markup {
    let body = match &plan.current {
        Some(_) => diff_list(&differences(&plan.changes)),
        None => html! { p { "This is the first version of " b { (plan.program) } "." } },
    };
    let title = match &plan.current {
        Some(current) => format!("What it changes of {}", current.citation()),
        None => "What it changes".to_owned(),
    };
    card(&title, &body, &html! {})
}

fn impacts(plan: &Plan) -> Markup {
    html! {
        @for impact in &plan.impacts {
            @let lines: Vec<Change> = impact.affected.iter().map(|one| {
                let note = one.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
                Change::new(format!("{}: {}{note}", one.title, one.what), one.before.clone(), one.after.clone())
            }).collect();
            (card(&impact.title, &html! {
                @if !impact.counts.is_empty() {
                    p { @for (what, count) in &impact.counts { (badge(Tone::Info, &format!("{count} × {what}"))) " " } }
                }
                @if lines.is_empty() { p.muted { "Nothing changes for them." } } @else { (diff_list(&lines)) }
                @if let Some(cost) = impact.cost { p { (told_cost(cost)) } }
            }, &html! {}))
        }
    }
}

/// Partners of whom the page says what the plan costs for them; the answer of the API names all.
const NAMED: usize = 20;

/// The cost or gain of each partner, the largest first, and of all together.
fn costs(plan: &Plan) -> Markup {
    if plan.costs.is_empty() {
        return html! {};
    }
    let titles: Vec<&str> =
        plan.impacts.iter().filter(|one| one.cost.is_some()).map(|one| one.title.as_str()).collect();
    let mut columns = vec![Column::text("Partner")];
    columns.extend(titles.iter().map(|title| Column::number(*title).secondary()));
    columns.push(Column::number("Costs more"));
    let rows = plan.costs.iter().take(NAMED).map(|one| {
        let mut cells = vec![html! { (one.name) }];
        cells.extend(
            titles.iter().map(|title| html! { @if let Some(part) = one.of.get(*title) { (ui::money(*part)) } }),
        );
        cells.push(ui::money(one.cost));
        Row::new(cells).href(format!("/partners/{}", one.partner))
    });
    let more = plan.costs.len().saturating_sub(NAMED);
    let body = html! {
        (Table::new("Cost or gain by partner", columns).rows(rows))
        @if more > 0 { p.muted { "And " (ui::words::counted(more as u64, "partner")) " with smaller differences." } }
    };
    card("Cost or gain by partner", &body, &html! {})
}

/// What the plan costs, in words.
fn told_cost(cost: Money) -> Markup {
    html! {
        @if cost.minor < 0 { "Together this saves " (ui::money(cost.negated())) "." }
        @else { "Together this costs " (ui::money(cost)) " more." }
    }
}

fn apply(cx: &PageCx) -> Markup {
    match cx.may(ApplyProgram::NAME) {
        // No files: the draft itself is applied.
        true => cx.form::<ApplyProgram>("Apply", "/program", &[("files", "{}")]),
        false => html! { p.muted { "Your roles do not include applying a program. Ask someone who may." } },
    }
}

fn editor(cx: &PageCx, file: &DraftFile, report: &LintReport) -> Markup {
    let refilled = cx.refilled.as_ref().filter(|typed| typed.operation == EditProgram::NAME);
    let mine = refilled.filter(|typed| typed.values.get("file") == Some(&file.file));
    let typed = mine.and_then(|typed| typed.values.get("text").cloned());
    let text = typed.or_else(|| file.text.clone()).unwrap_or_default();
    let wrong: Vec<String> =
        report.diagnostics.iter().filter(|one| one.file == file.file).map(ToString::to_string).collect();
    let error = (!wrong.is_empty()).then(|| wrong.join("; "));
    let errors = mine.map(|typed| typed.errors.clone()).unwrap_or_default();
    html! {
        details open[error.is_some() || mine.is_some()] {
            summary {
                code { (file.file) }
                @if file.text.is_none() { " " (badge(Tone::Bad, "removed")) }
                @else if file.edited { " " (badge(Tone::Warn, "edited")) }
                @if !wrong.is_empty() { " " (badge(Tone::Bad, &ui::words::counted(wrong.len() as u64, "finding"))) }
            }
            (form::form(&format!("/do/{}", EditProgram::NAME), &cx.csrf, &html! {
                (form::hidden("_return", "/program/plan"))
                (form::hidden("_page", &cx.path))
                (form::hidden("file", &file.file))
                (form::errors_summary(&errors))
                (Field::json("text", "Text of the file").scope(&file.file).value(text).error(error))
                (ui::button(Tone::Neutral, "Save in the draft"))
            }))
        }
    }
}
