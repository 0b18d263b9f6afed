//! The public page of choosing a new password, and the link when it is shown.

use maud::{Markup, html};
use ui::form::{Field, errors_summary, form, hidden};
use ui::public::card_page;
use ui::{Flash, Refilled, Tone, View, alert, button, flash};

use super::PasswordReset;
use crate::members::PersonSummary;
use crate::sign_in::BRAND;

/// The page behind the link; without a person the link no longer works. It posts to `/do/people.choose_password`.
pub fn choose_password_page(
    token: &str,
    person: Option<&PersonSummary>,
    refilled: Option<&Refilled>,
    csrf: &str,
) -> Markup {
    let Some(person) = person else {
        let sentence = Flash::bad("This link does not work any more: it was used, replaced, or is older than a day.");
        let body = html! {
            (flash(&sentence))
            p { "Ask an administrator for a new one." }
            (ui::link_button(Tone::Accent, "Sign in", "/sign-in"))
        };
        return card_page(BRAND, "New password", "", &body);
    };
    let errors = refilled.map(|refilled| refilled.errors.as_slice()).unwrap_or_default();
    let body = html! {
        (errors_summary(errors))
        (hidden("token", token))
        (Field::email("username", "E-mail address").value(&person.email).autocomplete("username"))
        (Field::password("password", "Choose a password").autocomplete("new-password").required().autofocus()
            .errors(errors).help("At least 12 characters, such as four unrelated words."))
        (button(Tone::Accent, "Use this password"))
    };
    let line = "Sessions that are still open end, and you sign in with the new password.";
    card_page(BRAND, "New password", line, &form("/do/people.choose_password", csrf, &body))
}

/// The link, after it was made.
pub(crate) fn shown_once(operation: &str, output: &serde_json::Value) -> Option<View> {
    if operation != "people.reset_password" {
        return None;
    }
    let reset: PasswordReset = serde_json::from_value(output.clone()).ok()?;
    let body = html! {
        (alert(Tone::Good, "Hand over this link", &html! { p {
            "With it " (reset.email) " chooses a new password. It works once, for a day, and is not shown again. Make "
            "sure that you talk to the right person: the link is as good as the password."
        } }, &[]))
        p { a href=(reset.link) { code { (reset.link) } } }
        p.actions { (ui::link_button(Tone::Neutral, "Back to people", "/people")) }
    };
    Some(View::new("A link for a new password", body).crumb("People", "/people"))
}
