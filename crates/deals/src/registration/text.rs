//! Checks of what comes in: texts are trimmed, not empty where they are needed, not endless; some acts are the vendor's.

use kernel::{Error, Result, Scope};

/// The longest text of one field.
const LONGEST: usize = 2_000;

/// A text that has to say something.
pub(crate) fn required(field: &str, text: &str) -> Result<String> {
    match optional(field, Some(text.to_owned()))? {
        Some(text) => Ok(text),
        None => Err(Error::invalid(field, "is empty; write at least a word")),
    }
}

/// A text that may be left out; blank is left out.
pub(crate) fn optional(field: &str, text: Option<String>) -> Result<Option<String>> {
    let Some(text) = text else { return Ok(None) };
    let text = text.trim();
    if text.chars().count() > LONGEST {
        return Err(Error::invalid(field, format!("is longer than {LONGEST} characters; shorten it")));
    }
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return Err(Error::invalid(field, "holds control characters; type it again without them"));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// What partners neither do nor see.
pub(crate) fn vendor_only(scope: &Scope, permission: &str) -> Result<()> {
    if scope.partner.is_none() {
        return Ok(());
    }
    let message = "this is for people of the vendor".to_owned();
    Err(Error::Forbidden { permission: permission.to_owned(), message })
}
