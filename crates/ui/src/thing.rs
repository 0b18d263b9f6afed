//! Things by their id: the word for each and where its page is, so that a screen links instead of showing a bare id.

use maud::{Markup, html};

use crate::panel::id_chip;

/// Prefix of the id, the word, and the path before the id; no path where such a thing has no page of its own.
const THINGS: [(&str, &str, &str); 25] = [
    ("ptr", "Partner", "/partners/"),
    ("deal", "Deal", "/deals/"),
    ("cus", "Customer", "/customers/"),
    ("opp", "Opportunity", "/deals/opportunities/"),
    ("cfl", "Conflict", "/deals/conflicts/"),
    ("per", "Person", "/people/"),
    ("run", "Onboarding", "/onboarding/"),
    ("fnd", "Finding", "/findings/"),
    ("stm", "Statement", "/money/statements/"),
    ("line", "Line of a statement", "/money/lines/"),
    ("ltx", "Transfer", "/money/ledger/transfers/"),
    ("doc", "Document", "/documents/"),
    ("dec", "Decision", "/decisions/"),
    ("log", "Log entry", "/log/entries/"),
    ("dead", "Dead letter", "/money/events/dead-letters/"),
    ("tok", "Token", ""),
    ("inv", "Invoice", ""),
    ("use", "Usage", ""),
    ("batch", "Batch of events", ""),
    ("ver", "Program version", ""),
    ("src", "Credential source", ""),
    ("upd", "Credential update", ""),
    ("evd", "Evidence", ""),
    ("clk", "Clock", ""),
    ("ivt", "Invitation", ""),
];

/// Whether the text is an id as this product makes them: a prefix, `_`, and a long tail without capitals.
pub fn is_id(text: &str) -> bool {
    text.split_once('_').is_some_and(|(prefix, tail)| {
        let plain = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
        (2..=6).contains(&prefix.len()) && prefix.bytes().all(plain) && tail.len() >= 20 && tail.bytes().all(plain)
    })
}

/// The word for the thing with that id, such as `Deal`.
pub fn word_for(id: &str) -> Option<&'static str> {
    if driver(id).is_some() {
        return Some("Driver");
    }
    known(id).map(|(_, word, _)| *word)
}

/// Where the page of the thing with that id is.
pub fn page_of(id: &str) -> Option<String> {
    if let Some(driver) = driver(id) {
        return Some(format!("/gate/drivers/{driver}"));
    }
    known(id).filter(|(_, _, path)| !path.is_empty()).map(|(_, _, path)| format!("{path}{id}"))
}

/// A thing as a link in words, with its id to copy beside it.
pub fn thing(id: &str) -> Markup {
    if let Some(part) = id.strip_prefix("system:") {
        return html! { "Concord (" (part.split(':').next().unwrap_or(part)) ")" };
    }
    let word = word_for(id);
    html! {
        @match (word, page_of(id)) {
            (Some(word), Some(href)) => { a href=(href) { (word) } " " },
            (Some(word), None) => { (word) " " },
            (None, _) => {},
        }
        @match driver(id) { Some(driver) => (driver), None => (id_chip(id)) }
    }
}

fn known(id: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    if !is_id(id) {
        return None;
    }
    let prefix = id.split_once('_')?.0;
    THINGS.iter().find(|(known, _, _)| *known == prefix)
}

/// Drivers have the names that their fleet gave them; only plain ones become a path.
fn driver(id: &str) -> Option<&str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    id.strip_prefix("driver:").filter(|name| !name.is_empty() && name.bytes().all(plain))
}

#[cfg(test)]
mod tests {
    use super::{is_id, page_of, thing, word_for};

    #[test]
    fn a_known_id_leads_to_its_page_in_words() {
        let deal = "deal_01kw9sqkw2e00rbmzbvwdrer0f";
        assert_eq!(page_of(deal).as_deref(), Some("/deals/deal_01kw9sqkw2e00rbmzbvwdrer0f"));
        assert!(thing(deal).0.contains(">Deal</a>"));
        assert_eq!(word_for("driver:drv_1"), Some("Driver"));
        assert_eq!(page_of("driver:drv_1").as_deref(), Some("/gate/drivers/drv_1"));
    }

    #[test]
    fn what_is_no_id_leads_nowhere() {
        for text in
            ["deal", "deal_", "deal_../../x", "won_deal", "driver:", "driver:a/../b", "Deal_01kw9sqkw2e00rbmzbvwdrer0f"]
        {
            assert!(!is_id(text), "{text}");
            assert_eq!(page_of(text), None, "{text}");
        }
    }

    #[test]
    fn a_part_of_the_system_has_no_id() {
        assert_eq!(thing("system:gate").0, "Concord (gate)");
        assert_eq!(thing("system:webhook:src_01m88c0677e00svbd0yjvk14s0").0, "Concord (webhook)");
    }

    #[test]
    fn a_thing_without_a_page_keeps_its_word() {
        assert_eq!(page_of("inv_7ga870ftwm64cf5gx5yddhtz0q"), None);
        assert!(thing("inv_7ga870ftwm64cf5gx5yddhtz0q").0.starts_with("Invoice "));
    }
}
