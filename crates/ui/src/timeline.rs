//! The history of one object: who did what, when, newest first.

use jiff::tz::TimeZone;
use kernel::Timestamp;
use maud::{Markup, html};

use crate::badge::Tone;
use crate::icon::{Icon, icon};
use crate::time::{ago, datetime};

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
                            @if let Some(href) = &entry.href { a href=(href) { (entry.what) } } @else { b { (entry.what) } }
                            " " span.muted { (entry.who) }
                        }
                        @if let Some(detail) = &entry.detail { div.detail { (detail) } }
                        p.when { (ago(entry.when, now, zone)) " · " (datetime(entry.when, zone)) }
                    }
                }
            }
        }
    }
}
