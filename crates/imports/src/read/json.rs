//! JSON arrays and JSON Lines: objects, their inner fields named with dots.

use kernel::{Error, Result};
use serde_json::Value as Json;

use super::{Take, headers_of};
use crate::target::{Texts, flatten};

/// Calls for each object with its line; an array has one line per object.
fn objects(text: &str, take: &mut dyn FnMut(u64, Texts) -> Result<()>) -> Result<()> {
    let flat = |value: &Json| {
        let mut texts = Texts::new();
        flatten("", value, &mut texts);
        texts
    };
    let wrong = |line: u64, rule: String| Error::invalid("content", format!("line {line}: {rule}"));
    if text.trim_start().starts_with('[') {
        let all: Vec<Json> = serde_json::from_str(text)
            .map_err(|e| wrong(e.line() as u64, format!("is not a JSON array of objects: {e}")))?;
        for (place, value) in all.iter().enumerate() {
            if !value.is_object() {
                return Err(wrong(place as u64 + 1, format!("{value} is not an object with named fields")));
            }
            take(place as u64 + 1, flat(value))?;
        }
        return Ok(());
    }
    for (place, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = place as u64 + 1;
        let value: Json = serde_json::from_str(line).map_err(|e| wrong(number, format!("is not JSON: {e}")))?;
        if !value.is_object() {
            return Err(wrong(number, format!("{value} is not an object with named fields")));
        }
        take(number, flat(&value))?;
    }
    Ok(())
}

pub fn read(text: &str, take: Take<'_>) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    let mut known = std::collections::BTreeSet::new();
    objects(text, &mut |_, texts| {
        names.extend(texts.into_keys().filter(|name| known.insert(name.clone())));
        Ok(())
    })?;
    let headers = headers_of(names.clone())?;
    objects(text, &mut |line, mut texts| {
        let cells = names.iter().map(|name| texts.remove(name).unwrap_or_default().replace('\0', ""));
        take(line, cells.collect())
    })?;
    Ok(headers)
}
