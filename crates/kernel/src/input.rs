//! Input from outside: JSON read with errors that name the field, and flat text (forms, query strings, command lines)
//! turned into JSON by the schema of the operation.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use crate::error::{Error, FieldError, Result};

/// Reads a typed input; a mismatch names the field and the rule.
pub fn read<T: DeserializeOwned>(input: Json) -> Result<T> {
    serde_json::from_value(input).map_err(|e| {
        let message = e.to_string();
        let field = quoted_after(&message, "missing field ").or_else(|| quoted_after(&message, "unknown field "));
        Error::invalid(field.unwrap_or_else(|| "input".to_owned()), message)
    })
}

/// Reads a typed input whose schema is known; a value of the wrong kind names its field.
pub fn check(schema: &Json, input: &Json) -> Result<()> {
    let mut errors = Vec::new();
    check_object(schema, schema, input, &Place::Input, &mut errors);
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

/// Where in the input a value stands; written out only when there is something to say about it.
enum Place<'p> {
    Input,
    Field(&'p Place<'p>, &'p str),
    Item(&'p Place<'p>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input => f.write_str("input"),
            Self::Field(Self::Input, name) => f.write_str(name),
            Self::Field(around, name) => write!(f, "{around}.{name}"),
            Self::Item(list, place) => write!(f, "{list}[{place}]"),
        }
    }
}

fn check_object(root: &Json, schema: &Json, input: &Json, at: &Place<'_>, errors: &mut Vec<FieldError>) {
    let schema = resolve(root, schema);
    let mut wrong = |at: &Place<'_>, rule: String| errors.push(FieldError { field: at.to_string(), rule });
    let Some(object) = input.as_object() else {
        return wrong(at, "expected an object with named fields".to_owned());
    };
    let properties = schema.get("properties").and_then(Json::as_object);
    for name in schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
        if object.get(name).is_none_or(Json::is_null) {
            wrong(&Place::Field(at, name), "is required".to_owned());
        }
    }
    for (name, value) in object {
        let field = Place::Field(at, name);
        match properties.and_then(|p| p.get(name)) {
            None if properties.is_some()
                && schema.get("additionalProperties").is_none_or(|a| a == &Json::Bool(false)) =>
            {
                let known: Vec<&str> = properties.into_iter().flatten().map(|(k, _)| k.as_str()).collect();
                let rule = format!("is not a field here; known are {}", known.join(", "));
                errors.push(FieldError { field: field.to_string(), rule });
            }
            Some(property) if !value.is_null() => check_value(root, property, value, &field, errors),
            _ => {}
        }
    }
}

fn check_value(root: &Json, schema: &Json, value: &Json, at: &Place<'_>, errors: &mut Vec<FieldError>) {
    let schema = not_null(root, resolve(root, schema));
    let mut wrong = |rule: String| errors.push(FieldError { field: at.to_string(), rule });
    if let Some(choices) = schema.get("enum").and_then(Json::as_array) {
        if !choices.contains(value) {
            let names: Vec<String> = choices.iter().map(Json::to_string).collect();
            wrong(format!("{value} is not one of {}", names.join(", ")));
        }
        return;
    }
    // No database column keeps it, and no name, text or id has it.
    if value.as_str().is_some_and(|text| text.contains('\0')) {
        wrong("must not contain the character U+0000".to_owned());
        return;
    }
    match kind(schema) {
        Some("string") if !value.is_string() => wrong(format!("expected text, got {value}")),
        Some("integer") if !value.is_i64() && !value.is_u64() => wrong(format!("expected a whole number, got {value}")),
        Some("number") if !value.is_number() => wrong(format!("expected a number, got {value}")),
        Some("boolean") if !value.is_boolean() => wrong(format!("expected true or false, got {value}")),
        Some("array") => match value.as_array() {
            None => wrong(format!("expected a list, got {value}")),
            Some(items) => {
                if let Some(item) = schema.get("items") {
                    for (place, value) in items.iter().enumerate() {
                        check_value(root, item, value, &Place::Item(at, place), errors);
                    }
                }
            }
        },
        Some("object") if schema.get("properties").is_some() => check_object(root, schema, value, at, errors),
        _ => {}
    }
}

/// Builds the JSON input from flat names and texts: `customer.name=Acme` fills an object, numbers and flags are read by
/// their type, empty texts of optional fields are left out.
pub fn from_texts(schema: &Json, texts: &[(String, String)]) -> Result<Json> {
    let mut object = Map::new();
    let mut errors = Vec::new();
    for (name, text) in texts {
        let path: Vec<&str> = name.split('.').collect();
        match value_at(schema, schema, &path, text) {
            Ok(None) => {}
            Ok(Some(value)) => place(&mut object, &path, value),
            Err(rule) => errors.push(FieldError { field: name.clone(), rule }),
        }
    }
    if errors.is_empty() { Ok(Json::Object(object)) } else { Err(Error::Invalid(errors)) }
}

fn value_at(root: &Json, schema: &Json, path: &[&str], text: &str) -> std::result::Result<Option<Json>, String> {
    let schema = not_null(root, resolve(root, schema));
    let Some((first, rest)) = path.split_first() else {
        return read_text(root, schema, text);
    };
    match schema.get("properties").and_then(|p| p.get(first)) {
        Some(property) => value_at(root, property, rest, text),
        None if schema.get("additionalProperties").is_some_and(|a| a != &Json::Bool(false)) => {
            Ok(Some(Json::String(text.to_owned())))
        }
        None => {
            let known: Vec<&String> =
                schema.get("properties").and_then(Json::as_object).into_iter().flatten().map(|(k, _)| k).collect();
            let names: Vec<&str> = known.iter().map(|k| k.as_str()).collect();
            Err(format!("is not a field here; known are {}", names.join(", ")))
        }
    }
}

fn read_text(root: &Json, schema: &Json, text: &str) -> std::result::Result<Option<Json>, String> {
    let kind = kind(schema);
    if text.is_empty() {
        return Ok(None);
    }
    match kind {
        Some("integer") => {
            text.trim().parse::<i64>().map(|n| Some(n.into())).map_err(|_| format!("`{text}` is not a whole number"))
        }
        Some("number") => {
            text.trim().parse::<f64>().map(|n| Some(n.into())).map_err(|_| format!("`{text}` is not a number"))
        }
        Some("boolean") => match text {
            "true" | "on" | "yes" | "1" => Ok(Some(true.into())),
            "false" | "off" | "no" | "0" => Ok(Some(false.into())),
            _ => Err(format!("`{text}` is neither true nor false")),
        },
        Some("array") => {
            if text.trim_start().starts_with('[') {
                return serde_json::from_str(text).map(Some).map_err(|e| format!("not a JSON list: {e}"));
            }
            let item = schema.get("items").map(|i| not_null(root, resolve(root, i)));
            let items: std::result::Result<Vec<Json>, String> = text
                .split([',', '\n'])
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .filter_map(|part| item.map_or(Ok(Some(part.into())), |i| read_text(root, i, part)).transpose())
                .collect();
            items.map(|items| Some(Json::Array(items)))
        }
        Some("object") | None if text.trim_start().starts_with(['{', '[']) => {
            serde_json::from_str(text).map(Some).map_err(|e| format!("not JSON: {e}"))
        }
        _ => Ok(Some(text.into())),
    }
}

fn place(object: &mut Map<String, Json>, path: &[&str], value: Json) {
    match path {
        [] => {}
        [last] => {
            object.insert((*last).to_owned(), value);
        }
        [first, rest @ ..] => {
            let inner = object.entry(*first).or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(inner) = inner {
                place(inner, rest, value);
            }
        }
    }
}

/// Follows a `$ref` into the `$defs` of the root schema.
pub fn resolve<'a>(root: &'a Json, schema: &'a Json) -> &'a Json {
    let target = schema.get("$ref").and_then(Json::as_str).and_then(|path| path.strip_prefix('#'));
    target.and_then(|path| root.pointer(path)).unwrap_or(schema)
}

/// The one alternative of a nullable schema that is not null.
pub fn not_null<'a>(root: &'a Json, schema: &'a Json) -> &'a Json {
    let Some(alternatives) = schema.get("anyOf").and_then(Json::as_array) else { return schema };
    let mut real = alternatives.iter().filter(|a| a.get("type").and_then(Json::as_str) != Some("null"));
    match (real.next(), real.next()) {
        (Some(only), None) => resolve(root, only),
        _ => schema,
    }
}

/// The JSON type that a schema asks for, null aside.
pub fn kind(schema: &Json) -> Option<&str> {
    match schema.get("type") {
        Some(Json::String(kind)) => Some(kind),
        Some(Json::Array(kinds)) => kinds.iter().filter_map(Json::as_str).find(|k| *k != "null"),
        _ => None,
    }
}

fn quoted_after(message: &str, words: &str) -> Option<String> {
    let rest = &message[message.find(words)? + words.len()..];
    rest.trim_start_matches('`').split('`').next().map(str::to_owned)
}
