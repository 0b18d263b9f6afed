#![allow(clippy::unwrap_used)]

use kernel::Currency;

use super::scale::{Scale, full, short};
use super::{Chart, Unit, Width, bars, donut, histogram, horizontal_bars, line, sparkline};

const EURO: Unit = Unit::Money(Currency::EUR);

fn drawn(chart: &Chart) -> [String; 4] {
    [
        line(chart).into_string(),
        line(&chart.clone().filled()).into_string(),
        bars(chart).into_string(),
        bars(&chart.clone().filled().width(Width::Full)).into_string(),
    ]
}

#[test]
fn charts_without_data_say_so() {
    for chart in [
        Chart::new("Empty", EURO, Vec::new()),
        Chart::new("Labels only", EURO, vec!["Jan".to_owned()]),
        Chart::new("No values", EURO, vec!["Jan".to_owned()]).series("A", []),
        Chart::new("Not a number", EURO, vec!["Jan".to_owned()]).series("A", [f64::NAN]),
    ] {
        for svg in drawn(&chart) {
            assert!(svg.contains("Nothing to draw yet."), "{svg}");
        }
    }
    assert!(donut("Empty", EURO, &[]).into_string().contains("Nothing to draw yet."));
    assert!(donut("Zero", EURO, &[("A".to_owned(), 0.0)]).into_string().contains("Nothing to draw yet."));
    assert!(horizontal_bars("Empty", EURO, &[]).into_string().contains("Nothing to draw yet."));
    assert!(histogram("Empty", &[], &[]).into_string().contains("Nothing to draw yet."));
    assert_eq!(sparkline("Empty", &[]).into_string(), "");
}

#[test]
fn a_single_point_is_drawn() {
    let chart = Chart::new("One", EURO, vec!["Jan".to_owned()]).series("A", [125_000.0]);
    for svg in drawn(&chart) {
        assert!(svg.contains("Jan: A €1,250.00"), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
    assert_eq!(sparkline("One", &[1.0]).into_string(), "");
    assert!(donut("One", EURO, &[("A".to_owned(), 5.0)]).into_string().contains("100%"));
}

#[test]
fn odd_values_never_reach_the_drawing() {
    let labels = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
    let odd = [f64::NAN, f64::INFINITY, -5.0, 1e300];
    let chart = Chart::new("Odd", Unit::Count, labels).series("A", odd).series("B", [0.0, 0.0, 0.0, 0.0]);
    let mut all: Vec<String> = drawn(&chart).into();
    all.push(sparkline("Odd", &[f64::NAN, 1.0, 1.0]).into_string());
    all.push(
        donut("Odd", Unit::Count, &[("A".to_owned(), f64::NAN), ("B".to_owned(), -1.0), ("C".to_owned(), 1.0)])
            .into_string(),
    );
    all.push(
        horizontal_bars("Odd", Unit::Count, &[("A".to_owned(), f64::INFINITY, None), ("B".to_owned(), 2.0, None)])
            .into_string(),
    );
    for svg in all {
        for attribute in ["=\"NaN", "=\"inf", "MNaN", "LNaN"] {
            assert!(!svg.contains(attribute), "{attribute} in {svg}");
        }
    }
}

#[test]
fn a_gap_splits_the_line() {
    let labels = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
    let chart = Chart::new("Gap", Unit::Count, labels).series("A", [1.0, f64::NAN, 2.0, 3.0]);
    assert_eq!(line(&chart).into_string().matches("class=\"line\"").count(), 2);
}

#[test]
fn axes_have_round_ticks_that_include_zero() {
    for (values, unit, ticks) in [
        (vec![0.0, 97.0], Unit::Percent, vec![0.0, 25.0, 50.0, 75.0, 100.0]),
        (vec![3.0], Unit::Count, vec![0.0, 1.0, 2.0, 3.0]),
        (vec![-20.0, 70.0], Unit::Count, vec![-25.0, 0.0, 25.0, 50.0, 75.0]),
        (vec![0.0], Unit::Count, vec![0.0, 1.0]),
    ] {
        assert_eq!(Scale::over(values.into_iter(), unit).ticks, ticks);
    }
}

#[test]
fn labels_are_short_on_axes_and_exact_in_tables() {
    for (value, unit, on_axis, in_table) in [
        (48_231_512.0, EURO, "€482.3k", "€482,315.12"),
        (-1_250.0, EURO, "−€12.5", "−€12.50"),
        (250_000.0, Unit::Money(Currency::USD), "$2,500", "$2,500.00"),
        (12_345.0, Unit::Count, "12.3k", "12,345"),
        (45.5, Unit::Percent, "45.5%", "45.5%"),
        (0.25, Unit::Milliseconds, "0.25 ms", "0.25 ms"),
        (1500.0, Unit::Milliseconds, "1.5 s", "1.5 s"),
    ] {
        assert_eq!(short(value, unit), on_axis);
        assert_eq!(full(value, unit), in_table);
    }
}

#[test]
fn a_chart_is_named_and_described() {
    let labels = ["Jan", "Feb"].map(str::to_owned).to_vec();
    let chart = Chart::new("Revenue", EURO, labels).series("Sourced", [1.0, 2.0]);
    let svg = line(&chart).into_string();
    assert!(svg.contains("role=\"img\" aria-label=\"Revenue\""));
    assert!(svg.contains("<desc>Sourced from Jan to Feb</desc>"));
}
