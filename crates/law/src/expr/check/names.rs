//! Names in expressions: metrics, sets of facts, variables, words of the language, and what the program declares.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::kind::Kind;
use super::{Checker, Fault};
use crate::expr::time::{Cycle, named_period};
use crate::expr::tree::{Expr, Node};
use crate::expr::types::Type;
use crate::nearest::nearest;

/// What the program itself declares.
#[derive(Debug, Clone, Default)]
pub struct Declared {
    /// Computed metrics with their types; no type where the formula is at fault, which is told there.
    pub metrics: BTreeMap<String, Option<Type>>,
    /// What `market.NAME` gives; absent without markets.
    pub market: Option<BTreeMap<String, Type>>,
    /// The criteria of the scorecard; absent without one.
    pub criteria: Option<BTreeSet<String>>,
    /// Whether there are rates between currencies.
    pub exchange: bool,
}

static NONE: LazyLock<Declared> = LazyLock::new(Declared::default);

impl Declared {
    pub(super) fn none() -> &'static Self {
        &NONE
    }
}

/// Names that nothing else may have.
pub(crate) fn is_reserved(name: &str) -> bool {
    matches!(name, "now" | "market" | "scorecard" | "true" | "false" | "and" | "or" | "not" | "in" | "if")
        || named_period(name).is_some()
}

impl Checker<'_> {
    pub(super) fn name(&mut self, expression: &Expr, name: &str) -> Option<Kind> {
        if let Some((_, kind)) = self.locals.iter().rev().find(|(local, _)| local == name) {
            return kind.clone();
        }
        let currency = self.scope.currency;
        if let Some(kind) = self.scope.declared.metrics.get(name) {
            return kind.map(|kind| Kind::of(kind, currency));
        }
        if let Some(kind) = self.scope.catalog.metrics.get(name) {
            return Some(Kind::of(*kind, currency));
        }
        if self.scope.catalog.sets.contains_key(name) {
            return Some(Kind::list(Kind::Row(name.to_owned())));
        }
        if name == "now" {
            return Some(Kind::Plain(Type::Instant));
        }
        if named_period(name).is_some() {
            return Some(Kind::Plain(Type::Period));
        }
        if let "market" | "scorecard" = name {
            let message = format!("`{name}` alone is no value");
            let example = if name == "market" { "market.multiplier" } else { "scorecard.total" };
            let fault = Fault::new(expression.span.clone(), "type-mismatch", message);
            self.faults.push(fault.suggesting(Some(example)));
            return None;
        }
        self.unknown(expression, name);
        None
    }

    fn unknown(&mut self, expression: &Expr, name: &str) {
        let metrics = self.scope.catalog.metrics.keys().chain(self.scope.declared.metrics.keys());
        let metrics: Vec<&str> = metrics.map(String::as_str).collect();
        let cycles = Cycle::ALL.map(|cycle| [format!("this_{}", cycle.name()), format!("last_{}", cycle.name())]);
        let locals = self.locals.iter().map(|(local, _)| local.as_str());
        let near = nearest(name, metrics.iter().copied().chain(self.scope.catalog.sets.keys().map(String::as_str)));
        let near = near.or_else(|| nearest(name, locals));
        let near = near.or_else(|| nearest(name, cycles.as_flattened().iter().map(String::as_str)));
        let message = format!("there is no metric `{name}`");
        self.faults.push(
            Fault::new(expression.span.clone(), "unknown-metric", message)
                .expecting(crate::lint::one_of(metrics))
                .suggesting(near),
        );
    }

    pub(super) fn field(&mut self, whole: &Expr, of: &Expr, name: &str) -> Option<Kind> {
        let place = whole.span.end.saturating_sub(name.len())..whole.span.end;
        if let Node::Name(object) = &of.node
            && !self.locals.iter().any(|(local, _)| local == object)
        {
            match object.as_str() {
                "market" => return self.market(place, name),
                "scorecard" => return self.criterion(place, name),
                _ => {}
            }
        }
        let of_kind = self.infer(of)?;
        let unknown = |names: &[&str], what: &str| {
            Fault::new(place.clone(), "unknown-field", format!("{what} has no field `{name}`"))
                .expecting(crate::lint::one_of(names.iter().copied()))
                .suggesting(nearest(name, names.iter().copied()))
        };
        match &of_kind {
            Kind::Row(set) => {
                let kind = self.scope.catalog.sets.get(set)?;
                if let Some(kind) = kind.fields.get(name) {
                    let currency = if self.scope.declared.exchange { None } else { self.scope.currency };
                    return Some(Kind::of(*kind, currency));
                }
                let names: Vec<&str> = kind.fields.keys().map(String::as_str).collect();
                self.faults.push(unknown(&names, &format!("a fact of `{set}`")));
            }
            Kind::Group { key, member } => match name {
                "key" => return Some((**key).clone()),
                "members" => return Some(Kind::list((**member).clone())),
                _ => self.faults.push(unknown(&["key", "members"], "a group")),
            },
            Kind::Plain(Type::Period) => match name {
                "start" | "end" => return Some(Kind::Plain(Type::Instant)),
                _ => self.faults.push(unknown(&["start", "end"], "a period")),
            },
            Kind::List(item) => {
                let message = format!("`{of}` is {}; `{name}` is a field of each", of_kind.article());
                let instead = match **item {
                    Kind::Row(_) => Some(format!("{of}.map(x, x.{name})")),
                    _ => None,
                };
                self.faults.push(Fault::new(place, "unknown-field", message).suggesting(instead));
            }
            other => {
                let message = format!("`{of}` is {} and has no fields", other.article());
                self.faults.push(Fault::new(place, "unknown-field", message));
            }
        }
        None
    }

    fn market(&mut self, place: std::ops::Range<usize>, name: &str) -> Option<Kind> {
        let Some(values) = &self.scope.declared.market else {
            let message = "the program has no markets";
            let fault = Fault::new(place, "unknown-name", message);
            self.faults.push(fault.expecting("a `[market.…]` in `markets.toml`"));
            return None;
        };
        if let Some(kind) = values.get(name) {
            return Some(Kind::of(*kind, self.scope.currency));
        }
        let names = || values.keys().map(String::as_str);
        let message = format!("markets have no `{name}`");
        let fault = Fault::new(place, "unknown-field", message).expecting(crate::lint::one_of(names()));
        self.faults.push(fault.suggesting(nearest(name, names())));
        None
    }

    fn criterion(&mut self, place: std::ops::Range<usize>, name: &str) -> Option<Kind> {
        let Some(criteria) = &self.scope.declared.criteria else {
            let message = "the program has no scorecard";
            let fault = Fault::new(place, "unknown-name", message);
            self.faults.push(fault.expecting("criteria and weights in `scorecard.toml`"));
            return None;
        };
        if name == "total" || criteria.contains(name) {
            return Some(Kind::COUNT);
        }
        let names = || criteria.iter().map(String::as_str).chain(["total"]);
        let message = format!("the scorecard has no criterion `{name}`");
        let fault = Fault::new(place, "unknown-field", message).expecting(crate::lint::one_of(names()));
        self.faults.push(fault.suggesting(nearest(name, names())));
        None
    }
}
