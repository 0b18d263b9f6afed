//! Values over time as lines, or as areas when the chart is filled.

use maud::{Markup, html};

use super::frame::{Plot, figure};
use super::scale::{Scale, full, px};
use super::{Chart, Series, color};

pub fn line(chart: &Chart) -> Markup {
    let all = chart.series.iter().flat_map(|s| (0..chart.labels.len()).filter_map(|i| chart.at(s, i)));
    let plot = Plot::new(Scale::over(all, chart.unit), chart);
    let drawing = html! {
        (plot.axes(chart))
        @for (place, series) in chart.series.iter().enumerate() {
            g class=(color(place)) {
                @for run in runs(chart, series) { (stretch(chart, &plot, &run)) }
                @for (slot, label) in chart.labels.iter().enumerate() {
                    @if let Some(value) = chart.at(series, slot) {
                        circle.point cx=(px(plot.x(slot))) cy=(px(plot.y(value))) r="3.5" {
                            title { (label) ": " (series.name) " " (full(value, chart.unit)) }
                        }
                    }
                }
            }
        }
    };
    figure(chart, &drawing)
}

/// One stretch of values without a gap.
fn stretch(chart: &Chart, plot: &Plot, run: &[(usize, f64)]) -> Markup {
    let path: Vec<String> =
        run.iter().map(|(slot, value)| format!("{} {}", px(plot.x(*slot)), px(plot.y(*value)))).collect();
    let path = format!("M{}", path.join("L"));
    let zero = px(plot.y(0.0));
    html! {
        @if let (true, Some((first, _)), Some((last, _))) = (chart.filled, run.first(), run.last()) {
            path.area d=(format!("{path}L{} {zero}L{} {zero}z", px(plot.x(*last)), px(plot.x(*first)))) {}
        }
        path.line d=(path) fill="none" {}
    }
}

/// The values of a series in stretches, split at gaps.
fn runs(chart: &Chart, series: &Series) -> Vec<Vec<(usize, f64)>> {
    let mut runs = vec![Vec::new()];
    for place in 0..chart.labels.len() {
        match (chart.at(series, place), runs.last_mut()) {
            (Some(value), Some(run)) => run.push((place, value)),
            (None, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
            _ => {}
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}
