//! The rule language: short typed expressions over metrics, such as
//! `won_value_12m >= EUR 100000.00 and won_deals_12m >= 2`.
//!
//! Text is read by [`lexer`] and [`parser`] into a tree, [`check`] finds unknown names and mixed units before a rule is put
//! in force, and [`machine`] computes it exactly over facts, and [`trace`] keeps what each comparison saw, so that a person can be told
//! what is missing.

mod basis;
mod bounds;
mod calls;
mod check;
mod days;
mod facts;
mod functions;
mod lexer;
mod lists;
mod machine;
mod needs;
mod number;
mod ops;
mod parser;
mod population;
mod rubric;
mod rule;
mod scan;
mod sets;
mod time;
mod trace;
mod tree;
mod types;
mod value;
mod words;

pub use basis::Basis;
pub use bounds::{Conditions, Contradiction, contradictions};
pub(crate) use check::is_reserved;
pub use check::{Declared, Scope, check};
pub use facts::{Case, FactSet, Memo, View};
pub use functions::{Function, Method};
pub use needs::{Needs, figure};
pub use number::Number;
pub use parser::parse;
pub use population::{Population, Standing};
pub use rubric::{Scored, ScoredCard};
pub use rule::Rule;
pub use time::{Calendar, Cycle, Span};
pub use trace::{Comparison, Condition, Evaluation, Flag, Trace, compute, compute_in, evaluate, evaluate_in, holds_in};
pub use tree::{BinaryOp, Compare, Expr, MethodCall, Node};
pub use types::{Catalog, SetType, Type};
pub use value::{Amount, Facts, Value};
pub use words::words;

use std::fmt;
use std::ops::Range;

/// One value less another of the same unit, if that can be computed.
pub(crate) fn difference(value: &Value, other: &Value) -> Option<Value> {
    match ops::arithmetic(BinaryOp::Subtract, value, other) {
        Value::Unknown(_) | Value::Zero => None,
        difference => Some(difference),
    }
}

/// Whether a value is certainly more than another.
pub(crate) fn is_more(value: &Value, other: &Value) -> bool {
    ops::compared(Compare::More, value, other) == Some(true)
}

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
