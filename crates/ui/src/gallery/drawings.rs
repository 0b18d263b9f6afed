//! Every chart with a year of figures.

use kernel::Currency;
use maud::{Markup, html};

use crate::chart::{Chart, Unit, Width, bars, donut, histogram, horizontal_bars, line};
use crate::panel::{card, grid};

const SOURCED: [f64; 12] = [21e6, 24e6, 23e6, 29e6, 31e6, 30e6, 36e6, 33e6, 41e6, 46e6, 44e6, 52e6];
const INFLUENCED: [f64; 12] = [14e6, 13e6, 17e6, 16e6, 19e6, 22e6, 20e6, 25e6, 24e6, 27e6, 31e6, 29e6];

fn months() -> Vec<String> {
    ["Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb"].map(str::to_owned).to_vec()
}

pub(super) fn charts() -> Markup {
    let euro = Unit::Money(Currency::EUR);
    let revenue =
        Chart::new("Partner revenue", euro, months()).series("Sourced", SOURCED).series("Influenced", INFLUENCED);
    let usage = Chart::new("Usage", euro, months()).series("Usage", SOURCED.map(|v| v * 0.3)).filled();
    let groups = Chart::new("Deals by month", Unit::Count, months())
        .series("Won", [8.0, 11.0, 9.0, 14.0, 12.0, 13.0, 17.0, 15.0, 19.0, 22.0, 18.0, 24.0])
        .series("Lost", [5.0, 4.0, 7.0, 6.0, 5.0, 8.0, 6.0, 9.0, 7.0, 8.0, 9.0, 7.0]);
    let commissions = Chart::new("Commission and clawback", euro, months())
        .series("Resale", SOURCED.map(|v| v * 0.1))
        .series("Referral", INFLUENCED.map(|v| v * 0.06))
        .series("Clawback", INFLUENCED.map(|v| v * -0.02))
        .filled();
    let by_partner =
        [("Northwind Systems", 182e6), ("Atlantic Cloud", 121e6), ("Fjord Consulting", 88e6), ("Sud Conseil", 31e6)]
            .map(|(name, value)| (name.to_owned(), value, Some("/partners/1".to_owned())));
    let by_type = [("Resale", 241e6), ("Referral", 96e6), ("Marketplace", 54e6), ("Services", 23e6)]
        .map(|(name, value)| (name.to_owned(), value));
    let latency = [(0.5, 120), (1.0, 480), (2.0, 910), (4.0, 610), (8.0, 140), (16.0, 22), (32.0, 3)];
    let days: Vec<String> = (1..=28).map(|day| format!("{day} Feb")).collect();
    let decided = Chart::new("Gate decisions by day", Unit::Count, days)
        .series("Allowed", (1..=28).map(|day: u32| f64::from(41_000 + day * 700 + (day * day * 7919) % 9000)))
        .series("Warned", (1..=28).map(|day: u32| f64::from(6_000 + (day * day * 104_729) % 4000)))
        .width(Width::Full)
        .filled();
    let none = html! {};
    html! {
        (card("", &line(&decided), &none))
        (grid("2", &[
            html! { (card("", &line(&revenue), &none)) (card("", &bars(&groups), &none)) },
            html! { (card("", &line(&usage), &none)) (card("", &bars(&commissions), &none)) },
        ]))
        (grid("3", &[
            card("", &horizontal_bars("Revenue by partner", euro, &by_partner), &none),
            card("", &donut("Revenue by motion", euro, &by_type), &none),
            card("", &histogram("Gate decisions", &latency, &[("p50", 1.4), ("p99", 7.9)]), &none),
        ]))
    }
}
