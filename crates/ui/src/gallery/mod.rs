//! Every component on one page, to look at and to test against.

mod decisions;
mod drawings;
mod figures;
mod forms;
mod lists;

use jiff::tz::TimeZone;
use kernel::Timestamp;
use maud::{Markup, PreEscaped, Render, html};

use crate::alert::Flash;
use crate::badge::Tone;
use crate::icon::Icon;
use crate::page::{Banner, Frame, NavItem, Side, SignOut, UserChip};
use crate::panel::{Tab, section, tabs};

/// The moment that every example is seen at: Sunday, 1 March 2026, 09:00 UTC.
const NOW: Timestamp = Timestamp::from_micros(1_772_355_600_000_000);

/// The whole gallery as a page of its own.
pub fn gallery() -> Markup {
    gallery_of(Side::Console)
}

/// The gallery as it looks on one side of the product.
pub fn gallery_of(side: Side) -> Markup {
    let zone = TimeZone::UTC;
    let parts = [
        ("Figures", figures::figures(&zone)),
        ("Lists", lists::lists(&zone)),
        ("Decisions and history", decisions::decisions(&zone)),
        ("Charts", drawings::charts()),
        ("Forms", forms::forms()),
        ("Icons", icons()),
    ];
    Frame::new("Gallery", side)
        .brand("Northwind Partners")
        .line("Every component of the design system, with believable content.")
        .crumb("Home", "/")
        .crumb("About", "/about")
        .nav(navigation())
        .user(user())
        .banner(Some(Banner {
            tone: Tone::Info,
            body: html! { span { "Demo: a year of a partner program, made from a seed." } a href="/about" { "What is this?" } },
            live: None,
        }))
        .flash(Some(Flash::good("Deal approved. Northwind Systems holds the customer until 30 May 2026.")))
        .actions(html! {
            (crate::action::link_button(Tone::Neutral, "Export", "/export"))
            (crate::action::link_button(Tone::Accent, "Register a deal", "/deals/new"))
        })
        .body(html! {
            (tabs("Parts", &[
                Tab::new("Overview", "#main", true),
                Tab::new("Deals", "#deals", false).count(128),
                Tab::new("Statements", "#statements", false),
                Tab::new("History", "#history", false),
            ]))
            @for (title, part) in &parts { (section(title, part)) }
        })
        .render()
}

fn navigation() -> Vec<NavItem> {
    let item = |section: &str, label: &str, icon: Icon, badge: Option<u64>| NavItem {
        section: section.to_owned(),
        label: label.to_owned(),
        href: format!("/{}", label.to_lowercase()),
        icon,
        active: label == "Deals",
        badge,
    };
    vec![
        item("", "Home", Icon::Home, None),
        item("", "Approvals", Icon::Inbox, Some(7)),
        item("Partners", "Partners", Icon::Partners, None),
        item("Partners", "Onboarding", Icon::Procedure, Some(3)),
        item("Partners", "Tiers", Icon::Star, None),
        item("Revenue", "Deals", Icon::Deals, None),
        item("Revenue", "Statements", Icon::Statement, None),
        item("Revenue", "Commissions", Icon::Money, None),
        item("Trust", "Gate", Icon::Gate, None),
        item("Trust", "Findings", Icon::Finding, Some(12)),
        item("Trust", "Log", Icon::Log, None),
        item("Program", "Law", Icon::Law, None),
        item("Program", "Integrations", Icon::Integration, None),
        item("Program", "Settings", Icon::Settings, None),
    ]
}

fn user() -> UserChip {
    UserChip {
        name: "Ines Moreau".to_owned(),
        line: "Head of Partnerships".to_owned(),
        links: vec![("Profile".to_owned(), "/me".to_owned()), ("View as partner".to_owned(), "/view-as".to_owned())],
        sign_out: Some(SignOut { action: "/sign-out".to_owned(), csrf: "token".to_owned() }),
    }
}

fn icons() -> Markup {
    html! {
        p { @for drawing in Icon::ALL { (crate::icon::icon(drawing)) (PreEscaped("&ensp;")) } }
    }
}
