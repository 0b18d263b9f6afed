//! What can be said about a rule without any facts: that it can never hold, or that another rule follows from it.
//!
//! Only comparisons of one thing with constants are understood, joined by `and` and `or`; everything else is taken as a
//! condition of its own that may or may not hold. So what is said is certain, and much that is true is not said.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;

use super::ops::ordering;
use super::tree::{BinaryOp, Compare, Expr, Node};
use super::value::Value;

/// Rules with more alternatives than this are not looked into.
const MOST: usize = 128;

/// A part of a rule that cannot hold together with what stands before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The place of the part.
    pub span: Range<usize>,
    /// The part, as written.
    pub text: String,
    /// What it contradicts, as written.
    pub against: String,
}

/// The groups of conditions joined by `and` that can never hold together, wherever they stand in the expression.
pub fn contradictions(expression: &Expr) -> Vec<Contradiction> {
    let mut found = Vec::new();
    search(expression, &mut found);
    found
}

fn search(expression: &Expr, found: &mut Vec<Contradiction>) {
    let joined = matches!(expression.node, Node::Binary(BinaryOp::And, ..));
    let parts = if joined { chain(expression) } else { expression.parts() };
    if joined {
        let mut bounds = Bounds::default();
        let mut seen: Vec<(Atom, &Expr)> = Vec::new();
        for part in &parts {
            let Some(atom) = Atom::of(part, true) else { continue };
            if !bounds.add(&atom) {
                // The last part on the same thing is the other side of the contradiction.
                let other = seen.iter().rev().find(|(known, _)| known.clashes(&atom));
                let other = other.or_else(|| seen.iter().rev().find(|(known, _)| known.key() == atom.key()));
                let against = other.map_or_else(|| "what stands before it".to_owned(), |(_, part)| part.to_string());
                found.push(Contradiction { span: part.span.clone(), text: part.to_string(), against });
                break;
            }
            seen.push((atom, part));
        }
    }
    for part in parts {
        search(part, found);
    }
}

/// The parts of a chain of `and`.
fn chain(expression: &Expr) -> Vec<&Expr> {
    match &expression.node {
        Node::Binary(BinaryOp::And, left, right) => [chain(left), chain(right)].concat(),
        _ => vec![expression],
    }
}

/// A condition as alternatives of which each is a set of bounds.
#[derive(Debug, Clone)]
pub struct Conditions {
    alternatives: Vec<Bounds>,
}

impl Conditions {
    /// None if it has too many alternatives to be looked into.
    pub fn of(expression: &Expr) -> Option<Self> {
        let alternatives = alternatives(expression, true)?;
        let bounds = alternatives.iter().filter_map(|atoms| {
            let mut bounds = Bounds::default();
            atoms.iter().all(|atom| bounds.add(atom)).then_some(bounds)
        });
        Some(Self { alternatives: bounds.collect() })
    }

    /// Both must hold.
    pub fn and(&self, other: &Self) -> Option<Self> {
        if self.alternatives.len() * other.alternatives.len() > MOST {
            return None;
        }
        let joined = self.alternatives.iter().flat_map(|a| other.alternatives.iter().filter_map(|b| a.and(b)));
        Some(Self { alternatives: joined.collect() })
    }

    /// One of them must hold.
    pub fn or(mut self, other: Self) -> Self {
        self.alternatives.extend(other.alternatives);
        self
    }

    /// Whether it can never hold.
    pub fn is_never(&self) -> bool {
        self.alternatives.is_empty()
    }

    /// Whether the other certainly holds wherever this one does.
    pub fn implies(&self, other: &Self) -> bool {
        !self.is_never()
            && self.alternatives.iter().all(|one| other.alternatives.iter().any(|weaker| one.implies(weaker)))
    }
}

/// One condition about one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Atom {
    Compare(String, Compare, Value),
    Other(String, bool),
}

impl Atom {
    fn of(expression: &Expr, wanted: bool) -> Option<Self> {
        match &expression.node {
            Node::Not(inner) => Self::of(inner, !wanted),
            Node::Binary(BinaryOp::Compare(compare), left, right) => {
                let (thing, compare, value) = match (&left.node, &right.node) {
                    (_, Node::Literal(value)) => (left, *compare, value),
                    (Node::Literal(value), _) => (right, compare.mirrored(), value),
                    _ => return Some(Self::Other(expression.to_string(), wanted)),
                };
                // A field that is not set is neither more nor less, so that the negation says something else.
                if !wanted && !matches!(thing.node, Node::Name(_)) {
                    return Some(Self::Other(expression.to_string(), false));
                }
                let compare = if wanted { compare } else { compare.inverse() };
                Some(Self::Compare(thing.to_string(), compare, value.clone()))
            }
            Node::Binary(BinaryOp::And | BinaryOp::Or, ..) | Node::Literal(_) => None,
            _ => Some(Self::Other(expression.to_string(), wanted)),
        }
    }

    fn key(&self) -> &str {
        match self {
            Self::Compare(key, ..) | Self::Other(key, _) => key,
        }
    }

    fn clashes(&self, other: &Self) -> bool {
        let mut bounds = Bounds::default();
        !(bounds.add(self) && bounds.add(other))
    }
}

/// Each alternative as the conditions that must all hold.
fn alternatives(expression: &Expr, wanted: bool) -> Option<Vec<Vec<Atom>>> {
    match &expression.node {
        Node::Not(inner) => alternatives(inner, !wanted),
        Node::Literal(Value::Bool(flag)) => Some(if *flag == wanted { vec![Vec::new()] } else { Vec::new() }),
        Node::Binary(op @ (BinaryOp::And | BinaryOp::Or), left, right) => {
            let (left, right) = (alternatives(left, wanted)?, alternatives(right, wanted)?);
            let all: Vec<Vec<Atom>> = if (*op == BinaryOp::And) == wanted {
                left.iter().flat_map(|a| right.iter().map(|b| [a.as_slice(), b].concat())).collect()
            } else {
                [left, right].concat()
            };
            (all.len() <= MOST).then_some(all)
        }
        _ => Some(vec![vec![Atom::of(expression, wanted)?]]),
    }
}

/// What must hold about each thing.
#[derive(Debug, Clone, Default)]
struct Bounds {
    ranges: BTreeMap<String, Reach>,
    others: BTreeMap<String, bool>,
}

/// The values that one thing may have.
#[derive(Debug, Clone, Default)]
struct Reach {
    /// The bound, and whether it belongs to the range.
    least: Option<(Value, bool)>,
    most: Option<(Value, bool)>,
    /// The one value of a text or a truth value.
    exactly: Option<Value>,
    not: Vec<Value>,
}

impl Bounds {
    /// False if nothing can fulfil all of it any more.
    fn add(&mut self, atom: &Atom) -> bool {
        match atom {
            Atom::Other(text, wanted) => *self.others.entry(text.clone()).or_insert(*wanted) == *wanted,
            Atom::Compare(key, compare, value) => self.ranges.entry(key.clone()).or_default().add(*compare, value),
        }
    }

    fn and(&self, other: &Self) -> Option<Self> {
        let mut joined = self.clone();
        for (text, wanted) in &other.others {
            if *joined.others.entry(text.clone()).or_insert(*wanted) != *wanted {
                return None;
            }
        }
        for (key, reach) in &other.ranges {
            let own = joined.ranges.entry(key.clone()).or_default();
            if !reach.constraints().all(|(compare, value)| own.add(compare, value)) {
                return None;
            }
        }
        Some(joined)
    }

    fn implies(&self, weaker: &Self) -> bool {
        weaker.others.iter().all(|(text, wanted)| self.others.get(text) == Some(wanted))
            && weaker.ranges.iter().all(|(key, reach)| {
                self.ranges
                    .get(key)
                    .is_some_and(|own| reach.constraints().all(|(compare, value)| own.implies(compare, value)))
            })
    }
}

impl Reach {
    fn add(&mut self, compare: Compare, value: &Value) -> bool {
        let tighter = |bound: &Option<(Value, bool)>, order: Ordering, closed: bool| match bound {
            None => true,
            Some((known, known_closed)) => match ordering(value, known) {
                Some(Ordering::Equal) => *known_closed && !closed,
                Some(found) => found == order,
                None => false,
            },
        };
        match compare {
            Compare::Equal if ordering(value, value).is_none() => {
                if self.exactly.as_ref().is_some_and(|known| known != value) {
                    return false;
                }
                self.exactly = Some(value.clone());
            }
            Compare::Equal => return self.add(Compare::AtLeast, value) && self.add(Compare::AtMost, value),
            Compare::NotEqual => self.not.push(value.clone()),
            Compare::AtLeast | Compare::More => {
                let closed = compare == Compare::AtLeast;
                if tighter(&self.least, Ordering::Greater, closed) {
                    self.least = Some((value.clone(), closed));
                }
            }
            Compare::AtMost | Compare::Less => {
                let closed = compare == Compare::AtMost;
                if tighter(&self.most, Ordering::Less, closed) {
                    self.most = Some((value.clone(), closed));
                }
            }
        }
        self.is_possible()
    }

    fn is_possible(&self) -> bool {
        if self.exactly.as_ref().is_some_and(|value| self.not.contains(value)) {
            return false;
        }
        let (Some((least, from)), Some((most, to))) = (&self.least, &self.most) else { return true };
        match ordering(least, most) {
            Some(Ordering::Less) | None => true,
            Some(Ordering::Equal) => *from && *to && !self.not.contains(least),
            Some(Ordering::Greater) => false,
        }
    }

    /// The comparisons that make it up.
    fn constraints(&self) -> impl Iterator<Item = (Compare, &Value)> {
        let least =
            self.least.iter().map(|(value, closed)| (if *closed { Compare::AtLeast } else { Compare::More }, value));
        let most =
            self.most.iter().map(|(value, closed)| (if *closed { Compare::AtMost } else { Compare::Less }, value));
        let exactly = self.exactly.iter().map(|value| (Compare::Equal, value));
        least.chain(most).chain(exactly).chain(self.not.iter().map(|value| (Compare::NotEqual, value)))
    }

    /// Whether everything in it compares so with the value.
    fn implies(&self, compare: Compare, value: &Value) -> bool {
        let beyond = |bound: &Option<(Value, bool)>, order: Ordering, closed_counts: bool| {
            bound.as_ref().is_some_and(|(known, closed)| match ordering(known, value) {
                Some(Ordering::Equal) => closed_counts || !closed,
                Some(found) => found == order,
                None => false,
            })
        };
        match compare {
            Compare::AtLeast => beyond(&self.least, Ordering::Greater, true),
            Compare::More => beyond(&self.least, Ordering::Greater, false),
            Compare::AtMost => beyond(&self.most, Ordering::Less, true),
            Compare::Less => beyond(&self.most, Ordering::Less, false),
            Compare::Equal => {
                self.exactly.as_ref() == Some(value)
                    || (self.implies(Compare::AtLeast, value) && self.implies(Compare::AtMost, value))
            }
            Compare::NotEqual => {
                self.not.contains(value)
                    || self.exactly.as_ref().is_some_and(|known| known != value)
                    || beyond(&self.least, Ordering::Greater, false)
                    || beyond(&self.most, Ordering::Less, false)
            }
        }
    }
}
