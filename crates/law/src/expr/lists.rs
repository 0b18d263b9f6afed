//! What can be done with lists: filtering, counting, adding up, grouping, picking. Order never depends on chance: items keep
//! the order of their set, and of equals the first one is picked.

use std::cmp::Ordering;
use std::rc::Rc;

use super::functions::Method;
use super::machine::{Group, Item, List, Machine};
use super::number::Number;
use super::ops::{arithmetic, compared, ordering};
use super::population::{mean, median_of_sorted};
use super::tree::{BinaryOp, Compare, Expr, MethodCall};
use super::value::Value;

impl<'a> Machine<'a> {
    pub(super) fn method(&mut self, call: &'a MethodCall) -> Item<'a> {
        if let Some(value) = self.scanned(call) {
            return Item::owned(value);
        }
        let list = match self.item(&call.on) {
            Item::List(list) => list,
            Item::Group(group) => group.members.clone(),
            Item::Value(value) => {
                let plain = call.plain.as_ref().map(|plain| self.value(plain));
                return Item::owned(text_method(call.method, &value, plain.as_deref()));
            }
            Item::Row(..) => return Item::unknown("one fact is no list"),
        };
        match (call.method, &call.each) {
            (Method::Filter, Some(each)) => Item::List(self.filtered(&list, each)),
            (Method::Map, Some(each)) => {
                let items = list.items.iter().map(|item| self.each(each, item)).collect();
                Item::List(List { items: Rc::new(items), doubt: list.doubt })
            }
            (Method::Exists | Method::All, Some(each)) => {
                Item::owned(self.quantified(&list, each, call.method == Method::Exists))
            }
            (Method::ExistsOne, Some(each)) => {
                let found = self.filtered(&list, each);
                Item::owned(doubtless(&found, || Value::Bool(found.items.len() == 1)))
            }
            (Method::Group, Some(each)) => Item::List(self.grouped(&list, each)),
            (Method::MaxBy | Method::MinBy, Some(each)) => {
                let picked = self.picked(&list, each, call.method == Method::MaxBy);
                match (picked, &list.doubt) {
                    (_, Some(doubt)) => Item::unknown(&**doubt),
                    (Err(reason), _) => Item::unknown(reason),
                    (Ok(picked), _) => picked.into_iter().next().unwrap_or_else(|| Item::owned(Value::Absent)),
                }
            }
            (Method::Top | Method::Bottom, Some(each)) => {
                let most = call.plain.as_ref().map_or(Value::Absent, |plain| self.value(plain).into_owned());
                self.first_of(&list, each, &most, call.method == Method::Top)
            }
            (Method::Size, Some(each)) => {
                let found = self.filtered(&list, each);
                Item::owned(doubtless(&found, || size(&found)))
            }
            (Method::Size, None) => Item::owned(doubtless(&list, || size(&list))),
            (Method::Distinct, each) => Item::List(self.distinct(&list, each.as_ref())),
            (method, each) => Item::owned(self.figure(method, &list, each.as_ref())),
        }
    }

    /// How many of a list fulfil a condition, for people: "2 of 5".
    pub(super) fn how_many(&mut self, call: &'a MethodCall) -> String {
        let list = match self.item(&call.on) {
            Item::List(list) => list,
            Item::Group(group) => group.members.clone(),
            Item::Value(_) | Item::Row(..) => return String::new(),
        };
        let found = call.each.as_ref().map_or(0, |each| self.filtered(&list, each).items.len());
        match list.items.len() {
            0 => "there are none".to_owned(),
            all => format!("it holds for {found} of {all}"),
        }
    }

    fn each(&mut self, (name, body): &'a (String, Expr), item: &Item<'a>) -> Item<'a> {
        self.with(name, item.clone(), |machine| machine.item(body))
    }

    fn filtered(&mut self, list: &List<'a>, (name, body): &'a (String, Expr)) -> List<'a> {
        let mut doubt = list.doubt.clone();
        let mut items = Vec::new();
        for item in list.items.iter() {
            match self.with(name, item.clone(), |machine| machine.truth(body)) {
                Some(true) => items.push(item.clone()),
                Some(false) => {}
                None => doubt = Some(format!("for some it is not known whether `{body}`").into()),
            }
        }
        List { items: Rc::new(items), doubt }
    }

    /// Whether any (or every) item fulfils a condition.
    fn quantified(&mut self, list: &List<'a>, (name, body): &'a (String, Expr), any: bool) -> Value {
        let mut open = list.doubt.clone();
        for item in list.items.iter() {
            match self.with(name, item.clone(), |machine| machine.truth(body)) {
                Some(truth) if truth == any => return Value::Bool(any),
                Some(_) => {}
                None => open = Some(format!("for some it is not known whether `{body}`").into()),
            }
        }
        match open {
            Some(reason) => Value::unknown(&*reason),
            None => Value::Bool(!any),
        }
    }

    /// Groups in the order in which their keys first appear.
    fn grouped(&mut self, list: &List<'a>, each: &'a (String, Expr)) -> List<'a> {
        let mut groups: Vec<(Value, Vec<Item<'a>>)> = Vec::new();
        let mut doubt = list.doubt.clone();
        for item in list.items.iter() {
            match self.each(each, item).into_value().into_owned() {
                Value::Unknown(reason) => doubt = Some(reason.into()),
                // What has no key is in no group.
                Value::Absent => {}
                key => match groups.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, members)) => members.push(item.clone()),
                    None => groups.push((key, vec![item.clone()])),
                },
            }
        }
        let group = |(key, members)| Item::Group(Rc::new(Group { key, members: List::of(members) }));
        List { items: Rc::new(groups.into_iter().map(group).collect()), doubt }
    }

    /// Without a name: the different values. With one: the different results.
    fn distinct(&mut self, list: &List<'a>, each: Option<&'a (String, Expr)>) -> List<'a> {
        let mut found: Vec<Value> = Vec::new();
        let mut doubt = list.doubt.clone();
        for item in list.items.iter() {
            let value = match each {
                Some(each) => self.each(each, item),
                None => item.clone(),
            };
            match value.into_value().into_owned() {
                Value::Unknown(reason) => doubt = Some(reason.into()),
                Value::Absent => {}
                value if found.contains(&value) => {}
                value => found.push(value),
            }
        }
        List { items: Rc::new(found.into_iter().map(Item::owned).collect()), doubt }
    }

    /// The items with the highest (or lowest) result, the best first; of equals the first one comes first.
    fn picked(&mut self, list: &List<'a>, each: &'a (String, Expr), high: bool) -> Result<Vec<Item<'a>>, String> {
        let mut scored = Vec::with_capacity(list.items.len());
        for item in list.items.iter() {
            match self.each(each, item).into_value().into_owned() {
                Value::Unknown(reason) => return Err(reason),
                Value::Absent => {}
                value => scored.push((value, item.clone())),
            }
        }
        scored.sort_by(|(a, _), (b, _)| {
            let order = ordering(a, b).unwrap_or(Ordering::Equal);
            if high { order.reverse() } else { order }
        });
        Ok(scored.into_iter().map(|(_, item)| item).collect())
    }

    fn first_of(&mut self, list: &List<'a>, each: &'a (String, Expr), most: &Value, high: bool) -> Item<'a> {
        let Value::Count(most) = most else { return Item::unknown("how many of them is not known") };
        let picked = match self.picked(list, each, high) {
            Ok(picked) => picked,
            Err(reason) => return Item::unknown(reason),
        };
        let most = usize::try_from(most.floor()).unwrap_or(0);
        let items = picked.into_iter().take(most).collect();
        Item::List(List { items: Rc::new(items), doubt: list.doubt.clone() })
    }

    /// Sum, smallest, largest, mean and middle; what is not set does not count.
    fn figure(&mut self, method: Method, list: &List<'a>, each: Option<&'a (String, Expr)>) -> Value {
        if let Some(doubt) = &list.doubt {
            return Value::unknown(&**doubt);
        }
        let mut values = Vec::with_capacity(list.items.len());
        for item in list.items.iter() {
            let value = match each {
                Some(each) => self.each(each, item),
                None => item.clone(),
            };
            match value.into_value().into_owned() {
                Value::Unknown(reason) => return Value::Unknown(reason),
                Value::Absent => {}
                value => values.push(value),
            }
        }
        let length = values.len();
        let add = |sum: Value, next: Value| arithmetic(BinaryOp::Add, &sum, &next);
        match method {
            Method::Sum => values.into_iter().reduce(add).unwrap_or(Value::Zero),
            Method::Avg => match values.into_iter().reduce(add) {
                Some(sum) => mean(&sum, length as i128),
                None => Value::unknown("there is nothing to take the mean of"),
            },
            Method::Median => {
                values.sort_by(|a, b| ordering(a, b).unwrap_or(Ordering::Equal));
                median_of_sorted(&values)
            }
            _ => {
                let compare = if method == Method::Max { Compare::More } else { Compare::Less };
                let better = |best: Value, next: Value| match compared(compare, &next, &best) {
                    Some(true) => next,
                    Some(false) => best,
                    None => Value::unknown(format!("{best} and {next} cannot be compared")),
                };
                values.into_iter().reduce(better).unwrap_or(Value::Absent)
            }
        }
    }
}

fn size(list: &List<'_>) -> Value {
    Value::Count(Number::whole(list.items.len() as i128))
}

/// A figure about a whole list is only known if the list is.
fn doubtless(list: &List<'_>, figure: impl FnOnce() -> Value) -> Value {
    match &list.doubt {
        Some(doubt) => Value::unknown(&**doubt),
        None => figure(),
    }
}

fn text_method(method: Method, value: &Value, part: Option<&Value>) -> Value {
    match (value, part) {
        (Value::Unknown(reason), _) | (_, Some(Value::Unknown(reason))) => Value::Unknown(reason.clone()),
        (Value::Absent, _) => Value::Bool(false),
        (Value::Text(text), Some(Value::Text(part))) => Value::Bool(match method {
            Method::StartsWith => text.starts_with(part.as_str()),
            Method::EndsWith => text.ends_with(part.as_str()),
            _ => text.contains(part.as_str()),
        }),
        _ => Value::unknown(format!("{value} is no list")),
    }
}
