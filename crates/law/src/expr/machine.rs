//! Computes expressions over the facts of one partner: values, rows, lists and groups, borrowed wherever possible.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use kernel::Timestamp;

use super::facts::{FactSet, View};
use super::ops::{arithmetic, compared, negative, with_instants};
use super::time::{Calendar, named_period};
use super::tree::{BinaryOp, Expr, Node};
use super::value::Value;
use crate::model::Combine;

/// What an expression gives.
#[derive(Debug, Clone)]
pub(super) enum Item<'a> {
    Value(Cow<'a, Value>),
    Row(&'a FactSet, &'a [Value]),
    List(List<'a>),
    Group(Rc<Group<'a>>),
}

/// Items in a fixed order; with a doubt, whether further ones belong to it is not known.
#[derive(Debug, Clone, Default)]
pub(super) struct List<'a> {
    pub items: Rc<Vec<Item<'a>>>,
    pub doubt: Option<Rc<str>>,
}

/// Items with the same key.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub key: Value,
    pub members: List<'a>,
}

impl<'a> Item<'a> {
    pub fn owned(value: Value) -> Self {
        Self::Value(Cow::Owned(value))
    }

    pub fn unknown(reason: impl Into<String>) -> Self {
        Self::owned(Value::unknown(reason))
    }

    pub fn into_value(self) -> Cow<'a, Value> {
        match self {
            Self::Value(value) => value,
            _ => Cow::Owned(Value::unknown("this is a list of facts, not a value")),
        }
    }
}

impl<'a> List<'a> {
    pub fn of(items: Vec<Item<'a>>) -> Self {
        Self { items: Rc::new(items), doubt: None }
    }
}

/// Formulas may read each other so deeply.
const DEEPEST: u32 = 30;

/// One evaluation. It remembers computed metrics, which rules often share.
pub(super) struct Machine<'a> {
    pub view: View<'a>,
    /// Whether the instant of evaluation lies before the one for which metrics were measured.
    pub historic: bool,
    scoring: bool,
    locals: Vec<(&'a str, Item<'a>)>,
    memo: BTreeMap<&'a str, Value>,
    calendar: Option<Rc<Calendar>>,
    depth: u32,
}

impl<'a> Machine<'a> {
    pub const fn new(view: View<'a>) -> Self {
        Self {
            view,
            historic: false,
            scoring: false,
            locals: Vec::new(),
            memo: BTreeMap::new(),
            calendar: None,
            depth: 0,
        }
    }

    pub fn calendar(&mut self) -> Rc<Calendar> {
        let basis = self.view.basis;
        self.calendar.get_or_insert_with(|| Rc::new(basis.calendar())).clone()
    }

    pub fn value(&mut self, expression: &'a Expr) -> Cow<'a, Value> {
        self.item(expression).into_value()
    }

    pub fn item(&mut self, expression: &'a Expr) -> Item<'a> {
        match &expression.node {
            Node::Literal(value) => Item::Value(Cow::Borrowed(value)),
            Node::Name(name) => self.name(name),
            Node::Field(of, name) => self.field(of, name),
            Node::Negate(inner) => Item::owned(negative(&self.value(inner))),
            Node::List(items) => Item::List(List::of(items.iter().map(|item| self.item(item)).collect())),
            Node::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                match self.truth(condition) {
                    Some(true) => self.item(then),
                    Some(false) => self.item(otherwise),
                    None => Item::unknown(format!("`{condition}` depends on what is not known")),
                }
            }
            Node::Method(call) => self.method(call),
            Node::Call(function, arguments) => self.call(*function, arguments),
            Node::Not(_) | Node::Binary(BinaryOp::And | BinaryOp::Or | BinaryOp::Compare(_) | BinaryOp::In, ..) => {
                Item::owned(match self.truth(expression) {
                    Some(truth) => Value::Bool(truth),
                    None => Value::unknown(format!("`{expression}` depends on what is not known")),
                })
            }
            Node::Binary(op, left, right) => {
                let (left, right) = (self.value(left), self.value(right));
                Item::owned(self.reckoned(*op, &left, &right))
            }
        }
    }

    pub fn reckoned(&mut self, op: BinaryOp, left: &Value, right: &Value) -> Value {
        if matches!(left, Value::Instant(_)) || matches!(right, Value::Instant(_)) {
            let calendar = self.calendar();
            if let Some(value) = with_instants(op, left, right, &calendar) {
                return value;
            }
        }
        match (left, right) {
            (Value::Unknown(reason), _) | (_, Value::Unknown(reason)) => Value::Unknown(reason.clone()),
            (Value::Absent, _) | (_, Value::Absent) => Value::Absent,
            _ => arithmetic(op, left, right),
        }
    }

    /// Whether a condition holds; none if that is not known.
    pub fn truth(&mut self, expression: &'a Expr) -> Option<bool> {
        match &expression.node {
            Node::Not(inner) => self.truth(inner).map(|truth| !truth),
            Node::Binary(BinaryOp::And, left, right) => match self.truth(left) {
                Some(false) => Some(false),
                left => match (left, self.truth(right)) {
                    (_, Some(false)) => Some(false),
                    (Some(true), right) => right,
                    _ => None,
                },
            },
            Node::Binary(BinaryOp::Or, left, right) => match self.truth(left) {
                Some(true) => Some(true),
                left => match (left, self.truth(right)) {
                    (_, Some(true)) => Some(true),
                    (Some(false), right) => right,
                    _ => None,
                },
            },
            Node::Binary(BinaryOp::Compare(compare), left, right) => {
                let (left, right) = (self.value(left), self.value(right));
                compared(*compare, &left, &right)
            }
            Node::Binary(BinaryOp::In, left, right) => {
                let left = self.value(left);
                let right = self.item(right);
                is_in(&left, &right)
            }
            _ => match *self.value(expression) {
                Value::Bool(truth) => Some(truth),
                _ => None,
            },
        }
    }

    /// Computes with a name for an item.
    pub fn with<T>(&mut self, name: &'a str, item: Item<'a>, compute: impl FnOnce(&mut Self) -> T) -> T {
        self.locals.push((name, item));
        let result = compute(self);
        self.locals.pop();
        result
    }

    /// Computes as of another instant, as far as that can be known: variables keep what they hold.
    pub fn as_of<T>(&mut self, at: Timestamp, compute: impl FnOnce(&mut Self) -> T) -> T {
        let (now, historic) = (self.view.now, self.historic);
        let memo = std::mem::take(&mut self.memo);
        let shared = self.view.memo.take();
        self.view.now = Some(at);
        self.historic = historic || now.is_none_or(|now| at < now);
        let result = compute(self);
        (self.view.now, self.historic, self.memo, self.view.memo) = (now, historic, memo, shared);
        result
    }

    pub fn name(&mut self, name: &'a str) -> Item<'a> {
        if let Some((_, item)) = self.locals.iter().rev().find(|(local, _)| *local == name) {
            return item.clone();
        }
        if let Some(metric) = self.view.basis.metrics.get(name) {
            return Item::owned(self.computed(name, metric));
        }
        if let Some(case) = self.view.case {
            if self.historic && case.values.contains_key(name) {
                return self.past(name);
            }
            if let Some(set) = case.sets.get(name) {
                return Item::List(self.rows(set));
            }
        }
        if let Some(value) = self.view.values.get(name) {
            return Item::Value(Cow::Borrowed(value));
        }
        match (name, named_period(name), self.view.now) {
            ("now", _, Some(now)) => Item::owned(Value::Instant(now)),
            (_, Some((cycle, offset)), Some(now)) => {
                Item::owned(Value::Period(self.calendar().period(cycle, offset, now)))
            }
            ("now", ..) | (_, Some(_), None) => Item::unknown("the instant of evaluation is not given"),
            _ => Item::unknown("not measured yet"),
        }
    }

    /// The set of facts that a name stands for, where nothing else has the name.
    pub fn set(&self, name: &str) -> Option<&'a FactSet> {
        let case = self.view.case?;
        let taken = self.locals.iter().any(|(local, _)| *local == name)
            || self.view.basis.metrics.contains_key(name)
            || (self.historic && case.values.contains_key(name));
        if taken { None } else { case.sets.get(name) }
    }

    /// A metric on a past day, if its history reaches back so far.
    fn past(&self, name: &str) -> Item<'a> {
        let history = self.view.case.and_then(|case| case.history.get(name));
        let newest = history.zip(self.view.now).and_then(|(history, now)| {
            let later = history.partition_point(|(at, _)| *at <= now);
            history[..later].last()
        });
        match newest {
            Some((_, value)) => Item::Value(Cow::Borrowed(value)),
            None => Item::unknown(format!("what {name} was on that day has not been kept")),
        }
    }

    /// The rows that are facts by now.
    fn rows(&self, set: &'a FactSet) -> List<'a> {
        let since = set.since.as_deref().and_then(|field| set.field(field)).zip(self.view.now);
        let only = self.view.only.and_then(|(field, text)| Some((set.field(field)?, text)));
        let counts = |row: &&'a Vec<Value>| {
            let here =
                since.is_none_or(|(place, now)| !matches!(row.get(place), Some(Value::Instant(at)) if *at > now));
            here && only.is_none_or(|(place, text)| matches!(row.get(place), Some(Value::Text(own)) if own == text))
        };
        List::of(set.rows.iter().filter(counts).map(|row| Item::Row(set, row)).collect())
    }

    fn computed(&mut self, name: &'a str, metric: &'a crate::model::ComputedMetric) -> Value {
        if let Some(value) = self.memo.get(name) {
            return value.clone();
        }
        let shared = self.view.memo.filter(|_| !self.scoring && self.depth == 0 && self.view.only.is_none());
        if let Some(value) = shared.and_then(|memo| memo.get(name)) {
            return value;
        }
        if self.depth >= DEEPEST {
            return Value::unknown(format!("{name} is defined by itself"));
        }
        self.depth += 1;
        // What is computed elsewhere knows nothing of the variables here.
        let locals = std::mem::take(&mut self.locals);
        let value = match &metric.by {
            Some(field) if self.view.only.is_none() && metric.combine != Combine::Sum => {
                self.best_of_each(field, metric)
            }
            _ => self.value(metric.formula.tree()).into_owned(),
        };
        self.locals = locals;
        self.depth -= 1;
        self.memo.insert(name, value.clone());
        if let Some(memo) = shared {
            memo.put(name, &value);
        }
        value
    }

    /// The formula over the facts of each region (or other field), of which the best or the worst counts.
    fn best_of_each(&mut self, field: &'a str, metric: &'a crate::model::ComputedMetric) -> Value {
        let memo = std::mem::take(&mut self.memo);
        let mut best: Option<Value> = None;
        for text in self.view.texts_of(field) {
            self.view.only = Some((field, text));
            let next = self.value(metric.formula.tree()).into_owned();
            self.memo.clear();
            best = Some(match best {
                None => next,
                Some(best) => super::calls::better(metric.combine == Combine::Best, best, next),
            });
        }
        self.view.only = None;
        self.memo = memo;
        // Nothing anywhere: the formula says what nothing is worth.
        best.unwrap_or_else(|| self.value(metric.formula.tree()).into_owned())
    }

    fn field(&mut self, of: &'a Expr, name: &'a str) -> Item<'a> {
        if let Node::Name(object) = &of.node
            && !self.locals.iter().any(|(local, _)| local == object)
        {
            match object.as_str() {
                "market" => return self.market(name),
                "scorecard" if self.scoring => return Item::unknown("the scorecard is scored by itself"),
                "scorecard" => {
                    self.scoring = true;
                    let score = self.scorecard(name);
                    self.scoring = false;
                    return Item::owned(score);
                }
                _ => {}
            }
        }
        match self.item(of) {
            Item::Row(set, row) => match set.field(name).and_then(|place| row.get(place).map(|value| (place, value))) {
                Some((_, Value::Instant(at))) if self.is_to_come(set, name, *at) => Item::owned(Value::Absent),
                Some((_, value)) => Item::Value(Cow::Borrowed(value)),
                None => Item::owned(Value::Absent),
            },
            Item::Group(group) => match name {
                "key" => Item::owned(group.key.clone()),
                "members" => Item::List(group.members.clone()),
                _ => Item::unknown(format!("a group has no field {name}")),
            },
            Item::Value(value) => match (&*value, name) {
                (Value::Period(span), "start") => Item::owned(Value::Instant(span.start)),
                (Value::Period(span), "end") => Item::owned(Value::Instant(span.end)),
                (Value::Unknown(_), _) => Item::Value(value),
                _ => Item::unknown(format!("{value} has no field {name}")),
            },
            Item::List(_) => Item::unknown(format!("a list has no field {name}")),
        }
    }

    /// Whether something has not happened yet at the instant of evaluation.
    fn is_to_come(&self, set: &FactSet, field: &str, at: Timestamp) -> bool {
        self.view.now.is_some_and(|now| at > now) && !set.ahead.contains(field)
    }

    fn market(&mut self, name: &str) -> Item<'a> {
        let basis = self.view.basis;
        let country = self.name(&basis.market_by).into_value();
        let Value::Text(country) = &*country else {
            return match &*country {
                Value::Unknown(reason) => Item::unknown(format!("the market is not known: {reason}")),
                _ => Item::unknown("the market is not known: the partner has no country"),
            };
        };
        match basis.market(country) {
            Some((key, _)) if name == "key" => Item::owned(Value::text(key)),
            Some((key, market)) => match market.value(name) {
                Some(value) => Item::owned(value),
                None => Item::unknown(format!("the market {key} has no {name}")),
            },
            None => Item::unknown(format!("{country} is in no market")),
        }
    }
}

/// Whether a value is in a list or an instant in a period; none if that is not known.
pub(super) fn is_in(value: &Value, of: &Item<'_>) -> Option<bool> {
    match (value, of) {
        (Value::Unknown(_), _) => None,
        (Value::Absent, _) => Some(false),
        (Value::Instant(at), Item::Value(period)) => match &**period {
            Value::Period(span) => Some(span.contains(*at)),
            _ => None,
        },
        (_, Item::List(list)) => {
            let mut open = list.doubt.is_some();
            for item in list.items.iter() {
                let Item::Value(item) = item else { return None };
                match compared(super::tree::Compare::Equal, value, item) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => open = true,
                }
            }
            (!open).then_some(false)
        }
        _ => None,
    }
}
