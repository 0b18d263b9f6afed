//! Instants and deadlines in the reader's zone: machine-readable in `<time>`, exact on hover, short in the text.

use jiff::tz::TimeZone;
use kernel::time::{DAY, HOUR, MINUTE};
use kernel::{Day, Timestamp};
use maud::{Markup, html};

use crate::badge::Tone;
use crate::icon::{Icon, icon};

fn short(at: Timestamp, zone: &TimeZone) -> String {
    at.jiff().to_zoned(zone.clone()).strftime("%-d %b %Y, %H:%M").to_string()
}

fn exact(at: Timestamp, zone: &TimeZone) -> String {
    at.jiff().to_zoned(zone.clone()).strftime("%A, %-d %B %Y, %H:%M:%S %Z").to_string()
}

/// `22 Nov 2026, 07:01`, exact to the second on hover.
pub fn datetime(at: Timestamp, zone: &TimeZone) -> Markup {
    html! { time datetime=(at) title=(exact(at, zone)) { (short(at, zone)) } }
}

/// `22 Nov 2026`.
pub fn day(day: Day) -> Markup {
    html! { time datetime=(day) { (day.date().strftime("%-d %b %Y").to_string()) } }
}

/// `5 min ago` or `in 3 days`; the script keeps it current by the server's clock, not the reader's.
pub fn ago(at: Timestamp, now: Timestamp, zone: &TimeZone) -> Markup {
    html! { time datetime=(at) title=(exact(at, zone)) data-relative="ago" data-now=(now.micros() / 1000) { (ago_words(at, now)) } }
}

/// A clock as a chip: `due in 3 days`, `2 h late`, with the exact time in the reader's zone on hover.
pub fn due_chip(due: Timestamp, now: Timestamp, zone: &TimeZone) -> Markup {
    let left = due.since(now);
    let tone = match left {
        late if late < 0 => Tone::Bad,
        soon if soon < 2 * DAY => Tone::Warn,
        _ => Tone::Neutral,
    };
    html! {
        span class={ "badge due " (tone.class()) } {
            (icon(Icon::Clock))
            time datetime=(due) title=(exact(due, zone)) data-relative="due" data-now=(now.micros() / 1000) { (due_words(left)) }
        }
    }
}

fn ago_words(at: Timestamp, now: Timestamp) -> String {
    let passed = now.since(at);
    match passed {
        p if p.abs() < MINUTE => "just now".to_owned(),
        p if p > 0 => format!("{} ago", span(p)),
        p => format!("in {}", span(-p)),
    }
}

fn due_words(left: i64) -> String {
    match left {
        l if l.abs() < MINUTE => "due now".to_owned(),
        l if l > 0 => format!("due in {}", span(l)),
        l => format!("{} late", span(-l)),
    }
}

/// A length of time in its largest whole unit; the script's `span` says the same.
fn span(micros: i64) -> String {
    let (count, unit) = match micros {
        m if m < HOUR => (m / MINUTE, "min"),
        m if m < 2 * DAY => (m / HOUR, "h"),
        m if m < 90 * DAY => (m / DAY, "days"),
        m if m < 730 * DAY => (m / (30 * DAY), "months"),
        m => (m / (365 * DAY), "years"),
    };
    format!("{count}\u{a0}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_says_how_long_in_its_largest_unit() {
        for (left, words) in [
            (30_000_000, "due now"),
            (5 * MINUTE, "due in 5\u{a0}min"),
            (47 * HOUR, "due in 47\u{a0}h"),
            (3 * DAY, "due in 3\u{a0}days"),
            (-2 * HOUR, "2\u{a0}h late"),
            (-100 * DAY, "3\u{a0}months late"),
            (800 * DAY, "due in 2\u{a0}years"),
        ] {
            assert_eq!(due_words(left), words);
        }
    }
}
