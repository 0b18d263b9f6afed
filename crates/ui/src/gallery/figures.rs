//! Tiles, badges, money, time, progress and messages.

use jiff::tz::TimeZone;
use kernel::{Currency, Day, Money, Rate};
use maud::{Markup, html};

use super::NOW;
use crate::action::{PostButton, button};
use crate::alert::{Empty, alert, empty_state};
use crate::badge::{Tone, badge, state_badge};
use crate::chart::sparkline;
use crate::figure::{Stat, delta, money, progress, rate, ring, stat_grid};
use crate::panel::{card, grid, id_chip, key_values};
use crate::time::{ago, datetime, day, due_chip};

pub(super) fn figures(zone: &TimeZone) -> Markup {
    html! {
        (tiles())
        (grid("2", &[facts(zone), standing(zone)]))
        (grid("2", &[messages(), acts()]))
    }
}

fn tiles() -> Markup {
    let course = [12.0, 14.0, 13.0, 17.0, 16.0, 21.0, 24.0, 23.0, 29.0, 31.0];
    stat_grid(&[
        Stat::new("Sourced revenue, 12 months", money(Money::new(482_315_000, Currency::EUR)))
            .hint(html! { (delta(Rate { scaled: 12_400_000 }, Tone::Good)) " on the year before" })
            .href("/revenue")
            .spark(sparkline("Sourced revenue, month by month", &course)),
        Stat::new("Open deals", "128")
            .hint("14 expire within 30 days")
            .href("/deals")
            .spark(sparkline("Open deals", &[31.0, 28.0, 30.0, 26.0, 27.0, 22.0, 24.0])),
        Stat::new("Owed to partners", money(Money::new(8_764_218, Currency::EUR))).hint("paid on 15 March"),
        Stat::new("Gate, 99th percentile", "3.8 ms")
            .hint(html! { (delta(Rate { scaled: -8_000_000 }, Tone::Good)) " this week" }),
    ])
}

fn facts(zone: &TimeZone) -> Markup {
    let body = key_values(&[
        ("Deal", id_chip("deal_01j9x2m4k7qw8r5t")),
        ("Customer", html! { a href="/customers/1" { "Brandt Logistik GmbH" } }),
        ("Value", money(Money::new(12_500_000, Currency::EUR))),
        ("Credit note", money(Money::new(-45_000, Currency::EUR))),
        ("Commission", rate(Rate::percent(20))),
        ("State", state_badge("pending_approval")),
        ("Decision", due_chip(NOW.plus_hours(26), NOW, zone)),
        ("Protected until", Day::new(2026, 5, 30).map(day).unwrap_or_default()),
        ("Registered", html! { (ago(NOW.plus_days(-4), NOW, zone)) " · " (datetime(NOW.plus_days(-4), zone)) }),
    ]);
    card("Registration", &body, &html! { a href="/deals/1/edit" { "Edit" } })
}

fn standing(zone: &TimeZone) -> Markup {
    let body = html! {
        (grid("2", &[ring(72, "to Gold tier"), ring(100, "Certifications held")]))
        (progress("Certified engineers", 3, 5))
        (progress("Training completed", 9, 10))
        p {
            @for (tone, word) in [(Tone::Neutral, "Draft"), (Tone::Info, "In review"), (Tone::Good, "Approved"),
                (Tone::Warn, "Action required"), (Tone::Bad, "Rejected"), (Tone::Accent, "Gold")] { (badge(tone, word)) " " }
        }
        p {
            (due_chip(NOW.plus_days(12), NOW, zone)) " " (due_chip(NOW.plus_hours(5), NOW, zone)) " "
            (due_chip(NOW.plus_hours(-2), NOW, zone))
        }
    };
    card("Standing", &body, &html! {})
}

fn messages() -> Markup {
    html! {
        (alert(Tone::Warn, "Two certifications lapse this month", &html! { p { "Silver needs three certified engineers." } },
            &["Book the renewal exam for A. Brandt by 14 March.".to_owned()]))
        (alert(Tone::Bad, "The customer is claimed by another partner", &html! { p { "You are second in the queue." } }, &[]))
        (alert(Tone::Info, "The program changes on 1 April", &html! {}, &[]))
        (empty_state(&Empty::new("No statements yet", "The first one is produced on 1 April, after your first won deal.")
            .action(button(Tone::Neutral, "Import revenue"))))
    }
}

fn acts() -> Markup {
    let body = html! {
        div.actions {
            (PostButton::new("Approve", "/deals/1/approval", "token").primary())
            (PostButton::new("Return", "/deals/1/return", "token").hidden("reason", "info_needed"))
            (PostButton::new("Withdraw", "/deals/1/withdrawal", "token")
                .danger("Withdraw this deal?", "The customer becomes free for the next claim in the queue."))
        }
        p { (PostButton::new("Renew", "/deals/1/renewals", "token").disabled("renewals open 30 days before the end")) }
    };
    card("Acts", &body, &html! {})
}
