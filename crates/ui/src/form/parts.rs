//! What surrounds fields: the form itself, groups, hidden values and the summary of refusals.

use std::collections::BTreeMap;

use kernel::FieldError;
use maud::{Markup, html};

use super::field::id_of;
use crate::badge::Tone;
use crate::words::{humanize, prose};

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
                li { a href={ "#" (id_of(scope, &error.field)) } { (humanize(&error.field)) } ": " (prose(&error.rule)) }
            }
        }
    };
    crate::alert::alert(Tone::Bad, "Please check what you entered", &list, &[])
}

/// Refusals that name no field get one where their text quotes what was typed into exactly one: so that `abc` is told
/// beside the amount that it was typed as.
pub fn blamed(mut errors: Vec<FieldError>, typed: &BTreeMap<String, String>) -> Vec<FieldError> {
    for error in errors.iter_mut().filter(|error| !typed.contains_key(&error.field)) {
        let quoted = |value: &str| !value.is_empty() && error.rule.contains(&format!("`{value}`"));
        let mut fields = typed.iter().filter(|(name, value)| !name.starts_with('_') && quoted(value));
        if let (Some((name, _)), None) = (fields.next(), fields.next()) {
            error.field.clone_from(name);
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kernel::{Error, FieldError};

    fn refused(field: &str, rule: &str) -> Vec<FieldError> {
        match Error::invalid(field, rule) {
            Error::Invalid(errors) => errors,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_refusal_finds_the_field_whose_value_it_quotes() {
        let typed = [("title", "x"), ("value", "abc"), ("note", "twice"), ("reason", "twice"), ("_page", "/x")];
        let typed: BTreeMap<String, String> = typed.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        for (field, rule, found) in [
            ("input", "amount: `abc` is not a decimal amount", "value"),
            ("input", "`twice` is not known", "input"),
            ("input", "`/x` is not a page", "input"),
            ("input", "something else", "input"),
            ("title", "`abc` does not fit", "title"),
        ] {
            assert_eq!(super::blamed(refused(field, rule), &typed)[0].field, found, "{rule}");
        }
    }
}
