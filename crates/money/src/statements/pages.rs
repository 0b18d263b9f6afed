//! `/money/statements`, one statement, and one line of it: every amount leads to its inputs and rule.

use futures::future::BoxFuture;
use kernel::{Query as _, Registry, Result};
use maud::{Markup, html};
use ui::{Column, Empty, Filter, Icon, ListView, NavSpec, PageCx, PageSpec, Row, ShownTo, Stat, Table, Tone, View};

use super::month::Month;
use super::queries::{
    GetLine, GetStatement, LineDetail, ListStatements, StatementDetail, StatementTotals, TotalStatements,
};
use super::store::{Line, State, Statement};
use super::{LineId, StatementId};
use crate::attribution::Basis;
use crate::intake::{InvoiceRow, revenue_word};
use crate::settlement;

/// Months in the filter.
const MONTHS: usize = 18;

pub(crate) fn install(registry: &mut Registry) {
    let nav = NavSpec {
        section: "Money",
        label: "Statements",
        icon: Icon::Statement,
        order: 50,
        shown_to: ShownTo::Everyone,
    };
    let page = |path, permission, nav, render| PageSpec { path, permission, nav, render };
    registry
        .add(page("/money/statements", ListStatements::NAME, Some(nav), list))
        .add(page("/money/statements/{statement}", GetStatement::NAME, None, show))
        .add(page("/money/lines/{line}", GetLine::NAME, None, line));
}

fn list(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let query: ListStatements = cx.list()?;
        let totals = cx.ask(TotalStatements { month: query.month, partner: query.partner }).await?;
        let page = cx.ask(query).await?;
        let mut columns = vec![Column::text("Month").sort("month")];
        if !cx.is_partner() {
            columns.push(Column::text("Partner"));
        }
        columns.extend([
            Column::text("Number").secondary(),
            Column::number("Revenue"),
            Column::number("Earned").sort("total"),
            Column::number("Paid").sort("payable"),
            Column::text("State"),
            Column::text("Payable from").secondary(),
        ]);
        let rows = page.items.iter().map(|item| {
            let statement = &item.statement;
            let mut cells = vec![html! { (statement.month.title()) }];
            if !cx.is_partner() {
                cells.push(html! { a href={ "/partners/" (statement.partner) } { (item.partner_name) } });
            }
            cells.extend([
                html! { (statement.number) },
                ui::money(statement.revenue),
                ui::money(statement.total),
                ui::money(statement.payable),
                ui::state_badge(statement.state.name()),
                ui::day(statement.payable_from),
            ]);
            Row::new(cells).href(format!("/money/statements/{}", statement.id))
        });
        let empty = Empty::new("No statements yet", "They are made once a month, on the day that the program says.");
        let mut months = Vec::new();
        let mut month = Month::of(cx.now, &cx.zone);
        for _ in 0..MONTHS {
            month = month.before();
            months.push((month.to_string(), month.title()));
        }
        let states = State::ALL.map(|state| (state.name().to_owned(), ui::humanize(state.name())));
        let view =
            ListView::new("/money/statements", &cx.query, Table::new("Statements", columns).rows(rows).empty(empty))
                .filter(Filter::choice("month", "Month", months))
                .filter(Filter::choice("state", "State", states.to_vec()))
                .next(page.next)
                .export("CSV", cx.export::<ListStatements>("csv"))
                .export("JSON Lines", cx.export::<ListStatements>("jsonl"));
        let stats: Vec<Stat> = totals.iter().flat_map(stats).collect();
        let line =
            html! { "What was earned each month, line by line, with the document and the rule behind every amount." };
        Ok(View::new("Statements", html! { (ui::stat_grid(&stats)) (view) }).line(line))
    })
}

fn stats(totals: &StatementTotals) -> Vec<Stat> {
    vec![
        Stat::new("Revenue", ui::money(totals.revenue)).hint(ui::words::counted(totals.statements, "statement")),
        Stat::new("Earned", ui::money(totals.total)),
        Stat::new("Paid to partners", ui::money(totals.payable)),
        Stat::new("Owed by partners", ui::money(totals.owed)),
    ]
}

fn show(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let id: StatementId = cx.param("statement")?;
        let detail = cx.ask(GetStatement { statement: id }).await?;
        let statement = &detail.statement;
        let main = html! {
            (ui::card("Lines", &html! { (lines(cx, &detail)) }, &html! {}))
            (ui::section("Why", &cx.decisions(&detail.decisions)))
        };
        let aside = html! {
            (ui::card("Amount", &amounts(statement), &html! {}))
            @if let Some(settlement) = &detail.settlement { (settlement::card(cx, settlement)) }
            (ui::card("Facts", &facts(cx, &detail), &html! {}))
            (ui::section("History", &cx.history(&detail.timeline)))
        };
        let pdf = format!("/documents/{}/pdf", statement.document);
        Ok(View::new(format!("Statement for {}", statement.month.title()), ui::grid("main-aside", &[main, aside]))
            .line(
                html! { (ui::state_badge(statement.state.name())) " " (detail.partner_name) " · " (statement.number) },
            )
            .crumb("Statements", "/money/statements")
            .actions(html! { (ui::link_button(Tone::Accent, "Open the PDF", &pdf)) }))
    })
}

fn amounts(statement: &Statement) -> Markup {
    let mut pairs = vec![("Sum of the lines", ui::money(statement.total))];
    if !statement.carried_in.is_zero() {
        pairs.push(("Carried from the month before", ui::money(statement.carried_in)));
    }
    if !statement.carried_out.is_zero() {
        pairs.push(("Carried to the next month", ui::money(statement.carried_out)));
    }
    let owes = statement.payable.minor < 0;
    pairs.push((if owes { "Owed to the vendor" } else { "Paid" }, ui::money(statement.payable)));
    pairs.push(("Payable from", ui::day(statement.payable_from)));
    ui::key_values(&pairs)
}

fn facts(cx: &PageCx, detail: &StatementDetail) -> Markup {
    let statement = &detail.statement;
    ui::key_values(&[
        ("Partner", html! { a href={ "/partners/" (statement.partner) } { (detail.partner_name) } }),
        ("Revenue", ui::money(statement.revenue)),
        ("Plan", html! { (ui::humanize(&statement.plan)) " " span.muted { (statement.law) } }),
        ("Document", html! { a href={ "/documents/" (statement.document) } { (statement.number) } }),
        ("Made", ui::datetime(statement.produced_at, &cx.zone)),
    ])
}

fn lines(cx: &PageCx, detail: &StatementDetail) -> Table {
    let columns = vec![
        Column::text("Reference"),
        Column::text("Customer and rule"),
        Column::number("Revenue"),
        Column::number("Amount"),
        Column::text("Occurred").secondary(),
    ];
    let row = |line: &Line| {
        let name = detail.customers.get(&line.line.customer);
        Row::new(vec![
            html! { (line.line.reference) },
            html! {
                @if let Some(name) = name { (name) } @else { "A customer" } br;
                span.muted { (line.line.component) ": " (line.line.rule) }
            },
            ui::money(line.line.base),
            ui::money(line.line.amount),
            ui::datetime(line.line.occurred_at, &cx.zone),
        ])
        .href(format!("/money/lines/{}", line.id))
    };
    let foot = vec![html! { "Total" }, html! {}, html! {}, ui::money(detail.statement.total), html! {}];
    let table = Table::new("Lines", columns).rows(detail.lines.iter().map(row));
    // What is left out is in the export, so the total below the table would not be the sum of what is shown.
    if (detail.lines.len() as u64) < detail.statement.lines { table } else { table.foot(foot) }
}

fn line(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let id: LineId = cx.param("line")?;
        let detail = cx.ask(GetLine { line: id }).await?;
        let main = html! {
            (ui::card("1. Inputs", &inputs(cx, &detail), &html! {}))
            (ui::card("2. Rule", &rule(&detail), &html! {}))
            (ui::card("3. Amount", &html! { (computation(&detail)) }, &html! {}))
        };
        let statement = &detail.statement;
        let aside = html! {
            (ui::card("Proof", &proof(&detail), &html! {}))
            @if !detail.related.is_empty() {
                (ui::card("Other lines of this revenue", &html! { (related(&detail.related)) }, &html! {}))
            }
        };
        let title = format!("{} on {}", detail.line.line.component, detail.line.line.reference);
        Ok(View::new(title, ui::grid("main-aside", &[main, aside]))
            .line(html! { (ui::money(detail.line.line.amount)) })
            .crumb("Statements", "/money/statements")
            .crumb(statement.month.title(), format!("/money/statements/{}", statement.id)))
    })
}

fn inputs(cx: &PageCx, detail: &LineDetail) -> Markup {
    let line = &detail.line.line;
    let name = detail.customer_name.as_deref().unwrap_or("customer");
    let mut pairs = vec![
        ("Customer", html! { a href={ "/customers/" (line.customer) } { (name) } }),
        ("Kind of revenue", html! { (ui::humanize(revenue_word(line.revenue))) }),
    ];
    if let Some(deal) = line.deal {
        pairs.push(("Deal", html! { a href={ "/deals/" (deal) } { (deals::registration::number_of(deal)) } }));
    }
    if let Some(quantity) = line.quantity {
        pairs.push(("Used", html! { (quantity) " " (line.unit.as_deref().unwrap_or_default()) }));
    }
    if let Some(event) = &detail.event {
        pairs.push(("Event", told(cx, event)));
    }
    if let Some(original) = &detail.original {
        pairs.push(("Takes back", told(cx, original)));
    }
    ui::key_values(&pairs)
}

/// An event of revenue in a line.
fn told(cx: &PageCx, event: &InvoiceRow) -> Markup {
    html! {
        (ui::state_badge(event.kind.name())) " " (event.external_id) " " (ui::money(event.amount)) " "
        span.muted { (event.source) ", " (ui::datetime(event.occurred_at, &cx.zone)) }
    }
}

fn rule(detail: &LineDetail) -> Markup {
    ui::key_values(&[
        ("Rule", html! { (detail.line.line.rule) }),
        ("Says", html! { code { (detail.line.line.cites) } }),
        ("Program", html! { (detail.statement.law) }),
    ])
}

fn computation(detail: &LineDetail) -> Markup {
    let line = &detail.line.line;
    let columns = vec![Column::number("Revenue"), Column::number("Rate"), Column::number("Makes")];
    let rows = line
        .parts
        .iter()
        .map(|part| Row::new(vec![ui::money(part.base), ui::rate(part.rate), ui::money(part.base.times(part.rate))]));
    let foot = vec![html! { "Rounded once" }, html! {}, ui::money(line.amount)];
    html! {
        @if line.parts.is_empty() {
            p { (line.rule) " = " (ui::money(line.amount)) }
        } @else {
            (Table::new("Computation", columns).rows(rows).foot(foot))
        }
        @if line.amount.minor < 0 && line.reverses.is_none() { p.muted { "The partner pays this part." } }
    }
}

fn proof(detail: &LineDetail) -> Markup {
    let basis = match detail.basis {
        Some(Basis::WonDeal) => "A won registered deal",
        Some(Basis::Hint) => "Named with the event",
        Some(Basis::Invoice) => "The invoice that it takes back",
        Some(Basis::Nothing) | None => "The deal of the customer",
    };
    let decision = detail.statement.decision;
    let mut pairs = vec![
        ("Computed by", html! { a href={ "/decisions/" (decision) } { "Decision of the statement" } }),
        ("Revenue is the partner's by", html! { (basis) }),
        ("Document", html! { a href={ "/documents/" (detail.statement.document) } { (detail.statement.number) } }),
    ];
    if let Some(attribution) = detail.attribution {
        pairs.push((
            "Attributed by",
            html! { a href={ "/decisions/" (attribution) } { "Decision of the attribution" } },
        ));
    }
    ui::key_values(&pairs)
}

fn related(lines: &[Line]) -> Table {
    let columns = vec![Column::text("Line"), Column::number("Amount")];
    let row = |line: &Line| {
        let what = if line.line.reverses.is_some() { "taken back" } else { "earned" };
        Row::new(vec![html! { (line.line.component) " " span.muted { (what) } }, ui::money(line.line.amount)])
            .href(format!("/money/lines/{}", line.id))
    };
    Table::new("Related lines", columns).rows(lines.iter().map(row))
}
