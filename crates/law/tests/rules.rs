//! The rule language: what it reads, how it computes, and how it explains itself.
#![allow(clippy::unwrap_used)]

mod wide;

use kernel::{Money, Rate};
use law::expr::{self, Number};
use law::{Evaluation, Facts, Rule, Value};
use proptest::prelude::*;

fn money(text: &str) -> Value {
    text.parse::<Money>().unwrap().into()
}

fn facts() -> Facts {
    [
        ("won_value_12m", money("EUR 80000.00")),
        ("won_deals_12m", Value::count(4)),
        ("certified_people", Value::count(3)),
        ("win_rate_12m", Value::ratio(1, 3)),
        ("months_in_program", Value::count(5)),
        ("since_contact", Value::days(10)),
        ("region", Value::text("DACH")),
        ("suspended", Value::Bool(false)),
        ("incidents_12m", Value::unknown("the health feed has been silent since Monday")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn evaluate(rule: &str) -> Evaluation {
    rule.parse::<Rule>().unwrap().evaluate(&facts())
}

#[test]
fn rules_are_computed_exactly() {
    for (rule, truth) in [
        ("won_value_12m >= EUR 80000.00", Some(true)),
        ("won_value_12m > EUR 80000.00", Some(false)),
        ("won_value_12m / won_deals_12m == EUR 20000.00", Some(true)),
        ("won_value_12m * 25% >= EUR 20000.00 && certified_people >= 2", Some(true)),
        ("win_rate_12m + win_rate_12m + win_rate_12m == 100%", Some(true)),
        ("25% * won_deals_12m == 1", Some(true)),
        ("win_rate_12m > 33.33%", Some(true)),
        ("win_rate_12m < 33.34%", Some(true)),
        ("1 / 3 + 1 / 3 + 1 / 3 == 100%", Some(true)),
        ("2 + 3 * 4 == 14", Some(true)),
        ("(2 + 3) * 4 == 20", Some(true)),
        ("10 - 4 - 3 == 3", Some(true)),
        ("-won_deals_12m < 0", Some(true)),
        ("max(won_deals_12m, certified_people, 2) == 4", Some(true)),
        ("min(won_value_12m, EUR 50.00) == EUR 50.00", Some(true)),
        ("since_contact <= 2w and since_contact > 9d and since_contact == 240h", Some(true)),
        ("region == \"DACH\" and region != \"US\"", Some(true)),
        ("not suspended", Some(true)),
        ("!(suspended || won_deals_12m < 4)", Some(true)),
        ("not (won_deals_12m >= 3 and certified_people >= 3)", Some(false)),
        ("3 <= certified_people", Some(true)),
        ("true", Some(true)),
        // What is not known never grants anything, and neither does its negation …
        ("incidents_12m <= 4", None),
        ("not (incidents_12m <= 4)", None),
        ("incidents_12m + 1 <= 4", None),
        ("never_heard_of >= 1", None),
        ("won_deals_12m / 0 >= 1", None),
        // … unless the rest decides alone.
        ("incidents_12m <= 4 or won_deals_12m >= 4", Some(true)),
        ("incidents_12m <= 4 and won_deals_12m >= 5", Some(false)),
        ("won_value_12m >= USD 1.00", None),
    ] {
        assert_eq!(evaluate(rule).truth, truth, "{rule}");
    }
}

#[test]
fn an_evaluation_says_what_each_part_saw_and_what_is_missing() {
    let outcome = evaluate(
        "won_value_12m >= EUR 100000.00 and (win_rate_12m >= 40% or won_deals_12m >= 5) \
         and certified_people >= 2 and incidents_12m <= 4 and not suspended and 6 <= months_in_program",
    );
    assert!(!outcome.holds());
    assert_eq!(
        outcome.sentences(),
        [
            "won_value_12m is EUR 80,000.00, needs at least EUR 100,000.00",
            "win_rate_12m is 33.33%, needs at least 40%",
            "won_deals_12m is 4, needs at least 5",
            "certified_people is 3, as needed at least 2",
            "incidents_12m is not known (the health feed has been silent since Monday), needs at most 4",
            "suspended is false, as needed",
            "months_in_program is 5, needs at least 6",
        ]
    );
    assert_eq!(
        outcome.missing(),
        [
            "won_value_12m is EUR 80,000.00, needs at least EUR 100,000.00",
            "either win_rate_12m is 33.33%, needs at least 40%, or won_deals_12m is 4, needs at least 5",
            "incidents_12m is not known (the health feed has been silent since Monday), needs at most 4",
            "months_in_program is 5, needs at least 6",
        ]
    );
    let law::expr::Trace::All(parts) = &outcome.trace else { panic!("six conditions must all hold") };
    let law::expr::Trace::Compare(first) = &parts[0] else { panic!("the first condition compares") };
    assert_eq!(first.shortfall(), Some(money("EUR 20000.00")));
    let json = serde_json::to_value(&outcome).unwrap();
    assert_eq!(serde_json::from_value::<Evaluation>(json).unwrap(), outcome);
    assert!(evaluate("certified_people >= 2").missing().is_empty());
}

#[test]
fn rules_are_refused_at_the_place_that_is_wrong() {
    for (rule, start, end, code) in [
        ("", 0, 0, "syntax"),
        ("a >= ", 5, 5, "syntax"),
        ("a >= 1 b", 7, 8, "syntax"),
        ("a >= 1)", 6, 7, "syntax"),
        ("min(a) > 1", 0, 6, "syntax"),
        ("a >= 5min", 6, 9, "unknown-unit"),
        ("a >= 1.2.3", 5, 10, "bad-number"),
        ("a >= EUR 1.001", 5, 14, "bad-money"),
        ("a == \"x", 5, 7, "bad-text"),
        ("a ≥ 3", 2, 5, "unexpected-character"),
    ] {
        let fault = rule.parse::<Rule>().unwrap_err();
        assert_eq!((fault.span, fault.code), (start..end, code), "{rule}");
    }
    let deep = "(".repeat(2000);
    assert_eq!(deep.parse::<Rule>().unwrap_err().code, "rule-too-deep");
    let long = "a ".repeat(5000);
    assert_eq!(long.parse::<Rule>().unwrap_err().code, "rule-too-long");
}

#[test]
fn a_rule_knows_the_metrics_that_it_reads() {
    let rule: Rule = "b > 1 and (a > 2 or b > 3) and max(c, a) > 0".parse().unwrap();
    assert_eq!(rule.metrics(), ["a", "b", "c"]);
    let stored = serde_json::to_string(&rule).unwrap();
    assert_eq!(serde_json::from_str::<Rule>(&stored).unwrap(), rule);
}

/// Any arithmetic that the grammar allows, as text with all its parentheses.
fn value() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        (0u32..1000).prop_map(|n| n.to_string()),
        (0u32..1000, 0u32..1000).prop_map(|(a, b)| format!("{a}.{b:03}")),
        (0u32..300).prop_map(|n| format!("{n}%")),
        (0u64..10_000_000).prop_map(|n| Money::new(n.into(), kernel::Currency::EUR).to_string()),
        (1u32..400).prop_map(|n| format!("{n}d")),
        Just("won_value_12m".to_owned()),
        Just("won_deals_12m".to_owned()),
        Just("win_rate_12m".to_owned()),
        Just("incidents_12m".to_owned()),
    ];
    number.prop_recursive(3, 16, 2, |inner| {
        prop_oneof![
            (inner.clone(), prop::sample::select(vec!["+", "-", "*", "/"]), inner.clone())
                .prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            inner.clone().prop_map(|a| format!("(-{a})")),
            (prop::sample::select(vec!["min", "max"]), inner.clone(), inner)
                .prop_map(|(f, a, b)| format!("{f}({a}, {b})")),
        ]
    })
}

/// Any condition that the grammar allows, as text with all its parentheses.
fn expression() -> impl Strategy<Value = String> {
    let comparison = (value(), prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]), value())
        .prop_map(|(a, op, b)| format!("({a} {op} {b})"));
    let atom = prop_oneof![comparison, Just("suspended".to_owned()), Just("true".to_owned())];
    atom.prop_recursive(4, 24, 2, |inner| {
        prop_oneof![
            (inner.clone(), prop::sample::select(vec!["and", "or"]), inner.clone())
                .prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            inner.prop_map(|a| format!("(not {a})")),
        ]
    })
}

fn fraction() -> impl Strategy<Value = Number> {
    (-1_000_000_i128..1_000_000, 1_i128..10_000).prop_map(|(a, b)| Number::fraction(a, b).unwrap())
}

proptest! {
    #[test]
    fn what_is_written_reads_the_same_again(text in expression()) {
        let tree = expr::parse(&text).unwrap();
        let written = tree.to_string();
        let again = expr::parse(&written).unwrap();
        prop_assert_eq!(again.to_string(), written);
        prop_assert_eq!(expr::evaluate(&again, &facts()), expr::evaluate(&tree, &facts()));
    }

    #[test]
    fn what_is_well_typed_computes_to_its_type(text in value()) {
        let catalog = wide::catalog();
        let scope = expr::Scope::new(&catalog, Some(kernel::Currency::EUR));
        let tree = expr::parse(&text).unwrap();
        if let Ok(kind) = expr::check(&tree, scope) {
            let computed = expr::compute(&tree, &facts());
            prop_assert!(computed.kind().is_none_or(|found| found == kind), "{text} is {computed}, not a {kind}");
        }
    }

    #[test]
    fn a_negation_is_true_exactly_when_the_rule_is_false(text in expression()) {
        let plain: Rule = text.parse().unwrap();
        let negated: Rule = format!("not ({text})").parse().unwrap();
        let (plain, negated) = (plain.evaluate(&facts()), negated.evaluate(&facts()));
        prop_assert_eq!(plain.truth.map(|truth| !truth), negated.truth);
        prop_assert_eq!(plain.holds(), plain.missing().is_empty());
    }

    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,60}") {
        if let Err(fault) = text.parse::<Rule>() {
            prop_assert!(fault.span.end <= text.len());
            prop_assert!(text.is_char_boundary(fault.span.start) && text.is_char_boundary(fault.span.end));
        }
    }

    #[test]
    fn numbers_are_an_exact_field(a in fraction(), b in fraction(), c in fraction()) {
        prop_assert_eq!(a.checked_add(b).unwrap().checked_sub(b).unwrap(), a);
        let left = a.checked_mul(b.checked_add(c).unwrap()).unwrap();
        let right = a.checked_mul(b).unwrap().checked_add(a.checked_mul(c).unwrap()).unwrap();
        prop_assert_eq!(left, right);
        if !b.is_zero() {
            prop_assert_eq!(a.checked_div(b).unwrap().checked_mul(b).unwrap(), a);
        }
        let difference = a.checked_sub(b).unwrap();
        prop_assert_eq!(a.cmp(&b), difference.cmp(&Number::ZERO));
        prop_assert_eq!(a.to_string().parse::<Number>().unwrap(), a);
    }

    #[test]
    fn large_numbers_compare_without_overflow(a in any::<i64>(), b in 1..i64::MAX, c in any::<i64>(), d in 1..i64::MAX) {
        let exact = (i128::from(a) * i128::from(d)).cmp(&(i128::from(c) * i128::from(b)));
        let (a, b) = (Number::fraction(a.into(), b.into()).unwrap(), Number::fraction(c.into(), d.into()).unwrap());
        prop_assert_eq!(a.cmp(&b), exact);
    }

    #[test]
    fn values_survive_storage(minor in -1_000_000_000_i64..1_000_000_000, scaled in 0_i64..1_000_000_000, text in "\\PC{0,12}") {
        let values = [
            Value::from(Money::new(minor.into(), kernel::Currency::EUR)),
            Value::from(Rate { scaled: scaled.into() }),
            Value::ratio(minor, 7),
            Value::days(scaled % 1000),
            Value::text(text.clone()),
            Value::unknown(text),
        ];
        for value in values {
            let json = serde_json::to_string(&value).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value);
        }
    }
}
