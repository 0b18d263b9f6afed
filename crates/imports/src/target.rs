//! What can be imported: an area names the operation that a row runs, and how to find, change and undo what it makes.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use kernel::{Registry, Result, Scope, Tx};
use serde_json::Value as Json;

/// Fields by name, as texts: `customer.name` is the field `name` of `customer`.
pub type Texts = BTreeMap<String, String>;

/// Reads one thing, named by its id or by what a row says about it.
pub type Read<K, T> = for<'a> fn(&'a mut Tx, Scope, &'a K) -> BoxFuture<'a, Result<T>>;

/// Something known that a row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub id: String,
    /// Why it is taken for the same, such as `the domain brandt.example is the same`.
    pub because: String,
}

/// The operation that changes what exists.
#[derive(Clone, Copy)]
pub struct Update {
    pub operation: &'static str,
    /// The field that takes the id.
    pub id: &'static str,
    /// The fields that it can change. An empty text takes a value away where the operation allows it.
    pub fields: &'static [&'static str],
}

/// The inverse in the words of the domain: withdraw, close, archive.
#[derive(Clone, Copy)]
pub struct Undo {
    pub operation: &'static str,
    pub id: &'static str,
    /// Further input, such as the reason.
    pub fixed: fn() -> Json,
}

/// Something that can be imported; an area adds it with `registry.add(Target { … })`.
#[derive(Clone, Copy)]
pub struct Target {
    /// Such as `customers`.
    pub key: &'static str,
    pub title: &'static str,
    /// One of them, such as `customer`.
    pub thing: &'static str,
    pub create: &'static str,
    /// Where the id is in the output of the operation, as a JSON pointer.
    pub id: &'static str,
    pub update: Option<Update>,
    pub undo: Undo,
    /// Fields that name a thing of another target: its id, its key in the source, or its name.
    pub references: &'static [(&'static str, &'static str)],
    /// Other names of fields in the headers of exports, such as `("identity.name", "customer.name")`.
    pub aliases: &'static [(&'static str, &'static str)],
    /// What is known about one now, by the names of the fields.
    pub current: Read<str, Option<Texts>>,
    /// One that is there already, by what the row says about it.
    pub find: Read<Texts, Option<Found>>,
    /// Whether what a row says about a field is what is known.
    pub same: fn(field: &str, given: &str, known: &str) -> bool,
}

/// What depends on imported things of a target, in sentences; a higher area adds it.
#[derive(Clone, Copy)]
pub struct Dependent {
    pub target: &'static str,
    pub find: Read<str, Vec<String>>,
}

/// The plain comparison of two texts.
pub fn same_text(_field: &str, given: &str, known: &str) -> bool {
    given.trim() == known
}

/// A thing as flat texts; what is absent is an empty text.
pub fn texts_of(thing: &impl serde::Serialize) -> Result<Texts> {
    let mut texts = Texts::new();
    flatten("", &serde_json::to_value(thing)?, &mut texts);
    Ok(texts)
}

pub(crate) fn flatten(prefix: &str, value: &Json, texts: &mut Texts) {
    let text = match value {
        Json::Object(object) => {
            for (name, value) in object {
                let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                flatten(&name, value, texts);
            }
            return;
        }
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    texts.insert(prefix.to_owned(), text);
}

/// The target of that key, or what can be imported instead.
pub(crate) fn target_of(registry: &Registry, key: &str) -> Result<Target> {
    let all = registry.parts::<Target>();
    all.iter().find(|target| target.key == key).map(|target| **target).ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(|target| target.key).collect();
        kernel::Error::invalid("target", format!("`{key}` cannot be imported; choose one of {}", known.join(", ")))
    })
}
