//! `/deals/lists`: what the program file says about territories and accounts, and the entries that were recorded.

use futures::future::BoxFuture;
use kernel::{Operation as _, Query as _, Registry, Result};
use maud::{Markup, html};
use partners::CustomerId;
use programs::GetProgram;
use ui::{Column, Empty, Filter, ListView, PageCx, PageSpec, Row, Section, SectionSpec, ShownTo, Table, View};

use super::entry::{Entry, List, Who};
use super::gather::of_program;
use super::operations::{AddListEntry, EndListEntry, ListEntries};
use super::store::Recorded;

pub(super) fn install(registry: &mut Registry) {
    registry.add(SectionSpec {
        page: partners::customers::PAGE,
        title: "List entries",
        permission: ListEntries::NAME,
        order: 40,
        shown_to: ShownTo::Vendor,
        render: of_customer,
    });
    registry.add(PageSpec { path: "/deals/lists", permission: ListEntries::NAME, nav: None, render: page });
}

fn page(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListEntries>()?).await?;
        let program = cx.ask(GetProgram {}).await?.program;
        let columns = vec![
            Column::text("Entry"),
            Column::text("List"),
            Column::text("Customer or territory"),
            Column::text("Partner"),
            Column::text("Others are"),
            Column::text("Holds"),
            Column::text("Decided by").secondary(),
            Column::text(""),
        ];
        let empty = Empty::new(
            "Nothing is recorded",
            "Entries that change often are kept here; the others stand in the program file.",
        );
        let table =
            Table::new("Recorded entries", columns).rows(page.items.iter().map(|entry| row(cx, entry))).empty(empty);
        let lists = List::ALL.map(|list| (list.name().to_owned(), ui::humanize(list.name())));
        let view = ListView::new("/deals/lists", &cx.query, table)
            .filter(Filter::choice("list", "List", lists.to_vec()))
            .next(page.next)
            .export("CSV", cx.export::<ListEntries>("csv"));
        let may_add = cx.may(AddListEntry::NAME);
        let body = html! {
            (view)
            @if may_add {
                details { summary { "Put something on a list" } (cx.form::<AddListEntry>("Put it on the list", "/deals/lists", &[])) }
            }
            (ui::section("In the program file", &in_program(&of_program(&program))))
        };
        let line = html! { "Who may register where, and whose customers are whose. Partners never see these lists." };
        Ok(View::new("Territories and accounts", body).crumb("Deals", "/deals").line(line))
    })
}

fn row(cx: &PageCx, entry: &Recorded) -> Row {
    let what = [&entry.territory, &entry.domain, &entry.vat_number];
    let what: Vec<&str> = what.into_iter().flatten().map(String::as_str).collect();
    let id = entry.id.to_string();
    let may_end = cx.may(EndListEntry::NAME) && entry.ended_at.is_none();
    Row::new(vec![
        html! { (entry.title) " " span.muted { (entry.reason) } },
        html! { (ui::humanize(entry.list.name())) },
        html! { (what.join(", ")) },
        html! {
            @match entry.partner {
                Some(partner) => { a href={ "/partners/" (partner) } { (partner) } }
                None => { span.muted { "–" } }
            }
        },
        html! { (ui::humanize(&format!("{:?}", entry.otherwise).to_lowercase())) },
        html! {
            (ui::ago(entry.valid_from, cx.now, &cx.zone))
            @if let Some(until) = entry.valid_until { " until " (ui::datetime(until, &cx.zone)) }
        },
        html! { (entry.decided_by_name) },
        html! {
            @if may_end {
                details { summary { "End" } (cx.form::<EndListEntry>("End", "/deals/lists", &[("entry", &id)])) }
            }
        },
    ])
}

fn in_program(entries: &[Entry]) -> Markup {
    let who = |who: &Who| match who {
        Who::Domain(domain) => domain.clone(),
        Who::Id(partner) => partner.to_string(),
    };
    let columns = vec![Column::text("Entry"), Column::text("List"), Column::text("About"), Column::text("Who")];
    let rows = entries.iter().map(|entry| {
        let about: Vec<&str> =
            entry.countries.iter().chain(&entry.domain).chain(&entry.vat_number).map(String::as_str).collect();
        let mut names: Vec<String> = entry.partners.iter().map(who).collect();
        names.extend(entry.archetypes.iter().chain(&entry.tiers).cloned());
        Row::new(vec![
            html! { (entry.title) },
            html! { (ui::humanize(entry.list.name())) },
            html! { (about.join(", ")) },
            html! { (names.join(", ")) },
        ])
    });
    let empty = Empty::new("The program file has none", "engagement.toml: territory, named_account, no_poach.");
    html! { (Table::new("Entries of the program file", columns).rows(rows).empty(empty)) }
}

/// The entries that name the customer, on its page.
fn of_customer(cx: &PageCx) -> BoxFuture<'_, Result<Section>> {
    Box::pin(async move {
        let customer: CustomerId = cx.param("customer")?;
        let found = cx.ask(ListEntries { customer: Some(customer), ..ListEntries::default() }).await?;
        let rows = found.items.iter().map(|one| {
            Row::new(vec![
                html! { (one.title) },
                html! { (ui::humanize(one.list.name())) },
                html! { (one.reason) },
                ui::datetime(one.valid_from, &cx.zone),
            ])
        });
        let columns = vec![
            Column::text("Entry"),
            Column::text("List"),
            Column::text("Reason").secondary(),
            Column::text("Holds from"),
        ];
        let empty = Empty::new("No list names it", "It is no named account, and no partner has to leave it alone.");
        let table = Table::new("List entries", columns).rows(rows).empty(empty);
        Ok(Section { table, all: Some("/deals/lists".to_owned()) })
    })
}
