//! `/customers/{customer}/merge`: which other record means the same company, what a merge would bring together, and the
//! merge itself. On the page of a customer: what it is merged with.

use futures::future::BoxFuture;
use kernel::{Operation as _, Query as _, Registry, Result};
use maud::{Markup, html};
use ui::{Column, Empty, Filter, ListView, PageCx, PageSpec, Row, Table, Tone, View};

use super::super::{CustomerDetail, CustomerId, GetCustomer, ListCustomers};
use super::{MergeCustomers, PreviewMerge, PreviewOfMerge, UnmergeCustomer};

pub(super) fn install(registry: &mut Registry) {
    let path = "/customers/{customer}/merge";
    registry.add(PageSpec { path, permission: PreviewMerge::NAME, nav: None, render: merge });
}

fn merge(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let customer: CustomerId = cx.param("customer")?;
        let detail = cx.ask(GetCustomer { customer }).await?;
        let (name, href) = (detail.customer.name, format!("/customers/{customer}"));
        let body = match cx.arg("folded").and_then(|id| id.parse().ok()) {
            Some(folded) => preview(cx, &cx.ask(PreviewMerge { customer, folded }).await?),
            None => choice(cx, customer).await?,
        };
        let line = html! { "The other record keeps everything that names it; it counts as " (name) " from then on." };
        Ok(View::new("Merge customers", body).line(line).crumb("Customers", "/customers").crumb(name, href))
    })
}

async fn choice(cx: &PageCx, customer: CustomerId) -> Result<Markup> {
    let page = cx.ask(cx.list::<ListCustomers>()?).await?;
    let path = format!("/customers/{customer}/merge");
    let rows = page.items.iter().filter(|one| one.id != customer).map(|one| {
        let text = |value: &Option<String>| html! { (value.as_deref().unwrap_or_default()) };
        Row::new(vec![html! { (one.name) }, text(&one.domain), text(&one.vat_number)])
            .href(format!("{path}?folded={}", one.id))
    });
    let columns = vec![Column::text("Name"), Column::text("Domain"), Column::text("VAT number").secondary()];
    let empty = Empty::new("No other customer fits", "Search for part of the other name, domain or VAT number.");
    let table = Table::new("Customers", columns).rows(rows).empty(empty);
    let view = ListView::new(&path, &cx.query, table)
        .filter(Filter::search("q", "Name, domain or VAT number"))
        .next(page.next);
    Ok(html! { (view) })
}

fn preview(cx: &PageCx, preview: &PreviewOfMerge) -> Markup {
    let (kept, folded) = (&preview.kept, &preview.folded);
    let side = |one: &super::super::Customer| {
        let text = |value: &Option<String>| html! { (value.as_deref().unwrap_or("–")) };
        ui::key_values(&[
            ("Domain", text(&one.domain)),
            ("Country", text(&one.country)),
            ("VAT number", text(&one.vat_number)),
            ("Register number", text(&one.registration_number)),
            ("Added", ui::datetime(one.created_at, &cx.zone)),
        ])
    };
    let moves = html! {
        @if preview.moves.is_empty() { p.muted { "Nothing names this record yet." } }
        @for moved in &preview.moves {
            h3 { (moved.title) }
            ul { @for sentence in &moved.sentences { li { (sentence) } } }
        }
    };
    let (kept_id, folded_id) = (kept.id.to_string(), folded.id.to_string());
    html! {
        (ui::grid("2", &[
            ui::card(&format!("Kept: {}", kept.name), &side(kept), &html! {}),
            ui::card(&format!("Folded: {}", folded.name), &side(folded), &html! {}),
        ]))
        (ui::card("What counts as the kept customer's", &moves, &html! {}))
        @if cx.may(MergeCustomers::NAME) {
            (cx.form::<MergeCustomers>("Merge", &format!("/customers/{kept_id}"), &[
                ("customer", &kept_id), ("folded", &folded_id),
            ]))
        }
    }
}

/// What the customer is merged with, with the reason, and the way back.
pub(in super::super) fn card(cx: &PageCx, detail: &CustomerDetail) -> Markup {
    let own = detail.customer.id;
    if detail.merged.is_empty() || cx.is_partner() {
        return html! {};
    }
    let body = html! {
        @if let Some(into) = detail.customer.merged_into {
            p {
                "Merged into "
                a href={ "/customers/" (into) } { (name_of(detail, into)) }
                "; both count as one customer."
            }
            @if cx.may(UnmergeCustomer::NAME) {
                (cx.fold::<UnmergeCustomer>("Take it out again", &cx.path, &[("customer", &own.to_string())]))
            }
        }
        @for other in &detail.merged {
            @if let Some(merge) = &other.merge {
                p {
                    a href={ "/customers/" (other.customer) } { (other.name) }
                    " was merged into it by " (merge.merged_by_name) " "
                    (ui::ago(merge.merged_at, cx.now, &cx.zone)) ": " (merge.reason)
                }
                @if cx.may(UnmergeCustomer::NAME) {
                    (cx.fold::<UnmergeCustomer>("Take it out again", &cx.path, &[("customer", &other.customer.to_string())]))
                }
            }
        }
    };
    ui::card("Other records of this company", &body, &html! {})
}

fn name_of(detail: &CustomerDetail, id: CustomerId) -> &str {
    detail.merged.iter().find(|one| one.customer == id).map_or("another customer", |one| one.name.as_str())
}

/// The way to the merge, for those who may.
pub(in super::super) fn link(cx: &PageCx, detail: &CustomerDetail) -> Markup {
    html! {
        @if cx.may(MergeCustomers::NAME) && !cx.is_partner() && detail.customer.merged_into.is_none() {
            (ui::link_button(Tone::Neutral, "Merge", &format!("/customers/{}/merge", detail.customer.id)))
        }
    }
}
