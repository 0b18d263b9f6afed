//! Messages: alerts inside a page, the flash after an act, and the empty state that says what to do next.

use maud::{Markup, html};

use crate::badge::Tone;
use crate::icon::{Icon, icon};

/// One sentence after an act, shown once at the top of the next page.
#[derive(Debug, Clone)]
pub struct Flash {
    pub tone: Tone,
    pub text: String,
}

impl Flash {
    pub fn good(text: impl Into<String>) -> Self {
        Self { tone: Tone::Good, text: text.into() }
    }

    pub fn bad(text: impl Into<String>) -> Self {
        Self { tone: Tone::Bad, text: text.into() }
    }

    pub fn info(text: impl Into<String>) -> Self {
        Self { tone: Tone::Info, text: text.into() }
    }
}

/// A flash message; errors interrupt a screen reader, good news wait.
pub fn flash(message: &Flash) -> Markup {
    let role = if message.tone == Tone::Bad { "alert" } else { "status" };
    html! {
        div class={ "flash " (message.tone.class()) } role=(role) data-flash {
            (icon(tone_icon(message.tone)))
            p { (crate::words::prose(&message.text)) }
        }
    }
}

/// A message inside the page, with what would help as a list under it.
pub fn alert(tone: Tone, title: &str, body: &Markup, remedies: &[String]) -> Markup {
    let role = if tone == Tone::Bad { "alert" } else { "note" };
    html! {
        div class={ "alert " (tone.class()) } role=(role) {
            (icon(tone_icon(tone)))
            div {
                p.alert-title { (title) }
                @if !body.0.is_empty() { div.alert-body { (body) } }
                @if !remedies.is_empty() {
                    ul.remedies { @for remedy in remedies { li { (remedy) } } }
                }
            }
        }
    }
}

/// What a list shows when it has nothing: why, and the next step.
#[derive(Debug, Clone)]
pub struct Empty {
    pub title: String,
    pub sentence: String,
    pub action: Option<Markup>,
}

impl Empty {
    pub fn new(title: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self { title: title.into(), sentence: sentence.into(), action: None }
    }

    pub fn action(mut self, action: Markup) -> Self {
        self.action = Some(action);
        self
    }
}

pub fn empty_state(empty: &Empty) -> Markup {
    html! {
        div.empty {
            (icon(Icon::Inbox))
            p.empty-title { (empty.title) }
            p { (empty.sentence) }
            @if let Some(action) = &empty.action { div.actions { (action) } }
        }
    }
}

pub(crate) fn tone_icon(tone: Tone) -> Icon {
    match tone {
        Tone::Good => Icon::Check,
        Tone::Warn => Icon::Warning,
        Tone::Bad => Icon::Stop,
        Tone::Neutral | Tone::Accent | Tone::Info => Icon::Info,
    }
}
