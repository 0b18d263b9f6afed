//! `/terms`: a partner reads and accepts the terms in force.

use futures::future::BoxFuture;
use kernel::{Error, PartnerId, Registry, Result};
use maud::{Markup, html};
use ui::{Empty, Icon, NavSpec, PageCx, PageSpec, ShownTo, Tone, View};

use super::{AcceptTerms, GetTerms, TermsInForce};

pub fn install(registry: &mut Registry) {
    let nav = NavSpec { section: "Setup", label: "Terms", icon: Icon::Document, order: 95, shown_to: ShownTo::Partner };
    registry.add(PageSpec { path: "/terms", permission: "partners.terms", nav: Some(nav), render: show });
}

/// A partner sees its own terms; the vendor those of the partner in the address.
fn show(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let chosen = cx.arg("partner").and_then(|text| text.parse::<PartnerId>().ok());
        let Some(partner) = cx.actor.partner.or(chosen) else {
            let empty =
                Empty::new("Whose terms?", "Open the page of a partner to read the terms that it has accepted.")
                    .action(ui::link_button(Tone::Accent, "Partners", "/partners"));
            return Ok(View::new("Terms", ui::alert::empty_state(&empty)));
        };
        let terms = match cx.ask(GetTerms { partner }).await {
            Err(Error::Conflict { message, .. }) => {
                return Ok(View::new("Terms", ui::alert(Tone::Info, "No terms yet", &html! { (message) }, &[])));
            }
            other => other?,
        };
        let signer = match &terms.accepted {
            Some(accepted) => name_of(cx, &accepted.accepted_by.to_string()).await,
            None => String::new(),
        };
        let body = html! {
            (standing(cx, &terms, &signer))
            (ui::card(&terms.title, &markdown(&terms.text), &html! {}))
        };
        let line = html! { "Version " (ui::id_chip(&terms.version)) };
        Ok(View::new("Terms", body).line(line))
    })
}

/// The person by name where the reader may know it.
async fn name_of(cx: &PageCx, id: &str) -> String {
    let Ok(person) = id.parse::<kernel::PersonId>() else { return id.to_owned() };
    match cx.ask(people::members::GetPerson { person }).await {
        Ok(detail) => detail.person.name,
        Err(_) => "a person who is not shown to you".to_owned(),
    }
}

fn standing(cx: &PageCx, terms: &TermsInForce, signer: &str) -> Markup {
    let partner = terms.partner.to_string();
    let mut accept =
        cx.button::<AcceptTerms>("Accept these terms", &[("partner", &partner), ("version", &terms.version)]).primary();
    if !cx.is_partner() {
        accept = accept.disabled("Only a person of the partner accepts its terms.");
    } else if !cx.may("partners.accept_terms") {
        accept = accept.disabled("An administrator of your company accepts the terms.");
    }
    match &terms.accepted {
        Some(accepted) if terms.current => {
            let body = html! { "Accepted " (ui::datetime(accepted.accepted_at, &cx.zone)) " by " (signer) "." };
            ui::alert(Tone::Good, "These terms are accepted", &body, &[])
        }
        Some(accepted) => html! {
            (ui::alert(Tone::Warn, "The terms have changed", &html! {
                "What your company accepted " (ui::datetime(accepted.accepted_at, &cx.zone)) " was another version. "
                "It goes on as before; please read the new version and accept it."
            }, &[]))
            (accept)
        },
        None => html! {
            (ui::alert(Tone::Info, "Please read and accept", &html! {
                "Nothing else works until the terms are accepted: no deals, no keys, no payouts."
            }, &[]))
            (accept)
        },
    }
}

/// Headings, lists and paragraphs: all that terms are made of. Everything else stays as it is written.
fn markdown(text: &str) -> Markup {
    let mut blocks: Vec<String> = vec![String::new()];
    for line in text.lines().map(str::trim) {
        let starts_block = line.starts_with('#') || line.starts_with("- ");
        let after_heading = blocks.last().is_some_and(|block| block.starts_with('#'));
        if line.is_empty() || starts_block || after_heading {
            blocks.push(String::new());
        }
        if let Some(block) = blocks.last_mut() {
            if !block.is_empty() {
                block.push(' ');
            }
            block.push_str(line);
        }
    }
    html! {
        @for block in blocks.iter().filter(|block| !block.is_empty()) {
            @if let Some(heading) = block.strip_prefix("## ") { h3 { (heading) } }
            @else if let Some(heading) = block.strip_prefix("# ") { h2 { (heading) } }
            @else if let Some(item) = block.strip_prefix("- ") { ul { li { (item) } } }
            @else { p { (block) } }
        }
    }
}
