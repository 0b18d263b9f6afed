//! One pass over facts says what lists of them say: `deals.map(d, d)` is the same list, which no pass is made over.

use kernel::{Currency, Money, Timestamp};
use law::{Basis, Case, FactSet, Rule, Value};
use proptest::prelude::*;

const FILTERS: [&str; 9] = [
    "true",
    "d.won_at > now - 12mo",
    "now - 24mo < d.won_at and not (d.value < EUR 50.00)",
    "d.won_at in last(6mo) or d.product == \"Maps\"",
    "has(d.won_at)",
    "not has(d.won_at)",
    "d.value >= limit",
    "d.won_at != now and d.value * 2 >= EUR 100.00",
    "d.product in [\"Maps\", \"Routes\"]",
];

const FIGURES: [&str; 9] = [
    "sum(d, d.value)",
    "max(d, d.value)",
    "min(d, d.won_at)",
    "avg(d, d.value)",
    "size()",
    "size(d, d.value > EUR 20.00)",
    "exists(d, d.value > EUR 90.00)",
    "all(d, d.won_at <= now)",
    "max(d, d.nothing)",
];

fn cell(kind: u8, of: i64, now: Timestamp) -> Value {
    match kind {
        0 => Value::Absent,
        1 => Value::unknown("nobody has told"),
        _ => now.plus_days(of).into(),
    }
}

fn rows() -> impl Strategy<Value = Vec<(u8, i64, u8, i64, u8)>> {
    prop::collection::vec((0u8..8, -1200i64..100, 0u8..12, 0i64..10_000, 0u8..3), 0..12)
}

proptest! {
    #[test]
    fn one_pass_says_what_lists_say(
        rows in rows(), first in 0..FILTERS.len(), second in 0..FILTERS.len(), figure in 0..FIGURES.len(), limit in 0u8..3,
    ) {
        let now: Timestamp = "2026-03-15T12:00:00Z".parse().unwrap();
        let row = |(kind, days, worth, cents, product): &(u8, i64, u8, i64, u8)| {
            let value = match worth {
                0 => Value::Absent,
                1 => Value::unknown("not agreed yet"),
                _ => Money::new(i128::from(*cents), Currency::EUR).into(),
            };
            let product = Value::text(["Maps", "Routes", "Fleet"][usize::from(*product)]);
            vec![now.plus_days(days - 30).into(), cell(*kind, *days, now), value, product]
        };
        let fields = ["registered_at", "won_at", "value", "product"].map(str::to_owned).to_vec();
        let set = FactSet { fields, since: Some("registered_at".into()), ahead: [].into(), rows: rows.iter().map(row).collect() };
        let values = match limit {
            0 => [].into(),
            1 => [("limit".to_owned(), Value::unknown("no limit is known"))].into(),
            _ => [("limit".to_owned(), Money::new(5_000, Currency::EUR).into())].into(),
        };
        let case = Case { now: Some(now), values, sets: [("deals".to_owned(), set)].into(), ..Case::default() };
        let basis = Basis::default();
        let chain = format!("filter(d, {}).filter(d, {}).{}", FILTERS[first], FILTERS[second], FIGURES[figure]);
        let value = |text: String| text.parse::<Rule>().unwrap().compute(case.view(&basis));
        prop_assert_eq!(value(format!("deals.{chain}")), value(format!("deals.map(d, d).{chain}")), "{}", chain);
        let plain = FIGURES[figure];
        prop_assert_eq!(value(format!("deals.{plain}")), value(format!("deals.map(d, d).{plain}")), "{}", plain);
    }
}
