//! Figures over one set of facts in a single pass: `deals.filter(d, d.won_at > now - 12mo).sum(d, d.value)` without making
//! lists, with fields resolved to the place of their column, and with what does not depend on the row computed once.
//!
//! It says exactly what [`super::lists`] says; what it does not understand is left to that.

use std::borrow::Cow;

use kernel::Timestamp;

use super::facts::FactSet;
use super::functions::{Function, Method};
use super::machine::{Item, Machine, is_in};
use super::number::Number;
use super::ops::{arithmetic, compared};
use super::population::mean;
use super::tree::{BinaryOp, Compare, Expr, MethodCall, Node};
use super::value::Value;

type Each = (String, Expr);

/// A condition on a row.
enum Test<'a> {
    Not(Box<Test<'a>>),
    Both(Box<Test<'a>>, Box<Test<'a>>),
    Either(Box<Test<'a>>, Box<Test<'a>>),
    Compare(Slot, Compare, Cow<'a, Value>),
    In(Slot, Item<'a>),
    Has(Slot),
    /// It does not depend on the row.
    Fixed(Option<bool>),
}

/// Where a field stands in each row; none if the set has no such field.
#[derive(Clone, Copy)]
struct Slot {
    place: Option<usize>,
    /// Whether its instants are known before they come.
    ahead: bool,
}

/// What a pass reads of the rows.
struct Pass<'a> {
    set: &'a FactSet,
    now: Option<Timestamp>,
    since: Option<usize>,
    only: Option<(usize, &'a str)>,
    filters: Vec<(Test<'a>, &'a Expr)>,
}

const ABSENT: &Value = &Value::Absent;

impl<'a> Machine<'a> {
    /// The figure, if one pass can tell it.
    pub(super) fn scanned(&mut self, call: &'a MethodCall) -> Option<Value> {
        let figured = matches!(
            call.method,
            Method::Sum | Method::Min | Method::Max | Method::Avg | Method::Size | Method::Exists | Method::All
        );
        if !figured || call.plain.is_some() {
            return None;
        }
        let mut pass = self.pass(&call.on)?;
        match (call.method, &call.each) {
            (Method::Size, each) => {
                if let Some(each) = each {
                    let test = self.test(pass.set, each, &each.1)?;
                    pass.filters.push((test, &each.1));
                }
                Some(pass.size())
            }
            (Method::Exists | Method::All, Some(each)) => {
                let test = self.test(pass.set, each, &each.1)?;
                Some(pass.quantified(&test, &each.1, call.method == Method::Exists))
            }
            (Method::Sum | Method::Min | Method::Max | Method::Avg, Some(each)) => {
                let slot = slot(pass.set, &each.0, &each.1)?;
                Some(pass.figure(call.method, slot))
            }
            _ => None,
        }
    }

    /// The set at the beginning of a chain of filters, with the filters.
    fn pass(&mut self, on: &'a Expr) -> Option<Pass<'a>> {
        match &on.node {
            Node::Name(name) => {
                let set = self.set(name)?;
                let since = set.since.as_deref().and_then(|field| set.field(field));
                let only = self.view.only.and_then(|(field, text)| Some((set.field(field)?, text)));
                Some(Pass { set, now: self.view.now, since, only, filters: Vec::new() })
            }
            Node::Method(call) if call.method == Method::Filter && call.plain.is_none() => {
                let each = call.each.as_ref()?;
                let mut pass = self.pass(&call.on)?;
                let test = self.test(pass.set, each, &each.1)?;
                pass.filters.push((test, &each.1));
                Some(pass)
            }
            _ => None,
        }
    }

    fn test(&mut self, set: &'a FactSet, each: &'a Each, body: &'a Expr) -> Option<Test<'a>> {
        let row = each.0.as_str();
        let free = |expression: &Expr| !expression.names().contains(&row);
        Some(match &body.node {
            Node::Not(inner) => Test::Not(Box::new(self.test(set, each, inner)?)),
            Node::Binary(BinaryOp::And, left, right) => {
                Test::Both(Box::new(self.test(set, each, left)?), Box::new(self.test(set, each, right)?))
            }
            Node::Binary(BinaryOp::Or, left, right) => {
                Test::Either(Box::new(self.test(set, each, left)?), Box::new(self.test(set, each, right)?))
            }
            Node::Binary(BinaryOp::Compare(compare), left, right) => {
                match (slot(set, row, left), slot(set, row, right)) {
                    (Some(slot), None) if free(right) => Test::Compare(slot, *compare, self.value(right)),
                    (None, Some(slot)) if free(left) => Test::Compare(slot, compare.mirrored(), self.value(left)),
                    (None, None) if free(body) => Test::Fixed(self.truth(body)),
                    _ => return None,
                }
            }
            Node::Binary(BinaryOp::In, left, right) if free(right) => Test::In(slot(set, row, left)?, self.item(right)),
            Node::Call(Function::Has, arguments) => Test::Has(slot(set, row, arguments.first()?)?),
            _ if free(body) => Test::Fixed(self.truth(body)),
            _ => return None,
        })
    }
}

/// Where `row.field` stands.
fn slot(set: &FactSet, row: &str, expression: &Expr) -> Option<Slot> {
    let Node::Field(of, field) = &expression.node else { return None };
    let Node::Name(name) = &of.node else { return None };
    (name == row).then(|| Slot { place: set.field(field), ahead: set.ahead.contains(field) })
}

impl<'a> Pass<'a> {
    fn cell<'r>(&self, row: &'r [Value], slot: Slot) -> &'r Value {
        match slot.place.and_then(|place| row.get(place)) {
            // What is to come is not known yet.
            Some(Value::Instant(at)) if !slot.ahead && self.now.is_some_and(|now| *at > now) => ABSENT,
            Some(value) => value,
            None => ABSENT,
        }
    }

    fn holds(&self, test: &Test<'a>, row: &'a [Value]) -> Option<bool> {
        match test {
            Test::Fixed(truth) => *truth,
            Test::Not(inner) => self.holds(inner, row).map(|truth| !truth),
            Test::Both(left, right) => match self.holds(left, row) {
                Some(false) => Some(false),
                left => match (left, self.holds(right, row)) {
                    (_, Some(false)) => Some(false),
                    (Some(true), right) => right,
                    _ => None,
                },
            },
            Test::Either(left, right) => match self.holds(left, row) {
                Some(true) => Some(true),
                left => match (left, self.holds(right, row)) {
                    (_, Some(true)) => Some(true),
                    (Some(false), right) => right,
                    _ => None,
                },
            },
            Test::Compare(slot, compare, bound) => compared(*compare, self.cell(row, *slot), bound),
            Test::In(slot, of) => is_in(self.cell(row, *slot), of),
            Test::Has(slot) => match self.cell(row, *slot) {
                Value::Unknown(_) => None,
                Value::Absent => Some(false),
                _ => Some(true),
            },
        }
    }

    /// Each row that passes all filters, until it is told to stop; returns the condition of which it is not known for some
    /// rows whether it holds, which is the last one in the chain.
    fn each(&self, mut take: impl FnMut(&'a [Value]) -> bool) -> Option<&'a Expr> {
        let mut doubt: Option<usize> = None;
        'rows: for row in &self.set.rows {
            if let (Some(place), Some(now)) = (self.since, self.now)
                && matches!(row.get(place), Some(Value::Instant(at)) if *at > now)
            {
                continue;
            }
            if let Some((place, text)) = self.only
                && !matches!(row.get(place), Some(Value::Text(own)) if own == text)
            {
                continue;
            }
            for (at, (test, _)) in self.filters.iter().enumerate() {
                match self.holds(test, row) {
                    Some(true) => {}
                    Some(false) => continue 'rows,
                    None => {
                        doubt = Some(doubt.map_or(at, |known| known.max(at)));
                        continue 'rows;
                    }
                }
            }
            if !take(row) {
                break;
            }
        }
        doubt.and_then(|at| self.filters.get(at)).map(|(_, body)| *body)
    }

    fn size(&self) -> Value {
        let mut found: i128 = 0;
        let doubt = self.each(|_| {
            found += 1;
            true
        });
        doubt.map_or(Value::Count(Number::whole(found)), doubtful)
    }

    fn quantified(&self, test: &Test<'a>, body: &'a Expr, any: bool) -> Value {
        let (mut decided, mut open) = (false, None);
        let doubt = self.each(|row| match self.holds(test, row) {
            Some(truth) if truth == any => {
                decided = true;
                false
            }
            Some(_) => true,
            None => {
                open = Some(body);
                true
            }
        });
        match (decided, open.or(doubt)) {
            (true, _) => Value::Bool(any),
            (false, Some(body)) => doubtful(body),
            (false, None) => Value::Bool(!any),
        }
    }

    fn figure(&self, method: Method, slot: Slot) -> Value {
        let (mut so_far, mut unknown, mut count): (Option<Value>, Option<&str>, i128) = (None, None, 0);
        let doubt = self.each(|row| {
            match self.cell(row, slot) {
                Value::Absent => {}
                Value::Unknown(reason) => unknown = unknown.or(Some(reason)),
                value => {
                    count += 1;
                    match &mut so_far {
                        None => so_far = Some(value.clone()),
                        Some(sum) => taken(method, sum, value),
                    }
                }
            }
            true
        });
        if let Some(body) = doubt {
            return doubtful(body);
        }
        if let Some(reason) = unknown {
            return Value::unknown(reason);
        }
        match (method, so_far) {
            (Method::Sum, sum) => sum.unwrap_or(Value::Zero),
            (Method::Avg, Some(sum)) => mean(&sum, count),
            (Method::Avg, None) => Value::unknown("there is nothing to take the mean of"),
            (_, best) => best.unwrap_or(Value::Absent),
        }
    }
}

/// Takes the next value into a sum, or into the best so far.
fn taken(method: Method, so_far: &mut Value, next: &Value) {
    if matches!(method, Method::Sum | Method::Avg) {
        if let (Value::Money(sum), Value::Money(amount)) = (&mut *so_far, next)
            && sum.currency == amount.currency
            && let Some(minor) = sum.minor.checked_add(amount.minor)
        {
            sum.minor = minor;
            return;
        }
        *so_far = arithmetic(BinaryOp::Add, so_far, next);
        return;
    }
    let compare = if method == Method::Max { Compare::More } else { Compare::Less };
    match compared(compare, next, so_far) {
        Some(true) => *so_far = next.clone(),
        Some(false) => {}
        None => *so_far = Value::unknown(format!("{so_far} and {next} cannot be compared")),
    }
}

fn doubtful(body: &Expr) -> Value {
    Value::unknown(format!("for some it is not known whether `{body}`"))
}
