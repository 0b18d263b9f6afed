//! The "why" panel: a decision in words first, its reasons with citation, evidence and remedy, the data on demand.

use kernel::{Audience, Reason};
use maud::{Markup, Render, html};

use crate::badge::Tone;
use crate::compare::code_block;
use crate::icon::{Icon, icon};
use crate::thing::{page_of, word_for};
use crate::words::prose;

/// A decision explained. Give only the reasons that the reader may see.
#[derive(Debug, Clone)]
pub struct Why {
    summary: String,
    tone: Tone,
    reasons: Vec<Reason>,
    law: Option<String>,
    basis: Option<String>,
    data: Vec<(String, String)>,
    recompute: Option<String>,
}

impl Why {
    pub fn new(tone: Tone, summary: impl Into<String>, reasons: &[Reason]) -> Self {
        Self {
            summary: summary.into(),
            tone,
            reasons: reasons.to_vec(),
            law: None,
            basis: None,
            data: Vec::new(),
            recompute: None,
        }
    }

    /// The version of the program it was decided under, such as `northwind/3`.
    pub fn law(mut self, version: impl Into<String>) -> Self {
        self.law = Some(version.into());
        self
    }

    /// Which rule decided, and when.
    pub fn basis(mut self, basis: impl Into<String>) -> Self {
        self.basis = Some(basis.into());
        self
    }

    /// Stored terms or facts as text, shown when asked for.
    pub fn data(mut self, caption: impl Into<String>, text: impl Into<String>) -> Self {
        self.data.push((caption.into(), text.into()));
        self
    }

    /// Where the decision is computed again from its stored inputs.
    pub fn recompute(mut self, href: impl Into<String>) -> Self {
        self.recompute = Some(href.into());
        self
    }
}

impl Render for Why {
    fn render(&self) -> Markup {
        html! {
            section class={ "card why " (self.tone.class()) } aria-label={ "Why: " (self.summary) @if let Some(basis) = &self.basis { ", " (basis) } } {
                header.card-head {
                    h2 { (icon(Icon::Law)) "Why" }
                    @if self.basis.is_some() || self.law.is_some() {
                        span.muted {
                            @if let Some(basis) = &self.basis { (basis) @if self.law.is_some() { " · " } }
                            @if let Some(law) = &self.law { "under " code { (law) } }
                        }
                    }
                }
                div.card-body {
                    p.why-summary { (self.summary) }
                    @if !self.reasons.is_empty() {
                        ol.reasons { @for reason in &self.reasons { li { (self::reason(reason)) } } }
                    }
                    @if !self.data.is_empty() {
                        details {
                            summary { "The data it was decided on" }
                            @for (caption, text) in &self.data { (code_block(caption, text)) }
                        }
                    }
                    @if let Some(href) = &self.recompute {
                        p.why-foot { a href=(href) { "Compute it again from the stored inputs" } }
                    }
                }
            }
        }
    }
}

/// One reason as a sentence with its citation, evidence and remedy.
pub fn reason(reason: &Reason) -> Markup {
    html! {
        p.reason-text {
            (prose(&reason.text))
            @if reason.audience == Audience::Vendor { " " span.badge.t-neutral { "vendor only" } }
        }
        @if reason.cites.is_some() || !reason.evidence.is_empty() {
            p.reason-basis {
                @if let Some(cites) = &reason.cites { span { "Rule " code { (cites) } } }
                @if !reason.evidence.is_empty() {
                    span { "Evidence " @for id in &reason.evidence { (evidence(id)) " " } }
                }
            }
        }
        @if let Some(remedy) = &reason.remedy { p.remedy { b { "What would help: " } (prose(remedy)) } }
    }
}

/// What a reason rests on: a link to the thing where it has a page, its id where it has none.
fn evidence(id: &str) -> Markup {
    match (word_for(id), page_of(id)) {
        (Some(word), Some(href)) => html! { a href=(href) { (word) } },
        (Some(word), None) => html! { span title=(id) { (word) } },
        (None, _) => html! { code { (id) } },
    }
}
