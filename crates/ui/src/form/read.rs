//! Reading a posted form back into the JSON that the schema describes.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::schema::{Kind, Shape, dotted, properties, resolve};

/// The deepest nesting that a form asks for field by field; the same as when it was rendered.
const DEEPEST: usize = 4;

/// What was posted as the operation's JSON: dotted names become objects, texts become numbers and booleans where the
/// schema says so, an amount and its currency become one, a list is read line by line. Empty optional fields are left
/// out. A value that does not fit is passed on as text, so that the operation's own parser names the mistake.
pub fn read(schema: &Json, posted: &BTreeMap<String, String>) -> Json {
    Json::Object(object(schema, schema, posted, "", 0))
}

fn object(
    root: &Json,
    schema: &Json,
    posted: &BTreeMap<String, String>,
    prefix: &str,
    depth: usize,
) -> Map<String, Json> {
    let mut read = Map::new();
    for (key, property) in properties(resolve(root, schema)) {
        let name = dotted(prefix, key);
        let shape = Shape::of(root, property);
        if let Some(entries) = entries(&shape, posted, &name) {
            read.insert(key.clone(), Json::Object(entries));
            continue;
        }
        if shape.kind == Kind::Object && depth < DEEPEST {
            let inner = object(root, shape.schema, posted, &name, depth + 1);
            // Unchecked boxes alone do not make an optional object.
            if !shape.nullable || inner.values().any(|value| *value != Json::Bool(false)) {
                read.insert(key.clone(), Json::Object(inner));
            }
            continue;
        }
        let text = posted.get(&name).map_or("", |text| text.trim());
        if let Some(value) = value(&shape, text, posted.get(&format!("{name}.currency"))) {
            read.insert(key.clone(), value);
        }
    }
    read
}

/// A map of texts has no names of its own: every dotted name that was posted is an entry, and an empty one is left out.
fn entries(shape: &Shape<'_>, posted: &BTreeMap<String, String>, name: &str) -> Option<Map<String, Json>> {
    let is_map = shape.schema.get("properties").is_none() && shape.schema.get("additionalProperties")?.is_object();
    let inner = format!("{name}.");
    if !is_map || posted.contains_key(name) {
        return None;
    }
    let mut found = Map::new();
    for (entry, text) in posted.iter().filter_map(|(key, text)| Some((key.strip_prefix(&inner)?, text.trim()))) {
        if text.is_empty() || entry.contains('.') {
            continue;
        }
        let text = match posted.get(&format!("{inner}{entry}.currency")) {
            Some(code) if !text.contains(' ') => format!("{code} {}", text.replace(',', "")),
            _ => text.to_owned(),
        };
        found.insert(entry.to_owned(), Json::String(text));
    }
    Some(found)
}

fn value(shape: &Shape<'_>, text: &str, currency: Option<&String>) -> Option<Json> {
    // An unchecked box is not posted at all, which is an answer.
    if shape.kind == Kind::Boolean {
        return Some(Json::Bool(matches!(text, "true" | "on" | "1")));
    }
    if text.is_empty() {
        return None;
    }
    let as_text = || Json::String(text.to_owned());
    Some(match &shape.kind {
        Kind::Whole => text.parse::<i64>().map_or_else(|_| as_text(), Json::from),
        Kind::Number => text.parse::<f64>().map_or_else(|_| as_text(), Json::from),
        Kind::Money => match currency {
            Some(code) if !text.contains(' ') => Json::String(format!("{code} {}", text.replace(',', ""))),
            _ => as_text(),
        },
        Kind::Rate if text.ends_with('%') => as_text(),
        Kind::Rate => Json::String(format!("{text}%")),
        Kind::Instant => Json::String(zoned(text)),
        Kind::Lines => Json::Array(
            text.lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .map(|line| Json::String(line.to_owned()))
                .collect(),
        ),
        Kind::Object | Kind::Other => serde_json::from_str(text).unwrap_or_else(|_| as_text()),
        Kind::Choice(_)
        | Kind::Day
        | Kind::Email
        | Kind::Url
        | Kind::Text
        | Kind::LongText
        | Kind::FileText
        | Kind::Boolean => as_text(),
    })
}

/// The browser's control posts `2026-03-01T09:00` without a zone; the form asked for UTC.
fn zoned(text: &str) -> String {
    let Some((_, time)) = text.split_once('T') else {
        return text.to_owned();
    };
    if time.contains(['Z', '+', '-']) {
        return text.to_owned();
    }
    let seconds = if time.matches(':').count() == 1 { ":00" } else { "" };
    format!("{text}{seconds}Z")
}

/// The fields of a posted form (application/x-www-form-urlencoded); of a repeated name the values are joined by lines.
pub fn decode(body: &[u8]) -> BTreeMap<String, String> {
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let name = unescape(halves.next().unwrap_or_default());
        let value = unescape(halves.next().unwrap_or_default());
        match fields.get_mut(&name) {
            Some(known) => {
                known.push('\n');
                known.push_str(&value);
            }
            None => {
                fields.insert(name, value);
            }
        }
    }
    fields
}

fn unescape(text: &[u8]) -> String {
    let digit = |byte: Option<&u8>| byte.and_then(|b| char::from(*b).to_digit(16)).map(|d| d as u8);
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        match (text[at], digit(text.get(at + 1)), digit(text.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high << 4 | low);
                at += 2;
            }
            (b'+', ..) => bytes.push(b' '),
            (byte, ..) => bytes.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
