//! Evaluates a rule exactly over facts and keeps what each comparison saw, so that the outcome can be explained.
//!
//! What is not known stays unknown: a rule holds only if it holds whatever the unknown values turn out to be, and neither a
//! comparison with something unknown nor its negation holds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::facts::View;
use super::functions::{Function, Method};
use super::machine::Machine;
use super::ops::{arithmetic, compared};
use super::tree::{BinaryOp, Compare, Expr, Node};
use super::value::{Facts, Value};
use super::words::words;

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
    Condition(Condition),
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

/// Any other condition, such as one about each fact of a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Condition {
    /// The condition in words.
    pub text: String,
    /// Whether it is so; absent if that is not known.
    pub actual: Option<bool>,
    pub needed: bool,
    /// What it saw, such as the day that decided.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Whether a rule holds for these metrics, and why.
pub fn evaluate(expression: &Expr, facts: &Facts) -> Evaluation {
    evaluate_in(expression, View::plain(facts))
}

/// Whether a rule holds for these facts, and why.
pub fn evaluate_in(expression: &Expr, view: View<'_>) -> Evaluation {
    let mut machine = Machine::new(view);
    let trace = trace(&mut machine, expression, true, 0);
    Evaluation { truth: trace.truth(), trace }
}

/// Whether a rule holds, without the reasons, which take most of the time; none if that is not known.
pub fn holds_in(expression: &Expr, view: View<'_>) -> Option<bool> {
    Machine::new(view).truth(expression)
}

/// The value of an expression for these metrics.
pub fn compute(expression: &Expr, facts: &Facts) -> Value {
    compute_in(expression, View::plain(facts))
}

/// The value of an expression for these facts.
pub fn compute_in(expression: &Expr, view: View<'_>) -> Value {
    Machine::new(view).value(expression).into_owned()
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
            Self::Condition(condition) => condition.holds(),
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
            Self::Condition(condition) => sentences.push(condition.sentence()),
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
            Self::Condition(condition) => vec![condition.sentence()],
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

impl Condition {
    pub fn holds(&self) -> Option<bool> {
        self.actual.map(|actual| actual == self.needed)
    }

    /// Such as "needed is: region is one of “DACH”, “US” (it is “FR”)".
    pub fn sentence(&self) -> String {
        let text = if self.needed { self.text.clone() } else { format!("not so that {}", self.text) };
        let note = if self.note.is_empty() { String::new() } else { format!(" ({})", self.note) };
        match self.holds() {
            Some(true) => format!("as needed: {text}{note}"),
            Some(false) => format!("needed is: {text}{note}"),
            None => format!("not known is whether {}{note}", self.text),
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

/// Formulas are explained through each other so deeply.
const DEEPEST: u32 = 8;

/// The trace of a condition, or of its negation where `wanted` is false.
fn trace<'a>(machine: &mut Machine<'a>, expression: &'a Expr, wanted: bool, depth: u32) -> Trace {
    match &expression.node {
        Node::Not(inner) => trace(machine, inner, !wanted, depth),
        Node::Binary(op @ (BinaryOp::And | BinaryOp::Or), left, right) => {
            let mut parts = Vec::new();
            for side in [left, right] {
                match (trace(machine, side, wanted, depth), (*op == BinaryOp::And) == wanted) {
                    (Trace::All(inner), true) | (Trace::Any(inner), false) => parts.extend(inner),
                    (other, _) => parts.push(other),
                }
            }
            if (*op == BinaryOp::And) == wanted { Trace::All(parts) } else { Trace::Any(parts) }
        }
        Node::Binary(BinaryOp::Compare(compare), left, right) => {
            // Bounds are often written first (`3 <= won_deals_12m`); explanations put what is measured first.
            let turned = left.names().is_empty() && !right.names().is_empty();
            let (measured, needed, compare) =
                if turned { (right, left, compare.mirrored()) } else { (left, right, *compare) };
            let (actual, bound) = (machine.value(measured), machine.value(needed));
            // Both a comparison with what is not set and its negation are decided.
            let holds = compared(compare, &actual, &bound).map(|holds| holds == wanted);
            Trace::Compare(Comparison {
                measured: words(measured),
                holds,
                actual: actual.in_unit_of(&bound),
                compare: if wanted { compare } else { compare.inverse() },
                needed: bound.in_unit_of(&actual),
            })
        }
        Node::If(parts) => {
            let [condition, then, otherwise] = &**parts;
            match machine.truth(condition) {
                Some(true) => trace(machine, then, wanted, depth),
                Some(false) => trace(machine, otherwise, wanted, depth),
                None => condition_of(machine, expression, wanted),
            }
        }
        Node::Name(name) => match machine.view.basis.metrics.get(name) {
            // A condition with a name is explained by what it says.
            Some(metric) if metric.by.is_none() && depth < DEEPEST => {
                trace(machine, metric.formula.tree(), wanted, depth + 1)
            }
            _ => {
                Trace::Flag(Flag { name: name.clone(), actual: machine.value(expression).into_owned(), needed: wanted })
            }
        },
        Node::Literal(Value::Bool(flag)) => Trace::Constant(Some(*flag == wanted)),
        Node::Binary(BinaryOp::In, ..) | Node::Method(_) | Node::Call(..) | Node::Field(..) => {
            condition_of(machine, expression, wanted)
        }
        Node::Literal(_) | Node::Negate(_) | Node::Binary(..) | Node::List(_) => Trace::Constant(None),
    }
}

fn condition_of<'a>(machine: &mut Machine<'a>, expression: &'a Expr, needed: bool) -> Trace {
    let text = words(expression);
    if let Node::Call(function @ (Function::OnAnyDay | Function::OnEveryDay), arguments) = &expression.node
        && let [span, condition] = arguments.as_slice()
    {
        let span = machine.value(span).into_owned();
        let any = *function == Function::OnAnyDay;
        let days = machine.on_days(&span, condition, any);
        let note = match days.decided_by {
            Some(day) if any => format!("it was on {day}"),
            Some(day) => format!("it was not on {day}"),
            None if days.truth.is_none() => days.unknown,
            None => String::new(),
        };
        return Trace::Condition(Condition { text, actual: days.truth, needed, note });
    }
    let actual = machine.truth(expression);
    let note = match &expression.node {
        _ if actual == Some(needed) => String::new(),
        Node::Binary(BinaryOp::In, left, _) => format!("it is {}", machine.value(left).pretty()),
        Node::Method(call) if matches!(call.method, Method::Exists | Method::All | Method::ExistsOne) => {
            machine.how_many(call)
        }
        _ => match &*machine.value(expression) {
            Value::Unknown(reason) => reason.clone(),
            _ => String::new(),
        },
    };
    Trace::Condition(Condition { text, actual, needed, note })
}
