//! Turning names for programs into words for people.

use jiff::tz::TimeZone;
use kernel::Timestamp;
use maud::{Markup, html};

/// `pending_approval` becomes `Pending approval`; text that already has words keeps its spelling.
pub fn humanize(name: &str) -> String {
    let last = name.rsplit('.').next().unwrap_or(name);
    let mut words = last.replace(['_', '-'], " ");
    if let Some(first) = words.chars().next() {
        let upper: String = first.to_uppercase().collect();
        words.replace_range(..first.len_utf8(), &upper);
    }
    for short in ["Id", "Url", "Vat", "Api", "Crm", "Mdf", "Sla"] {
        if words == short {
            return short.to_uppercase();
        }
        if let Some(rest) = words.strip_prefix(&format!("{short} ")) {
            return format!("{} {rest}", short.to_uppercase());
        }
    }
    if words == "Co sell" { "Co-sell".to_owned() } else { words }
}

/// Text from comments, events and reasons: what stands between backticks is set as code, as it was meant, and instants
/// read as people write them.
pub fn prose(text: &str) -> Markup {
    // An odd backtick is one that somebody typed.
    if text.matches('`').count() % 2 == 1 {
        return html! { (instants(text)) };
    }
    html! {
        @for (place, part) in text.split('`').enumerate() {
            @if place % 2 == 1 { code { (part) } } @else { (instants(part)) }
        }
    }
}

/// `2026-05-31T22:00:00Z` becomes `31 May 2026, 22:00 UTC`; the words around it stay.
fn instants(text: &str) -> String {
    let spoken = |word: &str| -> Option<String> {
        let bare = word.trim_end_matches([',', '.', ';', ')']);
        let instant = bare.len() >= 20 && bare.ends_with('Z') && bare.as_bytes().get(10) == Some(&b'T');
        let at: Timestamp = instant.then(|| bare.parse().ok()).flatten()?;
        let said = at.jiff().to_zoned(TimeZone::UTC).strftime("%-d %b %Y, %H:%M UTC").to_string();
        Some(format!("{said}{}", &word[bare.len()..]))
    };
    text.split(' ').map(|word| spoken(word).unwrap_or_else(|| word.to_owned())).collect::<Vec<_>>().join(" ")
}

/// 1234567 becomes `1,234,567`.
pub fn grouped(number: i128) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('−');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 deal`, `2 deals`: regular plurals only.
pub fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(i128::from(count)))
}

#[cfg(test)]
mod tests {
    use super::prose;

    #[test]
    fn backticks_become_code_and_text_stays_text() {
        for (text, shown) in [
            ("such as `DE`.", "such as <code>DE</code>."),
            ("an odd ` one", "an odd ` one"),
            ("`<b>`", "<code>&lt;b&gt;</code>"),
            ("plain", "plain"),
            ("two  spaces", "two  spaces"),
            ("until 2029-10-28T23:00:00Z, verified", "until 28 Oct 2029, 23:00 UTC, verified"),
            ("in force from 2026-11-25T03:28:41.362059Z", "in force from 25 Nov 2026, 03:28 UTC"),
        ] {
            assert_eq!(prose(text).0, shown);
        }
    }
}
