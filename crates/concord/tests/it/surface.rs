//! What the product offers, read from the same registry that the binary builds: operations, queries, pages and files.

use kernel::Registry;
use kernel::operation::Method;
use kernel::registry::Declaration;

pub fn registry() -> Registry {
    let mut registry = Registry::default();
    crate::assemble::areas(&mut registry);
    registry
}

/// Paths of pages and files.
pub fn pages(registry: &Registry) -> Vec<&'static str> {
    let pages = registry.parts::<ui::PageSpec>().into_iter().map(|page| page.path);
    let files = registry.parts::<ui::FileSpec>().into_iter().map(|file| file.path);
    let mut all: Vec<&str> = pages.chain(files).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The names in braces.
pub fn holes(path: &str) -> Vec<&str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect()
}

/// The path with each hole filled.
pub fn fill(path: &str, mut value: impl FnMut(&str) -> String) -> String {
    let part = |part: &str| match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
        Some(name) => encode(&value(name)),
        None => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

pub fn encode(text: &str) -> String {
    let byte = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(b).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// List queries without a hole in their path.
pub fn lists(registry: &Registry) -> Vec<&Declaration> {
    let is_list = |d: &&Declaration| {
        d.route.method == Method::Get
            && holes(d.route.path).is_empty()
            && d.output.pointer("/properties/items").is_some()
    };
    registry.catalogue().into_iter().filter(is_list).collect()
}

/// Every id (`deal_01h…`) that a text holds.
pub fn ids(text: &str) -> std::collections::BTreeSet<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_id = |word: &&str| {
        let Some((kind, rest)) = word.split_once('_') else { return false };
        (2..=6).contains(&kind.len())
            && kind.bytes().all(|b| b.is_ascii_lowercase())
            && rest.len() == 26
            && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    text.split(|c| !word(c)).filter(is_id).map(str::to_owned).collect()
}
