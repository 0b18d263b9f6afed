//! `/deals/opportunities` and one of them: what the vendor sells itself, and the partners' claims on the same customer. They
//! are the vendor's own; a partner learns of one only from what a decision about its deal says.

use futures::future::BoxFuture;
use kernel::{PageRequest, Query as _, Registry, Result};
use maud::{Markup, html};
use partners::CustomerId;
use ui::{Column, Empty, Filter, ListView, PageCx, PageSpec, Row, Section, SectionSpec, ShownTo, Table, View};

use super::operations::{GetOpportunity, ListOpportunities, OpportunityInFull, RecordOpportunity};
use super::store::{Opportunity, Stage};
use crate::registration::DealListed;

pub(super) fn install(registry: &mut Registry) {
    registry.add(SectionSpec {
        page: partners::customers::PAGE,
        title: "Opportunities",
        permission: ListOpportunities::NAME,
        order: 20,
        shown_to: ShownTo::Vendor,
        render: of_customer,
    });
    let (list_of, one) = ("/deals/opportunities", "/deals/opportunities/{opportunity}");
    registry
        .add(PageSpec { path: list_of, permission: ListOpportunities::NAME, nav: None, render: list })
        .add(PageSpec { path: one, permission: GetOpportunity::NAME, nav: None, render: show });
}

fn list(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListOpportunities>()?).await?;
        let columns = vec![
            Column::text("Opportunity"),
            Column::text("Stage"),
            Column::text("Sold by").secondary(),
            Column::text("Opened").sort("opened_at"),
        ];
        let empty = Empty::new("No opportunities", "What the vendor sells itself appears here as the CRM reports it.");
        let table = Table::new("Opportunities", columns).rows(page.items.iter().map(|one| row(cx, one))).empty(empty);
        let stages = Stage::ALL.map(|stage| (stage.name().to_owned(), ui::humanize(stage.name())));
        let view = ListView::new("/deals/opportunities", &cx.query, table)
            .filter(Filter::choice("stage", "Stage", stages.to_vec()))
            .next(page.next)
            .export("CSV", cx.export::<ListOpportunities>("csv"));
        let line = html! { "What the vendor sells itself; registrations for these customers are decided as the program says." };
        let body = html! {
            (view)
            @if cx.may(<RecordOpportunity as kernel::Operation>::NAME) {
                (cx.fold::<RecordOpportunity>("Record an opportunity", "/deals/opportunities/{id}", &[]))
            }
        };
        Ok(View::new("Opportunities", body).crumb("Deals", "/deals").line(line))
    })
}

fn row(cx: &PageCx, one: &Opportunity) -> Row {
    Row::new(vec![
        html! { (one.title) " " span.muted { (one.reference) } },
        ui::state_badge(one.stage.name()),
        html! { (one.owner_name.as_deref().unwrap_or("–")) },
        ui::ago(one.opened_at, cx.now, &cx.zone),
    ])
    .href(format!("/deals/opportunities/{}", one.id))
}

fn show(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let full = cx.ask(GetOpportunity { opportunity: cx.param("opportunity")? }).await?;
        let main = html! {
            (ui::card("Claims of partners on this customer", &claims(cx, &full.deals), &html! {}))
            (ui::section("History", &cx.history(&full.timeline)))
        };
        let body = ui::grid("main-aside", &[main, facts(cx, &full)]);
        let line = html! { (ui::state_badge(full.opportunity.stage.name())) " " (full.opportunity.reference) };
        let crumbs = View::new(full.opportunity.title.clone(), body).crumb("Deals", "/deals");
        Ok(crumbs.crumb("Opportunities", "/deals/opportunities").line(line))
    })
}

fn facts(cx: &PageCx, full: &OpportunityInFull) -> Markup {
    let one = &full.opportunity;
    let mut facts = vec![
        ("Customer", html! { a href={ "/customers/" (one.customer) } { (full.customer_name) } }),
        ("Sold by", html! { (one.owner_name.as_deref().unwrap_or("–")) }),
        ("Opened", ui::datetime(one.opened_at, &cx.zone)),
    ];
    if let Some(closed) = one.closed_at {
        facts.push(("Closed", ui::datetime(closed, &cx.zone)));
    }
    facts.push(("Last report of the CRM", ui::datetime(one.recorded_at, &cx.zone)));
    ui::card("Opportunity", &ui::key_values(&facts), &html! {})
}

fn claims(cx: &PageCx, deals: &[DealListed]) -> Markup {
    let rows = deals.iter().map(|one| {
        Row::new(vec![
            html! { (one.deal.number) " " (one.deal.title) },
            html! { (one.partner_name) },
            ui::state_badge(one.deal.state.name()),
            ui::ago(one.deal.submitted_at, cx.now, &cx.zone),
        ])
        .href(format!("/deals/{}", one.deal.id))
    });
    let columns = vec![
        Column::text("Deal"),
        Column::text("Partner"),
        Column::text("State"),
        Column::text("Submitted").secondary(),
    ];
    let empty = Empty::new("No claims", "No partner has registered a deal with this customer.");
    html! { (Table::new("Claims", columns).rows(rows).empty(empty)) }
}

/// The opportunities on the page of their customer.
fn of_customer(cx: &PageCx) -> BoxFuture<'_, Result<Section>> {
    Box::pin(async move {
        let customer: CustomerId = cx.param("customer")?;
        let page = PageRequest { limit: Some(10), ..PageRequest::default() };
        let found = cx.ask(ListOpportunities { customer: Some(customer), stage: None, page }).await?;
        let columns = vec![
            Column::text("Opportunity"),
            Column::text("Stage"),
            Column::text("Sold by").secondary(),
            Column::text("Opened"),
        ];
        let empty = Empty::new("No opportunities", "The vendor sells nothing here itself, as far as the CRM says.");
        let rows = found.items.iter().map(|one| row(cx, one));
        let table = Table::new("Opportunities", columns).rows(rows).empty(empty);
        Ok(Section { table, all: Some(format!("/deals/opportunities?customer={customer}")) })
    })
}
