//! Types and units of an expression, checked before it is put in force.

mod calls;
mod kind;
mod lists;
mod names;

use kernel::Currency;

use self::kind::Kind;
pub use self::names::Declared;
pub(crate) use self::names::is_reserved;
use super::Fault;
use super::number::Number;
use super::ops::is_zero;
use super::tree::{BinaryOp, Compare, Expr, Node};
use super::types::{Catalog, Type};
use super::value::Value;

/// What an expression is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    pub catalog: &'a Catalog,
    /// The program's currency: what metrics of money are in. None if it could not be read.
    pub currency: Option<Currency>,
    /// What the program itself declares.
    pub declared: &'a Declared,
}

impl<'a> Scope<'a> {
    /// A program that declares nothing of its own.
    pub fn new(catalog: &'a Catalog, currency: Option<Currency>) -> Self {
        Self { catalog, currency, declared: Declared::none() }
    }
}

/// The type of the expression, or everything that is wrong with it.
pub fn check(expression: &Expr, scope: Scope<'_>) -> Result<Type, Vec<Fault>> {
    let mut checker = Checker { scope, faults: Vec::new(), locals: Vec::new() };
    let kind = checker.infer(expression);
    if let (Some(kind), true) = (&kind, checker.faults.is_empty()) {
        if let Some(kind) = kind.value() {
            return Ok(kind);
        }
        let message = format!("`{expression}` is {}, not a value", kind.article());
        checker.faults.push(
            Fault::new(expression.span.clone(), "type-mismatch", message)
                .expecting("a value of it, such as `.count()` or `.sum(x, …)`"),
        );
    }
    Err(checker.faults)
}

struct Checker<'a> {
    scope: Scope<'a>,
    faults: Vec<Fault>,
    /// Variables of methods, innermost last; no kind where a fault has been noted.
    locals: Vec<(String, Option<Kind>)>,
}

impl Checker<'_> {
    /// The kind; none where a fault has been noted, so that one mistake is told once.
    fn infer(&mut self, expression: &Expr) -> Option<Kind> {
        match &expression.node {
            Node::Literal(value) => self.literal(expression, value),
            Node::Name(name) => self.name(expression, name),
            Node::Field(of, name) => self.field(expression, of, name),
            Node::Not(inner) => self.wants_bool(inner).then_some(Kind::BOOL),
            Node::Negate(inner) => {
                let kind = self.infer(inner)?;
                if kind.is_measured() || kind == Kind::Plain(Type::Months) {
                    return Some(kind);
                }
                self.fault(inner, "type-mismatch", format!("{} has no negative", kind.article()));
                None
            }
            Node::Binary(BinaryOp::And | BinaryOp::Or, left, right) => {
                let both = [self.wants_bool(left), self.wants_bool(right)];
                (both == [true, true]).then_some(Kind::BOOL)
            }
            Node::Binary(BinaryOp::Compare(compare), left, right) => self.comparison(expression, *compare, left, right),
            Node::Binary(BinaryOp::In, left, right) => self.membership(left, right),
            Node::Binary(op, left, right) => self.arithmetic(expression, *op, left, right),
            Node::List(items) => {
                let kinds: Vec<_> = items.iter().map(|item| self.infer(item)).collect();
                let mut common = Kind::Anything;
                for (item, kind) in items.iter().zip(kinds) {
                    let kind = kind?;
                    if !kind.fits(&common) {
                        self.mismatch(item, &kind, &common, "in the list");
                        return None;
                    }
                    common = common.or(kind);
                }
                Some(Kind::list(common))
            }
            Node::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                let sound = self.wants_bool(condition);
                let (one, other) = (self.infer(then), self.infer(otherwise));
                let (one, other) = (one?, other?);
                if !one.fits(&other) {
                    self.mismatch(otherwise, &other, &one, "on the other side of the choice");
                    return None;
                }
                sound.then(|| one.or(other))
            }
            Node::Call(function, arguments) => self.called(expression, *function, arguments),
            Node::Method(call) => self.method(expression, call),
        }
    }

    fn literal(&mut self, expression: &Expr, value: &Value) -> Option<Kind> {
        let Value::Money(amount) = value else {
            return value.kind().map(Kind::Plain);
        };
        if let Some(currency) = self.scope.currency
            && amount.currency != currency
            && !self.scope.declared.exchange
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
        Some(Kind::Money(Some(amount.currency)))
    }

    fn wants_bool(&mut self, expression: &Expr) -> bool {
        match self.infer(expression) {
            Some(Kind::Plain(Type::Bool)) => true,
            Some(kind) => {
                let message = format!("`{expression}` is {}, not true or false", kind.article());
                self.faults.push(
                    Fault::new(expression.span.clone(), "type-mismatch", message)
                        .expecting("a comparison such as `… >= …`"),
                );
                false
            }
            None => false,
        }
    }

    fn comparison(&mut self, whole: &Expr, op: Compare, left: &Expr, right: &Expr) -> Option<Kind> {
        let (l, r) = (self.infer(left), self.infer(right));
        let (l, r) = (l?, r?);
        if !l.fits(&r) {
            // The literal is what was mistyped, not the metric.
            if matches!(left.node, Node::Literal(_)) && !matches!(right.node, Node::Literal(_)) {
                self.mismatch(left, &l, &r, &format!("compared with `{right}`"));
            } else {
                self.mismatch(right, &r, &l, &format!("compared with `{left}`"));
            }
            return None;
        }
        if l.value().is_none() || r.value().is_none() {
            let message = format!("`{left}` is {}, which cannot be compared", l.article());
            self.faults.push(
                Fault::new(left.span.clone(), "type-mismatch", message)
                    .expecting("a value of it, such as `.count()` or `.sum(x, …)`"),
            );
            return None;
        }
        if op.needs_order() && !l.is_ordered() {
            let message = format!("{} is not more or less than another", l.article());
            self.faults.push(Fault::new(whole.span.clone(), "type-mismatch", message).expecting("`==` or `!=`"));
            return None;
        }
        Some(Kind::BOOL)
    }

    fn membership(&mut self, left: &Expr, right: &Expr) -> Option<Kind> {
        let (l, r) = (self.infer(left), self.infer(right));
        let (l, r) = (l?, r?);
        match &r {
            Kind::Plain(Type::Period) if l == Kind::Plain(Type::Instant) => Some(Kind::BOOL),
            Kind::Plain(Type::Period) => {
                self.mismatch(left, &l, &Kind::Plain(Type::Instant), "in a period");
                None
            }
            Kind::List(item) if item.value().is_none() && **item != Kind::Anything => {
                let message = format!("`{right}` is {}, and `{left}` is {}", r.article(), l.article());
                self.faults.push(
                    Fault::new(right.span.clone(), "type-mismatch", message)
                        .expecting("a list of values, such as `[\"DACH\", \"US\"]` or `.map(x, …)`"),
                );
                None
            }
            Kind::List(item) if l.fits(item) => Some(Kind::BOOL),
            Kind::List(item) => {
                self.mismatch(left, &l, item, "in the list");
                None
            }
            _ => {
                let message = format!("`{right}` is {}, which nothing is in", r.article());
                self.faults
                    .push(Fault::new(right.span.clone(), "type-mismatch", message).expecting("a list or a period"));
                None
            }
        }
    }

    fn arithmetic(&mut self, whole: &Expr, op: BinaryOp, left: &Expr, right: &Expr) -> Option<Kind> {
        let (l, r) = (self.infer(left), self.infer(right));
        let (l, r) = (l?, r?);
        let result = result_of(op, &l, &r);
        if let (Some(_), BinaryOp::Divide, Node::Literal(value)) = (&result, op, &right.node)
            && is_zero(value)
        {
            self.fault(right, "division-by-zero", "nothing can be divided by zero".to_owned());
            return None;
        }
        if result.is_none() {
            let symbol = op.symbol();
            if let (Kind::Money(Some(a)), Kind::Money(Some(b))) = (&l, &r)
                && a != b
            {
                let message = format!("{a} {symbol} {b} has no meaning");
                self.faults.push(
                    Fault::new(whole.span.clone(), "currency-mix", message)
                        .expecting("both in one currency")
                        .suggesting(Some(format!("convert({right}, {a})"))),
                );
                return None;
            }
            self.fault(whole, "type-mismatch", format!("{l} {symbol} {r} has no meaning"));
        }
        result
    }

    fn fault(&mut self, expression: &Expr, code: &'static str, message: String) {
        let fault = Fault::new(expression.span.clone(), code, message);
        self.faults.push(fault);
    }

    fn mismatch(&mut self, expression: &Expr, found: &Kind, wanted: &Kind, place: &str) {
        if let (Kind::Money(Some(found)), Kind::Money(Some(wanted))) = (found, wanted) {
            let message = format!("`{expression}` is in {found}, but money in {wanted} is {place}");
            self.faults.push(
                Fault::new(expression.span.clone(), "currency-mix", message)
                    .expecting(format!("money in {wanted}"))
                    .suggesting(Some(format!("convert({expression}, {wanted})"))),
            );
            return;
        }
        let message = format!("`{expression}` is {}, but {} is {place}", found.article(), wanted.article());
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
    fn converted(&self, value: &Value, wanted: &Kind) -> Option<String> {
        if let (Value::Text(text), Kind::Plain(Type::Instant)) = (value, wanted) {
            return text.parse::<kernel::Day>().ok().map(|day| format!("date(\"{day}\")"));
        }
        let Value::Count(number) = value else {
            return None;
        };
        match wanted {
            Kind::Plain(Type::Ratio) if *number <= Number::whole(1) => Some(Value::Ratio(*number).to_string()),
            Kind::Plain(Type::Ratio) => Some(format!("{number}%")),
            Kind::Plain(Type::Duration) => Some(format!("{number}d")),
            Kind::Plain(Type::Months) => Some(format!("{number}mo")),
            Kind::Money(currency) => {
                let currency = currency.or(self.scope.currency)?;
                Some(format!("{currency} {}", number.rounded(currency.exponent())))
            }
            _ => None,
        }
    }
}

/// What arithmetic with two kinds gives, if it has a meaning.
fn result_of(op: BinaryOp, l: &Kind, r: &Kind) -> Option<Kind> {
    const INSTANT: Kind = Kind::Plain(Type::Instant);
    let plain = |kind: &Kind| matches!(kind, Kind::Plain(Type::Count | Type::Ratio));
    let is_span = |kind: &Kind| matches!(kind, Kind::Plain(Type::Duration | Type::Months));
    let fits = l.fits(r);
    match op {
        BinaryOp::Subtract if *l == INSTANT && *r == INSTANT => Some(Kind::Plain(Type::Duration)),
        BinaryOp::Add | BinaryOp::Subtract if *l == INSTANT && is_span(r) => Some(INSTANT),
        BinaryOp::Add if is_span(l) && *r == INSTANT => Some(INSTANT),
        BinaryOp::Add | BinaryOp::Subtract => {
            (fits && (l.is_measured() || *l == Kind::Plain(Type::Months))).then(|| l.clone().or(r.clone()))
        }
        BinaryOp::Multiply if *l == Kind::RATIO && plain(r) => Some(r.clone()),
        BinaryOp::Multiply if plain(r) && l.is_measured() => Some(l.clone()),
        BinaryOp::Multiply if plain(l) && r.is_measured() => Some(r.clone()),
        BinaryOp::Divide if fits && l.is_measured() => Some(Kind::RATIO),
        BinaryOp::Divide if plain(r) && l.is_measured() => Some(l.clone()),
        _ => None,
    }
}
