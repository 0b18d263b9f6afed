//! Buttons: plain ones, links that look like one, and forms of a single button that post.

use maud::{Markup, Render, html};

use crate::badge::Tone;

fn class_of(tone: Tone) -> &'static str {
    match tone {
        Tone::Accent => "btn btn-primary",
        Tone::Bad => "btn btn-danger",
        Tone::Neutral | Tone::Info | Tone::Good | Tone::Warn => "btn",
    }
}

/// A submit button for the form around it. `Tone::Accent` is the main act of the page, `Tone::Bad` a destructive one.
pub fn button(tone: Tone, label: &str) -> Markup {
    html! { button class=(class_of(tone)) type="submit" { (label) } }
}

/// A link that looks like a button.
pub fn link_button(tone: Tone, label: &str, href: &str) -> Markup {
    html! { a class=(class_of(tone)) href=(href) { (label) } }
}

/// A form of one button: `post_button("Approve", "/deals/deal_1/approval", &[], csrf)`.
pub fn post_button(label: &str, action: &str, hidden: &[(&str, &str)], csrf: &str) -> Markup {
    let mut post = PostButton::new(label, action, csrf);
    for (name, value) in hidden {
        post = post.hidden(*name, *value);
    }
    post.render()
}

/// The question before an act that cannot be taken back. Without script the form posts at once.
#[derive(Debug, Clone)]
pub struct Confirm {
    pub question: String,
    pub consequence: String,
}

/// [`post_button`] with a tone and a question.
#[derive(Debug, Clone)]
pub struct PostButton {
    label: String,
    action: String,
    csrf: String,
    hidden: Vec<(String, String)>,
    tone: Tone,
    confirm: Option<Confirm>,
    disabled_because: Option<String>,
}

impl PostButton {
    pub fn new(label: impl Into<String>, action: impl Into<String>, csrf: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            action: action.into(),
            csrf: csrf.into(),
            hidden: Vec::new(),
            tone: Tone::Neutral,
            confirm: None,
            disabled_because: None,
        }
    }

    pub fn hidden(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.hidden.push((name.into(), value.into()));
        self
    }

    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// Marks the act as the main one.
    pub fn primary(self) -> Self {
        self.tone(Tone::Accent)
    }

    /// Marks the act as destructive and asks first.
    pub fn danger(mut self, question: impl Into<String>, consequence: impl Into<String>) -> Self {
        self.tone = Tone::Bad;
        self.confirm = Some(Confirm { question: question.into(), consequence: consequence.into() });
        self
    }

    /// Shows the act but not as possible, with the reason: people learn what is missing instead of missing a button.
    pub fn disabled(mut self, because: impl Into<String>) -> Self {
        self.disabled_because = Some(because.into());
        self
    }
}

impl Render for PostButton {
    fn render(&self) -> Markup {
        if let Some(because) = &self.disabled_because {
            return html! {
                span.act-off { button.btn type="button" disabled title=(because) { (self.label) } small { (because) } }
            };
        }
        let question = self.confirm.as_ref().map(|c| c.question.as_str());
        let consequence = self.confirm.as_ref().map(|c| c.consequence.as_str());
        html! {
            form.act method="post" action=(self.action) data-confirm=[question] data-consequence=[consequence] {
                input type="hidden" name="csrf" value=(self.csrf);
                @for (name, value) in &self.hidden { input type="hidden" name=(name) value=(value); }
                (button(self.tone, &self.label))
            }
        }
    }
}
