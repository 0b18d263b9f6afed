//! A rule in a program file: its text as written, and the tree that was read from it.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Fault;
use super::facts::View;
use super::parser::parse;
use super::trace::{Evaluation, compute_in, evaluate, evaluate_in, holds_in};
use super::tree::Expr;
use super::value::{Facts, Value};

/// A rule that can be read. It is stored as its text.
#[derive(Debug, Clone)]
pub struct Rule {
    text: String,
    tree: Expr,
}

impl Rule {
    pub fn text(&self) -> &str {
        &self.text
    }

    pub const fn tree(&self) -> &Expr {
        &self.tree
    }

    /// The names that it reads (metrics, sets of facts, words such as `now`), sorted, each once.
    pub fn metrics(&self) -> Vec<&str> {
        let mut names = self.tree.names();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether it holds for these facts, and why.
    pub fn explain(&self, view: View<'_>) -> Evaluation {
        evaluate_in(&self.tree, view)
    }

    /// Whether it certainly holds, without the reasons.
    pub fn holds(&self, view: View<'_>) -> bool {
        holds_in(&self.tree, view) == Some(true)
    }

    /// What it gives, if it is a formula.
    pub fn compute(&self, view: View<'_>) -> Value {
        compute_in(&self.tree, view)
    }

    /// Whether it holds for these metrics, and why.
    pub fn evaluate(&self, facts: &Facts) -> Evaluation {
        evaluate(&self.tree, facts)
    }
}

impl FromStr for Rule {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        Ok(Self { text: text.to_owned(), tree: parse(text)? })
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
impl Eq for Rule {}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}
impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
impl JsonSchema for Rule {
    fn schema_name() -> Cow<'static, str> {
        "Rule".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "format": "rule", "examples": ["won_value_12m >= EUR 100000.00 and won_deals_12m >= 2"],
            "description": "A rule over metrics"
        })
    }
    fn inline_schema() -> bool {
        true
    }
}
