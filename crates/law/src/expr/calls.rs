//! What the functions of the rule language compute.

use kernel::{Currency, Day, Timestamp};

use super::functions::Function;
use super::machine::{Item, Machine};
use super::number::Number;
use super::ops::{arithmetic, compared, negative};
use super::time::{Span, just_after, micros};
use super::tree::{BinaryOp, Compare, Expr, Node};
use super::value::{Amount, Value};

impl<'a> Machine<'a> {
    pub(super) fn call(&mut self, function: Function, arguments: &'a [Expr]) -> Item<'a> {
        let (Some(first), second) = (arguments.first(), arguments.get(1)) else {
            return Item::unknown("there is nothing to compute");
        };
        if let Some(cycle) = function.cycle() {
            let offset = self.value(first);
            return Item::owned(match (&*offset, self.view.now) {
                (Value::Count(number), Some(now)) => {
                    let offset = i64::try_from(number.floor()).unwrap_or(0);
                    Value::Period(self.calendar().period(cycle, offset, now))
                }
                (_, None) => no_instant(),
                (other, _) => unknown_or(other, "how many periods away is not a number"),
            });
        }
        if function.compares_partners() {
            return Item::owned(self.standing(function, first));
        }
        Item::owned(match (function, second) {
            (Function::Min | Function::Max, _) => self.best(function == Function::Max, arguments),
            (Function::Abs, _) => {
                let value = self.value(first);
                let positive = compared(Compare::AtLeast, &value, &Value::Zero);
                if positive == Some(false) { negative(&value) } else { value.into_owned() }
            }
            (Function::Floor | Function::Round, _) => rounded(function == Function::Round, &self.value(first)),
            (Function::Has, _) => match &*self.value(first) {
                Value::Absent => Value::Bool(false),
                Value::Unknown(reason) => Value::Unknown(reason.clone()),
                _ => Value::Bool(true),
            },
            (Function::Default, Some(other)) => match self.item(first) {
                Item::Value(value) if matches!(*value, Value::Unknown(_) | Value::Absent) => {
                    return self.item(other);
                }
                item => return item,
            },
            (Function::Credit, Some(target)) => credit(&self.value(first), &self.value(target)),
            (Function::Fade, Some(span)) => {
                let (at, span) = (self.value(first), self.value(span));
                self.fade(&at, &span)
            }
            (Function::Convert, Some(to)) => self.converted(first, to, arguments.get(2)),
            (Function::Date | Function::Timestamp, _) => {
                let text = self.value(first);
                self.instant(function, &text)
            }
            (Function::Last, _) => {
                let span = self.value(first);
                self.last(&span)
            }
            (Function::WholeDays, _) => match &*self.value(first) {
                Value::Duration(hours) => match hours.checked_div(Number::whole(24)) {
                    Some(days) => Value::count(days.floor()),
                    None => Value::unknown("the span is too long"),
                },
                other => unknown_or(other, "only a duration has days"),
            },
            (Function::Size, _) => size_of(&self.item(first)),
            (Function::OnAnyDay | Function::OnEveryDay, Some(condition)) => {
                let span = self.value(first).into_owned();
                self.on_days(&span, condition, function == Function::OnAnyDay).value()
            }
            _ => Value::unknown(format!("{} cannot be computed", function.name())),
        })
    }

    fn best(&mut self, high: bool, arguments: &'a [Expr]) -> Value {
        let mut best: Option<Value> = None;
        for argument in arguments {
            let next = self.value(argument).into_owned();
            best = Some(match best {
                None => next,
                Some(best) => better(high, best, next),
            });
        }
        best.unwrap_or_else(|| Value::unknown("nothing to choose from"))
    }

    /// What is left of a value: all of it at the event, nothing after the span, in between by the time that has passed.
    fn fade(&mut self, at: &Value, span: &Value) -> Value {
        let Some(now) = self.view.now else { return no_instant() };
        let Value::Instant(at) = at else {
            return match at {
                Value::Absent => Value::Ratio(Number::ZERO),
                other => unknown_or(other, "only an instant fades"),
            };
        };
        let Some(end) = self.moved(*at, span, true) else { return unknown_or(span, "this is no span of time") };
        let (whole, left) = (i128::from(end.since(*at)), i128::from(end.since(now)));
        match Number::fraction(left.clamp(0, whole), whole) {
            Some(share) => Value::Ratio(share),
            None => Value::unknown("nothing fades in no time"),
        }
    }

    /// An instant a span of hours or months later or earlier.
    pub(super) fn moved(&mut self, at: Timestamp, span: &Value, later: bool) -> Option<Timestamp> {
        let sign = if later { 1 } else { -1 };
        match span {
            Value::Duration(hours) => Some(at.plus_micros(micros(*hours)?.saturating_mul(sign))),
            Value::Months(months) => Some(self.calendar().plus_months(at, months.saturating_mul(sign))),
            _ => None,
        }
    }

    fn last(&mut self, span: &Value) -> Value {
        let Some(now) = self.view.now else { return no_instant() };
        match self.moved(now, span, false) {
            Some(start) => Value::Period(Span { start: just_after(start), end: just_after(now) }),
            None => unknown_or(span, "this is no span of time"),
        }
    }

    fn instant(&mut self, function: Function, text: &Value) -> Value {
        let Value::Text(text) = text else { return unknown_or(text, "this is no text") };
        if function == Function::Timestamp {
            return text
                .parse::<Timestamp>()
                .map_or_else(|_| Value::unknown(format!("“{text}” is no time")), Value::Instant);
        }
        match text.parse::<Day>() {
            Ok(day) => Value::Instant(self.calendar().start_of(day)),
            Err(_) => Value::unknown(format!("“{text}” is no day")),
        }
    }

    fn converted(&mut self, money: &'a Expr, to: &'a Expr, at: Option<&'a Expr>) -> Value {
        let Some(to) = currency_of(to) else { return Value::unknown(format!("`{to}` is no currency")) };
        let money = self.value(money);
        let amount: Amount = match &*money {
            Value::Money(amount) => *amount,
            Value::Zero => Amount { minor: Number::ZERO, currency: to },
            other => return unknown_or(other, "only money is converted"),
        };
        let at = match at.map(|at| self.value(at)).as_deref() {
            Some(Value::Instant(at)) => *at,
            Some(other) => return unknown_or(other, "the day of the rate is no instant"),
            None => match self.view.now {
                Some(now) => now,
                None if amount.currency == to => return money.into_owned(),
                None => return no_instant(),
            },
        };
        self.view.basis.convert(amount, to, at)
    }

    fn standing(&self, function: Function, metric: &Expr) -> Value {
        let Node::Name(metric) = &metric.node else {
            return Value::unknown("only a metric can be compared with other partners");
        };
        if self.historic {
            return Value::unknown("how partners compared on past days is not kept");
        }
        let Some(standing) = self.view.case.and_then(|case| case.standings.get(metric)) else {
            return Value::unknown(format!("{metric} has not been compared with other partners"));
        };
        match function {
            Function::Median => standing.median.clone(),
            Function::Average => standing.average(),
            Function::Total => standing.total.clone(),
            Function::Place => standing.place(),
            Function::TopShare => standing.top_share(),
            _ => standing.percentile_rank(),
        }
    }
}

/// How many items a list or a group has.
fn size_of(item: &Item<'_>) -> Value {
    match item {
        Item::List(list) => match &list.doubt {
            Some(doubt) => Value::unknown(&**doubt),
            None => Value::count(list.items.len() as i128),
        },
        Item::Group(group) => Value::count(group.members.items.len() as i128),
        Item::Value(value) => unknown_or(value, "this is no list"),
        Item::Row(..) => Value::unknown("one fact is no list"),
    }
}

/// The currency that an argument names.
pub(super) fn currency_of(expression: &Expr) -> Option<Currency> {
    match &expression.node {
        Node::Name(code) => code.parse().ok(),
        _ => None,
    }
}

/// The better of two values; where they cannot be compared, what is unknown about them.
pub(super) fn better(high: bool, best: Value, next: Value) -> Value {
    let compare = if high { Compare::More } else { Compare::Less };
    match compared(compare, &next, &best) {
        _ if matches!(best, Value::Unknown(_)) => best,
        _ if matches!(next, Value::Unknown(_)) => next,
        // What is not set does not compete.
        _ if best == Value::Absent => next,
        _ if next == Value::Absent => best,
        Some(true) => next,
        Some(false) => best,
        None => Value::unknown(format!("{best} and {next} cannot be compared")),
    }
}

/// How much of a target is reached, from nothing to all of it.
fn credit(actual: &Value, target: &Value) -> Value {
    if matches!(actual, Value::Absent) {
        return Value::Ratio(Number::ZERO);
    }
    if compared(Compare::AtMost, target, &Value::Zero) == Some(true) {
        return Value::Ratio(Number::whole(1));
    }
    match arithmetic(BinaryOp::Divide, &actual.in_unit_of(target), target) {
        Value::Ratio(share) => Value::Ratio(share.clamp(Number::ZERO, Number::whole(1))),
        other => unknown_or(&other, "there is nothing to reach"),
    }
}

/// To whole counts, percent, hours or minor units: down, or half away from zero.
fn rounded(half_away: bool, value: &Value) -> Value {
    let whole = |number: Number| {
        if !half_away {
            return Number::whole(number.floor());
        }
        number.rounded(0).parse().unwrap_or(number)
    };
    let hundred = Number::whole(100);
    match value {
        Value::Count(number) => Value::Count(whole(*number)),
        Value::Duration(hours) => Value::Duration(whole(*hours)),
        Value::Money(amount) => Value::Money(Amount { minor: whole(amount.minor), ..*amount }),
        Value::Ratio(number) => {
            let percent = number.checked_mul(hundred).map(whole).and_then(|percent| percent.checked_div(hundred));
            percent.map_or_else(|| value.clone(), Value::Ratio)
        }
        Value::Zero => Value::Zero,
        other => unknown_or(other, "this cannot be rounded"),
    }
}

fn unknown_or(value: &Value, otherwise: &str) -> Value {
    match value {
        Value::Unknown(reason) => Value::Unknown(reason.clone()),
        _ => Value::unknown(otherwise),
    }
}

fn no_instant() -> Value {
    Value::unknown("the instant of evaluation is not given")
}
