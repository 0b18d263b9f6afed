//! Expressions in words, for people who read why a rule holds: `deals.filter(d, d.state == "won").count()` becomes
//! "the number of deals where state is “won”".

use super::functions::{Function, Method};
use super::tree::{BinaryOp, Compare, Expr, MethodCall, Node};
use super::value::Value;

/// What is measured, in words; metrics keep their names, so that titles can be put in their place.
pub fn words(expression: &Expr) -> String {
    describe(expression, &[])
}

fn describe(expression: &Expr, own: &[&str]) -> String {
    match &expression.node {
        Node::Literal(value) => value.pretty(),
        Node::Name(name) if name == "now" => "now".to_owned(),
        Node::Name(name) if super::time::named_period(name).is_some() => name
            .replacen("this_", "the current ", 1)
            .replacen("last_", "the last ", 1)
            .replacen("next_", "the next ", 1)
            .replace('_', " "),
        Node::Name(name) => name.clone(),
        Node::Field(of, name) => field(of, name, own),
        Node::Method(call) => method(call, own),
        Node::Call(function, arguments) => called(*function, arguments, own),
        Node::List(items) => {
            let items: Vec<String> = items.iter().map(|item| describe(item, own)).collect();
            items.join(", ")
        }
        Node::If(parts) => {
            let [condition, then, otherwise] = &**parts;
            let (condition, then) = (describe(condition, own), describe(then, own));
            format!("{then} if {condition}, else {}", describe(otherwise, own))
        }
        Node::Not(inner) => format!("not ({})", describe(inner, own)),
        Node::Negate(inner) => format!("-{}", describe(inner, own)),
        Node::Binary(op, left, right) => {
            let (l, r) = (describe(left, own), describe(right, own));
            match op {
                BinaryOp::Compare(Compare::Equal) => format!("{l} is {r}"),
                BinaryOp::Compare(Compare::NotEqual) => format!("{l} is not {r}"),
                BinaryOp::Compare(compare) => format!("{l} is {} {r}", compare.words()),
                BinaryOp::In if matches!(&right.node, Node::List(_)) => format!("{l} is one of {r}"),
                BinaryOp::In => format!("{l} is in {r}"),
                BinaryOp::Subtract if is_span(right) => format!("{r} before {l}"),
                BinaryOp::Add if is_span(right) => format!("{r} after {l}"),
                BinaryOp::Or | BinaryOp::And => {
                    let grouped = |text: String, side: &Expr| match &side.node {
                        Node::Binary(inner @ (BinaryOp::Or | BinaryOp::And), ..) if inner != op => format!("({text})"),
                        _ => text,
                    };
                    format!("{} {} {}", grouped(l, left), op.symbol(), grouped(r, right))
                }
                _ => expression_of_numbers(*op, left, right, own),
            }
        }
    }
}

/// Arithmetic stays arithmetic, with the parentheses that it needs.
fn expression_of_numbers(op: BinaryOp, left: &Expr, right: &Expr, own: &[&str]) -> String {
    let side = |expression: &Expr, tighter: bool| {
        let text = describe(expression, own);
        match &expression.node {
            Node::Binary(inner, ..) if inner.strength() < op.strength() + u8::from(tighter) => format!("({text})"),
            _ => text,
        }
    };
    format!("{} {} {}", side(left, false), op.symbol(), side(right, true))
}

fn is_span(expression: &Expr) -> bool {
    matches!(&expression.node, Node::Literal(Value::Duration(_) | Value::Months(_)))
}

/// A field of the item at hand by its name alone, of anything else with what it is of.
fn field(of: &Expr, name: &str, own: &[&str]) -> String {
    let plain = name.replace('_', " ");
    match &of.node {
        Node::Name(variable) if own.last() == Some(&variable.as_str()) => plain,
        Node::Name(object) if object == "market" => format!("{plain} of the market"),
        Node::Name(object) if object == "scorecard" && name == "total" => "the score".to_owned(),
        Node::Name(object) if object == "scorecard" => format!("the score for {plain}"),
        _ => format!("{plain} of {}", describe(of, own)),
    }
}

fn method(call: &MethodCall, own: &[&str]) -> String {
    let on = match &call.on.node {
        // Of a group, the members are meant.
        Node::Name(name) if own.contains(&name.as_str()) => "them".to_owned(),
        _ => describe(&call.on, own),
    };
    let plain = call.plain.as_ref().map(|plain| describe(plain, own)).unwrap_or_default();
    let each = call.each.as_ref().map(|(name, body)| {
        let inner: Vec<&str> = own.iter().copied().chain([name.as_str()]).collect();
        describe(body, &inner)
    });
    let of = |what: &str| match &each {
        Some(each) => format!("the {what} {each} of {on}"),
        None => format!("the {what} of {on}"),
    };
    let body = each.clone().unwrap_or_default();
    let joined = if on.contains(" where ") { " and " } else { " where " };
    match call.method {
        Method::Filter => format!("{on}{joined}{body}"),
        Method::All => format!("every one of {on}: {body}"),
        Method::Exists => format!("any of {on}: {body}"),
        Method::ExistsOne => format!("exactly one of {on}: {body}"),
        Method::Map => format!("{body} of {on}"),
        Method::Size if each.is_some() => format!("the number of {on}{joined}{body}"),
        Method::Size => format!("the number of {on}"),
        Method::Sum => of("sum of").replacen("sum of of", "sum of", 1),
        Method::Min => of("least"),
        Method::Max => of("greatest"),
        Method::Avg => of("mean"),
        Method::Median => of("median"),
        Method::Distinct if each.is_some() => format!("different {body} of {on}"),
        Method::Distinct => format!("different {on}"),
        Method::Group => format!("{on} by {body}"),
        Method::MaxBy => format!("the one of {on} with the greatest {body}"),
        Method::MinBy => format!("the one of {on} with the least {body}"),
        Method::Top => format!("the {plain} of {on} with the greatest {body}"),
        Method::Bottom => format!("the {plain} of {on} with the least {body}"),
        Method::Contains => format!("{on} contains {plain}"),
        Method::StartsWith => format!("{on} starts with {plain}"),
        Method::EndsWith => format!("{on} ends with {plain}"),
    }
}

fn called(function: Function, arguments: &[Expr], own: &[&str]) -> String {
    let texts: Vec<String> = arguments.iter().map(|argument| describe(argument, own)).collect();
    let at = |place: usize| texts.get(place).map_or("", String::as_str);
    match function {
        Function::Size => format!("the number of {}", at(0)),
        Function::Has => format!("{} is set", at(0)),
        Function::Convert => format!("{} in {}", at(0), at(1)),
        Function::Credit => format!("the share of {} that {} reaches", at(1), at(0)),
        Function::Fade => format!("what is left {} after {}", at(1), at(0)),
        Function::Last => format!("the last {}", at(0)),
        Function::OnAnyDay => format!("on any day of the last {}: {}", at(0), at(1)),
        Function::OnEveryDay => format!("on every day of the last {}: {}", at(0), at(1)),
        Function::Median => format!("the median of {} over all partners", at(0)),
        Function::Average => format!("the mean of {} over all partners", at(0)),
        Function::Total => format!("the total of {} over all partners", at(0)),
        Function::Place => format!("the place by {} among all partners", at(0)),
        Function::TopShare => format!("the top share by {} among all partners", at(0)),
        Function::PercentileRank => format!("the share of partners with a lower {}", at(0)),
        Function::Date | Function::Timestamp => at(0).trim_matches(['“', '”']).to_owned(),
        _ => format!("{}({})", function.name(), texts.join(", ")),
    }
}
