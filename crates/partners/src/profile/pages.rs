//! `/partners` and `/partners/{partner}`: the vendor's list and the page of one partner, which the partner itself sees as
//! its company.

use futures::future::BoxFuture;
use kernel::{Error, PartnerId, Registry, Result};
use maud::{Markup, html};
use people::members::ListPeople;
use programs::GetProgram;
use ui::{Column, Empty, Filter, Icon, ListView, NavSpec, PageCx, PageSpec, Row, ShownTo, Stat, Table, Tone, View};

use super::card::cards;
use super::{GetPartner, ListPartners, Partner, PartnerDetail, PartnerSummary, Status};
use crate::intake::{AcceptApplication, RejectApplication};
use crate::lifecycle::{EndPartnership, ReinstatePartner, SuspendPartner, UpdateProfile};

pub fn install(registry: &mut Registry) {
    let nav = |label, shown_to| NavSpec { section: "Work", label, icon: Icon::Partners, order: 20, shown_to };
    registry
        .add(PageSpec {
            path: "/partners",
            permission: "partners.list",
            nav: Some(nav("Partners", ShownTo::Vendor)),
            render: list,
        })
        .add(PageSpec { path: "/partners/{partner}", permission: "partners.get", nav: None, render: show })
        .add(PageSpec {
            path: "/company",
            permission: "partners.get",
            nav: Some(nav("Our company", ShownTo::Partner)),
            render: own,
        });
}

/// Keys and titles of tiers and archetypes, for the filters; none where there is no program yet.
async fn choices(cx: &PageCx) -> Result<(Vec<(String, String)>, Vec<(String, String)>)> {
    if !cx.may("program.get") {
        return Ok((Vec::new(), Vec::new()));
    }
    match cx.ask(GetProgram {}).await {
        Ok(law) => {
            let tiers = law.program.tiers.iter().map(|tier| (tier.key.clone(), tier.title.clone()));
            let kinds = law.program.archetypes.iter().map(|(key, kind)| (key.clone(), kind.title.clone()));
            Ok((tiers.collect(), kinds.collect()))
        }
        Err(Error::Conflict { .. }) => Ok((Vec::new(), Vec::new())),
        Err(error) => Err(error),
    }
}

fn list(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let page = cx.ask(cx.list::<ListPartners>()?).await?;
        let (tiers, kinds) = choices(cx).await?;
        let columns = vec![
            Column::text("Name").sort("name"),
            Column::text("Status"),
            Column::text("Tier").sort("tier"),
            Column::text("Archetype").secondary(),
            Column::text("Country").secondary(),
            Column::text("Active since").sort("activated").secondary(),
        ];
        let empty = Empty::new("No partners yet", "A company applies under /apply, or you invite it.")
            .action(ui::link_button(Tone::Accent, "Invite a partner", "/invite"));
        let rows = page.items.iter().map(|one| row(cx, one, &tiers, &kinds));
        let table = Table::new("Partners", columns).rows(rows).empty(empty);
        let statuses = Status::ALL.map(|status| (status.name().to_owned(), ui::humanize(status.name())));
        let view = ListView::new("/partners", &cx.query, table)
            .filter(Filter::search("q", "Name or domain"))
            .filter(Filter::choice("status", "Status", statuses.to_vec()))
            .filter(Filter::choice("tier", "Tier", tiers))
            .filter(Filter::choice("archetype", "Archetype", kinds))
            .filter(Filter::search("country", "Country, such as DE"))
            .next(page.next)
            .export("CSV", cx.export::<ListPartners>("csv"))
            .export("JSON Lines", cx.export::<ListPartners>("jsonl"));
        let actions = html! {
            @if cx.may("partners.invite") { (ui::link_button(Tone::Accent, "Invite a partner", "/invite")) }
        };
        Ok(View::new("Partners", html! { (view) }).actions(actions))
    })
}

/// The title that the program gives a tier or an archetype; its key in words where it is of an older version.
fn titled(titles: &[(String, String)], key: &str) -> String {
    titles.iter().find(|(known, _)| known == key).map_or_else(|| ui::humanize(key), |(_, title)| title.clone())
}

fn row(cx: &PageCx, partner: &PartnerSummary, tiers: &[(String, String)], kinds: &[(String, String)]) -> Row {
    Row::new(vec![
        html! { (partner.name) @if let Some(domain) = &partner.domain { " " span.muted { (domain) } } },
        ui::state_badge(partner.status.name()),
        html! { @if let Some(tier) = &partner.tier { (titled(tiers, tier)) } },
        html! { @if let Some(archetype) = &partner.archetype { (titled(kinds, archetype)) } },
        html! { (partner.country) },
        html! { @if let Some(at) = partner.activated_at { (ui::datetime(at, &cx.zone)) } },
    ])
    .href(format!("/partners/{}", partner.id))
}

fn own(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move {
        let own = cx.actor.partner.ok_or_else(|| Error::not_found("page", &cx.path))?;
        view(cx, own).await
    })
}

fn show(cx: &PageCx) -> BoxFuture<'_, Result<View>> {
    Box::pin(async move { view(cx, cx.param("partner")?).await })
}

async fn view(cx: &PageCx, id: PartnerId) -> Result<View> {
    let detail = cx.ask(GetPartner { partner: id }).await?;
    let partner = &detail.partner;
    let (tiers, kinds) = choices(cx).await?;
    let main = html! {
        (scoring::scorecard_markup(&detail.scorecard, cx.now, &cx.zone))
        (controls_card(&detail, &tiers))
        (people_card(cx, id).await?)
        (cx.decisions(&detail.decisions))
    };
    let aside = html! {
        (facts_card(cx, &detail, &kinds))
        (acts(cx, partner).await?)
        (cards(cx, cx.app.registry(), partner).await?)
        (ui::card("Timeline", &cx.history(&detail.timeline), &html! {}))
    };
    let body = html! {
        (missing(&detail))
        (figures(cx, &detail, &tiers, &kinds))
        (ui::grid("main-aside", &[main, aside]))
    };
    let line = html! {
        (ui::state_badge(partner.status.name())) " "
        @if let Some(tier) = &partner.tier { (ui::badge(Tone::Accent, &titled(&tiers, tier))) " " }
        (ui::id_chip(&partner.id.to_string()))
        @for clock in &detail.clocks { " " (ui::due_chip(clock.due_at, cx.now, &cx.zone)) }
    };
    let view = View::new(partner.name.clone(), body).line(line);
    Ok(if cx.is_partner() { view } else { view.crumb("Partners", "/partners") })
}

fn missing(detail: &PartnerDetail) -> Markup {
    if detail.missing.is_empty() {
        return match detail.terms_current {
            Some(false) => ui::alert(
                Tone::Warn,
                "The terms have changed since they were accepted",
                &html! { "The partnership goes on; an administrator of the partner accepts the new version at " a href="/terms" { "Terms" } "." },
                &[],
            ),
            _ => html! {},
        };
    }
    let body = html! { ol.reasons { @for reason in &detail.missing { li { (ui::why::reason(reason)) } } } };
    ui::alert(Tone::Warn, "The doors are closed until this is done", &body, &[])
}

fn figures(cx: &PageCx, detail: &PartnerDetail, tiers: &[(String, String)], kinds: &[(String, String)]) -> Markup {
    let partner = &detail.partner;
    let word =
        |key: &Option<String>, titles| key.as_deref().map_or_else(|| "None yet".to_owned(), |key| titled(titles, key));
    let tier = Stat::new("Tier", word(&partner.tier, tiers)).hint(html! {
        @if let Some(since) = partner.tier_since { "since " (ui::datetime(since, &cx.zone)) } @else { "not placed yet" }
    });
    let people = Stat::new("People", detail.people.to_string()).href("/people");
    let deals = Stat::new("Deals", "See all").href(format!("/deals?partner={}", partner.id));
    ui::stat_grid(&[tier, Stat::new("Archetype", word(&partner.archetype, kinds)), people, deals])
}

fn facts_card(cx: &PageCx, detail: &PartnerDetail, kinds: &[(String, String)]) -> Markup {
    let partner = &detail.partner;
    let text = |value: &Option<String>| html! { (value.as_deref().unwrap_or("–")) };
    let at = |value: Option<kernel::Timestamp>| {
        html! { @match value { Some(at) => (ui::datetime(at, &cx.zone)), None => "–" } }
    };
    let mut facts = vec![
        ("Legal name", text(&partner.legal_name)),
        ("Domain", text(&partner.domain)),
        ("Country", html! { (partner.country) }),
        ("VAT number", text(&partner.vat_number)),
        ("Register number", text(&partner.registration_number)),
        ("Time zone", html! { (partner.time_zone) }),
        ("Applied", at(Some(partner.applied_at))),
        ("Active since", at(partner.activated_at)),
    ];
    if let Some(terms) = &partner.terms {
        let link = if cx.is_partner() { "/terms".to_owned() } else { format!("/terms?partner={}", partner.id) };
        let accepted = html! { a href=(link) { (ui::humanize(&terms.key)) } ", accepted " (ui::datetime(terms.accepted_at, &cx.zone)) };
        facts.push(("Terms", accepted));
    }
    if let Some(run) = detail.onboarding {
        facts.push(("Onboarding", html! { a href=(format!("/onboarding/{run}")) { "See the stages" } }));
    }
    if let Some(manager) = &detail.manager_name {
        facts.push(("Partner manager", html! { (manager) }));
    }
    if let Some(contact) = &partner.contact {
        facts.push(("Contact", html! { (contact.name) " " span.muted { (contact.email) } }));
    }
    if let Some(wanted) = &partner.wanted {
        facts.push(("Applied as", html! { (titled(kinds, wanted)) }));
    }
    if let Some(message) = &partner.message {
        facts.push(("Message", html! { (message) }));
    }
    if let Some(note) = &partner.note {
        facts.push(("Reason", html! { (ui::humanize(&note.code)) ": " (note.text) }));
    }
    ui::card("Company", &ui::key_values(&facts), &html! {})
}

/// A value as people write it.
fn shown(value: &law::BenefitValue) -> String {
    match value {
        law::BenefitValue::Money(amount) => amount.pretty(),
        other => other.to_string(),
    }
}

/// `Gold tier`; other sources by their kind and what they are called.
fn granted_by(source: &str, reference: &str, tiers: &[(String, String)]) -> String {
    match source {
        "tier" => format!("{} tier", titled(tiers, reference)),
        _ => format!("{} {reference}", ui::humanize(source)),
    }
}

fn controls_card(detail: &PartnerDetail, tiers: &[(String, String)]) -> Markup {
    let columns = vec![Column::text("Control"), Column::text("Value"), Column::text("Granted by").secondary()];
    let rows = detail.controls.iter().map(|control| {
        let sources = html! {
            @for source in &control.sources {
                p title=(source.cites) {
                    (granted_by(&source.source, &source.reference, tiers)) ": " (shown(&source.value))
                    @if source.governs { " " (ui::badge(Tone::Good, "in effect")) }
                }
            }
        };
        Row::new(vec![html! { (control.title) }, html! { (shown(&control.value)) }, sources])
    });
    let empty = Empty::new("No limits or rights yet", "They come with the tier, at the end of the onboarding.");
    let table = Table::new("Limits and rights", columns).rows(rows).empty(empty);
    ui::card("Limits and rights", &html! { (table) }, &html! {})
}

async fn people_card(cx: &PageCx, id: PartnerId) -> Result<Markup> {
    if !cx.may("people.list") {
        return Ok(html! {});
    }
    let people = cx.ask(ListPeople { partner: Some(id), ..ListPeople::default() }).await?;
    let rows = people.items.iter().map(|person| {
        Row::new(vec![
            html! { (person.name) },
            html! { (person.email) },
            html! { (people::role(&person.role).map_or(person.role.as_str(), |role| role.title)) },
            ui::state_badge(person.status.name()),
        ])
        .href(format!("/people/{}", person.id))
    });
    let columns =
        vec![Column::text("Name"), Column::text("E-mail").secondary(), Column::text("Role"), Column::text("Status")];
    let empty = Empty::new("Nobody has joined yet", "The contact got an invitation when the company was taken in.");
    let table = Table::new("People", columns).rows(rows).empty(empty);
    Ok(ui::card("People", &html! { (table) }, &html! {}))
}

/// What this reader can do with the partner now.
async fn acts(cx: &PageCx, partner: &Partner) -> Result<Markup> {
    let id = partner.id.to_string();
    let fixed: [(&str, &str); 1] = [("partner", &id)];
    let standing = partner.status;
    let running = matches!(standing, Status::Active | Status::Onboarding);
    let may = |permission: &str| cx.may(permission) && !cx.is_partner();
    let body = html! {
        @if standing == Status::Applied && may("partners.accept_application") { (answer(cx, partner).await?) }
        @if standing == Status::Applied && may("partners.reject_application") {
            (cx.fold::<RejectApplication>("Turn down", &cx.path, &fixed))
        }
        @if standing == Status::Suspended && may("partners.reinstate") {
            (cx.button::<ReinstatePartner>("Reinstate", &fixed).primary())
        }
        @if cx.may("partners.update_profile") && (running || standing == Status::Applied) {
            (cx.fold::<UpdateProfile>("Correct the profile", &cx.path, &fixed))
        }
        @if running && may("partners.suspend") {
            (cx.fold::<SuspendPartner>("Suspend", &cx.path, &fixed))
        }
        @if (running || standing == Status::Suspended) && may("partners.end") {
            (cx.fold::<EndPartnership>("End the partnership", &cx.path, &fixed))
        }
    };
    Ok(if body.0.is_empty() {
        html! {}
    } else {
        ui::card("What you can do", &body, &html! {})
    })
}

/// One button for each archetype, the one that was applied for first.
async fn answer(cx: &PageCx, partner: &Partner) -> Result<Markup> {
    let (_, mut kinds) = choices(cx).await?;
    kinds.sort_by_key(|(key, _)| partner.wanted.as_ref() != Some(key));
    let id = partner.id.to_string();
    Ok(html! {
        @for (key, title) in &kinds {
            @let button = cx.button::<AcceptApplication>(&format!("Accept as {title}"), &[("partner", &id), ("archetype", key)]);
            @if partner.wanted.as_ref() == Some(key) { (button.primary()) } @else { (button) }
        }
    })
}
