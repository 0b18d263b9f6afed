//! What surrounds fields: the form itself, groups, hidden values and the summary of refusals.

use kernel::FieldError;
use maud::{Markup, html};

use super::field::id_of;
use crate::badge::Tone;
use crate::words::humanize;

/// A value that travels with the form.
pub fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// A posting form with its CSRF token; the body brings fields and button.
pub fn form(action: &str, csrf: &str, body: &Markup) -> Markup {
    html! { form.form method="post" action=(action) { (hidden("csrf", csrf)) (body) } }
}

/// Fields that belong together.
pub fn group(legend: &str, fields: &Markup) -> Markup {
    html! { fieldset { legend { (legend) } (fields) } }
}

/// All refusals at the top of a form, each leading to its field.
pub fn errors_summary(errors: &[FieldError]) -> Markup {
    errors_summary_as("", errors)
}

/// [`errors_summary`] of a form whose fields have that scope.
pub fn errors_summary_as(scope: &str, errors: &[FieldError]) -> Markup {
    if errors.is_empty() {
        return html! {};
    }
    let list = html! {
        ul {
            @for error in errors {
                li { a href={ "#" (id_of(scope, &error.field)) } { (humanize(&error.field)) } ": " (error.rule) }
            }
        }
    };
    crate::alert::alert(Tone::Bad, "Please check what you entered", &list, &[])
}
