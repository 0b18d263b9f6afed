//! Comparing and reckoning with two values, exactly. What cannot be computed is unknown, with the reason.

use std::cmp::Ordering;

use kernel::Timestamp;

use super::number::Number;
use super::time::{Calendar, micros};
use super::tree::{BinaryOp, Compare};
use super::types::Type;
use super::value::{Amount, Value};

/// The order of two values of one type; none where there is no order.
pub(super) fn ordering(left: &Value, right: &Value) -> Option<Ordering> {
    Some(match (left, right) {
        (Value::Zero, Value::Zero) => Ordering::Equal,
        (Value::Zero, Value::Money(_) | Value::Count(_) | Value::Ratio(_) | Value::Duration(_)) => {
            return ordering(&left.in_unit_of(right), right);
        }
        (Value::Money(_) | Value::Count(_) | Value::Ratio(_) | Value::Duration(_), Value::Zero) => {
            return ordering(left, &right.in_unit_of(left));
        }
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => a.minor.cmp(&b.minor),
        (Value::Count(a), Value::Count(b))
        | (Value::Ratio(a), Value::Ratio(b))
        | (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
        (Value::Instant(a), Value::Instant(b)) => a.cmp(b),
        (Value::Months(a), Value::Months(b)) => a.cmp(b),
        _ => return None,
    })
}

/// Whether a comparison holds; none if that is not known.
pub(super) fn compared(compare: Compare, left: &Value, right: &Value) -> Option<bool> {
    let equality = !compare.needs_order();
    let order = match (left, right) {
        (Value::Unknown(_), _) | (_, Value::Unknown(_)) => return None,
        (Value::Absent, _) | (_, Value::Absent) => return Some(compare == Compare::NotEqual),
        (Value::Text(a), Value::Text(b)) if equality => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) if equality => a.cmp(b),
        (Value::Period(a), Value::Period(b)) if equality => a.cmp(b),
        _ => ordering(left, right)?,
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

pub(super) fn negative(value: &Value) -> Value {
    match value {
        Value::Count(number) => Value::Count(number.negated()),
        Value::Ratio(number) => Value::Ratio(number.negated()),
        Value::Duration(number) => Value::Duration(number.negated()),
        Value::Money(amount) => Value::Money(Amount { minor: amount.minor.negated(), ..*amount }),
        Value::Months(months) => Value::Months(months.saturating_neg()),
        Value::Unknown(reason) => Value::Unknown(reason.clone()),
        Value::Zero | Value::Absent => value.clone(),
        other => Value::unknown(format!("{other} has no negative")),
    }
}

/// Reckons with instants, for which spans of months need the calendar of the program.
pub(super) fn with_instants(op: BinaryOp, left: &Value, right: &Value, calendar: &Calendar) -> Option<Value> {
    let moved = |at: Timestamp, hours: Number| micros(hours).map(|micros| Value::Instant(at.plus_micros(micros)));
    let adding = op == BinaryOp::Add;
    let subtracting = op == BinaryOp::Subtract;
    match (left, right) {
        (Value::Instant(a), Value::Instant(b)) if subtracting => {
            let hours = Number::fraction(i128::from(a.since(*b)), i128::from(kernel::time::HOUR))?;
            Some(Value::Duration(hours))
        }
        (Value::Instant(at), Value::Duration(hours)) if adding => moved(*at, *hours),
        (Value::Duration(hours), Value::Instant(at)) if adding => moved(*at, *hours),
        (Value::Instant(at), Value::Duration(hours)) if subtracting => moved(*at, hours.negated()),
        (Value::Instant(at), Value::Months(months)) | (Value::Months(months), Value::Instant(at)) if adding => {
            Some(Value::Instant(calendar.plus_months(*at, *months)))
        }
        (Value::Instant(at), Value::Months(months)) if subtracting => {
            Some(Value::Instant(calendar.plus_months(*at, months.saturating_neg())))
        }
        _ => None,
    }
}

/// Reckons with two values that have nothing to do with instants.
pub(super) fn arithmetic(op: BinaryOp, left: &Value, right: &Value) -> Value {
    use Value::{Count, Duration, Money, Months, Ratio, Unknown, Zero};
    let number = |a: Number, b: Number| match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Subtract => a.checked_sub(b),
        BinaryOp::Multiply => a.checked_mul(b),
        BinaryOp::Divide => a.checked_div(b),
        BinaryOp::Or | BinaryOp::And | BinaryOp::Compare(_) | BinaryOp::In => None,
    };
    let money = |minor: Option<Number>, currency| minor.map(|minor| Money(Amount { minor, currency }));
    let summing = matches!(op, BinaryOp::Add | BinaryOp::Subtract);
    let dividing = op == BinaryOp::Divide;
    let multiplying = op == BinaryOp::Multiply;
    let result = match (left, right) {
        (Unknown(reason), _) | (_, Unknown(reason)) => return Unknown(reason.clone()),
        (Zero, Zero) if !dividing => Some(Zero),
        (Zero, other) | (other, Zero) if multiplying && !matches!(other, Zero) => Some(Zero),
        (Zero, other) if dividing && !is_zero(other) => Some(Zero),
        (Zero, other) if summing && other.kind().is_some_and(Type::is_measured) => {
            return arithmetic(op, &left.in_unit_of(other), other);
        }
        (other, Zero) if summing && other.kind().is_some_and(Type::is_measured) => {
            return arithmetic(op, other, &right.in_unit_of(other));
        }
        (Money(a), Money(b)) if (summing || dividing) && a.currency != b.currency => {
            let message = format!("{} and {} do not mix; convert one of them", a.currency, b.currency);
            return Value::unknown(message);
        }
        (Money(a), Money(b)) if summing => money(number(a.minor, b.minor), a.currency),
        (Money(a), Money(b)) if dividing => number(a.minor, b.minor).map(Ratio),
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
        (Months(a), Months(b)) if summing => {
            a.checked_add(if op == BinaryOp::Add { *b } else { b.saturating_neg() }).map(Months)
        }
        _ => None,
    };
    result.unwrap_or_else(|| {
        let symbol = op.symbol();
        if dividing && is_zero(right) {
            return Value::unknown(format!("{left} {symbol} {right}: there is nothing to divide by"));
        }
        Value::unknown(format!("{left} {symbol} {right} cannot be computed"))
    })
}

pub(super) const fn is_zero(value: &Value) -> bool {
    match value {
        Value::Count(number) | Value::Ratio(number) | Value::Duration(number) => number.is_zero(),
        Value::Money(amount) => amount.minor.is_zero(),
        Value::Zero => true,
        _ => false,
    }
}
