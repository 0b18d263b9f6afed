//! Bars: grouped side by side or stacked when the chart is filled, and lying ones for ranked names.

use maud::{Markup, html};

use super::frame::{Plot, figure};
use super::scale::{Scale, full, px, short};
use super::{Chart, Unit, color};

pub fn bars(chart: &Chart) -> Markup {
    let drawing = if chart.filled { stacked(chart) } else { grouped(chart) };
    figure(chart, &drawing)
}

fn grouped(chart: &Chart) -> Markup {
    let all = chart.series.iter().flat_map(|s| (0..chart.labels.len()).filter_map(|i| chart.at(s, i)));
    let plot = Plot::new(Scale::over(all, chart.unit), chart);
    let width = (plot.slot_width() * 0.7 / chart.series.len().max(1) as f64).min(36.0);
    let group = width * chart.series.len() as f64;
    html! {
        (plot.axes(chart))
        @for (place, series) in chart.series.iter().enumerate() {
            g class=(color(place)) {
                @for (slot, label) in chart.labels.iter().enumerate() {
                    @if let Some(value) = chart.at(series, slot) {
                        @let x = plot.x(slot) - group / 2.0 + place as f64 * width;
                        (bar(x, (plot.y(0.0), plot.y(value)), width - 1.0,
                            &format!("{label}: {} {}", series.name, full(value, chart.unit))))
                    }
                }
            }
        }
    }
}

fn stacked(chart: &Chart) -> Markup {
    // Each bar's segments from the zero line up; what is below zero hangs down.
    let mut segments: Vec<(usize, usize, f64, f64)> = Vec::new();
    for slot in 0..chart.labels.len() {
        let (mut up, mut down) = (0.0, 0.0);
        for (place, series) in chart.series.iter().enumerate() {
            let value = chart.at(series, slot).unwrap_or(0.0);
            let side = if value < 0.0 { &mut down } else { &mut up };
            segments.push((slot, place, *side, *side + value));
            *side += value;
        }
    }
    let plot = Plot::new(Scale::over(segments.iter().map(|s| s.3), chart.unit), chart);
    let width = (plot.slot_width() * 0.7).min(48.0);
    html! {
        (plot.axes(chart))
        @for (slot, place, from, to) in &segments {
            @if from != to {
                @let words = format!("{}: {} {}", chart.labels[*slot], chart.series[*place].name, full(to - from, chart.unit));
                g class=(color(*place)) { (bar(plot.x(*slot) - width / 2.0, (plot.y(*from), plot.y(*to)), width, &words)) }
            }
        }
    }
}

/// A bar between two heights; a value too small to see keeps a hair's height.
fn bar(x: f64, (from, to): (f64, f64), width: f64, words: &str) -> Markup {
    let (top, height) = (from.min(to), (from - to).abs().max(0.5));
    html! {
        rect.bar x=(px(x)) y=(px(top)) width=(px(width.max(1.0))) height=(px(height)) rx="1.5" { title { (words) } }
    }
}

/// Ranked names with lying bars: `rows` are name, value and perhaps where it leads.
pub fn horizontal_bars(title: &str, unit: Unit, rows: &[(String, f64, Option<String>)]) -> Markup {
    let most = rows.iter().map(|row| row.1.abs()).filter(|v| v.is_finite()).fold(0.0, f64::max);
    html! {
        figure.chart {
            figcaption { span.chart-title { (title) } }
            @if rows.is_empty() {
                p.chart-empty { "Nothing to draw yet." }
            } @else {
                ol.hbars {
                    @for (name, value, href) in rows {
                        @let share = if most > 0.0 && value.is_finite() { value.abs() / most * 100.0 } else { 0.0 };
                        li {
                            span.hbar-name { @if let Some(href) = href { a href=(href) { (name) } } @else { (name) } }
                            svg.hbar viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
                                rect.hbar-track width="100" height="10" {}
                                rect.bar.c1[*value >= 0.0].c4[*value < 0.0] width=(px(share)) height="10" {}
                            }
                            span.num title=(full(*value, unit)) { (short(*value, unit)) }
                        }
                    }
                }
            }
        }
    }
}
