//! The smallest change that would make a rule hold: what is missing in each of its alternatives, the nearest first.
//!
//! For every comparison that does not hold it says how far the measured value is from the bound; whether one alternative is
//! nearer than another is judged by how many conditions are missing, then by how large the gaps are against their bounds.
//! For a later date the facts are taken as they will stand then if nothing happens: what drops out of a window is gone.

use std::cmp::Ordering;

use kernel::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::expr::{
    BinaryOp, Compare, Expr, Function, Needs, Node, Number, Rule, Trace, Value, View, compute_in, difference,
    evaluate_in, words,
};

/// How a rule can come to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Path {
    /// Alternatives, the nearest first; none if the rule holds, or if nothing can make it hold.
    pub ways: Vec<Way>,
    /// Whether the rule holds already (at the date that was asked for, if nothing happens).
    pub holds: bool,
    /// Whether the gaps are exact.
    pub exact: bool,
    /// Why they are not, or what they take for granted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Changes that together make the rule hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Way {
    pub gaps: Vec<Gap>,
}

/// One thing that has to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// What is measured, in words.
    pub measured: String,
    pub actual: Value,
    pub needed: Value,
    /// What is missing; absent where that cannot be counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Value>,
    /// A sentence for people.
    pub text: String,
}

/// At most so many alternatives are looked at.
const MOST: usize = 64;

impl Path {
    /// What would make all of these rules hold, now or by a later date.
    pub fn to(rules: &[&Rule], view: View<'_>, by: Option<Timestamp>) -> Self {
        Self::to_any(rules, &[], view, by)
    }

    /// What would make all of these rules hold and, if there are any, one of the others besides.
    pub fn to_any(rules: &[&Rule], either: &[&Rule], view: View<'_>, by: Option<Timestamp>) -> Self {
        let later = by.filter(|by| view.now().is_some_and(|now| *by > now));
        let view = later.map_or(view, |by| view.at(by));
        let mut ways = vec![Way { gaps: Vec::new() }];
        for rule in rules {
            ways = joined(ways, of(rule.tree(), view, true, 0));
        }
        if !either.is_empty() {
            ways = joined(ways, either.iter().flat_map(|rule| of(rule.tree(), view, true, 0)).collect());
        }
        let holds = ways.iter().any(|way| way.gaps.is_empty());
        ways.retain(|way| !holds && !way.gaps.is_empty());
        ways.sort_by(nearer);
        let needs = Needs::of(rules.iter().chain(either).map(|rule| rule.tree()), view.basis());
        let mut notes = Vec::new();
        if later.is_some() {
            let measured: Vec<&str> = view.measured(&needs.names);
            if !measured.is_empty() {
                notes
                    .push(format!("{} as measured today; what changes until then is not counted", measured.join(", ")));
            }
        }
        let exact = notes.is_empty() && needs.compared.is_empty();
        if !needs.compared.is_empty() {
            let names: Vec<&str> = needs.compared.keys().map(String::as_str).collect();
            notes.push(format!("other partners as they stand now in {}", names.join(", ")));
        }
        Self { ways, holds, exact, notes }
    }

    /// The same over several groups of facts, such as regions, in one of which the rules must hold: all ways together.
    pub fn in_one_of(groups: impl IntoIterator<Item = (String, Self)>) -> Self {
        let mut all = Self { ways: Vec::new(), holds: false, exact: true, notes: Vec::new() };
        for (name, path) in groups {
            all.holds |= path.holds;
            all.exact &= path.exact;
            all.notes.extend(path.notes.into_iter().filter(|note| !all.notes.contains(note)).collect::<Vec<_>>());
            all.ways.extend(path.ways.into_iter().map(|mut way| {
                if let Some(gap) = way.gaps.first_mut() {
                    gap.text = format!("in {name}: {}", gap.text);
                }
                way
            }));
        }
        all.ways.retain(|_| !all.holds);
        all.ways.sort_by(nearer);
        all
    }
}

/// The ways in which an expression (or its negation) comes to hold; one way without gaps if it does.
fn of(expression: &Expr, view: View<'_>, wanted: bool, depth: u32) -> Vec<Way> {
    match &expression.node {
        Node::Not(inner) => of(inner, view, !wanted, depth),
        Node::Binary(op @ (BinaryOp::And | BinaryOp::Or), left, right) => {
            let (left, right) = (of(left, view, wanted, depth), of(right, view, wanted, depth));
            if (*op == BinaryOp::And) == wanted { joined(left, right) } else { [left, right].concat() }
        }
        Node::If(parts) => {
            let [condition, then, otherwise] = &**parts;
            match compute_in(condition, view) {
                Value::Bool(true) => of(then, view, wanted, depth),
                Value::Bool(false) => of(otherwise, view, wanted, depth),
                _ => atom(expression, view, wanted),
            }
        }
        Node::Name(name) => match view.basis().metrics.get(name) {
            Some(metric) if metric.by.is_none() && depth < 8 => of(metric.formula.tree(), view, wanted, depth + 1),
            _ => atom(expression, view, wanted),
        },
        _ => atom(expression, view, wanted),
    }
}

fn joined(left: Vec<Way>, right: Vec<Way>) -> Vec<Way> {
    let mut all: Vec<Way> = left
        .iter()
        .flat_map(|a| {
            right.iter().map(|b| {
                let mut gaps = a.gaps.clone();
                gaps.extend(b.gaps.iter().filter(|gap| !a.gaps.contains(gap)).cloned());
                Way { gaps }
            })
        })
        .collect();
    // Only the nearest are carried on, so that many alternatives do not multiply.
    all.sort_by(nearer);
    all.truncate(MOST);
    all
}

fn nearer(a: &Way, b: &Way) -> Ordering {
    a.gaps.len().cmp(&b.gaps.len()).then_with(|| a.weight().cmp(&b.weight()))
}

impl Way {
    /// The gaps against their bounds, added up; what cannot be counted weighs as much as its whole bound.
    fn weight(&self) -> Number {
        let one = Number::whole(1);
        let sum = self.gaps.iter().map(Gap::weight).try_fold(Number::ZERO, |sum, next| sum.checked_add(next));
        sum.unwrap_or_else(|| one.checked_mul(Number::whole(self.gaps.len() as i128)).unwrap_or(one))
    }

    /// One sentence for people.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.gaps.iter().map(|gap| gap.text.as_str()).collect();
        texts.join(" and ")
    }
}

impl Gap {
    fn weight(&self) -> Number {
        let one = Number::whole(1);
        match (number(self.gap.as_ref()), number(Some(&self.needed))) {
            (Some(gap), Some(needed)) if !needed.is_zero() => {
                gap.checked_div(needed).map_or(one, |share| share.max(share.negated()))
            }
            _ => one,
        }
    }
}

const fn number(value: Option<&Value>) -> Option<Number> {
    match value {
        Some(Value::Count(number) | Value::Ratio(number) | Value::Duration(number)) => Some(*number),
        Some(Value::Money(amount)) => Some(amount.minor),
        _ => None,
    }
}

fn atom(expression: &Expr, view: View<'_>, wanted: bool) -> Vec<Way> {
    if let Node::Binary(BinaryOp::Compare(compare), left, _) = &expression.node
        && let (true, Node::Call(Function::TopShare, arguments)) = (wanted && !compare.needs_more(), &left.node)
        && let Some(metric) = arguments.first()
        && let Some(ways) = among(expression, metric, view)
    {
        return ways;
    }
    let evaluation = evaluate_in(expression, view);
    if evaluation.truth == Some(wanted) {
        return vec![Way { gaps: Vec::new() }];
    }
    let gap = match evaluation.trace {
        Trace::Compare(seen) => {
            let compare = if wanted { seen.compare } else { seen.compare.inverse() };
            compared(seen.measured, seen.actual, compare, seen.needed)
        }
        Trace::Constant(Some(_)) => return Vec::new(),
        _ => {
            let measured = words(expression);
            let text = if wanted { format!("{measured} must be so") } else { format!("{measured} must not be so") };
            let actual = evaluation.truth.map_or_else(|| Value::unknown("not known"), Value::Bool);
            Gap { measured, actual, needed: Value::Bool(wanted), gap: None, text }
        }
    };
    vec![Way { gaps: vec![gap] }]
}

fn compared(measured: String, actual: Value, compare: Compare, needed: Value) -> Gap {
    let missing = difference(&needed, &actual);
    let (words, bound) = (compare.words(), needed.pretty());
    let (gap, text) = match (compare, &missing, &actual) {
        (_, _, Value::Unknown(_)) => (None, format!("{measured} must be measured and be {words} {bound}")),
        (Compare::AtLeast, Some(gap), _) => (missing.clone(), format!("{measured}: {} more", gap.pretty())),
        (Compare::More, Some(gap), _) => (missing.clone(), format!("{measured}: over {} more", gap.pretty())),
        (Compare::AtMost | Compare::Less, Some(_), _) => {
            let less = difference(&actual, &needed);
            let shown = less.as_ref().map(Value::pretty).unwrap_or_default();
            let over = if compare == Compare::Less { "over " } else { "" };
            (less, format!("{measured}: {over}{shown} less"))
        }
        _ => (None, format!("{measured} must be {words} {bound}")),
    };
    Gap { measured, actual, needed, gap, text }
}

/// Into the top 5%: the least figure with which a partner is among them now.
fn among(expression: &Expr, metric: &Expr, view: View<'_>) -> Option<Vec<Way>> {
    if compute_in(expression, view) == Value::Bool(true) {
        return Some(vec![Way { gaps: Vec::new() }]);
    }
    let (Node::Name(name), Node::Binary(_, _, share)) = (&metric.node, &expression.node) else { return None };
    let Node::Literal(share) = &share.node else { return None };
    let needed = view.bar(name, &share.to_string())?.clone();
    let gap = compared(words(metric), compute_in(metric, view), Compare::AtLeast, needed);
    let text = format!("{}, to be among the top {}", gap.text, share.pretty());
    Some(vec![Way { gaps: vec![Gap { text, ..gap }] }])
}
