//! The tree of an expression, and how it is written again.

use std::fmt;
use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::functions::{Function, Method};
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
    /// A metric, a set of facts, a variable, or a word of the language such as `now`.
    Name(String),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    Call(Function, Vec<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `condition ? one : other`
    If(Box<[Expr; 3]>),
    /// `deal.value`
    Field(Box<Expr>, String),
    /// `deals.filter(d, …)`
    Method(Box<MethodCall>),
}

/// Something done with a list, a text or a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodCall {
    pub on: Expr,
    pub method: Method,
    /// How many, for `top` and `bottom`.
    pub plain: Option<Expr>,
    /// The name of each item, and what is computed of it.
    pub each: Option<(String, Expr)>,
}

/// Operators between two expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    Or,
    And,
    Compare(Compare),
    /// `x in list`, `at in period`
    In,
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

    /// Whether more of what is measured helps.
    pub const fn needs_more(self) -> bool {
        matches!(self, Self::More | Self::AtLeast)
    }

    /// Only equality makes sense for texts and truth values.
    pub const fn needs_order(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }
}

impl BinaryOp {
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Compare(compare) => compare.symbol(),
            Self::In => "in",
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
            Self::Compare(_) | Self::In => 4,
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

    /// The names that it reads from outside, in the order of the text, with repetitions; variables of its own are none.
    pub fn names(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.collect(&mut Vec::new(), &mut found);
        found
    }

    fn collect<'a>(&'a self, own: &mut Vec<&'a str>, found: &mut Vec<&'a str>) {
        if let Node::Name(name) = &self.node
            && !own.contains(&name.as_str())
        {
            found.push(name);
        }
        match &self.node {
            Node::Method(call) => {
                call.on.collect(own, found);
                call.plain.iter().for_each(|plain| plain.collect(own, found));
                if let Some((variable, body)) = &call.each {
                    own.push(variable);
                    body.collect(own, found);
                    own.pop();
                }
            }
            _ => self.parts().into_iter().for_each(|part| part.collect(own, found)),
        }
    }

    /// The expressions that it is made of, in the order of the text.
    pub fn parts(&self) -> Vec<&Expr> {
        match &self.node {
            Node::Literal(_) | Node::Name(_) => Vec::new(),
            Node::Not(inner) | Node::Negate(inner) | Node::Field(inner, _) => vec![inner],
            Node::Binary(_, left, right) => vec![left, right],
            Node::Call(_, items) | Node::List(items) => items.iter().collect(),
            Node::If(parts) => parts.iter().collect(),
            Node::Method(call) => {
                let each = call.each.iter().map(|(_, body)| body);
                std::iter::once(&call.on).chain(&call.plain).chain(each).collect()
            }
        }
    }

    /// Looks at it and all of its parts, outermost first.
    pub fn walk<'a>(&'a self, look: &mut impl FnMut(&'a Expr)) {
        look(self);
        for part in self.parts() {
            part.walk(look);
        }
    }

    const fn strength(&self) -> u8 {
        match &self.node {
            Node::Literal(_) | Node::Name(_) | Node::Call(..) | Node::List(_) | Node::Field(..) | Node::Method(_) => {
                ATOM
            }
            Node::If(_) => 0,
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
                let comparing = matches!(op, BinaryOp::Compare(_) | BinaryOp::In);
                left.write(f, strength + u8::from(comparing))?;
                write!(f, " {} ", op.symbol())?;
                right.write(f, strength + 1)
            }
            Node::Call(function, arguments) => {
                write!(f, "{}(", function.name())?;
                listed(f, arguments)?;
                f.write_str(")")
            }
            Node::List(items) => {
                f.write_str("[")?;
                listed(f, items)?;
                f.write_str("]")
            }
            Node::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                condition.write(f, 1)?;
                f.write_str(" ? ")?;
                then.write(f, 1)?;
                f.write_str(" : ")?;
                otherwise.write(f, 0)
            }
            Node::Field(of, name) => {
                of.write(f, ATOM)?;
                write!(f, ".{name}")
            }
            Node::Method(call) => {
                call.on.write(f, ATOM)?;
                write!(f, ".{}(", call.method.name())?;
                if let Some(plain) = &call.plain {
                    plain.write(f, 0)?;
                    f.write_str(if call.each.is_some() { ", " } else { "" })?;
                }
                if let Some((variable, body)) = &call.each {
                    write!(f, "{variable}, ")?;
                    body.write(f, 0)?;
                }
                f.write_str(")")
            }
        }
    }
}

fn listed(f: &mut fmt::Formatter<'_>, items: &[Expr]) -> fmt::Result {
    for (place, item) in items.iter().enumerate() {
        f.write_str(if place > 0 { ", " } else { "" })?;
        item.write(f, 0)?;
    }
    Ok(())
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
