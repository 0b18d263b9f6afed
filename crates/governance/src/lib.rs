//! Governance: the rhythm in which a program is led: reviews with each partner and of the whole, with their packs as
//! documents; what partners ask for on the roadmap and why it is built or not; and a calendar of what is due.

pub mod calendar;
pub mod reviews;
pub mod roadmap;
#[cfg(test)]
mod stage;

/// Adds the operations, queries, pages and tables of governance.
pub fn install(registry: &mut kernel::Registry) {
    registry
        .migration("governance/001", include_str!("../migrations/001_governance.sql"))
        .sealed("business_review", "id")
        .sealed("review_action", "id")
        .sealed("roadmap_request", "id")
        .sealed("roadmap_voice", "id");
    reviews::install(registry);
    roadmap::install(registry);
    calendar::install(registry);
}

/// Refuses a partner what the company that runs the program does.
pub(crate) fn vendor_only(scope: &kernel::Scope, permission: &str) -> kernel::Result<()> {
    if scope.partner.is_none() {
        return Ok(());
    }
    let message = "this is done by the company that runs the program".to_owned();
    Err(kernel::Error::Forbidden { permission: permission.to_owned(), message })
}

/// A text that was asked for, trimmed.
pub(crate) fn words(field: &str, text: &str, most: usize, ask: &str) -> kernel::Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(kernel::Error::invalid(field, ask.to_owned()));
    }
    if text.chars().count() > most {
        return Err(kernel::Error::invalid(field, format!("is longer than {most} letters; shorten it or link to it")));
    }
    Ok(text.to_owned())
}
