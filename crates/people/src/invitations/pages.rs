//! The public page of an invitation, and the link when it is shown.

use maud::{Markup, html};
use ui::form::{Field, errors_summary, form, hidden};
use ui::public::card_page;
use ui::{Flash, Refilled, Tone, View, alert, button, flash};

use super::{Invitation, Invited};
use crate::roles::role;
use crate::sign_in::BRAND;

/// The page behind the link of an invitation; `None` is a link that no longer works. It posts to
/// `/do/people.accept_invitation`.
pub fn accept_invitation_page(
    token: &str,
    invitation: Option<&Invitation>,
    refilled: Option<&Refilled>,
    csrf: &str,
) -> Markup {
    let Some(invitation) = invitation else {
        let sentence = Flash::bad("This link does not work any more: it was used, withdrawn, or is older than a week.");
        let body = html! {
            (flash(&sentence))
            p { "Ask the person who invited you for a new one. If you have an account already, sign in." }
            (ui::link_button(Tone::Accent, "Sign in", "/sign-in"))
        };
        return card_page(BRAND, "Invitation", "", &body);
    };
    let errors = refilled.map(|refilled| refilled.errors.as_slice()).unwrap_or_default();
    let name = refilled.and_then(|r| r.values.get("name")).unwrap_or(&invitation.name);
    let title = role(&invitation.role).map_or(invitation.role.as_str(), |role| role.title);
    let body = html! {
        (errors_summary(errors))
        (hidden("token", token))
        (Field::email("username", "E-mail address").value(&invitation.email).autocomplete("username"))
        (Field::text("name", "Your name").value(name).autocomplete("name").required().errors(errors))
        (Field::password("password", "Choose a password").autocomplete("new-password").required().errors(errors)
            .help("At least 12 characters, such as four unrelated words."))
        (button(Tone::Accent, "Join"))
    };
    let line = format!("You are invited to join as {title}.");
    card_page(BRAND, "Welcome", &line, &form("/do/people.accept_invitation", csrf, &body))
}

/// The link, after somebody was invited.
pub(crate) fn shown_once(operation: &str, output: &serde_json::Value) -> Option<View> {
    if operation != "people.invite" {
        return None;
    }
    let invited: Invited = serde_json::from_value(output.clone()).ok()?;
    let body = html! {
        (alert(Tone::Good, "The invitation is made", &html! { p {
            "Mail goes to " (invited.email) " if this installation sends mail. You can also hand over this link; it works once, for a week, and is not shown again."
        } }, &[]))
        p { a href=(invited.link) { code { (invited.link) } } }
        p.actions { (ui::link_button(Tone::Neutral, "Back to people", "/people")) }
    };
    Some(View::new("Invited", body).crumb("People", "/people"))
}
