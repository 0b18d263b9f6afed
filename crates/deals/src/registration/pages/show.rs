//! `/deals/{deal}`: one deal, why it is where it is, and what can be done next.

use futures::future::BoxFuture;
use kernel::Result;
use maud::{Markup, html};
use ui::{PageCx, Tone, View};

use super::acts;
use crate::registration::deal::State;
use crate::registration::queries::{DealInFull, GetDeal};

pub(super) fn page(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let full = cx.ask(GetDeal { deal: cx.param("deal")? }).await?;
        let deal = &full.deal;
        let main = html! {
            (notice(cx, &full))
            (ui::card("Key facts", &facts(&full), &html! {}))
            (comparison(cx, &full))
            (cx.decisions(&full.decisions))
            (ui::section("History", &cx.history(&full.timeline)))
        };
        let aside = html! {
            (ui::card("What you can do", &acts::of(cx, &full), &html! {}))
            (ui::card("Customer", &customer(&full), &html! {}))
            (clocks(cx, &full))
            (queue(&full))
        };
        let line = html! {
            (ui::state_badge(deal.state.name())) " " (ui::money(deal.value)) " "
            @if let Some(until) = deal.protected_until.filter(|_| deal.state == State::Approved) {
                "protected until " (ui::datetime(until, &cx.zone)) " " (ui::due_chip(until, cx.now, &cx.zone))
            }
        };
        let body = ui::grid("main-aside", &[main, aside]);
        Ok(View::new(&deal.title, body).crumb("Deals", "/deals").line(line))
    })
}

/// What the reader should know first.
fn notice(cx: &PageCx, full: &DealInFull) -> Markup {
    let deal = &full.deal;
    let text = deal.reason_text.as_deref().unwrap_or_default();
    match deal.state {
        State::Submitted => {
            let place = full.queue_place.map(|place| format!("Place {place} in the queue. ")).unwrap_or_default();
            let body = html! {
                (place) "It moves up by itself when the registration before it ends."
                @if let Some(first) = deal.behind.filter(|_| !cx.is_partner()) {
                    " " a href={ "/deals/" (first) } { "Show the one before it" }
                }
            };
            ui::alert(Tone::Info, "Waits behind another valid registration", &body, &[])
        }
        State::Returned => ui::alert(Tone::Warn, "More information is needed", &html! { (text) }, &[]),
        State::Rejected => ui::alert(Tone::Bad, "Rejected", &html! { (text) }, &[]),
        State::Expired => ui::alert(Tone::Bad, "Expired", &html! { "It lost its protection: " (text) "." }, &[]),
        State::UnderReview | State::PendingApproval if cx.is_partner() => {
            ui::alert(Tone::Info, "A person is looking at it", &html! { "The reasons are below." }, &[])
        }
        _ => html! {},
    }
}

fn facts(full: &DealInFull) -> Markup {
    let deal = &full.deal;
    let mut pairs = vec![
        ("Number", html! { (deal.number) " " (ui::id_chip(&deal.id.to_string())) }),
        ("Customer", customer_link(full)),
        ("Partner", html! { a href={ "/partners/" (deal.partner) } { (full.partner_name) } }),
        ("Value", ui::money(deal.value)),
        ("Source", html! { (ui::humanize(deal.source.name())) }),
        ("Role", html! { (ui::humanize(deal.role.name())) }),
        ("Renewals", html! { (deal.renewals) }),
    ];
    if let Some(day) = deal.expected_close {
        pairs.push(("Expected close", ui::day(day)));
    }
    if !deal.products.is_empty() {
        pairs.push(("Products", html! { (deal.products.join(", ")) }));
    }
    if let Some(relationship) = &deal.relationship {
        pairs.push(("Relationship", html! { (relationship) }));
    }
    ui::key_values(&pairs)
}

fn customer_link(full: &DealInFull) -> Markup {
    html! {
        @match (full.deal.customer, &full.customer_name) {
            (Some(id), Some(name)) => { a href={ "/customers/" (id) } { (name) } },
            _ => (full.deal.identity.name),
        }
    }
}

/// Points of a thousand, as people say it.
fn percent(points: impl Into<i64>) -> String {
    let points: i64 = points.into();
    if points % 10 == 0 { format!("{}%", points / 10) } else { format!("{}.{}%", points / 10, points % 10) }
}

fn customer(full: &DealInFull) -> Markup {
    let identity = &full.deal.identity;
    let mut pairs = vec![("Registered as", html! { (identity.name) })];
    for (label, value) in [
        ("Domain", &identity.domain),
        ("Country", &identity.country),
        ("VAT number", &identity.vat_number),
        ("Register number", &identity.registration_number),
    ] {
        if let Some(value) = value {
            pairs.push((label, html! { (value) }));
        }
    }
    if let (Some(id), Some(name)) = (full.deal.customer, &full.customer_name) {
        pairs.push(("Account", html! { a href={ "/customers/" (id) } { (name) } }));
    }
    ui::key_values(&pairs)
}

fn clocks(cx: &PageCx, full: &DealInFull) -> Markup {
    let running: Vec<_> = full.clocks.iter().filter(|clock| clock.state == clocks::State::Running).collect();
    if running.is_empty() {
        return html! {};
    }
    let body = html! {
        ul { @for clock in running { li { (clock.title) " " (ui::due_chip(clock.due_at, cx.now, &cx.zone)) } } }
    };
    ui::card("Clocks", &body, &html! {})
}

/// Who waits behind this claim; empty for a partner.
fn queue(full: &DealInFull) -> Markup {
    if full.queue.is_empty() {
        return html! {};
    }
    let body = html! {
        ol {
            @for waiting in &full.queue {
                li { a href={ "/deals/" (waiting.deal) } { (waiting.partner_name) " " (waiting.number) } }
            }
        }
    };
    ui::card("Waiting behind it", &body, &html! {})
}

/// The registered customer beside the known ones that it resembles; only the vendor is given any.
pub(super) fn comparison(cx: &PageCx, full: &DealInFull) -> Markup {
    if full.resembles.is_empty() {
        return html! {};
    }
    let own = &full.deal.identity;
    let mut columns = vec!["Registered"];
    columns.extend(full.resembles.iter().map(|one| one.found.name.as_str()));
    let of = |pick: fn(&crate::matching::CustomerIdentity) -> Option<String>| -> Vec<String> {
        let all = std::iter::once(own).chain(full.resembles.iter().map(|one| &one.identity));
        all.map(|identity| pick(identity).unwrap_or_else(|| "–".to_owned())).collect()
    };
    let rows = [
        ("Name", of(|identity| Some(identity.name.clone()))),
        ("Domain", of(|identity| identity.domain.clone())),
        ("Country", of(|identity| identity.country.clone())),
        ("VAT number", of(|identity| identity.vat_number.clone())),
        ("Register number", of(|identity| identity.registration_number.clone())),
    ];
    let body = html! {
        (ui::comparison(&columns, &rows))
        @for one in &full.resembles {
            h3 {
                (one.found.name) ": " (percent(one.found.score.total)) " alike"
                @if let Some(deal) = one.found.deal { " " a href={ "/deals/" (deal) } { "the other claim" } }
            }
            ul {
                @for part in &one.found.score.parts {
                    li { (part.evidence) " " span.muted.num { "+" (percent(part.points)) } }
                }
            }
        }
        @if acts::may_approve(cx) {
            div.actions {
                @for one in &full.resembles {
                    @if let Some(customer) = one.found.customer { (acts::approve_as(cx, &full.deal, &one.found.name, customer)) }
                }
                (acts::approve_as_new(cx, &full.deal))
            }
        }
    };
    ui::card("Is it one of these?", &body, &html! {})
}
