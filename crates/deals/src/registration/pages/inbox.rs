//! `/deals/inbox`: what waits for a person of the vendor, oldest first, with what is needed to decide it.

use futures::future::BoxFuture;
use kernel::{PageRequest, Result};
use maud::{Markup, html};
use ui::{Empty, PageCx, View};

use super::{acts, bulk, show};
use crate::registration::deal::State;
use crate::registration::queries::{DealInFull, GetDeal, ListDeals};

/// How many of each kind are laid out; the list has the rest.
const SHOWN: u32 = 12;

pub(super) fn page(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let mut parts = Vec::new();
        for (state, title) in [
            (State::UnderReview, "Which customer is it?"),
            (State::PendingApproval, "Waiting for approval"),
            (State::Returned, "Returned to the partner"),
        ] {
            let page = PageRequest { sort: Some("submitted_at".to_owned()), limit: Some(SHOWN), cursor: None };
            let found = cx.ask(ListDeals { state: Some(state), page, ..ListDeals::default() }).await?;
            if state == State::PendingApproval {
                parts.push(bulk::form(cx, &found.items));
            }
            let mut cards = Vec::new();
            for item in &found.items {
                cards.push(card(cx, &cx.ask(GetDeal { deal: item.deal.id }).await?));
            }
            let more = found.next.map(|_| format!("/deals?state={}", state.name()));
            if !cards.is_empty() {
                parts.push(ui::section(
                    title,
                    &html! {
                        @for card in &cards { (card) }
                        @if let Some(href) = more { p { a href=(href) { "Show all of them" } } }
                    },
                ));
            }
        }
        let empty = Empty::new("Nothing waits for you", "The rules have decided every registration.")
            .action(html! { a.btn href="/deals" { "All deals" } });
        let body = html! {
            @if parts.iter().all(|part| part.0.is_empty()) { (ui::empty_state(&empty)) }
            @for part in &parts { (part) }
        };
        let line = html! { "Registrations that the program leaves to a person." };
        let actions = html! {
            a.btn href="/deals/conflicts" { "Conflicts" } " " a.btn href="/deals/lists" { "Territories and accounts" }
        };
        Ok(View::new("Deal inbox", body).crumb("Deals", "/deals").line(line).actions(actions))
    })
}

fn card(cx: &PageCx, full: &DealInFull) -> Markup {
    let deal = &full.deal;
    let heard = full.decisions.iter().find(|decision| decision.kind == "deals.claim");
    let body = html! {
        p {
            "For " b { (deal.identity.name) } " by " a href={ "/partners/" (deal.partner) } { (full.partner_name) } " · "
            (ui::money(deal.value)) " · registered " (ui::ago(deal.submitted_at, cx.now, &cx.zone))
        }
        @if let Some(text) = &deal.reason_text { p { "Asked: " (text) } }
        @if let Some(waiting) = &deal.approval {
            p {
                "Approval " (waiting.step) " of " (waiting.of) ", given by " (waiting.roles.join(" or ").replace('_', " "))
                @if waiting.escalated { " (late: somebody further up may give it as well)" }
            }
        }
        @if let Some(decision) = heard {
            ol.reasons { @for reason in &decision.reasons { li { (ui::why::reason(reason)) } } }
        }
        @if !full.queue.is_empty() { p { (ui::words::counted(full.queue.len() as u64, "claim")) " wait behind it." } }
        (show::comparison(cx, full))
        (acts::review(cx, full))
    };
    let open = html! { a href={ "/deals/" (deal.id) } { "Open " (deal.number) } };
    ui::card(&deal.title, &body, &open)
}
