//! How many rules are decided in a second: plain ones over metrics, with and without reasons, and rules over facts.
//!
//! `cargo bench -p law --bench rules -- [PARTNERS] [ROUNDS]`
//!
//! The baseline in the same run is a closure in Rust over the same metrics, which says what a rule costs at least.

// A benchmark measures time, prints, and is told by the command line how much.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use kernel::{Currency, Money, Timestamp};
use law::expr::Needs;
use law::{Basis, Case, Catalog, FactSet, Facts, Rule, Value};

const SIMPLE: &str = "won_value_12m >= EUR 200000.00 and won_deals_12m >= 4 and certified_people >= 2";
const FACTS: &str = "deals.filter(d, d.won_at > now - 12mo).sum(d, d.value) >= EUR 100000.00";
const DAYS: &str = "on_any_day(6mo, deals.count(d, d.won_at in last(12mo)) >= 40)";
const SHARE: &str = "top_share(won_value_12m) <= 5%";
const DEALS: i64 = 50;

/// A generator of numbers that is the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below) as i64
    }
}

fn partners(count: usize, seed: u64) -> Vec<Case> {
    let now: Timestamp = "2026-03-15T12:00:00Z".parse().unwrap();
    let mut dice = Dice(seed);
    let kind = &Catalog::standard().sets["deals"];
    let make = |_| {
        let mut deals = FactSet::of(kind);
        deals.fields = vec!["registered_at".to_owned(), "won_at".to_owned(), "value".to_owned()];
        for _ in 0..DEALS {
            let registered = now.plus_days(-dice.roll(1000));
            let value = Money::new(i128::from(dice.roll(2_000_000)), Currency::EUR);
            deals.rows.push(vec![registered.into(), registered.plus_days(dice.roll(90)).into(), value.into()]);
        }
        let values: Facts = [
            ("won_value_12m", Value::from(Money::new(i128::from(dice.roll(40_000_000)), Currency::EUR))),
            ("won_deals_12m", Value::count(dice.roll(10))),
            ("certified_people", Value::count(dice.roll(5))),
            ("incidents_12m", Value::count(dice.roll(8))),
            ("win_rate_12m", Value::ratio(dice.roll(100), 100)),
            ("months_in_program", Value::count(dice.roll(60))),
            ("open_deals", Value::count(dice.roll(20))),
            ("revenue_12m", Value::from(Money::new(i128::from(dice.roll(40_000_000)), Currency::EUR))),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        Case { now: Some(now), values, sets: [("deals".to_owned(), deals)].into(), ..Case::default() }
    };
    (0..count).map(make).collect()
}

/// The least a rule can cost: the same comparisons, written in Rust.
fn by_hand(case: &Case) -> bool {
    let at_least = |name: &str, bound: &Value| match (case.values.get(name), bound) {
        (Some(Value::Money(value)), Value::Money(bound)) => value.minor >= bound.minor,
        (Some(Value::Count(value)), Value::Count(bound)) => value >= bound,
        _ => false,
    };
    at_least("won_value_12m", &Money::new(20_000_000, Currency::EUR).into())
        && at_least("won_deals_12m", &Value::count(4))
        && at_least("certified_people", &Value::count(2))
}

fn timed(work: impl FnOnce() -> usize) -> (Duration, usize) {
    let start = Instant::now();
    let found = black_box(work());
    (start.elapsed(), found)
}

fn report(what: &str, count: usize, mut times: Vec<Duration>) {
    times.sort_unstable();
    let median = times[times.len() / 2];
    let each = |time: Duration| count as f64 / time.as_secs_f64();
    let (least, most) = (each(times[times.len() - 1]), each(times[0]));
    println!("{what:<44} {:>12.0} a second (from {least:.0} to {most:.0})", each(median));
}

fn main() {
    let mut words = std::env::args().skip(1).filter_map(|word| word.parse::<usize>().ok());
    let (count, rounds) = (words.next().unwrap_or(10_000), words.next().unwrap_or(5));
    let basis = Basis { time_zone: "Europe/Berlin".to_owned(), ..Basis::default() };
    let rule = |text: &str| text.parse::<Rule>().unwrap();
    let (simple, facts, days, share) = (rule(SIMPLE), rule(FACTS), rule(DAYS), rule(SHARE));
    for seed in [7, 11] {
        let mut cases = partners(count, seed);
        println!("{count} partners with {DEALS} deals each, {rounds} rounds, seed {seed}");
        let measure = |what: &str, work: &dyn Fn(&Case) -> bool| {
            let run = |_| timed(|| cases.iter().filter(|case| work(case)).count());
            let runs: Vec<(Duration, usize)> = (0..rounds).map(run).collect();
            let found = runs[0].1;
            assert!(runs.iter().all(|(_, again)| *again == found));
            report(what, count, runs.into_iter().map(|(time, _)| time).collect());
            found
        };
        let hand = measure("three comparisons in Rust", &by_hand);
        let plain = measure("a simple rule", &|case| simple.holds(case.view(&basis)));
        assert_eq!(hand, plain);
        measure("a simple rule with its reasons", &|case| simple.explain(case.view(&basis)).holds());
        measure("a sum over 50 deals of 12 months", &|case| facts.holds(case.view(&basis)));
        measure("any day of six months over 50 deals", &|case| days.holds(case.view(&basis)));
        let needs = Needs::of([share.tree()], &basis);
        let times = (0..rounds).map(|_| {
            timed(|| {
                needs.compare(&basis, &mut cases);
                0
            })
            .0
        });
        report("partners compared in one metric", count, times.collect());
    }
}
