//! An answer as an outline for people: a line for each field, deeper ones indented, reasons as sentences.

use serde_json::{Map, Value as Json};

/// Labels are padded to the longest of their object, up to this many characters.
const WIDEST_LABEL: usize = 24;
const STEP: usize = 2;

/// The whole answer, without what is not set.
pub fn of(answer: &Json) -> String {
    let mut lines = Vec::new();
    match answer {
        Json::Object(object) => fields(object, 0, &mut lines),
        other => item(other, 0, &mut lines),
    }
    lines.join("\n")
}

/// What fits behind a label: texts, numbers and short lists of them.
pub fn scalar(value: &Json) -> Option<String> {
    match value {
        Json::Null => Some(String::new()),
        Json::Bool(true) => Some("yes".to_owned()),
        Json::Bool(false) => Some("no".to_owned()),
        Json::Number(number) => Some(number.to_string()),
        Json::String(text) => Some(text.clone()),
        Json::Array(items) => {
            let texts: Option<Vec<String>> =
                items.iter().map(|item| (!item.is_array()).then(|| scalar(item))?).collect();
            texts.map(|texts| if texts.is_empty() { "none".to_owned() } else { texts.join(", ") })
        }
        Json::Object(object) => object.is_empty().then(|| "none".to_owned()),
    }
}

fn fields(object: &Map<String, Json>, depth: usize, lines: &mut Vec<String>) {
    let set = || object.iter().filter(|(_, value)| !value.is_null());
    let widest = set().map(|(name, _)| name.chars().count()).max().unwrap_or(0).min(WIDEST_LABEL);
    for (name, value) in set() {
        let label = name.replace('_', " ");
        match scalar(value) {
            Some(text) => {
                let hanging = " ".repeat(depth + widest + STEP);
                let text = text.replace('\n', &format!("\n{hanging}"));
                lines.push(format!("{:depth$}{label:widest$}  {text}", "").trim_end().to_owned());
            }
            None => {
                lines.push(format!("{:depth$}{label}", ""));
                nested(value, depth + STEP, lines);
            }
        }
    }
}

fn nested(value: &Json, depth: usize, lines: &mut Vec<String>) {
    match value {
        Json::Array(items) => items.iter().for_each(|one| item(one, depth, lines)),
        Json::Object(object) => fields(object, depth, lines),
        other => item(other, depth, lines),
    }
}

/// One item of a list behind a dash.
fn item(value: &Json, depth: usize, lines: &mut Vec<String>) {
    if let Some(text) = scalar(value) {
        lines.push(format!("{:depth$}- {text}", ""));
        return;
    }
    if let Some(sentence) = value.as_object().and_then(reason) {
        lines.push(format!("{:depth$}- {sentence}", ""));
        return;
    }
    let first = lines.len();
    nested(value, depth + STEP, lines);
    if let Some(line) = lines.get_mut(first) {
        // The dash takes the place of the indentation.
        line.replace_range(depth..depth + 1, "-");
    }
}

/// A reason of a decision: its sentence, the place in the program that says so, and what would help.
fn reason(object: &Map<String, Json>) -> Option<String> {
    let word = |name: &str| object.get(name).and_then(Json::as_str);
    let (text, _) = (word("text")?, word("code")?);
    let cites = word("cites").map(|place| format!(" [{place}]")).unwrap_or_default();
    let remedy = word("remedy").map(|remedy| format!(" What helps: {remedy}")).unwrap_or_default();
    Some(format!("{text}{cites}{remedy}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_reads_as_an_outline() {
        let answer = json!({
            "number": "D-1", "customer": null, "products": ["Dispatch", "Telematics"], "notes": [],
            "identity": { "name": "Zephyr", "country": "DE" },
            "reasons": [
                { "code": "first_valid", "text": "Nobody else claims it.", "cites": "engagement.toml: precedence", "audience": "both" }
            ],
            "impacts": [{ "title": "Partners", "affected": [{ "subject": "ptr_1", "after": "gold" }] }],
        });
        let expected = "\
number    D-1
products  Dispatch, Telematics
notes     none
identity
  name     Zephyr
  country  DE
reasons
  - Nobody else claims it. [engagement.toml: precedence]
impacts
  - title     Partners
    affected
      - subject  ptr_1
        after    gold";
        assert_eq!(of(&answer), expected);
    }
}
