//! "On any day of the last six months": a condition as of each of these days, computed only where something changes.
//!
//! A day is judged at its end in the zone of the program, today at the instant of evaluation. A condition that looks at `now`
//! only plainly (`x.at > now - 12mo`, `x.at in last(90d)`) changes its truth on days that follow from the instants in the
//! facts; any other condition is computed for every day.

use std::collections::BTreeSet;

use kernel::{Day, Timestamp};

use super::facts::View;
use super::functions::Function;
use super::machine::Machine;
use super::time::named_period;
use super::tree::{BinaryOp, Expr, Node};
use super::value::Value;

/// The longest look back, in days.
const LONGEST: i64 = 3700;
/// Months have 28 to 31 days, so what is some months away may come due so many days later.
const UNEVEN: i64 = 4;

/// How a condition fared over some days, with the latest day that decided it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Days {
    pub truth: Option<bool>,
    pub decided_by: Option<Day>,
    pub unknown: String,
}

impl Days {
    pub fn value(self) -> Value {
        match self.truth {
            Some(truth) => Value::Bool(truth),
            None => Value::Unknown(self.unknown),
        }
    }

    fn open(reason: impl Into<String>) -> Self {
        Self { truth: None, decided_by: None, unknown: reason.into() }
    }
}

impl<'a> Machine<'a> {
    pub(super) fn on_days(&mut self, span: &Value, condition: &'a Expr, any: bool) -> Days {
        let Some(now) = self.view.now else { return Days::open("the instant of evaluation is not given") };
        let Some(start) = self.moved(now, span, false) else { return Days::open("this is no span of time") };
        let calendar = self.calendar();
        let (today, before) = (calendar.day(now), calendar.day(start));
        let length = calendar.start_of(before).days_until(calendar.start_of(today).plus_hours(6));
        if !(0..=LONGEST).contains(&length) {
            return Days::open("rules look back at most ten years");
        }
        // At least today counts.
        let first = before.plus_days(1).min(today);
        let days = match Changes::of(condition, self.view) {
            Some(changes) => changes.days(self, first, today),
            None => (0..=length).map(|back| today.plus_days(-back)).filter(|day| *day >= first).collect(),
        };
        let mut open = None;
        for day in days.into_iter().rev() {
            let end = calendar.start_of(day.plus_days(1)).plus_micros(-1).min(now);
            match self.as_of(end, |machine| machine.truth(condition)) {
                Some(truth) if truth == any => {
                    return Days { truth: Some(any), decided_by: Some(day), unknown: String::new() };
                }
                Some(_) => {}
                None => open = Some(day),
            }
        }
        match open {
            Some(day) => Days::open(format!("on {day} it is not known whether `{condition}`")),
            None => Days { truth: Some(!any), decided_by: None, unknown: String::new() },
        }
    }
}

/// The instants at which a condition may change its truth, and the spans by which it looks away from `now`.
#[derive(Debug, Default)]
struct Changes {
    instants: BTreeSet<Timestamp>,
    spans: Vec<Value>,
    monthly: bool,
}

impl Changes {
    /// None if the condition looks at the time in a way that only every single day shows.
    fn of(condition: &Expr, view: View<'_>) -> Option<Self> {
        let mut changes = Self::default();
        changes.look(condition, view, 0)?;
        Some(changes)
    }

    fn look(&mut self, expression: &Expr, view: View<'_>, depth: u32) -> Option<()> {
        match &expression.node {
            Node::Name(name) if name == "now" => return None,
            Node::Name(name) => self.name(name, view, depth)?,
            Node::Field(of, _) if matches!(&of.node, Node::Name(name) if name == "scorecard") => return None,
            Node::Call(Function::Last, spans) => {
                let Some(Node::Literal(span)) = spans.first().map(|span| &span.node) else { return None };
                self.spans.push(span.clone());
                return Some(());
            }
            Node::Call(function, _) if function.cycle().is_some() => self.monthly = true,
            Node::Call(
                Function::Convert
                | Function::Fade
                | Function::OnAnyDay
                | Function::OnEveryDay
                | Function::Date
                | Function::Timestamp,
                _,
            ) => return None,
            Node::Binary(BinaryOp::Compare(_), left, right) => return self.comparison(left, right, view, depth),
            _ => {}
        }
        expression.parts().into_iter().try_for_each(|part| self.look(part, view, depth))
    }

    /// `x` compared with `now`, one of them perhaps moved by a span.
    fn comparison(&mut self, left: &Expr, right: &Expr, view: View<'_>, depth: u32) -> Option<()> {
        let (plain_left, left_span) = moved(left);
        let (plain_right, right_span) = moved(right);
        let is_now = |side: &Expr| matches!(&side.node, Node::Name(name) if name == "now");
        let sides = match (is_now(plain_left), is_now(plain_right)) {
            (true, true) => return None,
            (true, false) => plain_right,
            (false, true) => plain_left,
            (false, false) => {
                self.look(left, view, depth)?;
                return self.look(right, view, depth);
            }
        };
        match (left_span, right_span) {
            (Some(_), Some(_)) => return None,
            (Some(span), None) | (None, Some(span)) => self.spans.push(span.clone()),
            (None, None) => {}
        }
        self.look(sides, view, depth)
    }

    fn name(&mut self, name: &str, view: View<'_>, depth: u32) -> Option<()> {
        self.monthly |= named_period(name).is_some();
        if let Some(metric) = view.basis.metrics.get(name) {
            return if depth > 8 { None } else { self.look(metric.formula.tree(), view, depth + 1) };
        }
        let Some(case) = view.case else { return Some(()) };
        if let Some(set) = case.sets.get(name) {
            let cells = set.rows.iter().flatten();
            self.instants.extend(cells.filter_map(|cell| match cell {
                Value::Instant(at) => Some(*at),
                _ => None,
            }));
        }
        for (at, value) in case.history.get(name).into_iter().flatten() {
            self.instants.insert(*at);
            if let Value::Instant(at) = value {
                self.instants.insert(*at);
            }
        }
        Some(())
    }

    /// The days from `first` to `last` on which the truth may differ from the day before, with `first` itself.
    fn days(self, machine: &mut Machine<'_>, first: Day, last: Day) -> BTreeSet<Day> {
        let calendar = machine.calendar();
        let mut days: BTreeSet<Day> = [first, last].into();
        let mut note = |at: Timestamp, more: i64| {
            let day = calendar.day(at);
            // What comes at the very end of a day shows on the next one.
            days.extend((0..=more + 1).map(|later| day.plus_days(later)).filter(|day| (first..=last).contains(day)));
        };
        for at in &self.instants {
            note(*at, 0);
            for span in &self.spans {
                for later in [true, false] {
                    if let Some(at) = machine.moved(*at, span, later) {
                        match span {
                            Value::Months(_) => note(at.plus_days(-UNEVEN), 2 * UNEVEN),
                            _ => note(at, 0),
                        }
                    }
                }
            }
        }
        if self.monthly {
            let mut month = first.first_of_month();
            while month <= last {
                days.extend((month >= first).then_some(month));
                month = month.plus_months(1);
            }
        }
        days
    }
}

/// What stands before a literal span that is added or taken away.
fn moved(expression: &Expr) -> (&Expr, Option<&Value>) {
    if let Node::Binary(BinaryOp::Add | BinaryOp::Subtract, of, span) = &expression.node
        && let Node::Literal(span @ (Value::Duration(_) | Value::Months(_))) = &span.node
    {
        return (of, Some(span));
    }
    (expression, None)
}
