//! Charts as SVG made on the server: readable without script, described for screen readers, exact figures in a table.
//!
//! Values are `f64` because they only become pixels and rounded labels; money comes in minor units and exact amounts
//! stand in tables beside the chart.

mod bars;
mod donut;
mod frame;
mod histogram;
mod line;
mod scale;
mod spark;
#[cfg(test)]
mod tests;

use kernel::Currency;

pub use bars::{bars, horizontal_bars};
pub use donut::donut;
pub use histogram::histogram;
pub use line::line;
pub use spark::sparkline;

/// What the values count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Count,
    /// Minor units of a currency.
    Money(Currency),
    /// 0 to 100.
    Percent,
    Milliseconds,
}

/// One line or one color of bars: a value per label of the chart; `None` is a gap.
#[derive(Debug, Clone)]
pub struct Series {
    pub name: String,
    pub values: Vec<Option<f64>>,
}

impl Series {
    pub fn new(name: impl Into<String>, values: impl IntoIterator<Item = f64>) -> Self {
        Self { name: name.into(), values: values.into_iter().map(Some).collect() }
    }
}

/// A chart over labels such as months.
#[derive(Debug, Clone)]
pub struct Chart {
    pub title: String,
    /// A sentence that says what is to be seen, read out instead of the drawing.
    pub description: String,
    pub unit: Unit,
    pub labels: Vec<String>,
    pub series: Vec<Series>,
    /// Filled lines, or bars on top of each other.
    pub filled: bool,
    pub width: Width,
}

/// How much of a page a chart takes; each is drawn so that its text has the same size there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    Third,
    Half,
    Full,
}

impl Chart {
    pub fn new(title: impl Into<String>, unit: Unit, labels: Vec<String>) -> Self {
        Self {
            title: title.into(),
            description: String::new(),
            unit,
            labels,
            series: Vec::new(),
            filled: false,
            width: Width::Half,
        }
    }

    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    pub fn series(mut self, name: impl Into<String>, values: impl IntoIterator<Item = f64>) -> Self {
        self.series.push(Series::new(name, values));
        self
    }

    /// Area under lines; bars stacked.
    pub fn filled(mut self) -> Self {
        self.filled = true;
        self
    }

    pub fn width(mut self, width: Width) -> Self {
        self.width = width;
        self
    }

    /// The value of a series at a label; missing and unreal numbers are gaps.
    fn at(&self, series: &Series, place: usize) -> Option<f64> {
        series.values.get(place).copied().flatten().filter(|value| value.is_finite())
    }
}

/// The color class of the n-th series.
fn color(place: usize) -> &'static str {
    ["c1", "c2", "c3", "c4", "c5", "c6"][place % 6]
}
