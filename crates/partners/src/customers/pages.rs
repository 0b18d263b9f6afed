//! `/customers` and `/customers/{customer}`: accounts, as the vendor keeps them and as a partner may see them.

use futures::future::BoxFuture;
use kernel::{Registry, Result};
use maud::{Markup, html};
use ui::{Column, Empty, Filter, Icon, ListView, NavSpec, PageCx, PageSpec, Row, ShownTo, Table, Tone, View};

use super::{AddCustomer, Customer, CustomerDetail, GetCustomer, ListCustomers, UpdateCustomer, merging};

/// The page of one customer, to which areas add sections.
pub const PAGE: &str = "/customers/{customer}";

pub fn install(registry: &mut Registry) {
    let nav = NavSpec { section: "Work", label: "Customers", icon: Icon::Star, order: 30, shown_to: ShownTo::Everyone };
    registry
        .add(PageSpec { path: "/customers", permission: "customers.list", nav: Some(nav), render: list })
        .add(PageSpec { path: PAGE, permission: "customers.get", nav: None, render: show });
}

fn list(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListCustomers>()?).await?;
        let columns = vec![
            Column::text("Name").sort("name"),
            Column::text("Domain"),
            Column::text("Country").secondary(),
            Column::text("VAT number").secondary(),
            Column::text("Added").sort("created").secondary(),
        ];
        let empty = Empty::new("No customers here", "A customer appears here as soon as a deal with it is registered.")
            .action(ui::link_button(Tone::Accent, "Register a deal", "/deals/new"));
        let table = Table::new("Customers", columns).rows(page.items.iter().map(|one| row(cx, one))).empty(empty);
        let view = ListView::new("/customers", &cx.query, table)
            .filter(Filter::search("q", "Name, domain or VAT number"))
            .filter(Filter::search("country", "Country, such as DE"))
            .next(page.next)
            .export("CSV", cx.export::<ListCustomers>("csv"))
            .export("JSON Lines", cx.export::<ListCustomers>("jsonl"));
        let body = html! {
            (view)
            @if cx.may("customers.add") && !cx.is_partner() {
                (cx.fold::<AddCustomer>("Add a customer", "/customers/{id}", &[("source", "console")]))
            }
        };
        Ok(View::new("Customers", body))
    })
}

fn row(cx: &PageCx, customer: &Customer) -> Row {
    let text = |value: &Option<String>| html! { (value.as_deref().unwrap_or_default()) };
    Row::new(vec![
        html! { (customer.name) },
        text(&customer.domain),
        text(&customer.country),
        text(&customer.vat_number),
        ui::datetime(customer.created_at, &cx.zone),
    ])
    .href(format!("/customers/{}", customer.id))
}

fn show(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let detail = cx.ask(GetCustomer { customer: cx.param("customer")? }).await?;
        let customer = &detail.customer;
        let id = customer.id.to_string();
        let main = html! {
            (partners_card(cx, &detail))
            (cx.sections(PAGE).await?)
            (cx.decisions(&detail.decisions))
            (ui::card("Timeline", &cx.history(&detail.timeline), &html! {}))
        };
        let aside = html! {
            (facts(cx, customer))
            (merging::pages::card(cx, &detail))
            @if cx.may("customers.update") && !cx.is_partner() {
                (cx.fold::<UpdateCustomer>("Correct it", &cx.path, &[("customer", &id)]))
            }
        };
        // A partner's list takes no customer, since that would tell which accounts there are; its own words do.
        let deals = html! {
            (merging::pages::link(cx, &detail))
            @if !cx.is_partner() { (ui::link_button(Tone::Neutral, "Deals", &format!("/deals?customer={id}"))) }
        };
        Ok(View::new(customer.name.clone(), ui::grid("main-aside", &[main, aside]))
            .line(ui::id_chip(&id))
            .actions(deals)
            .crumb("Customers", "/customers"))
    })
}

fn facts(cx: &PageCx, customer: &Customer) -> Markup {
    let text = |value: &Option<String>| html! { (value.as_deref().unwrap_or("–")) };
    let mut facts = vec![
        ("Domain", text(&customer.domain)),
        ("Country", text(&customer.country)),
        ("VAT number", text(&customer.vat_number)),
        ("Register number", text(&customer.registration_number)),
        ("Added", ui::datetime(customer.created_at, &cx.zone)),
        ("Source", html! { (ui::humanize(&customer.source)) }),
    ];
    if let Some(owner) = customer.account_owner {
        facts.push(("Account owner", ui::thing(&owner.to_string())));
    }
    ui::card("Company", &ui::key_values(&facts), &html! {})
}

fn partners_card(cx: &PageCx, detail: &CustomerDetail) -> Markup {
    let rows = detail.partners.iter().map(|shared| {
        Row::new(vec![html! { (shared.name) }, ui::datetime(shared.since, &cx.zone)])
            .href(format!("/partners/{}", shared.partner))
    });
    let empty = Empty::new("No partner works with it", "Partners appear here with their first deal.");
    let columns = vec![Column::text("Partner"), Column::text("Since")];
    let table = Table::new("Partners with a deal", columns).rows(rows).empty(empty);
    ui::card("Partners with a deal", &html! { (table) }, &html! {})
}
