//! Types and units of an expression, checked before it is put in force.

use kernel::Currency;

use super::Fault;
use super::number::Number;
use super::tree::{BinaryOp, Compare, Expr, Node};
use super::types::{Catalog, Type};
use super::value::Value;
use crate::nearest::nearest;

/// What an expression is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    pub catalog: &'a Catalog,
    /// The program's currency: what metrics of money are in. None if it could not be read.
    pub currency: Option<Currency>,
}

/// The type of the expression, or everything that is wrong with it.
pub fn check(expression: &Expr, scope: Scope<'_>) -> Result<Type, Vec<Fault>> {
    let mut checker = Checker { scope, faults: Vec::new() };
    let kind = checker.infer(expression);
    match kind {
        Some(kind) if checker.faults.is_empty() => Ok(kind),
        _ => Err(checker.faults),
    }
}

struct Checker<'a> {
    scope: Scope<'a>,
    faults: Vec<Fault>,
}

impl Checker<'_> {
    /// The type; none where a fault has been noted, so that one mistake is told once.
    fn infer(&mut self, expression: &Expr) -> Option<Type> {
        match &expression.node {
            Node::Literal(value) => self.literal(expression, value),
            Node::Name(name) => self.metric(expression, name),
            Node::Not(inner) => self.wants_bool(inner).then_some(Type::Bool),
            Node::Negate(inner) => {
                let kind = self.infer(inner)?;
                if matches!(kind, Type::Text | Type::Bool) {
                    self.fault(inner, "type-mismatch", format!("a {kind} has no negative"));
                    return None;
                }
                Some(kind)
            }
            Node::Binary(BinaryOp::And | BinaryOp::Or, left, right) => {
                let both = [self.wants_bool(left), self.wants_bool(right)];
                (both == [true, true]).then_some(Type::Bool)
            }
            Node::Binary(BinaryOp::Compare(compare), left, right) => self.comparison(expression, *compare, left, right),
            Node::Binary(op, left, right) => self.arithmetic(expression, *op, left, right),
            Node::Call(function, arguments) => {
                let kinds: Vec<_> = arguments.iter().map(|a| self.infer(a)).collect();
                let first = (*kinds.first()?)?;
                for (argument, kind) in arguments.iter().zip(kinds) {
                    let kind = kind?;
                    if kind != first || matches!(kind, Type::Text | Type::Bool) {
                        let name = function.name();
                        self.mismatch(argument, kind, first, &format!("in `{name}`"));
                        return None;
                    }
                }
                Some(first)
            }
        }
    }

    fn literal(&mut self, expression: &Expr, value: &Value) -> Option<Type> {
        if let (Value::Money(amount), Some(currency)) = (value, self.scope.currency)
            && amount.currency != currency
        {
            let written = amount.to_string();
            let instead = written.replacen(amount.currency.code(), currency.code(), 1);
            let message = format!("the program reckons in {currency}, this is {}", amount.currency);
            self.faults.push(
                Fault::new(expression.span.clone(), "currency-mix", message)
                    .expecting(format!("money in {currency}"))
                    .suggesting(Some(instead)),
            );
            return None;
        }
        value.kind()
    }

    fn metric(&mut self, expression: &Expr, name: &str) -> Option<Type> {
        if let Some(kind) = self.scope.catalog.metrics.get(name) {
            return Some(*kind);
        }
        let names = self.scope.catalog.metrics.keys().map(String::as_str);
        let message = format!("there is no metric `{name}`");
        self.faults.push(
            Fault::new(expression.span.clone(), "unknown-metric", message)
                .expecting(crate::lint::one_of(names.clone()))
                .suggesting(nearest(name, names)),
        );
        None
    }

    fn wants_bool(&mut self, expression: &Expr) -> bool {
        match self.infer(expression) {
            Some(Type::Bool) => true,
            Some(kind) => {
                let message = format!("`{expression}` is a {kind}, not true or false");
                self.faults.push(
                    Fault::new(expression.span.clone(), "type-mismatch", message)
                        .expecting("a comparison such as `… >= …`"),
                );
                false
            }
            None => false,
        }
    }

    fn comparison(&mut self, whole: &Expr, op: Compare, left: &Expr, right: &Expr) -> Option<Type> {
        let (l, r) = (self.infer(left), self.infer(right));
        let (l, r) = (l?, r?);
        if l != r {
            // The literal is what was mistyped, not the metric.
            if matches!(left.node, Node::Literal(_)) && !matches!(right.node, Node::Literal(_)) {
                self.mismatch(left, l, r, &format!("compared with `{right}`"));
            } else {
                self.mismatch(right, r, l, &format!("compared with `{left}`"));
            }
            return None;
        }
        if op.needs_order() && matches!(l, Type::Text | Type::Bool) {
            let message = format!("a {l} is not more or less than another");
            self.faults.push(Fault::new(whole.span.clone(), "type-mismatch", message).expecting("`==` or `!=`"));
            return None;
        }
        Some(Type::Bool)
    }

    fn arithmetic(&mut self, whole: &Expr, op: BinaryOp, left: &Expr, right: &Expr) -> Option<Type> {
        let (l, r) = (self.infer(left), self.infer(right));
        let (l, r) = (l?, r?);
        let plain = |kind: Type| matches!(kind, Type::Count | Type::Ratio);
        let measured = |kind: Type| !matches!(kind, Type::Text | Type::Bool);
        let result = match op {
            BinaryOp::Add | BinaryOp::Subtract => (l == r && measured(l)).then_some(l),
            BinaryOp::Multiply if l == Type::Ratio && plain(r) => Some(r),
            BinaryOp::Multiply if plain(r) && measured(l) => Some(l),
            BinaryOp::Multiply if plain(l) && measured(r) => Some(r),
            BinaryOp::Divide if l == r && measured(l) => Some(Type::Ratio),
            BinaryOp::Divide if plain(r) && measured(l) => Some(l),
            _ => None,
        };
        if let (Some(_), BinaryOp::Divide, Node::Literal(value)) = (result, op, &right.node)
            && is_zero(value)
        {
            self.fault(right, "division-by-zero", "nothing can be divided by zero".to_owned());
            return None;
        }
        if result.is_none() {
            let symbol = op.symbol();
            self.fault(whole, "type-mismatch", format!("{l} {symbol} {r} has no meaning"));
        }
        result
    }

    fn fault(&mut self, expression: &Expr, code: &'static str, message: String) {
        let fault = Fault::new(expression.span.clone(), code, message);
        self.faults.push(fault);
    }

    fn mismatch(&mut self, expression: &Expr, found: Type, wanted: Type, place: &str) {
        let message = format!("`{expression}` is a {found}, but a {wanted} is {place}");
        let instead = match &expression.node {
            Node::Literal(value) => self.converted(value, wanted),
            _ => None,
        };
        self.faults.push(
            Fault::new(expression.span.clone(), "type-mismatch", message)
                .expecting(wanted.described())
                .suggesting(instead),
        );
    }

    /// The literal that was probably meant: `25%` for `0.25`, `EUR 5000.00` for `5000`.
    fn converted(&self, value: &Value, wanted: Type) -> Option<String> {
        let Value::Count(number) = value else {
            return None;
        };
        match wanted {
            Type::Ratio if *number <= Number::whole(1) => Some(Value::Ratio(*number).to_string()),
            Type::Ratio => Some(format!("{number}%")),
            Type::Duration => Some(format!("{number}d")),
            Type::Money => {
                let currency = self.scope.currency?;
                Some(format!("{currency} {}", number.rounded(currency.exponent())))
            }
            _ => None,
        }
    }
}

const fn is_zero(value: &Value) -> bool {
    match value {
        Value::Count(number) | Value::Ratio(number) | Value::Duration(number) => number.is_zero(),
        Value::Money(amount) => amount.minor.is_zero(),
        _ => false,
    }
}
