//! `/money/events` and the pages beside it: what came in, what waits to be repaired, and the import.

use futures::future::BoxFuture;
use kernel::{Operation as _, PageRequest, Query as _, Registry, Result};
use maud::{Markup, html};
use partners::CustomerId;
use ui::{
    Column, Empty, Filter, Icon, ListView, NavSpec, PageCx, PageSpec, Row, Section, SectionSpec, ShownTo, Tab, Table,
    Tone, View,
};

use super::event::{InvoiceKind, REVENUE_KINDS, revenue_word};
use super::import::Import;
use super::letters::{DiscardDeadLetter, ListDeadLetters, ReplayDeadLetter};
use super::queries::{ListBatches, ListConflicts, ListInvoiceEvents, ListUsage};

pub(crate) fn install(registry: &mut Registry) {
    registry.add(SectionSpec {
        page: partners::customers::PAGE,
        title: "Revenue",
        permission: ListInvoiceEvents::NAME,
        order: 50,
        shown_to: ShownTo::Vendor,
        render: of_customer,
    });
    let nav = NavSpec { section: "Money", label: "Events", icon: Icon::Money, order: 40, shown_to: ShownTo::Everyone };
    let page = |path, permission, render| PageSpec { path, permission, nav: None, render };
    registry
        .add(PageSpec { path: "/money/events", permission: ListInvoiceEvents::NAME, nav: Some(nav), render: invoices })
        .add(page("/money/events/usage", ListUsage::NAME, usage))
        .add(page("/money/events/batches", ListBatches::NAME, batches))
        .add(page("/money/events/dead-letters", ListDeadLetters::NAME, letters))
        .add(page("/money/events/dead-letters/{letter}", ReplayDeadLetter::NAME, repair))
        .add(page("/money/events/conflicts", ListConflicts::NAME, conflicts))
        .add(page("/money/events/import", Import::NAME, import));
}

/// The pages of intake as tabs; a partner has the first one only.
fn tabs(cx: &PageCx) -> Markup {
    if cx.is_partner() {
        return html! {};
    }
    let tab = |label: &str, path: &str| Tab::new(label, path, cx.path == path);
    ui::tabs(
        "Intake",
        &[
            tab("Invoices and refunds", "/money/events"),
            tab("Usage", "/money/events/usage"),
            tab("Batches", "/money/events/batches"),
            tab("Dead letters", "/money/events/dead-letters"),
            tab("Conflicts", "/money/events/conflicts"),
        ],
    )
}

fn import_link(cx: &PageCx) -> Markup {
    html! { @if cx.may(Import::NAME) { (ui::link_button(Tone::Accent, "Import a file", "/money/events/import")) } }
}

fn choices<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<(String, String)> {
    words.into_iter().map(|word| (word.to_owned(), ui::humanize(word))).collect()
}

fn invoices(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListInvoiceEvents>()?).await?;
        let columns = vec![
            Column::text("Event"),
            Column::text("Kind"),
            Column::text("Customer"),
            Column::text("Revenue").secondary(),
            Column::number("Amount").sort("amount"),
            Column::text("Partner and deal"),
            Column::text("Occurred").sort("occurred"),
        ];
        let rows = page.items.iter().map(|event| {
            Row::new(vec![
                html! { (event.external_id) " " span.muted { (event.source) } },
                ui::state_badge(event.kind.name()),
                ui::thing(&event.customer.to_string()),
                html! { (ui::humanize(revenue_word(event.revenue))) },
                ui::money(if event.kind.reverses() { event.amount.negated() } else { event.amount }),
                html! {
                    @match (event.deal, event.partner) {
                        (Some(deal), _) => { a href={ "/deals/" (deal) } { (deals::registration::number_of(deal)) } },
                        (None, Some(partner)) => { a href={ "/partners/" (partner) } { "Named partner" } },
                        (None, None) => { span.muted { "nobody" } },
                    }
                },
                ui::datetime(event.occurred_at, &cx.zone),
            ])
        });
        let empty = Empty::new("No events", "Invoices and refunds come in by API, or are imported from a file.");
        let table = Table::new("Invoices and refunds", columns).rows(rows).empty(empty.action(import_link(cx)));
        let view = ListView::new("/money/events", &cx.query, table)
            .filter(Filter::choice("kind", "Kind", choices(InvoiceKind::ALL.map(InvoiceKind::name))))
            .filter(Filter::choice("revenue", "Revenue", choices(REVENUE_KINDS.map(revenue_word))))
            .filter(Filter::day("from", "From"))
            .filter(Filter::day("before", "Before"))
            .next(page.next)
            .export("CSV", cx.export::<ListInvoiceEvents>("csv"))
            .export("JSON Lines", cx.export::<ListInvoiceEvents>("jsonl"));
        Ok(View::new("Events", html! { (tabs(cx)) (view) })
            .line(html! { "Invoices, refunds and chargebacks, each recorded once." })
            .actions(import_link(cx)))
    })
}

fn usage(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListUsage>()?).await?;
        let columns = vec![
            Column::text("Event"),
            Column::text("Customer"),
            Column::number("Quantity"),
            Column::text("Unit"),
            Column::text("Occurred").sort("occurred"),
        ];
        let rows = page.items.iter().map(|event| {
            Row::new(vec![
                html! { (event.external_id) " " span.muted { (event.source) } },
                ui::thing(&event.customer.to_string()),
                html! { (event.quantity) },
                html! { (event.unit) },
                ui::datetime(event.occurred_at, &cx.zone),
            ])
        });
        let empty = Empty::new("No usage", "Usage comes in by API, or is imported from a file.");
        let table = Table::new("Usage", columns).rows(rows).empty(empty.action(import_link(cx)));
        let view = ListView::new("/money/events/usage", &cx.query, table)
            .filter(Filter::search("unit", "Unit"))
            .filter(Filter::day("from", "From"))
            .filter(Filter::day("before", "Before"))
            .next(page.next)
            .export("CSV", cx.export::<ListUsage>("csv"))
            .export("JSON Lines", cx.export::<ListUsage>("jsonl"));
        Ok(View::new("Usage", html! { (tabs(cx)) (view) })
            .line(html! { "What was used. It is counted here and paid for where a plan has a price per unit." })
            .crumb("Events", "/money/events")
            .actions(import_link(cx)))
    })
}

fn batches(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListBatches>()?).await?;
        let columns = vec![
            Column::text("Recorded").sort("recorded"),
            Column::text("Source"),
            Column::text("Kind"),
            Column::number("Received"),
            Column::number("New"),
            Column::number("Repeats"),
            Column::number("Conflicts"),
            Column::number("Dead letters"),
        ];
        let rows = page.items.iter().map(|batch| {
            Row::new(vec![
                ui::datetime(batch.recorded_at, &cx.zone),
                html! { (batch.source) },
                html! { (ui::humanize(&batch.kind)) },
                html! { (batch.received) },
                html! { (batch.recorded) },
                html! { (batch.duplicates) },
                html! { (batch.conflicts) },
                html! { (batch.dead_letters) },
            ])
        });
        let empty = Empty::new("Nothing came in yet", "Each request and each file leaves a line here.");
        let table = Table::new("Batches", columns).rows(rows).empty(empty.action(import_link(cx)));
        let view = ListView::new("/money/events/batches", &cx.query, table)
            .filter(Filter::search("source", "Source"))
            .filter(Filter::choice("kind", "Kind", choices(["usage", "invoice"])))
            .next(page.next)
            .export("CSV", cx.export::<ListBatches>("csv"));
        Ok(View::new("Batches of events", html! { (tabs(cx)) (view) })
            .line(html! { "What came in, and what became of it." })
            .crumb("Events", "/money/events")
            .actions(import_link(cx)))
    })
}

fn letters(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListDeadLetters>()?).await?;
        let columns = vec![
            Column::text("Event"),
            Column::text("Reason"),
            Column::text("What is wrong"),
            Column::text("State"),
            Column::text("Recorded").sort("recorded"),
        ];
        let rows = page.items.iter().map(|letter| {
            let row = Row::new(vec![
                html! { (letter.external_id) " " span.muted { (letter.source) } },
                html! { (ui::humanize(&letter.reason)) },
                html! { (letter.detail) },
                ui::state_badge(&letter.state),
                ui::ago(letter.recorded_at, cx.now, &cx.zone),
            ]);
            if letter.state == super::store::OPEN {
                row.href(format!("/money/events/dead-letters/{}", letter.id))
            } else {
                row
            }
        });
        let empty = Empty::new("No dead letters", "Everything that came in could be recorded.");
        let view = ListView::new(
            "/money/events/dead-letters",
            &cx.query,
            Table::new("Dead letters", columns).rows(rows).empty(empty),
        )
        .filter(Filter::choice("state", "State", choices(["open", "replayed", "discarded"])))
        .filter(Filter::search("source", "Source"))
        .next(page.next)
        .export("CSV", cx.export::<ListDeadLetters>("csv"));
        let mut view = View::new("Dead letters", html! { (tabs(cx)) (view) })
            .line(html! { "Events that cannot be rated yet. Repair the cause, then send them in again." })
            .crumb("Events", "/money/events");
        if cx.may(ReplayDeadLetter::NAME) {
            view = view.actions(html! { (cx.button::<ReplayDeadLetter>("Send all in again", &[]).primary()) });
        }
        Ok(view)
    })
}

fn repair(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let id: super::DeadLetterId = cx.param("letter")?;
        let letter = cx.ask(super::letters::GetDeadLetter { letter: id }).await?;
        let text = id.to_string();
        let fixed = [("letter", text.as_str())];
        let back = "/money/events/dead-letters";
        let facts = ui::key_values(&[
            ("Source", html! { (letter.source) }),
            ("Id there", html! { (letter.external_id) }),
            ("Reason", html! { (letter.detail) }),
            ("State", ui::state_badge(&letter.state)),
            ("Recorded", ui::datetime(letter.recorded_at, &cx.zone)),
        ]);
        let main = html! {
            (ui::card("What is wrong", &facts, &html! {}))
            (ui::card("As it was sent", &ui::code_block("JSON", &letter.content), &html! {}))
        };
        let aside = html! {
            @if letter.state == super::store::OPEN {
                (ui::card("Send it in again", &cx.form::<ReplayDeadLetter>("Send in again", back, &fixed), &html! {}))
                @if cx.may(DiscardDeadLetter::NAME) {
                    (ui::card("Give it up", &cx.form::<DiscardDeadLetter>("Discard", back, &fixed), &html! {}))
                }
            }
        };
        Ok(View::new(format!("Dead letter {}", letter.external_id), ui::grid("main-aside", &[main, aside]))
            .crumb("Events", "/money/events")
            .crumb("Dead letters", back))
    })
}

fn conflicts(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListConflicts>()?).await?;
        let columns = vec![
            Column::text("Event"),
            Column::text("Kind"),
            Column::text("Came later with this content"),
            Column::text("Recorded").sort("recorded"),
        ];
        let rows = page.items.iter().map(|conflict| {
            Row::new(vec![
                html! { (conflict.external_id) " " span.muted { (conflict.source) } },
                html! { (ui::humanize(&conflict.kind)) },
                html! { code { (conflict.content) } },
                ui::ago(conflict.recorded_at, cx.now, &cx.zone),
            ])
        });
        let empty = Empty::new("No conflicts", "No event came again under its id with another content.");
        let view = ListView::new(
            "/money/events/conflicts",
            &cx.query,
            Table::new("Conflicts", columns).rows(rows).empty(empty),
        )
        .filter(Filter::search("source", "Source"))
        .next(page.next)
        .export("CSV", cx.export::<ListConflicts>("csv"));
        Ok(View::new("Conflicts", html! { (tabs(cx)) (view) })
            .line(html! { "The same id with another content. The first one stands." })
            .crumb("Events", "/money/events"))
    })
}

fn import(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let form = cx.form::<Import>("Import", "/money/events/batches", &[]);
        let columns = |names: &str| html! { code { (names) } };
        let help = html! {
            p { "CSV with a header, or one JSON object per line, UTF-8, up to 8 MB. Every id is recorded once, so a file can be imported again." }
            (ui::key_values(&[
                ("Usage", columns("id, customer, quantity, unit, occurred_at, integration")),
                ("Invoices", columns("id, kind, invoice, customer, revenue, amount, occurred_at, partner")),
                ("Amounts", columns("EUR 1250.00")),
                ("Times", columns("2026-03-01T09:00:00Z")),
            ]))
        };
        let cells = [ui::card("Import", &form, &html! {}), ui::card("How the file looks", &help, &html! {})];
        Ok(View::new("Import events", ui::grid("main-aside", &cells)).crumb("Events", "/money/events"))
    })
}

/// The latest invoices and refunds on the page of their customer.
fn of_customer(cx: &PageCx) -> BoxFuture<'_, Result<Section>> {
    Box::pin(async move {
        let customer: CustomerId = cx.param("customer")?;
        let page = PageRequest { limit: Some(10), ..PageRequest::default() };
        let found =
            cx.ask(ListInvoiceEvents { customer: Some(customer), page, ..ListInvoiceEvents::default() }).await?;
        let rows = found.items.iter().map(|one| {
            Row::new(vec![
                html! { (one.external_id) " " span.muted { (ui::humanize(one.kind.name())) } },
                html! {
                    @match one.partner { Some(partner) => { (ui::thing(&partner.to_string())) } None => { "nobody" } }
                },
                ui::money(one.amount),
                ui::datetime(one.occurred_at, &cx.zone),
            ])
        });
        let columns = vec![
            Column::text("Event"),
            Column::text("Brought by"),
            Column::number("Amount"),
            Column::text("When").secondary(),
        ];
        let empty = Empty::new("No revenue yet", "Invoices appear here as the billing system reports them.");
        let table = Table::new("Revenue", columns).rows(rows).empty(empty);
        Ok(Section { table, all: Some(format!("/money/events?customer={customer}")) })
    })
}
