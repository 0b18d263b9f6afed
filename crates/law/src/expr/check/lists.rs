//! Kinds of what methods give: `deals.filter(d, …)`, `.sum(d, d.value)`, `.group(d, d.product)`.

use super::kind::Kind;
use super::names::is_reserved;
use super::{Checker, Fault};
use crate::expr::functions::Method;
use crate::expr::tree::{Expr, MethodCall};
use crate::expr::types::Type;

impl Checker<'_> {
    pub(super) fn method(&mut self, whole: &Expr, call: &MethodCall) -> Option<Kind> {
        let on = self.infer(&call.on);
        let item = match on {
            Some(Kind::List(item)) => Some(*item),
            Some(Kind::Group { member, .. }) => Some(*member),
            Some(other) => return self.on_value(call, &other),
            None => None,
        };
        if let Some(plain) = &call.plain {
            self.wants(plain, &Kind::COUNT, "how many are taken");
        }
        let known = item.is_some();
        let result = match &call.each {
            Some((name, body)) => self.each(whole, call.method, name, item.clone(), body),
            None => item.clone(),
        };
        if !known {
            return None;
        }
        self.gives(call, item?, result?)
    }

    /// The kind of what is computed of each item; for conditions, the item that fulfils them.
    fn each(&mut self, whole: &Expr, method: Method, name: &str, item: Option<Kind>, body: &Expr) -> Option<Kind> {
        let taken = self.scope.catalog.metrics.contains_key(name)
            || self.scope.catalog.sets.contains_key(name)
            || self.scope.declared.metrics.contains_key(name)
            || is_reserved(name);
        if taken {
            let start = body.span.start.saturating_sub(name.len() + 2).max(whole.span.start);
            let message = format!("`{name}` already has a meaning, so it cannot name each item");
            let fault = Fault::new(start..start + name.len(), "duplicate-key", message);
            self.faults.push(fault.expecting("another name, such as `x`"));
            return None;
        }
        self.locals.push((name.to_owned(), item));
        let conditional =
            matches!(method, Method::Filter | Method::All | Method::Exists | Method::ExistsOne | Method::Size);
        let kind = if conditional { self.wants_bool(body).then_some(Kind::BOOL) } else { self.infer(body) };
        self.locals.pop();
        kind
    }

    fn gives(&mut self, call: &MethodCall, item: Kind, result: Kind) -> Option<Kind> {
        let body = call.each.as_ref().map_or(&call.on, |(_, body)| body);
        let name = call.method.name();
        match call.method {
            Method::Filter => Some(Kind::list(item)),
            Method::All | Method::Exists | Method::ExistsOne => Some(Kind::BOOL),
            Method::Map => Some(Kind::list(result)),
            Method::Size => Some(Kind::COUNT),
            Method::Distinct | Method::Group if result.value().is_none() => {
                let message = format!("`{body}` is {}; `{name}` needs a value of each", result.article());
                let fault = Fault::new(body.span.clone(), "type-mismatch", message);
                self.faults.push(fault.expecting(format!("`.{name}(x, x.person)`")));
                None
            }
            Method::Distinct => Some(Kind::list(result)),
            Method::Group => Some(Kind::list(Kind::Group { key: Box::new(result), member: Box::new(item) })),
            Method::MaxBy | Method::MinBy | Method::Top | Method::Bottom if !result.is_ordered() => {
                self.no_order(body, &result, name)
            }
            Method::MaxBy | Method::MinBy => Some(item),
            Method::Top | Method::Bottom => Some(Kind::list(item)),
            Method::Min | Method::Max if !result.is_ordered() => self.no_order(body, &result, name),
            Method::Min | Method::Max => Some(result),
            Method::Sum | Method::Avg | Method::Median if !result.is_measured() => {
                let message = format!("`{body}` is {}, which cannot be added up", result.article());
                let fault = Fault::new(body.span.clone(), "type-mismatch", message);
                self.faults.push(fault.expecting(format!("`.{name}(x, x.FIELD)` with a number, money or a duration")));
                None
            }
            Method::Sum | Method::Avg | Method::Median => Some(result),
            Method::Contains | Method::StartsWith | Method::EndsWith => {
                let message = format!("`{name}` asks about a text, `{}` is a list", call.on);
                let fault = Fault::new(call.on.span.clone(), "type-mismatch", message);
                self.faults.push(fault.expecting("`x in list`"));
                None
            }
        }
    }

    fn no_order(&mut self, body: &Expr, result: &Kind, name: &str) -> Option<Kind> {
        let message = format!("`{body}` is {}, which is not more or less than another", result.article());
        let fault = Fault::new(body.span.clone(), "type-mismatch", message);
        self.faults.push(fault.expecting(format!("something that `{name}` can put in order")));
        None
    }

    /// Methods of texts; everything else wants a list.
    fn on_value(&mut self, call: &MethodCall, on: &Kind) -> Option<Kind> {
        let textual = matches!(call.method, Method::Contains | Method::StartsWith | Method::EndsWith);
        if textual && *on == Kind::Plain(Type::Text) {
            let sound = call.plain.iter().all(|part| self.wants(part, &Kind::Plain(Type::Text), "looked for"));
            return sound.then_some(Kind::BOOL);
        }
        let name = call.method.name();
        let message = format!(
            "`{}` is {}, and `{name}` is for {}",
            call.on,
            on.article(),
            if textual { "texts" } else { "lists" }
        );
        let sets: Vec<&str> = self.scope.catalog.sets.keys().map(String::as_str).collect();
        let expected = if textual { "a text".to_owned() } else { crate::lint::one_of(sets) };
        self.faults.push(Fault::new(call.on.span.clone(), "type-mismatch", message).expecting(expected));
        None
    }

    /// Whether an argument is of a kind; a fault is noted otherwise.
    pub(super) fn wants(&mut self, argument: &Expr, wanted: &Kind, place: &str) -> bool {
        match self.infer(argument) {
            Some(kind) if kind.fits(wanted) => true,
            Some(kind) => {
                self.mismatch(argument, &kind, wanted, place);
                false
            }
            None => false,
        }
    }
}
