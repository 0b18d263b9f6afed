//! `/money/ledger`: the accounts, their entries, and each transfer with the cause that it follows from.

use futures::future::BoxFuture;
use kernel::{Operation as _, Query as _, Registry, Result};
use maud::{Markup, Render as _, html};
use ui::{
    Column, Empty, FileBody, FileSpec, Filter, Icon, ListView, NavSpec, PageCx, PageSpec, Row, ShownTo, Tab, Table,
    Tone, View,
};

use super::TransferId;
use super::account::{AccountKind, Normal};
use super::export::{ExportFormat, ExportLedger};
use super::operations::{GrantBudget, ResolveTransfer};
use super::queries::{
    AccountBalance, EntryListed, GetTransfer, ListBalances, ListEntries, ListTransfers, TransferDetail,
};
use super::transfer::{Entry, Phase, Posted};
use super::verify::VerifyBooks;

pub(crate) fn install(registry: &mut Registry) {
    let nav = NavSpec { section: "Money", label: "Ledger", icon: Icon::Book, order: 55, shown_to: ShownTo::Vendor };
    let page = |path, permission, nav, render| PageSpec { path, permission, nav, render };
    registry
        .add(page("/money/ledger", ListBalances::NAME, Some(nav), accounts))
        .add(page("/money/ledger/entries", ListEntries::NAME, None, entries))
        .add(page("/money/ledger/transfers", ListTransfers::NAME, None, transfers))
        .add(page("/money/ledger/transfers/{transfer}", GetTransfer::NAME, None, show))
        .add(page("/money/ledger/verification", VerifyBooks::NAME, None, verification))
        .add(FileSpec { path: "/money/ledger/export/{format}", permission: ExportLedger::NAME, render: download });
}

fn tabs(current: &str) -> Markup {
    let tab = |label: &str, href: &str| Tab::new(label, href, href == current);
    ui::tabs(
        "Ledger",
        &[
            tab("Accounts", "/money/ledger"),
            tab("Entries", "/money/ledger/entries"),
            tab("Transfers", "/money/ledger/transfers"),
        ],
    )
}

fn kinds() -> Vec<(String, String)> {
    AccountKind::ALL.map(|kind| (kind.name().to_owned(), ui::humanize(kind.name()))).to_vec()
}

fn whose(partner: Option<kernel::PartnerId>, names: &std::collections::BTreeMap<kernel::PartnerId, String>) -> Markup {
    match partner {
        Some(partner) => html! {
            a href={ "/partners/" (partner) } { (names.get(&partner).map_or("A partner", String::as_str)) }
        },
        None => html! { "Program" },
    }
}

/// The names of the partners on a page of a list.
async fn names(
    cx: &PageCx,
    ids: impl Iterator<Item = kernel::PartnerId>,
) -> Result<std::collections::BTreeMap<kernel::PartnerId, String>> {
    let ids: Vec<kernel::PartnerId> = ids.collect();
    let mut tx = cx.app.db().read().await?;
    let names = partners::names(&mut tx, &cx.actor.scope(), &ids).await?;
    tx.rollback().await?;
    Ok(names)
}

fn accounts(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListBalances>()?).await?;
        let names = names(cx, page.items.iter().filter_map(|item| item.partner)).await?;
        let columns = vec![
            Column::text("Account").sort("account"),
            Column::text("Book"),
            Column::text("Grows by").secondary(),
            Column::number("Balance"),
            Column::number("Available").secondary(),
            Column::number("Entries").secondary(),
        ];
        let row = |item: &AccountBalance| {
            let side = if item.account.kind.normal() == Normal::Debit { "debits" } else { "credits" };
            let mut href = format!("/money/ledger/entries?account={}", item.account);
            if let Some(partner) = item.partner {
                href.push_str(&format!("&partner={partner}"));
            }
            Row::new(vec![
                html! { (item.account) },
                whose(item.partner, &names),
                html! { (side) },
                ui::money(item.balance),
                ui::money(item.available),
                html! { (item.entries) },
            ])
            .href(href)
        };
        let empty = Empty::new("Nothing is booked yet", "The first statement of a partner opens its book.");
        let table = Table::new("Accounts", columns).rows(page.items.iter().map(row)).empty(empty);
        let view = ListView::new("/money/ledger", &cx.query, table)
            .filter(Filter::choice("account", "Account", kinds()))
            .next(page.next)
            .export("CSV", cx.export::<ListBalances>("csv"));
        let budget = html! {
            @if !cx.is_partner() && cx.may(GrantBudget::NAME) {
                (ui::section("Budgets", &cx.fold::<GrantBudget>("Put money into a budget", "/money/ledger?account=budget", &[])))
            }
        };
        let line =
            html! { "Double entry, one book for each partner and one for the program; nothing in it ever changes." };
        let body = html! { (tabs("/money/ledger")) (view) (downloads(cx)) (budget) };
        let check = ui::link_button(Tone::Neutral, "Check the books", "/money/ledger/verification");
        Ok(View::new("Ledger", body).line(line).actions(check))
    })
}

fn downloads(cx: &PageCx) -> Markup {
    if !cx.may(ExportLedger::NAME) {
        return html! {};
    }
    let links = html! {
        p { "The whole journal for your accounting tool: "
            @for (place, format) in ExportFormat::ALL.into_iter().enumerate() {
                @if place > 0 { ", " }
                a href={ "/money/ledger/export/" (format.name()) } { (format.name()) }
            } "."
        }
    };
    ui::section("Export", &links)
}

fn entries(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListEntries>()?).await?;
        let names = names(cx, page.items.iter().filter_map(|item| item.partner)).await?;
        let columns = vec![
            Column::text("Day"),
            Column::text("Account"),
            Column::text("Book"),
            Column::text("What for"),
            Column::number("Debit"),
            Column::number("Credit"),
        ];
        let row = |item: &EntryListed| {
            let (debit, credit) = sides(&item.entry);
            Row::new(vec![
                ui::day(item.day),
                html! { (item.entry.account) @if item.phase == Phase::Pending { " " (ui::state_badge("pending")) } },
                whose(item.partner, &names),
                html! { (item.summary) },
                debit,
                credit,
            ])
            .href(format!("/money/ledger/transfers/{}", item.transfer))
        };
        let empty = Empty::new("No entries", "Nothing was booked on these accounts.");
        let table = Table::new("Entries", columns).rows(page.items.iter().map(row)).empty(empty);
        let view = ListView::new("/money/ledger/entries", &cx.query, table)
            .filter(Filter::choice("account", "Account", kinds()))
            .next(page.next)
            .export("CSV", cx.export::<ListEntries>("csv"))
            .export("JSON Lines", cx.export::<ListEntries>("jsonl"));
        Ok(View::new("Entries", html! { (tabs("/money/ledger/entries")) (view) }).crumb("Ledger", "/money/ledger"))
    })
}

fn sides(entry: &Entry) -> (Markup, Markup) {
    if entry.amount.minor > 0 {
        (ui::money(entry.amount), html! {})
    } else {
        (html! {}, ui::money(entry.amount.negated()))
    }
}

fn transfers(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListTransfers>()?).await?;
        let names = names(cx, page.items.iter().filter_map(|item| item.partner)).await?;
        let columns = vec![
            Column::text("Posted").sort("recorded"),
            Column::text("Kind"),
            Column::text("Book"),
            Column::text("What for"),
            Column::text("State"),
        ];
        let row = |item: &Posted| {
            Row::new(vec![
                ui::datetime(item.recorded_at, &cx.zone),
                html! { (ui::humanize(&item.kind)) },
                whose(item.partner, &names),
                html! { (item.summary) },
                ui::state_badge(item.phase.name()),
            ])
            .href(format!("/money/ledger/transfers/{}", item.id))
        };
        let empty = Empty::new("No transfers", "Statements, payments and journal entries appear here.");
        let table = Table::new("Transfers", columns).rows(page.items.iter().map(row)).empty(empty);
        let phases = Phase::ALL.map(|phase| (phase.name().to_owned(), ui::humanize(phase.name())));
        let view = ListView::new("/money/ledger/transfers", &cx.query, table)
            .filter(Filter::choice("phase", "State", phases.to_vec()))
            .filter(Filter::search("kind", "Kind, such as accrual"))
            .next(page.next)
            .export("CSV", cx.export::<ListTransfers>("csv"))
            .export("JSON Lines", cx.export::<ListTransfers>("jsonl"));
        let body = html! { (tabs("/money/ledger/transfers")) (view) };
        Ok(View::new("Transfers", body).crumb("Ledger", "/money/ledger"))
    })
}

fn show(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let id: TransferId = cx.param("transfer")?;
        let detail = cx.ask(GetTransfer { transfer: id }).await?;
        let transfer = &detail.transfer;
        let main = html! {
            (ui::card("Entries", &table_of(&detail).render(), &html! {}))
            @if transfer.phase == Phase::Pending && detail.resolution.is_none() && cx.may(ResolveTransfer::NAME) {
                (ui::section("Pending", &resolve(cx, transfer)))
            }
        };
        let aside = html! {
            (ui::card("Cause", &cause(&detail), &html! {}))
            (ui::card("Proof", &proof(&detail), &html! {}))
        };
        Ok(View::new(transfer.summary.clone(), ui::grid("main-aside", &[main, aside]))
            .line(html! { (ui::state_badge(transfer.phase.name())) " " (ui::humanize(&transfer.kind)) " · " (ui::day(transfer.day)) })
            .crumb("Ledger", "/money/ledger")
            .crumb("Transfers", "/money/ledger/transfers"))
    })
}

fn resolve(cx: &PageCx, transfer: &Posted) -> Markup {
    let id = transfer.id.to_string();
    html! {
        (cx.fold::<ResolveTransfer>("Post it", &cx.path, &[("transfer", id.as_str()), ("accept", "true")]))
        (cx.fold::<ResolveTransfer>("Void it", &cx.path, &[("transfer", id.as_str()), ("accept", "false")]))
    }
}

fn table_of(detail: &TransferDetail) -> Table {
    let columns = vec![
        Column::text("Account"),
        Column::text("Line"),
        Column::text("Month").secondary(),
        Column::number("Debit"),
        Column::number("Credit"),
    ];
    let row = |entry: &Entry| {
        let (debit, credit) = sides(entry);
        let line = html! {
            @if let Some(line) = entry.line { a href={ "/money/lines/" (line) } { "Line" } }
            @if let Some(line) = entry.corrects { " corrects " a href={ "/money/lines/" (line) } { "an earlier one" } }
        };
        let month = entry.period.map(|month| month.title()).unwrap_or_default();
        Row::new(vec![html! { (entry.account) }, line, html! { (month) }, debit, credit])
    };
    let empty = Empty::new("No entries", "It voids a pending transfer, whose entries never counted.");
    Table::new("Entries", columns).rows(detail.entries.iter().map(row)).empty(empty)
}

fn cause(detail: &TransferDetail) -> Markup {
    let transfer = &detail.transfer;
    let mut pairs = vec![("Follows from", ui::thing(&transfer.cause))];
    match (transfer.partner, &detail.partner_name) {
        (Some(partner), Some(name)) => {
            pairs.push(("Book", html! { a href={ "/partners/" (partner) } { (name) } }));
        }
        _ => pairs.push(("Book", html! { "Program" })),
    }
    let to = |id: TransferId| html! { a href={ "/money/ledger/transfers/" (id) } { "the other transfer" } };
    if let Some(pending) = transfer.resolves {
        pairs.push(("Ends", to(pending)));
    }
    if let Some(resolution) = &detail.resolution {
        pairs.push((if resolution.phase == Phase::Void { "Voided by" } else { "Posted by" }, to(resolution.id)));
    }
    ui::key_values(&pairs)
}

fn proof(detail: &TransferDetail) -> Markup {
    let transfer = &detail.transfer;
    let intact = if detail.intact { ui::badge(Tone::Good, "Intact") } else { ui::badge(Tone::Bad, "Changed") };
    ui::key_values(&[
        ("Number in its book", html! { (transfer.number) }),
        ("Content", intact),
        ("Hash", html! { (ui::id_chip(&transfer.hash)) }),
        ("Key", html! { code { (transfer.key) } }),
    ])
}

fn verification(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let report = cx.ask(VerifyBooks {}).await?;
        let counted = html! {
            p { (ui::words::counted(report.books, "book")) ", " (ui::words::counted(report.transfers, "transfer")) ", "
                (report.entries) " entries." }
        };
        let verdict = if report.wrong.is_empty() {
            ui::alert(Tone::Good, "The books are intact", &counted, &[])
        } else {
            ui::alert(Tone::Bad, "The books do not hold", &counted, &report.wrong)
        };
        let line = html! { "Every hash, every sum and every balance was computed again." };
        Ok(View::new("Check of the books", verdict).line(line).crumb("Ledger", "/money/ledger"))
    })
}

fn download(cx: &PageCx) -> BoxFuture<'_, Result<FileBody>> {
    Box::pin(async move {
        let wanted: String = cx.param("format")?;
        let format = ExportFormat::ALL.into_iter().find(|format| format.name() == wanted);
        let format = format.ok_or_else(|| kernel::Error::not_found("export format", &wanted))?;
        let exported = cx.ask(ExportLedger { format, ..ExportLedger::default() }).await?;
        let content_type =
            if format == ExportFormat::Csv { "text/csv; charset=utf-8" } else { "text/plain; charset=utf-8" };
        Ok(FileBody { content_type, name: Some(exported.name), bytes: exported.text.into_bytes() })
    })
}
