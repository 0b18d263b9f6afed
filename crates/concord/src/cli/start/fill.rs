//! Fills a company's own name, currency and time zone into the files of a program.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use kernel::{Currency, Error, Result};

/// What a company says about itself; what it does not say stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Own {
    pub name: Option<String>,
    pub currency: Option<Currency>,
    pub zone: Option<String>,
}

impl Own {
    /// Name, currency and zone as they were given.
    pub fn given([own_name, own_currency, own_zone]: &[Option<String>; 3]) -> Result<Self> {
        let refuse = |field: &'static str| move |rule: String| Error::invalid(field, rule);
        own_name.as_deref().map_or(Ok(()), name).map_err(refuse("name"))?;
        own_zone.as_deref().map_or(Ok(()), zone).map_err(refuse("time_zone"))?;
        let own_currency = own_currency.as_deref().map(currency).transpose().map_err(refuse("currency"))?;
        Ok(Self { name: own_name.clone(), currency: own_currency, zone: own_zone.clone() })
    }
}

pub fn currency(text: &str) -> std::result::Result<Currency, String> {
    let wrong = |_| format!("`{text}` is not an ISO 4217 code; write it like EUR or USD");
    text.to_uppercase().parse().map_err(wrong)
}

pub fn zone(text: &str) -> std::result::Result<(), String> {
    let wrong = |_| format!("`{text}` is not an IANA time zone; write it like Europe/Berlin or America/New_York");
    TimeZone::get(text).map(|_| ()).map_err(wrong)
}

pub fn name(text: &str) -> std::result::Result<(), String> {
    if key(text).is_none() {
        return Err(format!("`{text}` gives no key for the program; a name has at least one Latin letter"));
    }
    if text.chars().any(char::is_control) || text.chars().count() > 100 {
        return Err(format!("`{text}` is too long or has control characters; a name has at most 100 characters"));
    }
    Ok(())
}

/// The key of a program of a company: small letters, digits and hyphens, beginning with a letter.
fn key(name: &str) -> Option<String> {
    let folded = name.to_lowercase();
    let words: Vec<&str> =
        folded.split(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit()).filter(|w| !w.is_empty()).collect();
    let joined = words.join("-");
    let key: String = joined.trim_start_matches(|c: char| !c.is_ascii_lowercase()).chars().take(64).collect();
    let key = key.trim_end_matches('-').to_owned();
    (!key.is_empty()).then_some(key)
}

/// The files with what the company says. Numbers are kept when the currency changes.
pub fn fill(files: &BTreeMap<String, String>, own: &Own) -> BTreeMap<String, String> {
    let mut filled = files.clone();
    let settings = files.get("program.toml").cloned().unwrap_or_default();
    if let Some(currency) = own.currency
        && let Some(old) = value(&settings, "currency")
    {
        for text in filled.values_mut() {
            *text = amounts(text, &old, currency);
        }
    }
    let Some(program) = filled.get_mut("program.toml") else { return filled };
    if let Some(currency) = own.currency {
        set(program, "currency", currency.code());
    }
    if let Some(zone) = &own.zone {
        set(program, "time_zone", zone);
    }
    if let Some(name) = &own.name {
        set(program, "title", &format!("{name} Partner Program"));
        set(program, "vendor", name);
        if let Some(key) = key(name) {
            set(program, "key", &key);
        }
        if let Some(old) = value(&settings, "vendor") {
            let brand = old.split(' ').next().unwrap_or_default().to_owned();
            let quoted = serde_json::json!(name).to_string();
            for (file, text) in filled.iter_mut().filter(|(file, _)| file.as_str() != "program.toml") {
                let name = if file.ends_with(".md") { name.as_str() } else { quoted.trim_matches('"') };
                *text = text.replace(&old, name);
                // A shipped program either names nobody ("Your company") or calls its vendor by the first word.
                if brand != "Your" {
                    *text = text.replace(&brand, name);
                }
            }
        }
    }
    filled
}

/// What a line such as `currency = "EUR"` says.
fn value(text: &str, field: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.strip_prefix(field)?.trim_start().strip_prefix('='))?;
    Some(line.trim().trim_matches('"').to_owned())
}

fn set(text: &mut String, field: &str, value: &str) {
    let named = |line: &str| line.strip_prefix(field).is_some_and(|rest| rest.trim_start().starts_with('='));
    // A text in JSON is one in TOML, too: both escape quotes and backslashes alike.
    let written = |line: &str| {
        if named(line) { format!("{field} = {}", serde_json::json!(value)) } else { line.to_owned() }
    };
    *text = text.lines().map(|line| written(line) + "\n").collect();
}

/// Amounts such as `EUR 1250.00` in another currency, with as many digits as that one has.
fn amounts(text: &str, old: &str, currency: Currency) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mark = format!("{old} ");
    while let Some(place) = rest.find(&mark) {
        let (before, after) = (&rest[..place], &rest[place + mark.len()..]);
        out.push_str(before);
        let end = after.find(|c: char| !c.is_ascii_digit() && !".,-".contains(c)).unwrap_or(after.len());
        let number = after[..end].trim_end_matches(['.', ',']);
        if number.contains(|c: char| c.is_ascii_digit()) && !before.ends_with(|c: char| c.is_ascii_alphanumeric()) {
            out.push_str(currency.code());
            out.push(' ');
            out.push_str(&digits(number, currency.exponent() as usize));
        } else {
            out.push_str(&mark);
            out.push_str(number);
        }
        rest = &after[number.len()..];
    }
    out + rest
}

fn digits(number: &str, places: usize) -> String {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if places == 0 {
        return whole.to_owned();
    }
    let fraction: String = fraction.chars().chain(std::iter::repeat('0')).take(places).collect();
    format!("{whole}.{fraction}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn amounts_change_their_currency_and_nothing_else() {
        for (text, currency, expected) in [
            ("from = \"EUR 20000.00\" # EUR 1,000.00, more", "USD", "from = \"USD 20000.00\" # USD 1,000.00, more"),
            ("EUR 0.40", "KWD", "KWD 0.400"),
            ("rate of EUR to pay; ends with EUR 5.00.", "JPY", "rate of EUR to pay; ends with JPY 5."),
            ("XEUR 5.00", "USD", "XEUR 5.00"),
        ] {
            assert_eq!(amounts(text, "EUR", currency.parse().unwrap()), expected);
        }
    }

    #[test]
    fn a_name_gives_a_key() {
        for (name, expected) in
            [("Acme & Sons GmbH", Some("acme-sons-gmbh")), ("3M Co.", Some("m-co")), ("株式会社", None), ("—", None)]
        {
            assert_eq!(key(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn every_shipped_program_stays_sound_in_other_currencies() {
        for program in law::shipped() {
            for code in ["EUR", "USD", "CHF", "KWD"] {
                let own = Own {
                    name: Some("Acme \"A\" Ltd".to_owned()),
                    currency: Some(code.parse().unwrap()),
                    zone: Some("Asia/Tokyo".to_owned()),
                };
                let files = fill(&program.files(), &own);
                let checked = law::lint(&files, &law::Catalog::standard(), None);
                assert!(checked.diagnostics.is_empty(), "{} {code}", law::render(&checked.diagnostics, &files));
                let settings = checked.program.unwrap().settings;
                assert_eq!((settings.key.as_str(), settings.vendor.as_str()), ("acme-a-ltd", "Acme \"A\" Ltd"));
                assert_eq!((settings.currency.code(), settings.time_zone.as_str()), (code, "Asia/Tokyo"));
            }
        }
    }
}
