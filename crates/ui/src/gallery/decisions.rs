//! Why panels, stages, history, differences and comparisons.

use jiff::tz::TimeZone;
use kernel::Reason;
use maud::{Markup, Render, html};

use super::NOW;
use crate::badge::Tone;
use crate::compare::{Change, comparison, diff_list};
use crate::icon::Icon;
use crate::panel::{card, grid};
use crate::steps::{Step, StepState, steps};
use crate::timeline::{Entry, timeline};
use crate::why::Why;

pub(super) fn decisions(zone: &TimeZone) -> Markup {
    html! {
        (card("Onboarding", &stages(), &html! {}))
        (grid("main-aside", &[
            html! { (why().render()) (card("Conflict", &conflict(), &html! {})) },
            html! { (card("History", &history(zone), &html! {})) (card("Changed by northwind/4", &changes(), &html! {})) },
        ]))
    }
}

fn stages() -> Markup {
    steps(&[
        Step::new("Application", StepState::Done).note(html! { "12 January" }),
        Step::new("Due diligence", StepState::Done).note(html! { "26 January" }),
        Step::new("Agreement", StepState::Current).note(html! { "waits for the partner" }),
        Step::new("Training", StepState::Waiting),
        Step::new("First deal", StepState::Waiting),
    ])
}

fn why() -> Why {
    let reasons = [
        Reason::new(
            "earlier_registration",
            "Northwind Systems registered this customer on 25 February, four days before Atlantic Cloud.",
        )
        .citing("deals.toml: registration.tie_break")
        .resting_on("deal_01j9x2m4")
        .resting_on("deal_01j9x7c1")
        .for_vendor(),
        Reason::new(
            "same_customer",
            "Brandt Logistik GmbH and BRANDT Logistik are the same customer: both use brandt-logistik.de.",
        )
        .citing("deals.toml: registration.identity"),
        Reason::new("queued", "The claim of Atlantic Cloud waits behind it.")
            .remedy("It moves up by itself if the protection lapses on 30 May 2026 without activity."),
    ];
    Why::new(Tone::Good, "Approved: the first valid claim wins, and both partners are in the same tier.", &reasons)
        .law("northwind/3")
        .data("Facts", "{\n  \"customer\": \"brandt-logistik.de\",\n  \"claims\": 2\n}")
        .recompute("/decisions/decision_1/explanation")
}

fn conflict() -> Markup {
    comparison(
        &["Northwind Systems", "Atlantic Cloud"],
        &[
            ("Customer", vec!["Brandt Logistik GmbH".to_owned(), "BRANDT Logistik".to_owned()]),
            ("Domain", vec!["brandt-logistik.de".to_owned(), "brandt-logistik.de".to_owned()]),
            ("Registered", vec!["25 Feb 2026".to_owned(), "1 Mar 2026".to_owned()]),
            ("Tier", vec!["Silver".to_owned(), "Silver".to_owned()]),
            ("Proof", vec!["Meeting notes".to_owned(), "–".to_owned()]),
        ],
    )
}

fn history(zone: &TimeZone) -> Markup {
    let entries = [
        Entry::new(NOW.plus_hours(-2), "Ines Moreau", "Deal approved")
            .mark(Tone::Good, Icon::Tick)
            .href("/decisions/1"),
        Entry::new(NOW.plus_days(-1), "Jonas Brandt", "Proof added")
            .mark(Tone::Info, Icon::Document)
            .detail(html! { "Notes of the meeting on 24 February" }),
        Entry::new(NOW.plus_days(-3), "Clock", "Reminder sent").mark(Tone::Warn, Icon::Bell),
        Entry::new(NOW.plus_days(-4), "Jonas Brandt", "Deal registered").mark(Tone::Neutral, Icon::Plus),
    ];
    timeline(&entries, NOW, zone)
}

fn changes() -> Markup {
    diff_list(&[
        Change::new("Protection", Some("90 days".to_owned()), Some("120 days".to_owned())),
        Change::new("Silver discount", None, Some("12%".to_owned())),
        Change::new("Referral bonus", Some("€250.00".to_owned()), None),
    ])
}
