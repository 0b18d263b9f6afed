//! Kinds of what functions take and give.

use super::kind::Kind;
use super::{Checker, Fault};
use crate::expr::calls::currency_of;
use crate::expr::functions::Function;
use crate::expr::tree::{Expr, Node};
use crate::expr::types::Type;
use crate::expr::value::Value;

const INSTANT: Kind = Kind::Plain(Type::Instant);
const DURATION: Kind = Kind::Plain(Type::Duration);
const PERIOD: Kind = Kind::Plain(Type::Period);
const TEXT: Kind = Kind::Plain(Type::Text);

impl Checker<'_> {
    pub(super) fn called(&mut self, whole: &Expr, function: Function, arguments: &[Expr]) -> Option<Kind> {
        let first = arguments.first()?;
        if function.cycle().is_some() {
            return self.wants(first, &Kind::COUNT, "how many periods away it is").then_some(PERIOD);
        }
        if function.compares_partners() {
            return self.over_partners(function, first);
        }
        match (function, arguments.get(1)) {
            (Function::Min | Function::Max, _) => self.best_of(function, arguments),
            (Function::Abs | Function::Floor | Function::Round, _) => {
                let kind = self.infer(first)?;
                if kind.is_measured() {
                    return Some(kind);
                }
                let message = format!("`{first}` is {}, not a number", kind.article());
                self.fault(first, "type-mismatch", message);
                None
            }
            (Function::Has, _) => {
                if !matches!(first.node, Node::Field(..)) {
                    let message = format!("`has` asks whether a field is set, and `{first}` is none");
                    let fault = Fault::new(first.span.clone(), "type-mismatch", message);
                    self.faults.push(fault.expecting("a field such as `d.won_at`"));
                    return None;
                }
                self.infer(first).map(|_| Kind::BOOL)
            }
            (Function::Default, Some(other)) => {
                let (kind, instead) = (self.infer(first), self.infer(other));
                let (kind, instead) = (kind?, instead?);
                if kind.fits(&instead) {
                    return Some(kind.or(instead));
                }
                self.mismatch(other, &instead, &kind, &format!("instead of `{first}`"));
                None
            }
            (Function::Credit, Some(target)) => {
                let (kind, wanted) = (self.infer(first), self.infer(target));
                let (kind, wanted) = (kind?, wanted?);
                if kind.fits(&wanted) && kind.is_measured() {
                    return Some(Kind::RATIO);
                }
                self.mismatch(target, &wanted, &kind, &format!("what `{first}` is to reach"));
                None
            }
            (Function::Fade, Some(span)) => {
                let both = [self.wants(first, &INSTANT, "what fades"), self.wants_span(span)];
                (both == [true, true]).then_some(Kind::RATIO)
            }
            (Function::Convert, Some(to)) => self.convert(first, to, arguments.get(2)),
            (Function::Date | Function::Timestamp, _) => self.instant(function, first),
            (Function::Last, _) => self.wants_span(first).then_some(PERIOD),
            (Function::WholeDays, _) => self.wants(first, &DURATION, "what is counted in days").then_some(Kind::COUNT),
            (Function::Size, _) => self.size_of(first),
            (Function::OnAnyDay | Function::OnEveryDay, Some(condition)) => {
                let both = [self.wants_span(first), self.wants_bool(condition)];
                (both == [true, true]).then_some(Kind::BOOL)
            }
            _ => {
                let message = format!("`{whole}` cannot be computed");
                self.fault(whole, "type-mismatch", message);
                None
            }
        }
    }

    fn size_of(&mut self, list: &Expr) -> Option<Kind> {
        let kind = self.infer(list)?;
        if matches!(kind, Kind::List(_) | Kind::Group { .. }) {
            return Some(Kind::COUNT);
        }
        let message = format!("`{list}` is {}, not a list", kind.article());
        let sets: Vec<&str> = self.scope.catalog.sets.keys().map(String::as_str).collect();
        let fault = Fault::new(list.span.clone(), "type-mismatch", message);
        self.faults.push(fault.expecting(crate::lint::one_of(sets)));
        None
    }

    fn best_of(&mut self, function: Function, arguments: &[Expr]) -> Option<Kind> {
        let kinds: Vec<_> = arguments.iter().map(|argument| self.infer(argument)).collect();
        let mut common = kinds.first().cloned()??;
        for (argument, kind) in arguments.iter().zip(kinds) {
            let kind = kind?;
            if !kind.fits(&common) || !kind.is_ordered() {
                let name = function.name();
                self.mismatch(argument, &kind, &common, &format!("in `{name}`"));
                return None;
            }
            common = common.or(kind);
        }
        Some(common)
    }

    /// The metric that is compared must have a name, because its figures of all partners are kept under it.
    fn over_partners(&mut self, function: Function, metric: &Expr) -> Option<Kind> {
        let name = function.name();
        let known = match &metric.node {
            Node::Name(metric) => {
                let scope = self.scope;
                let is_local = self.locals.iter().any(|(local, _)| local == metric);
                !is_local && !scope.catalog.sets.contains_key(metric) && !super::names::is_reserved(metric)
            }
            _ => false,
        };
        if !known {
            let message = format!("`{name}` compares partners by a metric, and `{metric}` is none");
            let fault = Fault::new(metric.span.clone(), "type-mismatch", message);
            self.faults.push(fault.expecting("the name of a metric; a formula gets one in `metrics.toml`"));
            return None;
        }
        let kind = self.infer(metric)?;
        if !kind.is_measured() {
            let message = format!("`{metric}` is {}, by which partners cannot be put in order", kind.article());
            self.fault(metric, "type-mismatch", message);
            return None;
        }
        Some(match function {
            Function::Place => Kind::COUNT,
            Function::TopShare | Function::PercentileRank => Kind::RATIO,
            _ => kind,
        })
    }

    fn wants_span(&mut self, span: &Expr) -> bool {
        match self.infer(span) {
            Some(Kind::Plain(Type::Duration | Type::Months)) => true,
            Some(kind) => {
                self.mismatch(span, &kind, &DURATION, "needed here");
                false
            }
            None => false,
        }
    }

    fn convert(&mut self, money: &Expr, to: &Expr, at: Option<&Expr>) -> Option<Kind> {
        let sound = at.is_none_or(|at| self.wants(at, &INSTANT, "the day of the rate"));
        let kind = self.infer(money);
        let Some(currency) = currency_of(to) else {
            let message = format!("`{to}` is no currency");
            let near = match &to.node {
                Node::Name(name) => Some(name.to_uppercase()).filter(|code| code.parse::<kernel::Currency>().is_ok()),
                Node::Literal(Value::Text(code)) if code.parse::<kernel::Currency>().is_ok() => Some(code.clone()),
                _ => None,
            };
            let fault = Fault::new(to.span.clone(), "bad-currency", message).expecting("an ISO 4217 code such as EUR");
            self.faults.push(fault.suggesting(near));
            return None;
        };
        if !self.scope.declared.exchange && self.scope.currency.is_some_and(|own| own != currency) {
            let message = format!("the program has no exchange rates, so nothing can be converted to {currency}");
            let fault = Fault::new(to.span.clone(), "no-rates", message);
            self.faults.push(fault.expecting("an `[[exchange]]` in `markets.toml`"));
            return None;
        }
        match kind? {
            Kind::Money(_) if sound => Some(Kind::Money(Some(currency))),
            Kind::Money(_) => None,
            other => {
                self.mismatch(money, &other, &Kind::Money(None), "what is converted");
                None
            }
        }
    }

    fn instant(&mut self, function: Function, text: &Expr) -> Option<Kind> {
        if let Node::Literal(Value::Text(written)) = &text.node {
            let (sound, example) = match function {
                Function::Date => (written.parse::<kernel::Day>().is_ok(), "a day such as \"2026-03-01\""),
                _ => (written.parse::<kernel::Timestamp>().is_ok(), "a time such as \"2026-03-01T09:00:00Z\""),
            };
            if sound {
                return Some(INSTANT);
            }
            let message = format!("“{written}” is no {}", if function == Function::Date { "day" } else { "time" });
            self.faults.push(Fault::new(text.span.clone(), "bad-time", message).expecting(example));
            return None;
        }
        self.wants(text, &TEXT, "read as a time").then_some(INSTANT)
    }
}
