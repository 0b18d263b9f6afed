//! The program-file reference, written from the schemas: every field with its type, unit, default, meaning and requirement.

use std::fmt::Write;

use serde_json::Value as Json;

use crate::schema::{FILES, REQUIRED_FILES, schema_of};

/// The reference of all program files in Markdown.
pub fn reference_markdown() -> String {
    let mut page = String::from(
        "# Program files\n\n\
         A program is a folder of TOML files, with terms in Markdown and gate policies in Cedar. This page is generated \
         from the types that read them. Amounts are written `\"EUR 1250.00\"`, rates `\"25%\"`; a key is made of small \
         letters, digits, `-` and `_`. Unknown keys are mistakes.\n",
    );
    for file in FILES {
        if let Some(schema) = schema_of(file) {
            file_section(&mut page, file, &schema);
        }
    }
    page
}

fn file_section(page: &mut String, file: &str, schema: &Json) {
    let required = if REQUIRED_FILES.contains(&file) { "Every program has this file." } else { "May be absent." };
    let about = text(schema, "description");
    let _ = write!(page, "\n## `{file}`\n\n{about} {required}\n");
    fields(page, schema, schema);
    let definitions = schema.get("$defs").and_then(Json::as_object);
    for (name, definition) in definitions.into_iter().flatten() {
        if let Some(words) = words(definition) {
            let _ = write!(page, "\n### {name}\n\n{}\n\n", text(definition, "description"));
            for (word, meaning) in words {
                let _ = writeln!(page, "- `{word}`: {meaning}");
            }
        } else if definition.get("properties").is_some() {
            let _ = write!(page, "\n### {name}\n\n{}\n", text(definition, "description"));
            fields(page, schema, definition);
        } else if let Some(forms) = definition.get("anyOf").and_then(Json::as_array) {
            let _ = write!(page, "\n### {name}\n\n{} One of:\n\n", text(definition, "description"));
            for form in forms {
                let kind = kind(form);
                let _ = writeln!(page, "- {kind}: {}", text(form, "description"));
            }
        }
    }
}

/// The table of a form's fields.
fn fields(page: &mut String, root: &Json, form: &Json) {
    let Some(properties) = form.get("properties").and_then(Json::as_object) else {
        return;
    };
    page.push_str("\n| Field | Type | Unit | Default | Meaning | Serves |\n|---|---|---|---|---|---|\n");
    let required = form.get("required").and_then(Json::as_array);
    for (name, field) in properties {
        let must = required.is_some_and(|names| names.iter().any(|n| n == name.as_str()));
        let default = match field.get("default") {
            Some(value) if value.as_object().is_none_or(serde_json::Map::is_empty) => {
                format!("`{}`", toml_text(value))
            }
            Some(_) => "as its fields say".to_owned(),
            None if must => "**required**".to_owned(),
            None => String::new(),
        };
        let _ = writeln!(
            page,
            "| `{name}` | {} | {} | {default} | {} | {} |",
            kind(field),
            unit(root, field),
            text(field, "description").replace('|', "\\|"),
            text(field, "requirement"),
        );
    }
}

/// The words of an enumeration with their meanings.
fn words(definition: &Json) -> Option<Vec<(&str, &str)>> {
    let choices = definition.get("oneOf")?.as_array()?;
    let word = |choice| Some((Json::get(choice, "const")?.as_str()?, text(choice, "description")));
    choices.iter().map(word).collect()
}

/// The type of a field, with a link where it has a section of its own.
fn kind(field: &Json) -> String {
    if let Some(name) = field.get("$ref").and_then(Json::as_str) {
        let name = name.rsplit('/').next().unwrap_or(name);
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(name) = field.get("refers").and_then(Json::as_str) {
        let list = field.get("type") == Some(&Json::from("array"));
        return if list { format!("list of {name} keys") } else { format!("{name} key") };
    }
    match (text(field, "type"), text(field, "format")) {
        ("array", _) => {
            let item = field.get("items").map_or_else(|| "values".to_owned(), kind);
            format!("list of {item}")
        }
        ("object", _) => {
            let value = field.get("additionalProperties").filter(|value| value.is_object());
            value.map_or_else(|| "table".to_owned(), |value| format!("table of {}", kind(value)))
        }
        ("string", "") => "text".to_owned(),
        ("string", format) => format.replace('-', " "),
        ("integer", _) => "whole number".to_owned(),
        ("boolean", _) => "true or false".to_owned(),
        (other, _) => other.to_owned(),
    }
}

/// What a number counts, with its bounds.
fn unit(root: &Json, field: &Json) -> String {
    let unit = text(field, "unit");
    let of = field.get("items").filter(|_| root.is_object()).unwrap_or(field);
    let bound = |word| of.get(word).and_then(Json::as_i64);
    match (bound("minimum"), bound("maximum")) {
        (Some(least), Some(most)) => format!("{unit}, {least} to {most}").trim_start_matches(", ").to_owned(),
        _ => unit.to_owned(),
    }
}

fn text<'j>(json: &'j Json, word: &str) -> &'j str {
    json.get(word).and_then(Json::as_str).unwrap_or_default()
}

/// A default as the file would say it.
fn toml_text(value: &Json) -> String {
    match value {
        Json::Object(_) => "{}".to_owned(),
        other => other.to_string(),
    }
}
