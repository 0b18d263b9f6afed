//! The tree of an expression, and how it is written again.

use std::fmt;
use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::Value;

/// An expression with its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expr {
    pub node: Node,
    pub span: Range<usize>,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Literal(Value),
    /// A metric.
    Name(String),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    Call(Function, Vec<Expr>),
}

/// Operators between two expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    Or,
    And,
    Compare(Compare),
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// Comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Compare {
    #[serde(rename = "==")]
    Equal,
    #[serde(rename = "!=")]
    NotEqual,
    #[serde(rename = "<")]
    Less,
    #[serde(rename = "<=")]
    AtMost,
    #[serde(rename = ">")]
    More,
    #[serde(rename = ">=")]
    AtLeast,
}

impl Compare {
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }

    /// The comparison in words, as in "needs at least 3".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Equal => "exactly",
            Self::NotEqual => "anything but",
            Self::Less => "less than",
            Self::AtMost => "at most",
            Self::More => "more than",
            Self::AtLeast => "at least",
        }
    }

    /// The comparison that holds exactly when this one does not.
    pub const fn inverse(self) -> Self {
        match self {
            Self::Equal => Self::NotEqual,
            Self::NotEqual => Self::Equal,
            Self::Less => Self::AtLeast,
            Self::AtMost => Self::More,
            Self::More => Self::AtMost,
            Self::AtLeast => Self::Less,
        }
    }

    /// The comparison with its sides exchanged: `3 <= x` is `x >= 3`.
    pub const fn mirrored(self) -> Self {
        match self {
            Self::Less => Self::More,
            Self::AtMost => Self::AtLeast,
            Self::More => Self::Less,
            Self::AtLeast => Self::AtMost,
            same => same,
        }
    }

    /// Only equality makes sense for texts and truth values.
    pub const fn needs_order(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }
}

/// Functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    Min,
    Max,
}

impl Function {
    pub const NAMES: [&str; 2] = ["min", "max"];

    pub fn named(name: &str) -> Option<Self> {
        match name {
            "min" => Some(Self::Min),
            "max" => Some(Self::Max),
            _ => None,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Min => "min",
            Self::Max => "max",
        }
    }
}

impl BinaryOp {
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Compare(compare) => compare.symbol(),
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
        }
    }

    /// How strongly it binds; stronger is larger.
    pub(crate) const fn strength(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Compare(_) => 4,
            Self::Add | Self::Subtract => 5,
            Self::Multiply | Self::Divide => 6,
        }
    }
}

/// How strongly `not` binds: above `and`, below comparisons.
pub(crate) const NOT: u8 = 3;
const NEGATE: u8 = 7;
const ATOM: u8 = 8;

impl Expr {
    pub(crate) const fn new(node: Node, span: Range<usize>) -> Self {
        Self { node, span }
    }

    /// The names that it reads, in the order of the text, with repetitions.
    pub fn names(&self) -> Vec<&str> {
        match &self.node {
            Node::Literal(_) => Vec::new(),
            Node::Name(name) => vec![name],
            Node::Not(inner) | Node::Negate(inner) => inner.names(),
            Node::Binary(_, left, right) => [left.names(), right.names()].concat(),
            Node::Call(_, arguments) => arguments.iter().flat_map(Self::names).collect(),
        }
    }

    const fn strength(&self) -> u8 {
        match &self.node {
            Node::Literal(_) | Node::Name(_) | Node::Call(..) => ATOM,
            Node::Not(_) => NOT,
            Node::Negate(_) => NEGATE,
            Node::Binary(op, ..) => op.strength(),
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, at_least: u8) -> fmt::Result {
        if self.strength() < at_least {
            f.write_str("(")?;
            self.write(f, 0)?;
            return f.write_str(")");
        }
        match &self.node {
            Node::Literal(value) => write!(f, "{value}"),
            Node::Name(name) => f.write_str(name),
            Node::Not(inner) => {
                f.write_str("not ")?;
                inner.write(f, NOT)
            }
            Node::Negate(inner) => {
                f.write_str("-")?;
                inner.write(f, ATOM)
            }
            Node::Binary(op, left, right) => {
                let strength = op.strength();
                // Comparisons do not chain; the others group to the left.
                let comparing = matches!(op, BinaryOp::Compare(_));
                left.write(f, strength + u8::from(comparing))?;
                write!(f, " {} ", op.symbol())?;
                right.write(f, strength + 1)
            }
            Node::Call(function, arguments) => {
                write!(f, "{}(", function.name())?;
                for (place, argument) in arguments.iter().enumerate() {
                    f.write_str(if place > 0 { ", " } else { "" })?;
                    argument.write(f, 0)?;
                }
                f.write_str(")")
            }
        }
    }
}

/// Written again, with no more parentheses than it needs.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

/// A text literal, with `"` and `\` escaped.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
