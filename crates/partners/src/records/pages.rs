//! `/facts`, `/facts/new/{kind}` and `/facts/{fact}`: what is on record, and how something gets there.

use futures::future::BoxFuture;
use kernel::{Error, FieldError, Operation as _, PageRequest, Query as _, Registry, Result};
use law::{About, ByPartner, FactKind, FieldKind, Program};
use maud::{Markup, html};
use programs::GetProgram;
use ui::form::{self, Field};
use ui::{Column, Empty, Filter, Icon, ListView, NavSpec, PageCx, PageSpec, Row, ShownTo, Table, Tone, View};

use super::fact::{Fact, State, shown, words};
use super::{ConfirmFact, FactDetail, FactLine, GetFact, ListFacts, RecordFact, RefuseFact, WithdrawFact};
use crate::profile::{ListPartners, Status};

/// Partners that a form offers by name.
const OFFERED: u32 = 500;

pub(super) fn install(registry: &mut Registry) {
    let nav = NavSpec { section: "Work", label: "Facts", icon: Icon::Check, order: 32, shown_to: ShownTo::Everyone };
    registry
        .add(PageSpec { path: "/facts", permission: ListFacts::NAME, nav: Some(nav), render: list })
        .add(PageSpec { path: "/facts/new/{kind}", permission: ListFacts::NAME, nav: None, render: record })
        .add(PageSpec { path: "/facts/{fact}", permission: GetFact::NAME, nav: None, render: show });
}

fn list(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListFacts>()?).await?;
        let program = cx.ask(GetProgram {}).await?.program;
        let mut columns = vec![Column::text("Fact"), Column::text("Kind")];
        if !cx.is_partner() {
            columns.push(Column::text("Partner"));
        }
        columns.extend([
            Column::text("Holds until").sort("valid_until"),
            Column::text("State"),
            Column::text("Given").sort("submitted_at").secondary(),
        ]);
        let empty = if program.facts.is_empty() {
            Empty::new(
                "The program records no facts of its own",
                "Kinds of facts are declared in facts.toml: certificates, surveys, incidents, projects.",
            )
        } else {
            Empty::new(
                "Nothing is on record here",
                "Record a fact of one of the kinds below; rules read it from then on.",
            )
        };
        let rows = page.items.iter().map(|line| row(cx, &program, line));
        let table = Table::new("Facts", columns).rows(rows).empty(empty);
        let kinds = program.facts.iter().map(|(name, kind)| (name.clone(), kind.title.clone())).collect();
        let states = State::ALL.map(|state| (state.name().to_owned(), ui::humanize(state.name()))).to_vec();
        let view = ListView::new("/facts", &cx.query, table)
            .filter(Filter::choice("kind", "Kind", kinds))
            .filter(Filter::choice("state", "State", states))
            .next(page.next)
            .export("CSV", cx.export::<ListFacts>("csv"))
            .export("JSON Lines", cx.export::<ListFacts>("jsonl"));
        let body = html! { (view) (declared(cx, &program)) };
        let line = html! { "What this program records about its partners, so that tiers and scores can rest on it." };
        Ok(View::new("Facts", body).line(line))
    })
}

/// The kinds of the program, with who may record them.
fn declared(cx: &PageCx, program: &Program) -> Markup {
    if program.facts.is_empty() {
        return html! {};
    }
    let rows = program.facts.iter().map(|(name, kind)| {
        let who = match kind.by_partner {
            ByPartner::Never => "the vendor",
            ByPartner::Confirmed => "partners, confirmed by the vendor",
            ByPartner::Freely => "partners and the vendor",
        };
        let holds = kind.valid_days.map_or_else(|| "without end".to_owned(), |days| format!("{days} days"));
        Row::new(vec![
            html! { strong { (kind.title) } " " span.muted { (kind.description) } },
            html! { (who) },
            html! { (holds) },
            html! {
                @if may_record(cx, kind) {
                    (ui::link_button(Tone::Neutral, "Record one", &format!("/facts/new/{name}")))
                }
            },
        ])
    });
    let columns = vec![Column::text("Kind"), Column::text("Recorded by"), Column::text("Holds"), Column::text("")];
    ui::section("What can be recorded", &html! { (Table::new("Kinds of facts", columns).rows(rows)) })
}

fn may_record(cx: &PageCx, kind: &FactKind) -> bool {
    cx.may("facts.record") && (!cx.is_partner() || kind.by_partner != ByPartner::Never)
}

fn row(cx: &PageCx, program: &Program, line: &FactLine) -> Row {
    let fact = &line.fact;
    let mut cells = vec![html! { (words(fact)) }, html! { (title(program, fact)) }];
    if !cx.is_partner() {
        cells.push(html! { a href={ "/partners/" (fact.partner) } { (line.partner_name) } });
    }
    cells.extend([
        html! {
            @match fact.valid_until {
                Some(until) => (ui::datetime(until, &cx.zone)),
                None => span.muted { "no end" },
            }
        },
        state(cx, fact),
        html! { (ui::ago(fact.submitted_at, cx.now, &cx.zone)) " by " (fact.submitted_by_name) },
    ]);
    Row::new(cells).href(format!("/facts/{}", fact.id))
}

fn title(program: &Program, fact: &Fact) -> String {
    program.facts.get(&fact.kind).map_or_else(|| ui::humanize(&fact.kind), |kind| kind.title.clone())
}

fn state(cx: &PageCx, fact: &Fact) -> Markup {
    let (tone, word) = match fact.state {
        State::Proposed => (Tone::Warn, "Waits for confirmation"),
        State::Recorded if fact.valid_until.is_some_and(|until| until <= cx.now) => (Tone::Neutral, "Ended"),
        State::Recorded if fact.valid_from > cx.now => (Tone::Neutral, "Not yet"),
        State::Recorded => (Tone::Good, "Counts"),
        State::Refused => (Tone::Bad, "Refused"),
        State::Withdrawn => (Tone::Neutral, "Withdrawn"),
        State::Corrected => (Tone::Neutral, "Corrected"),
    };
    ui::badge(tone, word)
}

fn record(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let name: String = cx.param("kind")?;
        let program = cx.ask(GetProgram {}).await?.program;
        let kind = program.facts.get(&name).ok_or_else(|| Error::not_found("kind of fact", &name))?;
        if !may_record(cx, kind) {
            let message = format!("{} are recorded by the vendor; ask your partner manager", kind.title);
            return Err(Error::Forbidden { permission: RecordFact::NAME.to_owned(), message });
        }
        let form = Form::of(cx);
        let partner = match cx.actor.partner {
            Some(own) => form::hidden("partner", &own.to_string()),
            None => {
                let page = PageRequest { limit: Some(OFFERED), ..PageRequest::default() };
                let asked = ListPartners { status: Some(Status::Active), page, ..ListPartners::default() };
                let found = cx.ask(asked).await?;
                let names = found.items.into_iter().map(|partner| (partner.id.to_string(), partner.name)).collect();
                form.place(Field::select("partner", "Partner", names).required())
            }
        };
        let body = html! {
            (form::hidden("_return", "/facts/{id}"))
            (form::hidden("_page", &cx.path))
            (form::hidden("kind", &name))
            (form::errors_summary(&form.errors))
            (partner)
            @if kind.about == About::Person {
                (form.place(Field::text("person", "Person").required().help("By name, e-mail address or number; the same person always in the same way.")))
            }
            @for (name, field) in &kind.field { (form.place(input(name, field, program.settings.currency))) }
            (form.place(evidence(kind)))
            (form.place(Field::date("from", "First day").help("Left out: from now on.")))
            (form.place(Field::date("until", "Last day").help(usual(kind))))
            (ui::button(Tone::Accent, if cx.is_partner() && kind.by_partner == ByPartner::Confirmed { "Propose" } else { "Record" }))
        };
        let form = form::form(&format!("/do/{}", RecordFact::NAME), &cx.csrf, &body);
        let line = html! { (kind.description) };
        Ok(View::new(format!("Record: {}", kind.title), form).line(line).crumb("Facts", "/facts"))
    })
}

fn usual(kind: &FactKind) -> String {
    match kind.valid_days {
        Some(days) => format!("Left out: {days} days after the first one."),
        None => "Left out: without end.".to_owned(),
    }
}

fn evidence(kind: &FactKind) -> Field {
    let field = Field::text("evidence", "Evidence").help("The address of a file or page, or the number of a document.");
    if kind.evidence { field.required() } else { field }
}

/// The control for a field of a fact.
fn input(name: &str, field: &law::FactField, currency: kernel::Currency) -> Field {
    let label = if field.title.is_empty() { ui::humanize(name) } else { field.title.clone() };
    let name = format!("fields.{name}");
    let choices = |all: &[String]| all.iter().map(|choice| (choice.clone(), choice.clone())).collect();
    let control = match field.kind {
        FieldKind::Text if !field.choices.is_empty() => Field::select(name, label, choices(&field.choices)),
        FieldKind::Text => Field::text(name, label),
        FieldKind::Count => Field::whole_number(name, label),
        FieldKind::Money => Field::money(name, label, currency),
        FieldKind::Ratio => Field::text(name, label).placeholder("25%"),
        FieldKind::Bool => Field::select(name, label, choices(&["yes".to_owned(), "no".to_owned()])),
        FieldKind::Day => Field::date(name, label),
    };
    if field.optional { control } else { control.required() }
}

/// What was typed, if it was refused.
struct Form<'a> {
    cx: &'a PageCx,
    errors: Vec<FieldError>,
}

impl<'a> Form<'a> {
    fn of(cx: &'a PageCx) -> Self {
        let refilled = cx.refilled.as_ref().filter(|refilled| refilled.operation == RecordFact::NAME);
        Self { cx, errors: refilled.map(|refilled| refilled.errors.clone()).unwrap_or_default() }
    }

    fn place(&self, field: Field) -> Markup {
        let refilled = self.cx.refilled.as_ref().filter(|refilled| refilled.operation == RecordFact::NAME);
        let typed = refilled.and_then(|refilled| refilled.values.get(field.name()));
        let typed = typed.map(String::as_str).or_else(|| self.cx.arg(field.name())).unwrap_or_default().to_owned();
        html! { (field.value(typed).errors(&self.errors)) }
    }
}

fn show(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let FactDetail { line, timeline } = cx.ask(GetFact { fact: cx.param("fact")? }).await?;
        let fact = &line.fact;
        let program = cx.ask(GetProgram {}).await?.program;
        let id = fact.id.to_string();
        let main = html! {
            (ui::card("What is said", &values(cx, &program, &line), &html! {}))
            (ui::card("Timeline", &cx.history(&timeline), &html! {}))
        };
        let fixed = [("fact", id.as_str())];
        let live = matches!(fact.state, State::Proposed | State::Recorded);
        let freely = program.facts.get(&fact.kind).is_some_and(|kind| kind.by_partner == ByPartner::Freely);
        let own = !cx.is_partner() || fact.state == State::Proposed || freely;
        let aside = html! {
            @if fact.state == State::Proposed && cx.may("facts.confirm") && !cx.is_partner() {
                (ui::card("Your word", &html! {
                    p { "It counts from your confirmation on." }
                    (cx.form::<ConfirmFact>("Confirm", &cx.path, &fixed))
                    (cx.fold::<RefuseFact>("Refuse", &cx.path, &fixed))
                }, &html! {}))
            }
            @if live && own && cx.may("facts.withdraw") { (cx.fold::<WithdrawFact>("Take it back", &cx.path, &fixed)) }
        };
        let heading = fact.person.clone().unwrap_or_else(|| title(&program, fact));
        Ok(View::new(heading, ui::grid("main-aside", &[main, aside]))
            .line(html! { (title(&program, fact)) " " (state(cx, fact)) " " (ui::id_chip(&id)) })
            .crumb("Facts", "/facts"))
    })
}

fn value_of(cx: &PageCx, value: &law::Value) -> Markup {
    match value {
        law::Value::Instant(at) => ui::day(at.day_in(&cx.zone)),
        other => html! { (shown(other)) },
    }
}

fn values(cx: &PageCx, program: &Program, line: &FactLine) -> Markup {
    let fact = &line.fact;
    let kind = program.facts.get(&fact.kind);
    let label = |name: &str| {
        let titled = kind.and_then(|kind| kind.field.get(name)).map(|field| field.title.as_str()).unwrap_or_default();
        if titled.is_empty() { ui::humanize(name) } else { titled.to_owned() }
    };
    let fields: Vec<(String, Markup)> =
        fact.fields.iter().map(|(name, value)| (label(name), html! { (value_of(cx, value)) })).collect();
    let mut shown: Vec<(&str, Markup)> =
        vec![("Partner", html! { a href={ "/partners/" (fact.partner) } { (line.partner_name) } })];
    shown.extend(fields.iter().map(|(label, value)| (label.as_str(), value.clone())));
    shown.push(("Holds from", ui::datetime(fact.valid_from, &cx.zone)));
    shown.push(("Holds until", fact.valid_until.map_or_else(|| html! { "no end" }, |at| ui::datetime(at, &cx.zone))));
    if let Some(evidence) = &fact.evidence {
        let link = evidence.starts_with("https://");
        shown.push((
            "Evidence",
            html! { @if link { a href=(evidence) rel="noreferrer" { (evidence) } } @else { (evidence) } },
        ));
    }
    shown.push(("Given", html! { (ui::ago(fact.submitted_at, cx.now, &cx.zone)) " by " (fact.submitted_by_name) }));
    if let Some(recorded) = fact.recorded_at {
        shown.push(("Known since", ui::datetime(recorded, &cx.zone)));
    }
    if let Some(corrects) = fact.corrects {
        shown.push(("In the place of", html! { a href={ "/facts/" (corrects) } { (corrects) } }));
    }
    if let (Some(ended), Some(by)) = (fact.ended_at, &fact.ended_by_name) {
        shown.push(("Ended", html! { (ui::ago(ended, cx.now, &cx.zone)) " by " (by) }));
    }
    if let Some(reason) = &fact.reason {
        shown.push(("Because", html! { (reason) }));
    }
    ui::key_values(&shown)
}
