//! `/deals/conflicts` and one of them: the evidence side by side, precedents, and what can be done next.

use futures::future::BoxFuture;
use kernel::{Operation as _, PageRequest, Query as _, Registry, Result};
use maud::{Markup, html};
use partners::CustomerId;
use ui::{Column, Empty, ListView, PageCx, PageSpec, Row, Section, SectionSpec, ShownTo, Table, Tone, View};

use super::conflict::Conflict;
use super::operations::{DecideConflict, OpenConflict, ProposeRule};
use super::queries::{ConflictInFull, GetConflict, ListConflicts, SideOfConflict};

pub(super) fn install(registry: &mut Registry) {
    registry.add(SectionSpec {
        page: partners::customers::PAGE,
        title: "Conflicts",
        permission: ListConflicts::NAME,
        order: 30,
        shown_to: ShownTo::Vendor,
        render: of_customer,
    });
    registry
        .add(PageSpec { path: "/deals/conflicts", permission: ListConflicts::NAME, nav: None, render: list })
        .add(PageSpec { path: "/deals/conflicts/{conflict}", permission: GetConflict::NAME, nav: None, render: show });
}

fn list(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListConflicts>()?).await?;
        let empty = Empty::new("No conflicts", "A conflict is opened from two contested claims on one customer.");
        let table = Table::new("Conflicts", columns()).rows(page.items.iter().map(|one| row(cx, one))).empty(empty);
        let view = ListView::new("/deals/conflicts", &cx.query, table)
            .next(page.next)
            .export("CSV", cx.export::<ListConflicts>("csv"));
        let may_open = cx.may(OpenConflict::NAME);
        let body = html! {
            (view)
            @if may_open {
                details { summary { "Open a conflict" } (cx.form::<OpenConflict>("Open", "/deals/conflicts/{id}", &[])) }
            }
        };
        let line = html! { "Contested claims, from the evidence to the rule that prevents the next one." };
        Ok(View::new("Conflicts", body).crumb("Deals", "/deals").line(line))
    })
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("Conflict"),
        Column::text("About"),
        Column::text("Opened"),
        Column::text("State"),
        Column::text("Order of the program").secondary(),
    ]
}

fn row(cx: &PageCx, one: &Conflict) -> Row {
    let state = if one.decided_at.is_some() { "decided" } else { "open" };
    Row::new(vec![
        html! { (one.customer_name) " " span.muted { (one.number) } },
        html! { (ui::humanize(&one.issue)) },
        ui::ago(one.opened_at, cx.now, &cx.zone),
        ui::state_badge(state),
        html! {
            @match one.follows { Some(true) => { "followed" } Some(false) => { "departed from" } None => { "–" } }
        },
    ])
    .href(format!("/deals/conflicts/{}", one.id))
}

fn show(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let full = cx.ask(GetConflict { conflict: cx.param("conflict")? }).await?;
        let main = html! {
            (outcome(&full))
            (ui::card("Side by side", &side_by_side(cx, &full.sides), &html! {}))
            (precedents(cx, &full.precedents))
            (ui::section("History", &cx.history(&full.timeline)))
        };
        let aside = html! { (ui::card("What you can do", &acts(cx, &full), &html! {})) };
        let title = format!("Conflict over {}", full.conflict.customer_name);
        let line = html! { (full.conflict.number) ": " (full.conflict.why) };
        let body = ui::grid("main-aside", &[main, aside]);
        Ok(View::new(&title, body).crumb("Deals", "/deals").crumb("Conflicts", "/deals/conflicts").line(line))
    })
}

fn outcome(full: &ConflictInFull) -> Markup {
    let conflict = &full.conflict;
    let Some(reason) = &conflict.reason else {
        let body = html! { "The claims are told apart by: " (ui::humanize(&conflict.issue)) "." };
        return ui::alert(Tone::Info, "Not decided yet", &body, &[]);
    };
    let winner = full.sides.iter().find(|side| Some(side.deal.id) == conflict.winner);
    let name = winner.map(|side| side.claim.partner_name.clone()).unwrap_or_default();
    let body = html! {
        "For " (name) ": " (reason) "."
        @if conflict.follows == Some(false) { " The order of the program would have put another claim first." }
        @if let Some(proposal) = &conflict.proposal { " Proposed: " (proposal) "." }
    };
    ui::alert(Tone::Good, "Decided", &body, &[])
}

fn side_by_side(cx: &PageCx, sides: &[SideOfConflict]) -> Markup {
    let names: Vec<&str> = sides.iter().map(|side| side.claim.partner_name.as_str()).collect();
    let of = |pick: &dyn Fn(&SideOfConflict) -> String| -> Vec<String> { sides.iter().map(pick).collect() };
    let yes = |flag: bool| if flag { "yes" } else { "–" }.to_owned();
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    let rows = [
        ("Deal", of(&|side| side.deal.number.clone())),
        ("State", of(&|side| ui::humanize(side.deal.state.name()))),
        ("Tier", of(&|side| text(&side.claim.tier))),
        ("Valid since", of(&|side| side.claim.valid_at.to_string())),
        ("Value", of(&|side| side.deal.value.pretty())),
        ("Source", of(&|side| ui::humanize(side.deal.source.name()))),
        ("Relationship, as written", of(&|side| text(&side.deal.relationship))),
        ("Proof", of(&|side| text(&side.deal.qualification.proof))),
        ("Parts of the form given", of(&|side| side.deal.completeness().to_string())),
        ("Serves the customer today", of(&|side| yes(side.claim.merits.incumbent))),
        ("Last activity", of(&|side| side.deal.last_activity_at.to_string())),
        ("Events", of(&|side| side.timeline.len().to_string())),
    ];
    html! {
        (ui::comparison(&names, &rows))
        @for side in sides {
            p {
                a href={ "/deals/" (side.deal.id) } { (side.claim.partner_name) ": " (side.deal.title) }
                " · " (ui::ago(side.deal.submitted_at, cx.now, &cx.zone))
            }
        }
    }
}

fn precedents(cx: &PageCx, precedents: &[Conflict]) -> Markup {
    let empty = Empty::new("No precedent", "No conflict about this question was decided before.");
    let rows = precedents.iter().map(|one| row(cx, one));
    ui::section("Decided before", &html! { (Table::new("Precedents", columns()).rows(rows).empty(empty)) })
}

fn acts(cx: &PageCx, full: &ConflictInFull) -> Markup {
    let id = full.conflict.id.to_string();
    let back = format!("/deals/conflicts/{id}");
    let open = full.conflict.decided_at.is_none();
    html! {
        @if let Some(run) = &full.conflict.run { p { a href={ "/onboarding/" (run) } { "Stages and their evidence" } } }
        @if open && cx.may(DecideConflict::NAME) {
            @for side in &full.sides {
                @let deal = side.deal.id.to_string();
                details {
                    summary { "Decide for " (side.claim.partner_name) }
                    (cx.form::<DecideConflict>("Decide", &back, &[("conflict", &id), ("winner", &deal)]))
                }
            }
        }
        @if !open && cx.may(ProposeRule::NAME) {
            details {
                summary { "Propose a rule" }
                (cx.form::<ProposeRule>("Put it into the draft", "/program/plan", &[("conflict", &id)]))
            }
        }
    }
}

/// The conflicts on the page of their customer.
fn of_customer(cx: &PageCx) -> BoxFuture<'_, Result<Section>> {
    Box::pin(async move {
        let customer: CustomerId = cx.param("customer")?;
        let page = PageRequest { limit: Some(10), ..PageRequest::default() };
        let found = cx.ask(ListConflicts { customer: Some(customer), page, ..ListConflicts::default() }).await?;
        let empty = Empty::new("No conflicts", "Partners have not contested this customer.");
        let table = Table::new("Conflicts", columns()).rows(found.items.iter().map(|one| row(cx, one))).empty(empty);
        Ok(Section { table, all: Some(format!("/deals/conflicts?customer={customer}")) })
    })
}
