//! The "why" panel: a decision in words first, its reasons with citation, evidence and remedy, the data on demand.

use kernel::{Audience, Reason};
use maud::{Markup, Render, html};

use crate::badge::Tone;
use crate::compare::code_block;
use crate::icon::{Icon, icon};

/// A decision explained. Give only the reasons that the reader may see.
#[derive(Debug, Clone)]
pub struct Why {
    summary: String,
    tone: Tone,
    reasons: Vec<Reason>,
    law: Option<String>,
    data: Vec<(String, String)>,
    recompute: Option<String>,
}

impl Why {
    pub fn new(tone: Tone, summary: impl Into<String>, reasons: &[Reason]) -> Self {
        Self { summary: summary.into(), tone, reasons: reasons.to_vec(), law: None, data: Vec::new(), recompute: None }
    }

    /// The version of the program it was decided under, such as `northwind/3`.
    pub fn law(mut self, version: impl Into<String>) -> Self {
        self.law = Some(version.into());
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
            section class={ "card why " (self.tone.class()) } aria-label="Why" {
                header.card-head {
                    h2 { (icon(Icon::Law)) "Why" }
                    @if let Some(law) = &self.law { span.muted { "decided under " code { (law) } } }
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
            (reason.text)
            @if reason.audience == Audience::Vendor { " " span.badge.t-neutral { "vendor only" } }
        }
        @if reason.cites.is_some() || !reason.evidence.is_empty() {
            p.reason-basis {
                @if let Some(cites) = &reason.cites { span { "Rule " code { (cites) } } }
                @if !reason.evidence.is_empty() {
                    span { "Evidence " @for id in &reason.evidence { code { (id) } " " } }
                }
            }
        }
        @if let Some(remedy) = &reason.remedy { p.remedy { b { "What would help: " } (remedy) } }
    }
}
