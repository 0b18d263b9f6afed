//! Compares a file with its JSON Schema: keys, types and formats. It goes on after a mistake, so that all are told.

use std::ops::Range;

use kernel::Currency;
use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::one_of;
use super::source::{Note, NoteKind, Source, Word};
use crate::nearest::nearest;
use crate::schema::schema_of;

/// Compares a file with its JSON Schema.
pub(super) fn check(source: &mut Source<'_>, currency: Option<Currency>) {
    let Some(schema) = schema_of(source.file) else {
        return;
    };
    let table = source.table.clone();
    let mut walk = Walk { root: &schema, currency, source };
    // What is missing from the file as a whole is told at its beginning.
    walk.table(table.get_ref(), 0..0, Node::at(&schema, &schema), "");
}

/// A schema node: its own words and those of the definition that it refers to.
#[derive(Clone, Copy)]
struct Node<'s> {
    own: &'s Json,
    definition: Option<&'s Json>,
}

impl<'s> Node<'s> {
    fn at(root: &'s Json, own: &'s Json) -> Self {
        let pointer = own.get("$ref").and_then(Json::as_str);
        let definition = pointer.and_then(|p| root.pointer(p.strip_prefix('#')?));
        Self { own, definition }
    }

    fn get(self, word: &str) -> Option<&'s Json> {
        let inherited = || self.definition.and_then(|definition| definition.get(word));
        self.own.get(word).or_else(inherited)
    }

    fn text(self, word: &str) -> Option<&'s str> {
        self.get(word)?.as_str()
    }

    /// The words that an enumeration allows.
    fn words(self) -> Option<Vec<&'s str>> {
        if let Some(words) = self.get("enum").and_then(Json::as_array) {
            return Some(words.iter().filter_map(Json::as_str).collect());
        }
        let choices = self.get("oneOf")?.as_array()?;
        choices.iter().map(|choice| choice.get("const")?.as_str()).collect()
    }
}

struct Walk<'w, 's, 'a> {
    root: &'s Json,
    currency: Option<Currency>,
    source: &'w mut Source<'a>,
}

impl<'s> Walk<'_, 's, '_> {
    fn node(&self, schema: &'s Json) -> Node<'s> {
        Node::at(self.root, schema)
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, node: Node<'s>, path: &str) {
        let span = value.span();
        if span.is_empty() {
            // What a syntax error left out has been told by the reader.
            return;
        }
        self.source.values.insert(path.to_owned(), span.clone());
        if node.text("format") == Some("benefit") {
            return self.benefit(value, path);
        }
        if let Some(words) = node.words() {
            return self.word(value, &words);
        }
        if let Some(choices) = node.get("anyOf").and_then(Json::as_array) {
            return self.choice(value, choices, path);
        }
        match (node.text("type"), value.get_ref()) {
            (Some("object"), DeValue::Table(table)) => self.table(table, span, node, path),
            (Some("array"), DeValue::Array(items)) => {
                self.enough(items.len(), "minItems", span, node, path);
                if let Some(schema) = node.get("items") {
                    for (place, item) in items.iter().enumerate() {
                        self.item(item, schema, node, &format!("{path}[{place}]"));
                    }
                }
            }
            (Some("string"), DeValue::String(text)) => self.text(text, span, node, path),
            (Some("integer"), DeValue::Integer(number)) => {
                let parsed = i64::from_str_radix(&number.as_str().replace('_', ""), number.radix());
                self.range(parsed.ok(), span, node, path);
            }
            (Some("boolean"), DeValue::Boolean(_)) | (None, _) => {}
            (Some(wanted), found) => self.wrong_type(wanted, found, span, node, path),
        }
    }

    /// An item of a list; what its list refers to, it refers to.
    fn item(&mut self, item: &Spanned<DeValue<'_>>, schema: &'s Json, list: Node<'s>, path: &str) {
        let node = self.node(schema);
        self.value(item, node, path);
        if let (Some(to), Some(name)) = (list.text("refers"), item.get_ref().as_str()) {
            self.note(path, item.span(), reference(to, name));
        }
    }

    fn table(&mut self, table: &DeTable<'_>, span: Range<usize>, node: Node<'s>, path: &str) {
        let properties = node.get("properties").and_then(Json::as_object);
        if let Some(properties) = properties {
            let names: Vec<&str> = properties.keys().map(String::as_str).collect();
            for (key, value) in table {
                match properties.get(key.get_ref().as_ref()) {
                    Some(schema) => {
                        let node = self.node(schema);
                        self.value(value, node, &join(path, key.get_ref()));
                    }
                    None => self.unknown_key(key.get_ref(), key.span(), path, &names),
                }
            }
        } else if let Some(schema @ Json::Object(_)) = node.get("additionalProperties") {
            self.enough(table.len(), "minProperties", span.clone(), node, path);
            for (key, value) in table {
                self.map_key(key.get_ref(), key.span(), node, path);
                let node = self.node(schema);
                self.value(value, node, &join(path, key.get_ref()));
            }
        }
        for name in node.get("required").and_then(Json::as_array).into_iter().flatten() {
            let name = name.as_str().unwrap_or_default();
            if !table.contains_key(name) {
                self.missing_key(name, span.clone(), node, path);
            }
        }
    }

    fn unknown_key(&mut self, key: &str, span: Range<usize>, path: &str, names: &[&str]) {
        let message = format!("there is no key `{key}` {}", inside(path));
        let near = nearest(key, names.iter().copied()).map(str::to_owned);
        let expected = one_of(names.iter().copied());
        self.source.error(span, "unknown-key", message).with(expected, near);
    }

    fn missing_key(&mut self, name: &str, span: Range<usize>, node: Node<'s>, path: &str) {
        let message = format!("`{name}` is missing {}", inside(path));
        let schema = node.get("properties").and_then(|all| all.get(name));
        let what = schema
            .and_then(|schema| self.node(schema).text("description"))
            .map_or_else(String::new, |text| format!(": {}", sentence(text)));
        let expected = format!("`{name}`{what}");
        // A span over a whole inline table would hide which of its lines is meant; its first line shows the place.
        self.source.error(span, "missing-key", message).with(expected, None);
    }

    /// A key that names something: it is well formed, and it is noted.
    fn map_key(&mut self, key: &str, span: Range<usize>, node: Node<'s>, path: &str) {
        if let Some(to) = node.text("keys_refer") {
            self.note(&join(path, key), span, reference(to, key));
            return;
        }
        if let Err(refusal) = super::formats::key(key) {
            self.refuse(span.clone(), refusal);
        }
        let word = Word { text: key.to_owned(), span };
        self.source.defined.entry(path.to_owned()).or_default().push(word);
    }

    fn text(&mut self, text: &str, span: Range<usize>, node: Node<'s>, path: &str) {
        let outcome = match node.text("format") {
            Some("key") => super::formats::key(text),
            Some("money") => super::formats::money(text, self.currency),
            Some("share") => super::formats::share(text),
            Some("currency") => super::formats::currency(text),
            Some("time-zone") => super::formats::time_zone(text),
            Some("rule") => {
                self.note(path, span, NoteKind::Rule(text.to_owned()));
                return;
            }
            Some("formula") => {
                self.note(path, span, NoteKind::Formula(text.to_owned()));
                return;
            }
            Some("rate") => super::formats::rate(text),
            Some("decimal") => super::formats::decimal(text),
            Some("date") => super::formats::date(text),
            _ => Ok(()),
        };
        if let Err(refusal) = outcome {
            self.refuse(span.clone(), refusal);
        }
        if let Some(list) = path.strip_suffix("].key").and_then(|rest| rest.rfind('[')) {
            let word = Word { text: text.to_owned(), span: span.clone() };
            self.source.defined.entry(path[..list].to_owned()).or_default().push(word);
        }
        if let Some(to) = node.text("refers") {
            self.note(path, span.clone(), reference(to, text));
        }
        if path.ends_with("title") && text.trim().is_empty() {
            self.source.error(span, "empty-text", format!("`{path}` is empty"));
        }
    }

    fn word(&mut self, value: &Spanned<DeValue<'_>>, words: &[&str]) {
        let Some(text) = value.get_ref().as_str() else {
            let message = format!("this is {}, not a word", article(value.get_ref()));
            let expected = one_of(words.iter().copied());
            self.source.error(value.span(), "wrong-type", message).with(expected, None);
            return;
        };
        if !words.contains(&text) {
            let near = nearest(text, words.iter().copied()).map(str::to_owned);
            let message = format!("`{text}` is none of the words that are valid here");
            let expected = one_of(words.iter().copied());
            self.source.error(value.span(), "unknown-word", message).with(expected, near);
        }
    }

    /// A table that may have one of several forms: the form that shares most keys with it is meant.
    fn choice(&mut self, value: &Spanned<DeValue<'_>>, choices: &'s [Json], path: &str) {
        let forms: Vec<Node<'s>> = choices.iter().map(|choice| self.node(choice)).collect();
        let firsts: Vec<&str> = forms.iter().filter_map(|form| form.get("required")?.get(0)?.as_str()).collect();
        let shared = |form: &Node<'s>| {
            let table = value.get_ref().as_table()?;
            let properties = form.get("properties")?.as_object()?;
            Some(table.keys().filter(|key| properties.contains_key(key.get_ref().as_ref())).count())
        };
        let best = forms.iter().rev().max_by_key(|form| shared(form));
        match (best, value.get_ref()) {
            (Some(form), DeValue::Table(table)) if shared(form) > Some(0) => {
                self.table(table, value.span(), *form, path);
            }
            (_, DeValue::Table(table)) => {
                let (span, near) = match table.keys().next() {
                    Some(key) => (key.span(), nearest(key.get_ref(), firsts.iter().copied())),
                    None => (value.span(), None),
                };
                let near = near.map(str::to_owned);
                let message = format!("this says none of what is possible {}", inside(path));
                let expected = one_of(firsts);
                self.source.error(span, "unknown-key", message).with(expected, near);
            }
            (_, found) => {
                let message = format!("this is {}, not a table", article(found));
                let expected = format!("a table with {}", one_of(firsts));
                self.source.error(value.span(), "wrong-type", message).with(expected, None);
            }
        }
    }

    fn benefit(&mut self, value: &Spanned<DeValue<'_>>, path: &str) {
        match super::formats::benefit(value.get_ref(), self.currency) {
            Ok(benefit) => self.note(path, value.span(), NoteKind::Benefit(benefit)),
            Err(refusal) => self.refuse(value.span(), refusal),
        }
    }

    fn wrong_type(&mut self, wanted: &str, found: &DeValue<'_>, span: Range<usize>, node: Node<'s>, path: &str) {
        let format = node.text("format").unwrap_or_default();
        let message = format!("`{path}` is {}", article(found));
        let expected = match (wanted, format) {
            (_, "money") => "an amount in quotation marks, such as \"EUR 1250.00\"",
            (_, "share") => "a rate in quotation marks, such as \"25%\"",
            ("object", _) => "a table",
            ("array", _) => "a list in square brackets",
            ("integer", _) => "a whole number",
            ("boolean", _) => "true or false",
            _ => "a text in quotation marks",
        };
        let written = &self.source.text[span.clone()];
        let meant = super::formats::converted(wanted, format, written, self.currency);
        self.source.error(span, "wrong-type", message).with(expected, meant);
    }

    fn range(&mut self, number: Option<i64>, span: Range<usize>, node: Node<'s>, path: &str) {
        let bound = |word| node.get(word).and_then(Json::as_i64);
        let (least, most) = (bound("minimum"), bound("maximum"));
        let fits = number
            .is_some_and(|number| least.is_none_or(|least| least <= number) && most.is_none_or(|most| number <= most));
        if fits {
            return;
        }
        let expected = match (least, most) {
            (Some(least), Some(most)) => format!("a whole number from {least} to {most}"),
            (Some(least), None) => format!("a whole number from {least}"),
            _ => "a smaller whole number".to_owned(),
        };
        let message = format!("`{path}` is out of range");
        self.source.error(span, "out-of-range", message).with(expected, None);
    }

    fn enough(&mut self, found: usize, word: &str, span: Range<usize>, node: Node<'s>, path: &str) {
        let least = node.get(word).and_then(Json::as_u64).unwrap_or(0);
        if (found as u64) < least {
            self.source.error(span, "empty-list", format!("`{path}` is empty")).with("at least one", None);
        }
    }

    fn refuse(&mut self, span: Range<usize>, refusal: super::formats::Refusal) {
        let noted = self.source.error(span, refusal.code, refusal.message);
        noted.with(refusal.expected, refusal.suggestion);
    }

    fn note(&mut self, path: &str, span: Range<usize>, kind: NoteKind) {
        self.source.notes.push(Note { path: path.to_owned(), span, kind });
    }
}

fn reference(to: &str, name: &str) -> NoteKind {
    NoteKind::Reference { to: to.to_owned(), name: name.to_owned() }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn inside(path: &str) -> String {
    if path.is_empty() { "in this file".to_owned() } else { format!("in `{path}`") }
}

fn article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a decimal point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A description as the end of a sentence.
fn sentence(description: &str) -> String {
    let mut text = description.trim_end_matches('.').replace('\n', " ");
    if let Some(first) = text.get(..1) {
        let lower = first.to_lowercase();
        text.replace_range(..1, &lower);
    }
    text
}
