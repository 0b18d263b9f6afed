//! A list page with filters, a table for bulk acts, and an empty one.

use jiff::tz::TimeZone;
use kernel::{Currency, Money};
use maud::{Markup, html};

use super::NOW;
use crate::alert::Empty;
use crate::badge::{Tone, state_badge};
use crate::figure::money;
use crate::list::{Filter, ListView};
use crate::panel::{card, grid, heading};
use crate::table::{Bulk, Column, Row, Table};
use crate::time::due_chip;

const DEALS: [(&str, &str, &str, i128, i64); 6] = [
    ("Brandt Logistik GmbH", "Northwind Systems", "pending_approval", 12_500_000, 26),
    ("Casa Verde Distribuição", "Atlantic Cloud", "approved", 4_850_000, 24 * 40),
    ("Oskarsson & Söner AB", "Fjord Consulting", "under_review", 23_000_000, 24 * 3),
    ("Meridian Health Trust", "Northwind Systems", "returned", 8_120_000, -7),
    ("Kestrel Freight Ltd", "Harbor Integrations", "closed_won", 31_999_950, 24 * 60),
    ("Ateliers Lavoisier", "Sud Conseil", "expired", 1_740_000, -24 * 9),
];

pub(super) fn lists(zone: &TimeZone) -> Markup {
    html! {
        (heading("Deals", "Open registrations of all partners.", &html! {}))
        (deals(zone))
        (grid("2", &[inbox(zone), card("Findings", &html! {
            (Table::new("Findings", vec![Column::text("Finding")])
                .empty(Empty::new("Nothing found", "All won deals have revenue and all revenue has a partner.")))
        }, &html! {})]))
    }
}

fn deals(zone: &TimeZone) -> ListView {
    let states = ["pending_approval", "approved", "rejected"].map(|s| (s.to_owned(), crate::words::humanize(s)));
    let columns = vec![
        Column::text("Customer").sort("customer"),
        Column::text("Partner").sort("partner").secondary(),
        Column::text("State"),
        Column::number("Value").sort("value"),
        Column::text("Clock").sort("due").secondary(),
    ];
    let rows = DEALS.map(|(customer, partner, state, value, hours)| {
        Row::new(vec![
            html! { (customer) },
            html! { (partner) },
            state_badge(state),
            money(Money::new(value, Currency::EUR)),
            due_chip(NOW.plus_hours(hours), NOW, zone),
        ])
        .href("/deals/1")
    });
    let total = Money::new(DEALS.iter().map(|deal| deal.3).sum(), Currency::EUR);
    let table = Table::new("Deals", columns).rows(rows).foot(vec![
        html! { "Together" },
        html! {},
        html! {},
        money(total),
        html! {},
    ]);
    ListView::new("/deals", &[("sort".to_owned(), "-value".to_owned())], table)
        .filter(Filter::search("q", "Search customers and partners"))
        .filter(Filter::choice("state", "State", states.to_vec()))
        .filter(Filter::day("since", "Since"))
        .next(Some("eyJ".to_owned()))
        .total("6,012 deals")
        .export("CSV", "/deals.csv")
        .export("JSON", "/deals.json")
}

fn inbox(zone: &TimeZone) -> Markup {
    let rows = DEALS.iter().take(3).enumerate().map(|(place, (customer, _, _, value, hours))| {
        Row::new(vec![
            html! { (customer) },
            money(Money::new(*value, Currency::EUR)),
            due_chip(NOW.plus_hours(*hours), NOW, zone),
        ])
        .select(format!("deal_{place}"))
        .tone(if *hours < 48 { Tone::Warn } else { Tone::Neutral })
    });
    let columns = vec![Column::text("Deal"), Column::number("Value"), Column::text("Clock")];
    let table = Table::new("Waiting for approval", columns).rows(rows).bulk(Bulk {
        action: "/approvals".to_owned(),
        csrf: "token".to_owned(),
        name: "deal".to_owned(),
        acts: vec![("Approve".to_owned(), "approve".to_owned()), ("Return".to_owned(), "return".to_owned())],
    });
    card("Waiting for approval", &html! { (table) }, &html! {})
}
