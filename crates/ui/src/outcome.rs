//! The outcome of a rule as words: what was decided, without braces, raw instants and bare ids.

use jiff::tz::TimeZone;
use kernel::{Money, Timestamp};
use serde_json::{Map, Value as Json};

use crate::thing::{is_id, word_for};
use crate::words::humanize;

/// What a rule decided, in one line: `Approved, protected until 23 Feb 2027`.
pub fn outcome(outcome: &Json, zone: &TimeZone) -> String {
    match outcome {
        Json::Bool(true) => "Yes".to_owned(),
        Json::Bool(false) => "No".to_owned(),
        Json::Object(object) => sentence(object, zone),
        other => plain(other, zone).map_or_else(|| "Nothing".to_owned(), |text| capital(&text)),
    }
}

/// Details that the page of the decision shows better than a line does.
const QUIET: [&str; 2] = ["parties", "would_deny"];

/// The verdict first (`is`, `answer`), then everything that says something, and last what was said in whole sentences.
fn sentence(object: &Map<String, Json>, zone: &TimeZone) -> String {
    let verdict = ["is", "answer"].into_iter().find(|key| object.get(*key).is_some_and(Json::is_string));
    let head = verdict.and_then(|key| object.get(key)).and_then(Json::as_str).map(humanize);
    let rest = || object.iter().filter(|(key, _)| Some(key.as_str()) != verdict && !QUIET.contains(&key.as_str()));
    let parts: Vec<String> = head.into_iter().chain(rest().filter_map(|(key, value)| part(key, value, zone))).collect();
    let said: Vec<&str> = rest().filter_map(|(_, value)| sentences(value)).flatten().collect();
    let parts = if parts.is_empty() { things(object) } else { parts };
    match (parts.is_empty(), said.is_empty()) {
        (true, true) => "Nothing".to_owned(),
        (true, false) => said.join(" "),
        (false, true) => capital(&parts.join(", ")),
        (false, false) => format!("{}: {}", capital(&parts.join(", ")), said.join(" ")),
    }
}

/// `protected until 23 Feb 2027`; `None` for what is empty, zero, not so, or only an id.
fn part(key: &str, value: &Json, zone: &TimeZone) -> Option<String> {
    let name = key.replace('_', " ");
    match value {
        Json::Bool(so) => so.then_some(name),
        Json::Array(items) if items.is_empty() || sentences(value).is_some() => None,
        Json::Array(items) => Some(list(&name, items, zone)),
        Json::String(text) if is_id(text) => None,
        Json::String(text) if text.parse::<Money>().is_ok_and(Money::is_zero) => None,
        _ => plain(value, zone).map(|text| match key {
            // A key that only says what kind of word follows.
            "look" | "tier" | "basis" => text,
            _ => format!("{name} {text}"),
        }),
    }
}

/// The sentences of a list whose items carry one each.
fn sentences(value: &Json) -> Option<Vec<&str>> {
    let items = value.as_array().filter(|items| !items.is_empty())?;
    items.iter().map(|item| item.get("text").and_then(Json::as_str)).collect()
}

/// Where an outcome is nothing but ids: which things it names.
fn things(object: &Map<String, Json>) -> Vec<String> {
    let named = object.iter().filter(|(_, value)| value.as_str().is_some_and(is_id));
    named.map(|(key, _)| key.replace('_', " ")).collect()
}

/// Few plain words are shown, everything else is counted: `2 lines`.
fn list(name: &str, items: &[Json], zone: &TimeZone) -> String {
    let texts: Vec<String> = items.iter().filter_map(|item| plain(item, zone)).take(3).collect();
    if texts.len() == items.len() {
        return format!("{name}: {}", texts.join("; "));
    }
    let one = match name.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => name.strip_suffix('s').unwrap_or(name).to_owned(),
    };
    if items.len() == 1 { format!("1 {one}") } else { format!("{} {name}", items.len()) }
}

/// One value as people write it; `None` where it has no plain form.
fn plain(value: &Json, zone: &TimeZone) -> Option<String> {
    match value {
        Json::String(text) if text.is_empty() => None,
        Json::String(text) if is_id(text) => word_for(text).map(str::to_lowercase),
        Json::String(text) => Some(spoken(text, zone)),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(_) | Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

fn spoken(text: &str, zone: &TimeZone) -> String {
    let looks_like_an_instant = text.len() >= 20 && text.ends_with('Z') && text.as_bytes().get(10) == Some(&b'T');
    if let Some(at) = looks_like_an_instant.then(|| text.parse::<Timestamp>().ok()).flatten() {
        return at.jiff().to_zoned(zone.clone()).strftime("%-d %b %Y, %H:%M").to_string();
    }
    if let Ok(amount) = text.parse::<Money>() {
        return amount.pretty();
    }
    let name = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if name { text.replace('_', " ") } else { text.to_owned() }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use serde_json::{Value as Json, json};

    #[test]
    fn outcomes_read_as_sentences() {
        let parties = json!([{ "owner": "Fleet", "enforcer": "platform" }]);
        let fired = json!([{ "policy": "medical-valid", "text": "The order needs a valid medical certificate." }]);
        let cases: Vec<(Json, &str)> = vec![
            (
                json!({ "is": "approved", "protected_until": "2027-02-23T03:30:33.05Z" }),
                "Approved, protected until 23 Feb 2027, 03:30",
            ),
            (json!({ "is": "review", "look": "existing_account" }), "Review, existing account"),
            (json!({ "is": "queued", "place": 1 }), "Queued, place 1"),
            (json!({ "answer": "allow", "would_deny": false, "fired": [] }), "Allow"),
            (
                json!({ "answer": "warn", "would_deny": true, "fired": fired }),
                "Warn: The order needs a valid medical certificate.",
            ),
            (json!({ "answer": "allow", "parties": parties }), "Allow"),
            (json!({ "partner": "ptr_01kbhj0as8e00s56qzzvxz5cj8" }), "Partner"),
            (json!({ "total": "EUR 450.00", "carried_in": "EUR 0.00", "shares": [{}] }), "1 share, total €450.00"),
            (json!({ "copies": [{}, {}] }), "2 copies"),
            (json!({ "base": "EUR 1200.00" }), "Base €1,200.00"),
            (json!({ "lines": [{}, {}, {}, {}] }), "4 lines"),
            (json!({ "partner": "ptr_01kbhj0as8e00s56qzzvxz5cj8", "basis": "won_deal", "deal": null }), "Won deal"),
            (json!("silver"), "Silver"),
            (json!("2027-03-09T11:03:22.056Z"), "9 Mar 2027, 11:03"),
            (json!(true), "Yes"),
            (json!(null), "Nothing"),
            (json!({}), "Nothing"),
        ];
        for (value, words) in cases {
            let read = super::outcome(&value, &TimeZone::UTC);
            assert_eq!(sorted(&read), sorted(words), "{value}");
        }
    }

    /// Objects keep the order of their keys only where the parser does.
    fn sorted(text: &str) -> Vec<String> {
        let mut parts: Vec<String> = text.to_lowercase().split(", ").map(str::to_owned).collect();
        parts.sort();
        parts
    }
}
