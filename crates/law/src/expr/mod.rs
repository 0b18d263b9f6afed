//! The rule language: short typed expressions over metrics, such as
//! `won_value_12m >= EUR 100000.00 and certified_people >= 2`.
//!
//! Text is read by [`lexer`] and [`parser`] into a tree, [`check`] finds unknown names and mixed units before a rule is put
//! in force, and [`eval`] computes it exactly over facts and keeps, for each comparison, the actual values, so that a person
//! can be told what is missing.

mod check;
mod eval;
mod lexer;
mod number;
mod parser;
mod rule;
mod tree;
mod types;
mod value;

pub use check::{Scope, check};
pub use eval::{Comparison, Evaluation, Flag, Trace, compute, evaluate};
pub use number::Number;
pub use parser::parse;
pub use rule::Rule;
pub use tree::{BinaryOp, Compare, Expr, Function, Node};
pub use types::{Catalog, Type};
pub use value::{Amount, Facts, Value};

use std::fmt;
use std::ops::Range;

/// Something wrong with an expression, at its exact place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The bytes of the text that are meant.
    pub span: Range<usize>,
    /// A word for programs, such as `unknown-metric`.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
    /// What would be right there.
    pub expected: Option<String>,
    /// The text to write instead.
    pub suggestion: Option<String>,
}

impl Fault {
    pub(crate) fn new(span: Range<usize>, code: &'static str, message: impl Into<String>) -> Self {
        Self { span, code, message: message.into(), expected: None, suggestion: None }
    }

    pub(crate) fn expecting(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    pub(crate) fn suggesting(mut self, suggestion: Option<impl Into<String>>) -> Self {
        self.suggestion = suggestion.map(Into::into);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at character {})", self.message, self.span.start + 1)?;
        if let Some(expected) = &self.expected {
            write!(f, ", expected {expected}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}
