//! Pages before or beside the product: sign-in and error, a single card in the middle.

use kernel::Reason;
use maud::{Markup, html};

use crate::page::{Side, document, mark};
use crate::why;
use crate::words::prose;

/// A centered card with a form: sign-in, second factor, invitation, new password.
pub fn card_page(brand: &str, title: &str, line: &str, body: &Markup) -> Markup {
    let content = html! {
        main.public #main {
            p.public-brand { (mark()) b { (brand) } }
            section.card.public-card {
                h1 { (title) }
                @if !line.is_empty() { p.sub { (line) } }
                (body)
            }
        }
    };
    document(&format!("{title} · {brand}"), Side::Public, &content)
}

/// What went wrong, why, and what to do now.
#[derive(Debug, Clone, Copy)]
pub struct ErrorPage<'a> {
    pub brand: &'a str,
    pub status: u16,
    /// A sentence for the person who met it.
    pub sentence: &'a str,
    pub reasons: &'a [Reason],
    /// What would help, one sentence each.
    pub remedies: &'a [String],
    /// The request id, so that support finds the log line.
    pub request: Option<&'a str>,
}

pub fn error_page(error: &ErrorPage<'_>) -> Markup {
    let title = match error.status {
        401 => "Please sign in",
        403 => "Not allowed",
        404 => "Not found",
        409 | 412 => "It has changed",
        422 => "Something is missing",
        429 => "Too many requests",
        503 => "Please try again",
        status if status >= 500 => "Something broke on our side",
        _ => "That did not work",
    };
    let body = html! {
        p.error-sentence { (prose(error.sentence)) }
        @if !error.reasons.is_empty() {
            ol.reasons { @for reason in error.reasons { li { (why::reason(reason)) } } }
        }
        @if !error.remedies.is_empty() {
            h2 { "What you can do" }
            ul { @for remedy in error.remedies { li { (prose(remedy)) } } }
        }
        p.actions { a.btn.btn-primary href="/" { "Go to the start page" } @if error.status == 401 { a.btn href="/sign-in" { "Sign in" } } }
        p.muted.error-foot { "Status " (error.status) @if let Some(request) = error.request { " · request " code { (request) } } }
    };
    card_page(error.brand, title, "", &body)
}
