//! Fields from a JSON Schema as `schemars` writes it: what an operation takes becomes what its form asks.

use std::collections::BTreeMap;

use kernel::FieldError;
use maud::{Markup, html};
use serde_json::Value as Json;

use super::field::Field;
use super::parts::group;
use crate::words::{humanize, prose};

/// How deep nested objects are followed; deeper ones are asked for as JSON. It also ends recursive schemas.
const DEEPEST: usize = 4;

/// The fields of an operation's input, named with dots (`customer.name`), prefilled with `values`, each with its error.
/// Fields named in `hide` are left out: the address or the page gives them.
pub fn from_schema(schema: &Json, values: &BTreeMap<String, String>, errors: &[FieldError], hide: &[&str]) -> Markup {
    from_schema_as(&Place::default(), schema, values, errors, hide)
}

/// What a page knows about a form that the schema does not.
#[derive(Default)]
pub struct Place<'a> {
    /// Keeps the ids of fields apart where a page has several forms.
    pub scope: &'a str,
    /// What can be chosen for a field that takes an id, as value and name.
    pub choices: &'a [(&'a str, Vec<(String, String)>)],
}

/// [`from_schema`] with what the page knows.
pub fn from_schema_as(
    place: &Place<'_>,
    schema: &Json,
    values: &BTreeMap<String, String>,
    errors: &[FieldError],
    hide: &[&str],
) -> Markup {
    let asked = Asked { place, root: schema, values, errors, hide };
    asked.object(schema, "", 0, true)
}

struct Asked<'a> {
    place: &'a Place<'a>,
    root: &'a Json,
    values: &'a BTreeMap<String, String>,
    errors: &'a [FieldError],
    hide: &'a [&'a str],
}

impl Asked<'_> {
    /// `demanded`: the object must be given; an optional one may stay empty, and its own parser names what lacks.
    fn object(&self, object: &Json, prefix: &str, depth: usize, demanded: bool) -> Markup {
        let object = resolve(self.root, object);
        html! {
            @for (key, property) in properties(object) {
                @let name = dotted(prefix, key);
                @if !self.hide.contains(&name.as_str()) {
                    (self.property(&name, key, property, demanded && is_required(object, key), depth))
                }
            }
        }
    }

    fn property(&self, name: &str, key: &str, property: &Json, required: bool, depth: usize) -> Markup {
        let shape = Shape::of(self.root, property);
        let description = text_of(property, "description").or_else(|| text_of(shape.schema, "description"));
        if matches!(shape.kind, Kind::Object) && depth < DEEPEST {
            return html! {
                (group(&humanize(key), &html! {
                    @if let Some(help) = description { p.help { (prose(help)) } }
                    (self.object(shape.schema, name, depth + 1, required && !shape.nullable))
                }))
            };
        }
        let label = text_of(property, "title").map_or_else(|| humanize(key), str::to_owned);
        let choices = self.place.choices.iter().find(|(field, _)| *field == name).map(|(_, choices)| choices.clone());
        let mut field = match &shape.kind {
            Kind::Text if choices.is_some() => Field::select(name, label, choices.unwrap_or_default()),
            Kind::Choice(options) => Field::select(name, label, options.clone()),
            Kind::Money => Field::money_any(name, label),
            Kind::Rate => Field::rate(name, label),
            Kind::Day => Field::date(name, label),
            Kind::Instant => Field::datetime(name, label),
            Kind::Email => Field::email(name, label),
            Kind::Url => Field::url(name, label),
            Kind::Boolean => Field::checkbox(name, label),
            Kind::Whole => Field::whole_number(name, label),
            Kind::Number => Field::number(name, label),
            Kind::LongText => Field::textarea(name, label),
            Kind::FileText => Field::textarea(name, label).from_file(),
            Kind::Text => Field::text(name, label),
            Kind::Lines => Field::textarea(name, label),
            Kind::Object | Kind::Other => Field::json(name, label),
        };
        if let Some(help) = description {
            field = field.help(first_sentences(help));
        } else if matches!(shape.kind, Kind::Lines) {
            field = field.help("One per line.");
        }
        if let Some(example) = example_of(shape.schema).filter(|_| matches!(shape.kind, Kind::Text)) {
            field = field.placeholder(example);
        }
        if required && !shape.nullable && !matches!(shape.kind, Kind::Lines | Kind::Boolean) {
            field = field.required();
        }
        let given = self.values.get(name).cloned().or_else(|| default_of(property));
        html! { (field.scope(self.place.scope).value(self.value_with_currency(name, given)).errors(self.errors)) }
    }

    /// What was typed comes back in two parts after a refusal; the field wants one.
    fn value_with_currency(&self, name: &str, given: Option<String>) -> String {
        let given = given.unwrap_or_default();
        match self.values.get(&format!("{name}.currency")) {
            Some(currency) if !given.contains(' ') => format!("{currency} {given}"),
            _ => given,
        }
    }
}

/// What kind of value a property takes, seen through `$ref` and nullability.
pub(super) struct Shape<'a> {
    pub(super) schema: &'a Json,
    pub(super) kind: Kind,
    pub(super) nullable: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Choice(Vec<(String, String)>),
    Money,
    Rate,
    Day,
    Instant,
    Email,
    Url,
    Boolean,
    Whole,
    Number,
    Text,
    LongText,
    /// The content of a text file, which the reader rather chooses than pastes.
    FileText,
    /// A list of plain values, one per line.
    Lines,
    Object,
    /// Anything else is asked for as JSON.
    Other,
}

impl<'a> Shape<'a> {
    pub(super) fn of(root: &'a Json, property: &'a Json) -> Self {
        let mut schema = resolve(root, property);
        let mut nullable = false;
        if let Some(Json::Array(choices)) = schema.get("anyOf") {
            let real: Vec<&Json> = choices.iter().filter(|c| text_of(c, "type") != Some("null")).collect();
            nullable = real.len() < choices.len();
            if let [only] = real.as_slice() {
                schema = resolve(root, only);
            }
        }
        if let Some(Json::Array(types)) = schema.get("type") {
            nullable |= types.iter().any(|t| t == "null");
        }
        Self { schema, kind: kind_of(root, schema), nullable }
    }
}

fn kind_of(root: &Json, schema: &Json) -> Kind {
    if let Some(options) = options_of(schema) {
        return Kind::Choice(options);
    }
    match (type_of(schema), text_of(schema, "format")) {
        ("string", Some("money")) => Kind::Money,
        ("string", Some("rate")) => Kind::Rate,
        // The kernel's rates are told by their example, `20%`.
        ("string", None) if example_of(schema).is_some_and(|example| example.ends_with('%')) => Kind::Rate,
        ("string", Some("date")) => Kind::Day,
        ("string", Some("date-time")) => Kind::Instant,
        ("string", Some("email")) => Kind::Email,
        ("string", Some("uri" | "url")) => Kind::Url,
        ("string", Some("text" | "markdown")) => Kind::LongText,
        ("string", Some("multiline")) => Kind::FileText,
        ("string", _) => Kind::Text,
        ("boolean", _) => Kind::Boolean,
        ("integer", _) => Kind::Whole,
        ("number", _) => Kind::Number,
        ("array", _) => {
            let plain = schema.get("items").is_some_and(|items| {
                matches!(
                    Shape::of(root, items).kind,
                    Kind::Text | Kind::Email | Kind::Url | Kind::Day | Kind::Choice(_)
                )
            });
            if plain { Kind::Lines } else { Kind::Other }
        }
        ("object", _) if schema.get("properties").is_some() && schema.get("oneOf").is_none() => Kind::Object,
        _ => Kind::Other,
    }
}

/// The values of an enumeration: `enum`, or `oneOf` constants when the variants are documented.
fn options_of(schema: &Json) -> Option<Vec<(String, String)>> {
    if let Some(Json::Array(values)) = schema.get("enum") {
        let words = values.iter().filter_map(Json::as_str).map(|v| (v.to_owned(), humanize(v)));
        return Some(words.collect());
    }
    let Some(Json::Array(variants)) = schema.get("oneOf") else {
        return None;
    };
    let mut options = Vec::new();
    for variant in variants {
        if let Some(value) = text_of(variant, "const") {
            options.push((value.to_owned(), humanize(value)));
        } else if let Some(Json::Array(values)) = variant.get("enum") {
            options.extend(values.iter().filter_map(Json::as_str).map(|v| (v.to_owned(), humanize(v))));
        } else {
            return None;
        }
    }
    Some(options)
}

/// Follows `$ref` to its definition; a reference that leads nowhere, or in circles, stays as it is.
pub(super) fn resolve<'a>(root: &'a Json, schema: &'a Json) -> &'a Json {
    let mut at = schema;
    for _ in 0..DEEPEST {
        let single = at.get("allOf").and_then(Json::as_array).filter(|all| all.len() == 1).map(|all| &all[0]);
        let next = match (text_of(at, "$ref"), single) {
            (Some(reference), _) => reference.strip_prefix('#').and_then(|pointer| root.pointer(pointer)),
            (None, Some(only)) => Some(only),
            (None, None) => None,
        };
        match next {
            Some(found) => at = found,
            None => return at,
        }
    }
    at
}

pub(super) fn properties(object: &Json) -> impl Iterator<Item = (&String, &Json)> {
    object.get("properties").and_then(Json::as_object).into_iter().flatten()
}

pub(super) fn dotted(prefix: &str, key: &str) -> String {
    if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") }
}

fn is_required(object: &Json, key: &str) -> bool {
    object.get("required").and_then(Json::as_array).is_some_and(|names| names.iter().any(|n| n == key))
}

fn type_of(schema: &Json) -> &str {
    match schema.get("type") {
        Some(Json::String(name)) => name,
        Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).find(|n| *n != "null").unwrap_or(""),
        _ => "",
    }
}

fn text_of<'a>(schema: &'a Json, key: &str) -> Option<&'a str> {
    schema.get(key).and_then(Json::as_str)
}

fn default_of(property: &Json) -> Option<String> {
    match property.get("default")? {
        Json::String(text) => Some(text.clone()),
        Json::Bool(value) => Some(value.to_string()),
        Json::Number(number) => Some(number.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

fn example_of(schema: &Json) -> Option<&str> {
    schema.get("examples").and_then(Json::as_array).and_then(|all| all.first()).and_then(Json::as_str)
}

/// Doc comments are wrapped lines; help is their first paragraph.
fn first_sentences(description: &str) -> String {
    description.split("\n\n").next().unwrap_or(description).replace('\n', " ")
}
