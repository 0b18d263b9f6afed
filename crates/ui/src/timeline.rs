//! The history of one object: who did what, when, newest first.

use jiff::tz::TimeZone;
use kernel::Timestamp;
use maud::{Markup, html};

use crate::badge::Tone;
use crate::icon::{Icon, icon};
use crate::time::{ago, datetime};
use crate::words::prose;

/// One line of a history.
#[derive(Debug, Clone)]
pub struct Entry {
    pub when: Timestamp,
    pub who: String,
    pub what: String,
    pub detail: Option<Markup>,
    pub href: Option<String>,
    pub icon: Icon,
    pub tone: Tone,
}

impl Entry {
    pub fn new(when: Timestamp, who: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            when,
            who: who.into(),
            what: what.into(),
            detail: None,
            href: None,
            icon: Icon::Info,
            tone: Tone::Neutral,
        }
    }

    pub fn detail(mut self, detail: Markup) -> Self {
        self.detail = Some(detail);
        self
    }

    pub fn href(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }

    pub fn mark(mut self, tone: Tone, icon: Icon) -> Self {
        self.tone = tone;
        self.icon = icon;
        self
    }
}

pub fn timeline(entries: &[Entry], now: Timestamp, zone: &TimeZone) -> Markup {
    html! {
        ol.timeline {
            @for entry in entries {
                li {
                    span class={ "dot " (entry.tone.class()) } { (icon(entry.icon)) }
                    div.entry {
                        p {
                            @if let Some(href) = &entry.href { a href=(href) { (prose(&entry.what)) } } @else { b { (prose(&entry.what)) } }
                            @if let Some(who) = by(&entry.who) { " " span.muted { (who) } }
                        }
                        @if let Some(detail) = &entry.detail { div.detail { (detail) } }
                        p.when { (ago(entry.when, now, zone)) " · " (datetime(entry.when, zone)) }
                    }
                }
            }
        }
    }
}

/// Who did it, in words: the part of the system without the id of its source, and nobody where nobody was signed in.
fn by(who: &str) -> Option<String> {
    match who.split_once(" (webhook:") {
        Some((name, _)) => Some(format!("{name} (webhook)")),
        None => Some(who).filter(|who| !who.is_empty() && *who != "Nobody in particular").map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_history_names_people_and_no_ids() {
        for (who, shown) in [
            ("Vera Lindqvist", Some("Vera Lindqvist")),
            ("Concord (webhook:src_01m88c0677e00svbd0yjvk14s0)", Some("Concord (webhook)")),
            ("Nobody in particular", None),
            ("", None),
        ] {
            assert_eq!(super::by(who).as_deref(), shown);
        }
    }
}
