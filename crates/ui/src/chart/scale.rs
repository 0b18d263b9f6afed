//! Axes: round ticks, positions, and short labels with their unit.

use super::Unit;
use crate::words::grouped;

/// A vertical axis from round number to round number, always showing zero.
#[derive(Debug, Clone)]
pub(super) struct Scale {
    pub(super) ticks: Vec<f64>,
    low: f64,
    high: f64,
}

impl Scale {
    pub(super) fn over(values: impl Iterator<Item = f64>, unit: Unit) -> Self {
        let (low, high) = values.fold((0.0_f64, 0.0_f64), |(low, high), v| (low.min(v), high.max(v)));
        let high = if low == 0.0 && high == 0.0 { 1.0 } else { high };
        // In minor units a step must be round in major units, or labels repeat.
        let least = match unit {
            Unit::Count => 1.0,
            Unit::Money(currency) => 10_f64.powi(i32::try_from(currency.exponent()).unwrap_or(2)),
            Unit::Percent | Unit::Milliseconds => f64::MIN_POSITIVE,
        };
        let step = round_step((high - low) / 4.0).max(least);
        let first = (low / step).floor();
        let last = (high / step).ceil();
        // A step is at least a fifth of the range, so there are only a handful of ticks.
        let ticks: Vec<f64> =
            (0..=12).map(|n| (first + f64::from(n)) * step).take_while(|t| *t <= last * step + step / 2.0).collect();
        Self { low: first * step, high: last * step, ticks }
    }

    /// Where a value is between bottom (0) and top (1).
    pub(super) fn share(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// The next of 1, 2, 2.5, 5 times a power of ten.
fn round_step(raw: f64) -> f64 {
    if raw <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(raw.log10().floor());
    let head = raw / power;
    let round = [1.0, 2.0, 2.5, 5.0].into_iter().find(|r| head <= *r + 1e-9).unwrap_or(10.0);
    round * power
}

/// A short label: `€1.2M`, `350k`, `45%`, `12 ms`.
pub(super) fn short(value: f64, unit: Unit) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    match unit {
        Unit::Count => compact(value),
        Unit::Money(currency) => {
            let major = value / 10_f64.powi(i32::try_from(currency.exponent()).unwrap_or(2));
            let sign = if major < 0.0 { "−" } else { "" };
            format!("{sign}{}{}", currency.symbol(), compact(major.abs()))
        }
        Unit::Percent => format!("{}%", trimmed(value, 1)),
        Unit::Milliseconds if value >= 1000.0 => format!("{} s", trimmed(value / 1000.0, 1)),
        Unit::Milliseconds => format!("{} ms", trimmed(value, if value < 10.0 { 2 } else { 0 })),
    }
}

/// The figure in full for tables and hover.
pub(super) fn full(value: f64, unit: Unit) -> String {
    match unit {
        _ if !value.is_finite() => "–".to_owned(),
        // Charts never carry more than 2^53 minor units, so this is the exact amount.
        Unit::Money(currency) => kernel::Money::new(value.round() as i128, currency).pretty(),
        Unit::Count if value.fract() == 0.0 => grouped(value as i128),
        Unit::Count | Unit::Percent | Unit::Milliseconds => short(value, unit),
    }
}

fn compact(value: f64) -> String {
    let size = value.abs();
    match size {
        s if s >= 1e9 => format!("{}B", trimmed(value / 1e9, 1)),
        s if s >= 1e6 => format!("{}M", trimmed(value / 1e6, 1)),
        s if s >= 1e4 => format!("{}k", trimmed(value / 1e3, 1)),
        s if s >= 1e3 => grouped(value.round() as i128),
        _ => trimmed(value, 1),
    }
}

fn trimmed(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A coordinate with one decimal: enough for the eye, small in the page.
pub(super) fn px(value: f64) -> String {
    trimmed(value, 1)
}

/// Every how many labels one is drawn, so that they do not run into each other.
pub(super) fn label_step(count: usize, room: usize) -> usize {
    count.div_ceil(room.max(1)).max(1)
}
