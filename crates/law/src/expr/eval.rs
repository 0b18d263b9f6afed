//! Evaluates a rule exactly over facts and keeps what each comparison saw, so that the outcome can be explained.
//!
//! What is not known stays unknown: a rule holds only if it holds whatever the unknown values turn out to be, and neither a
//! comparison with something unknown nor its negation holds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::number::Number;
use super::tree::{BinaryOp, Compare, Expr, Function, Node};
use super::value::{Amount, Facts, Value};

/// The outcome of a rule with the trace that explains it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evaluation {
    /// True, false, or absent where facts are missing to tell.
    pub truth: Option<bool>,
    /// What each part of the rule saw.
    pub trace: Trace,
}

/// What the parts of a rule saw. Negations are resolved: `not (a > 3)` appears as `a <= 3`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trace {
    /// All of these must hold.
    All(Vec<Trace>),
    /// One of these must hold.
    Any(Vec<Trace>),
    Compare(Comparison),
    Flag(Flag),
    /// `true` or `false` as written, or absent for what is no condition at all.
    Constant(Option<bool>),
}

/// A comparison with the values that it saw; what is measured is on the left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// What is measured, as the rule writes it.
    pub measured: String,
    pub actual: Value,
    pub compare: Compare,
    pub needed: Value,
    pub holds: Option<bool>,
}

/// A metric that is true or false by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Flag {
    pub name: String,
    pub actual: Value,
    pub needed: bool,
}

/// Whether a rule holds for these facts, and why.
pub fn evaluate(expression: &Expr, facts: &Facts) -> Evaluation {
    let trace = trace(expression, facts, true);
    Evaluation { truth: trace.truth(), trace }
}

impl Evaluation {
    /// Whether it certainly holds.
    pub fn holds(&self) -> bool {
        self.truth == Some(true)
    }

    /// One sentence for each comparison, whether it holds or not.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        self.trace.collect(&mut sentences);
        sentences
    }

    /// One sentence for each thing that is missing; alternatives are joined in one. Empty if the rule holds.
    pub fn missing(&self) -> Vec<String> {
        self.trace.missing()
    }
}

impl Trace {
    /// Three-valued: unknown parts leave open what they could still decide.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::All(parts) => join(parts, false),
            Self::Any(parts) => join(parts, true),
            Self::Compare(comparison) => comparison.holds,
            Self::Flag(flag) => flag.holds(),
            Self::Constant(truth) => *truth,
        }
    }

    fn collect(&self, sentences: &mut Vec<String>) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().for_each(|part| part.collect(sentences));
            }
            Self::Compare(comparison) => sentences.push(comparison.sentence()),
            Self::Flag(flag) => sentences.push(flag.sentence()),
            Self::Constant(_) => {}
        }
    }

    fn missing(&self) -> Vec<String> {
        if self.truth() == Some(true) {
            return Vec::new();
        }
        match self {
            Self::All(parts) => parts.iter().flat_map(Self::missing).collect(),
            Self::Any(parts) => {
                let ways: Vec<String> = parts.iter().map(|part| part.missing().join(" and ")).collect();
                vec![format!("either {}", ways.join(", or "))]
            }
            Self::Compare(comparison) => vec![comparison.sentence()],
            Self::Flag(flag) => vec![flag.sentence()],
            Self::Constant(_) => vec!["the rule itself says no".to_owned()],
        }
    }
}

/// `decisive` decides alone; without it, one unknown leaves all unknown.
fn join(parts: &[Trace], decisive: bool) -> Option<bool> {
    let truths: Vec<Option<bool>> = parts.iter().map(Trace::truth).collect();
    if truths.contains(&Some(decisive)) {
        Some(decisive)
    } else if truths.contains(&None) {
        None
    } else {
        Some(!decisive)
    }
}

impl Comparison {
    /// Such as "won_value_12m is EUR 80,000.00, needs at least EUR 100,000.00".
    pub fn sentence(&self) -> String {
        let needs = if self.holds == Some(true) { "as needed " } else { "needs " };
        format!(
            "{} is {}, {needs}{} {}",
            self.measured,
            self.actual.pretty(),
            self.compare.words(),
            self.needed.pretty()
        )
    }

    /// How much is missing to reach the bound, where that can be counted.
    pub fn shortfall(&self) -> Option<Value> {
        if self.holds != Some(false) || !matches!(self.compare, Compare::AtLeast | Compare::More) {
            return None;
        }
        match arithmetic(BinaryOp::Subtract, &self.needed, &self.actual) {
            Value::Unknown(_) => None,
            gap => Some(gap),
        }
    }
}

impl Flag {
    fn holds(&self) -> Option<bool> {
        match self.actual {
            Value::Bool(actual) => Some(actual == self.needed),
            _ => None,
        }
    }

    fn sentence(&self) -> String {
        let known = format!("{} is {}", self.name, self.actual.pretty());
        match self.holds() {
            Some(true) => format!("{known}, as needed"),
            _ => format!("{known}, needs to be {}", self.needed),
        }
    }
}

/// The trace of a condition, or of its negation where `wanted` is false.
fn trace(expression: &Expr, facts: &Facts, wanted: bool) -> Trace {
    match &expression.node {
        Node::Not(inner) => trace(inner, facts, !wanted),
        Node::Binary(op @ (BinaryOp::And | BinaryOp::Or), left, right) => {
            let mut parts = Vec::new();
            for side in [left, right] {
                match (trace(side, facts, wanted), (*op == BinaryOp::And) == wanted) {
                    (Trace::All(inner), true) | (Trace::Any(inner), false) => parts.extend(inner),
                    (other, _) => parts.push(other),
                }
            }
            if (*op == BinaryOp::And) == wanted { Trace::All(parts) } else { Trace::Any(parts) }
        }
        Node::Binary(BinaryOp::Compare(compare), left, right) => {
            // Bounds are often written first (`3 <= certified_people`); explanations put what is measured first.
            let turned = left.names().is_empty() && !right.names().is_empty();
            let (measured, needed, compare) =
                if turned { (right, left, compare.mirrored()) } else { (left, right, *compare) };
            let compare = if wanted { compare } else { compare.inverse() };
            let (actual, bound) = (compute(measured, facts), compute(needed, facts));
            Trace::Compare(Comparison {
                measured: measured.to_string(),
                holds: compared(compare, &actual, &bound),
                actual,
                compare,
                needed: bound,
            })
        }
        Node::Name(name) => {
            Trace::Flag(Flag { name: name.clone(), actual: compute(expression, facts), needed: wanted })
        }
        Node::Literal(Value::Bool(flag)) => Trace::Constant(Some(*flag == wanted)),
        Node::Literal(_) | Node::Negate(_) | Node::Binary(..) | Node::Call(..) => Trace::Constant(None),
    }
}

/// The value of an expression for these facts.
pub fn compute(expression: &Expr, facts: &Facts) -> Value {
    match &expression.node {
        Node::Literal(value) => value.clone(),
        Node::Name(name) => match facts.get(name) {
            Some(value) => value.clone(),
            None => Value::unknown("not measured yet"),
        },
        Node::Negate(inner) => match compute(inner, facts) {
            Value::Count(number) => Value::Count(number.negated()),
            Value::Ratio(number) => Value::Ratio(number.negated()),
            Value::Duration(number) => Value::Duration(number.negated()),
            Value::Money(amount) => Value::Money(Amount { minor: amount.minor.negated(), ..amount }),
            Value::Unknown(reason) => Value::Unknown(reason),
            other => Value::unknown(format!("{other} has no negative")),
        },
        Node::Not(_) | Node::Binary(BinaryOp::And | BinaryOp::Or | BinaryOp::Compare(_), ..) => {
            match trace(expression, facts, true).truth() {
                Some(truth) => Value::Bool(truth),
                None => Value::unknown(format!("`{expression}` depends on what is not known")),
            }
        }
        Node::Binary(op, left, right) => arithmetic(*op, &compute(left, facts), &compute(right, facts)),
        Node::Call(function, arguments) => {
            let values = arguments.iter().map(|argument| compute(argument, facts));
            let best = values.reduce(|best, next| better(*function, best, next));
            best.unwrap_or_else(|| Value::unknown("nothing to choose from"))
        }
    }
}

fn better(function: Function, best: Value, next: Value) -> Value {
    let compare = match function {
        Function::Min => Compare::Less,
        Function::Max => Compare::More,
    };
    match compared(compare, &next, &best) {
        Some(true) => next,
        Some(false) => best,
        None if matches!(best, Value::Unknown(_)) => best,
        None if matches!(next, Value::Unknown(_)) => next,
        None => Value::unknown(format!("{best} and {next} cannot be compared")),
    }
}

fn compared(compare: Compare, left: &Value, right: &Value) -> Option<bool> {
    let order = match (left, right) {
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => a.minor.cmp(&b.minor),
        (Value::Count(a), Value::Count(b))
        | (Value::Ratio(a), Value::Ratio(b))
        | (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) if !compare.needs_order() => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) if !compare.needs_order() => a.cmp(b),
        _ => return None,
    };
    Some(match compare {
        Compare::Equal => order.is_eq(),
        Compare::NotEqual => order.is_ne(),
        Compare::Less => order.is_lt(),
        Compare::AtMost => order.is_le(),
        Compare::More => order.is_gt(),
        Compare::AtLeast => order.is_ge(),
    })
}

fn arithmetic(op: BinaryOp, left: &Value, right: &Value) -> Value {
    use Value::{Count, Duration, Money, Ratio, Unknown};
    let number = |a: Number, b: Number| match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Subtract => a.checked_sub(b),
        BinaryOp::Multiply => a.checked_mul(b),
        BinaryOp::Divide => a.checked_div(b),
        BinaryOp::Or | BinaryOp::And | BinaryOp::Compare(_) => None,
    };
    let money = |minor: Option<Number>, currency| minor.map(|minor| Money(Amount { minor, currency }));
    let summing = matches!(op, BinaryOp::Add | BinaryOp::Subtract);
    let dividing = op == BinaryOp::Divide;
    let multiplying = op == BinaryOp::Multiply;
    let result = match (left, right) {
        (Unknown(reason), _) | (_, Unknown(reason)) => return Unknown(reason.clone()),
        (Money(a), Money(b)) if summing && a.currency == b.currency => money(number(a.minor, b.minor), a.currency),
        (Money(a), Money(b)) if dividing && a.currency == b.currency => number(a.minor, b.minor).map(Ratio),
        (Money(a), Count(b) | Ratio(b)) if !summing => money(number(a.minor, *b), a.currency),
        (Count(a) | Ratio(a), Money(b)) if multiplying => money(number(*a, b.minor), b.currency),
        (Count(a), Count(b)) | (Duration(a), Duration(b)) if dividing => number(*a, *b).map(Ratio),
        (Count(a), Count(b)) => number(*a, *b).map(Count),
        (Ratio(a), Ratio(b)) => number(*a, *b).map(Ratio),
        (Duration(a), Duration(b)) if summing => number(*a, *b).map(Duration),
        (Duration(a), Count(b) | Ratio(b)) if !summing => number(*a, *b).map(Duration),
        (Count(a) | Ratio(a), Duration(b)) if multiplying => number(*a, *b).map(Duration),
        (Count(a), Ratio(b)) | (Ratio(b), Count(a)) if multiplying => number(*a, *b).map(Count),
        (Count(a), Ratio(b)) if dividing => number(*a, *b).map(Count),
        (Ratio(a), Count(b)) if dividing => number(*a, *b).map(Ratio),
        _ => None,
    };
    result.unwrap_or_else(|| {
        let symbol = op.symbol();
        Value::unknown(format!("{left} {symbol} {right} cannot be computed"))
    })
}
