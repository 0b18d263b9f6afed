//! The public pages of signing in, and the recovery codes when they are shown.

use kernel::FieldError;
use maud::{Markup, html};
use ui::form::{Field, errors_summary, form, hidden};
use ui::public::card_page;
use ui::{Flash, Refilled, Tone, View, alert, button, flash};

use super::SecondFactorReady;
use super::password::SHORTEST;

/// What the pages before sign-in are headed with.
pub(crate) const BRAND: &str = "Concord";

/// The page of signing in. It posts to `/do/people.sign_in`; a refusal comes back as an error of the field `sign_in`.
pub fn sign_in_page(refilled: Option<&Refilled>, csrf: &str, next: &str) -> Markup {
    let errors = refilled.map(|refilled| refilled.errors.as_slice()).unwrap_or_default();
    let email = refilled.and_then(|refilled| refilled.values.get("email")).cloned().unwrap_or_default();
    let known = !email.is_empty();
    let mut email_field =
        Field::email("email", "E-mail address").value(email).autocomplete("username").required().errors(errors);
    let mut password = Field::password("password", "Password").required().errors(errors);
    if known {
        password = password.autofocus();
    } else {
        email_field = email_field.autofocus();
    }
    let body = html! {
        (refusal(errors))
        (hidden("next", next))
        (email_field)
        (password)
        (button(Tone::Accent, "Sign in"))
        p.muted { "Password forgotten, or device lost? An administrator of your company or of the program lets you in again." }
    };
    card_page(BRAND, "Sign in", "", &form("/do/people.sign_in", csrf, &body))
}

/// The second step of signing in, for those who have a second factor. It posts to `/do/people.finish_sign_in`.
pub fn code_page(ticket: &str, refilled: Option<&Refilled>, csrf: &str, next: &str) -> Markup {
    let errors = refilled.map(|refilled| refilled.errors.as_slice()).unwrap_or_default();
    // A recovery code has letters, so this is not the field for six digits.
    let code = Field::text("code", "Code").autocomplete("one-time-code").required().autofocus().errors(errors);
    let body = html! {
        (refusal(errors))
        (hidden("next", next))
        (hidden("ticket", ticket))
        (code.help("The six digits that your authenticator shows now, or one of your recovery codes."))
        (button(Tone::Accent, "Continue"))
    };
    card_page(BRAND, "Second factor", "", &form("/do/people.finish_sign_in", csrf, &body))
}

/// A refusal of the whole attempt stands above the fields.
fn refusal(errors: &[FieldError]) -> Markup {
    html! {
        @for error in errors.iter().filter(|error| error.field == "sign_in") { (flash(&Flash::bad(&error.rule))) }
    }
}

/// The cards of `/me` that look after password and second factor.
pub(crate) fn own_cards(
    cx: &ui::PageCx,
    email: &str,
    account: &super::Account,
    pending: Option<&super::PendingFactor>,
) -> Markup {
    html! {
        (ui::card("Second factor", &second_factor(cx, email, account, pending), &html! {}))
        @if cx.may("people.change_password") { (ui::card("Password", &password(cx, email), &html! {})) }
        (ui::card("Sessions", &sessions(cx, account), &html! {}))
    }
}

fn refilled<'a>(cx: &'a ui::PageCx, operation: &str) -> &'a [FieldError] {
    cx.refilled.as_ref().filter(|r| r.operation == operation).map(|r| r.errors.as_slice()).unwrap_or_default()
}

fn own_form(cx: &ui::PageCx, operation: &str, fields: &Markup, label: &str) -> Markup {
    let body = html! {
        (hidden("_return", "/me"))
        (hidden("_page", "/me"))
        (errors_summary(refilled(cx, operation)))
        (fields)
        (button(Tone::Accent, label))
    };
    form(&format!("/do/{operation}"), &cx.csrf, &body)
}

fn second_factor(
    cx: &ui::PageCx,
    email: &str,
    account: &super::Account,
    pending: Option<&super::PendingFactor>,
) -> Markup {
    let begin = "people.set_up_second_factor";
    let confirm = "people.confirm_second_factor";
    html! {
        @match (account.second_factor, account.second_factor_at) {
            (true, Some(at)) => p {
                (ui::badge(Tone::Good, "In use")) " since " (ui::datetime(at, &cx.zone)) ", "
                (account.recovery_codes_left) " recovery codes left."
            },
            _ => p.muted { "Not set up. A code from your phone then stands beside your password." },
        }
        @if let Some(pending) = pending {
            ol {
                li { "Open your authenticator app and add an account." }
                li { "Enter this key: " code { (pending.secret) } " – or open " a href=(pending.uri) { "this link" } " on the device itself." }
                li { "Enter the six digits that the app shows." }
            }
            @let code = Field::code("code", "Code").required().errors(refilled(cx, confirm));
            (own_form(cx, confirm, &html! { (code) }, "Confirm the second factor"))
        } @else {
            @let password = Field::password("password", "Your password").required().errors(refilled(cx, begin))
                .help("It is needed to replace the second factor that is in use.");
            @let fields = html! { @if account.second_factor { (whose(email)) (password) } };
            (own_form(cx, begin, &fields, if account.second_factor { "Replace it" } else { "Set it up" }))
        }
    }
}

/// Password managers want to know whose password it is.
fn whose(email: &str) -> Markup {
    html! { input type="text" name="username" value=(email) autocomplete="username" hidden; }
}

fn password(cx: &ui::PageCx, email: &str) -> Markup {
    let operation = "people.change_password";
    let errors = refilled(cx, operation);
    let help = format!("At least {SHORTEST} characters, not a common one, without your e-mail address.");
    let fields = html! {
        (whose(email))
        (Field::password("current_password", "Current password").required().errors(errors))
        (Field::password("new_password", "New password").autocomplete("new-password").required().help(help).errors(errors))
    };
    own_form(cx, operation, &fields, "Change the password")
}

fn sessions(cx: &ui::PageCx, account: &super::Account) -> Markup {
    html! {
        ul {
            @for session in &account.sessions {
                li { "Signed in " (ui::datetime(session.created_at, &cx.zone)) ", last used " (ui::ago(session.last_seen_at, cx.now, &cx.zone)) }
            }
        }
        (cx.button::<super::SignOut>("Sign out everywhere", &[("everywhere", "true")])
            .danger("Sign out everywhere?", "Every session of yours ends, this one too."))
    }
}

/// The recovery codes, after the second factor was confirmed.
pub(crate) fn shown_once(operation: &str, output: &serde_json::Value) -> Option<View> {
    if operation != "people.confirm_second_factor" {
        return None;
    }
    let ready: SecondFactorReady = serde_json::from_value(output.clone()).ok()?;
    let body = html! {
        (alert(Tone::Warn, "Keep these recovery codes now", &html! { p {
            "Each opens your account once if you lose your device. They are not shown again."
        } }, &[]))
        ul { @for code in &ready.recovery_codes { li { code { (code) } } } }
        p.actions { (ui::link_button(Tone::Accent, "I have kept them", "/")) }
    };
    Some(View::new("Your second factor is set up", body).crumb("Your account", "/me"))
}
