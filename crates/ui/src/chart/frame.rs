//! What all charts with axes share: the figure, legend, grid, axis labels and the table of exact values.

use maud::{Markup, html};

use super::scale::{Scale, full, label_step, px, short};
use super::{Chart, Width, color};

const HEIGHT: f64 = 220.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 8.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 28.0;

/// The drawing area of a chart with a value axis on the left and labels below.
pub(super) struct Plot {
    pub(super) scale: Scale,
    slots: usize,
    width: f64,
}

impl Plot {
    pub(super) fn new(scale: Scale, chart: &Chart) -> Self {
        Self { scale, slots: chart.labels.len().max(1), width: width_of(chart) }
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - self.scale.share(value) * (HEIGHT - TOP - BOTTOM)
    }

    pub(super) fn slot_width(&self) -> f64 {
        (self.width - LEFT - RIGHT) / self.slots as f64
    }

    /// The middle of a label's slot.
    pub(super) fn x(&self, place: usize) -> f64 {
        LEFT + (place as f64 + 0.5) * self.slot_width()
    }

    pub(super) fn axes(&self, chart: &Chart) -> Markup {
        let step = label_step(self.slots, (self.width / 42.0) as usize);
        html! {
            @for tick in &self.scale.ticks {
                @let y = self.y(*tick);
                line.axis-line.axis-zero[*tick == 0.0] x1=(px(LEFT)) x2=(px(self.width - RIGHT)) y1=(px(y)) y2=(px(y)) {}
                text x=(px(LEFT - 8.0)) y=(px(y + 4.0)) text-anchor="end" { (short(*tick, chart.unit)) }
            }
            @for (place, label) in chart.labels.iter().enumerate().step_by(step) {
                text x=(px(self.x(place))) y=(px(HEIGHT - 8.0)) text-anchor="middle" { (label) }
            }
        }
    }
}

fn width_of(chart: &Chart) -> f64 {
    match chart.width {
        Width::Third => 330.0,
        Width::Half => 520.0,
        Width::Full => 1060.0,
    }
}

/// A chart with its title, legend, drawing and exact values.
pub(super) fn figure(chart: &Chart, drawing: &Markup) -> Markup {
    let empty = chart.labels.is_empty()
        || chart.series.iter().all(|s| (0..chart.labels.len()).all(|i| chart.at(s, i).is_none()));
    html! {
        figure.chart {
            figcaption { span.chart-title { (chart.title) } (legend(chart)) }
            @if empty {
                p.chart-empty { "Nothing to draw yet." }
            } @else {
                div.chart-scroll.chart-wide[chart.width == Width::Full].chart-narrow[chart.width == Width::Third]
                    tabindex="0" role="region" aria-label={ (chart.title) ": drawing" } {
                    svg viewBox=(format!("0 0 {} {HEIGHT}", width_of(chart))) role="img" aria-label=(chart.title) {
                        desc { (description(chart)) }
                        (drawing)
                    }
                }
                (values(chart))
            }
        }
    }
}

fn description(chart: &Chart) -> String {
    if !chart.description.is_empty() {
        return chart.description.clone();
    }
    let names: Vec<&str> = chart.series.iter().map(|series| series.name.as_str()).collect();
    match (chart.labels.first(), chart.labels.last()) {
        (Some(first), Some(last)) => format!("{} from {first} to {last}", names.join(", ")),
        _ => names.join(", "),
    }
}

fn legend(chart: &Chart) -> Markup {
    html! {
        @if chart.series.len() > 1 {
            ul.legend {
                @for (place, series) in chart.series.iter().enumerate() {
                    li { span class={ "swatch " (color(place)) } {} (series.name) }
                }
            }
        }
    }
}

fn values(chart: &Chart) -> Markup {
    html! {
        details.chart-data {
            summary { "Figures" }
            div.scroll tabindex="0" role="region" aria-label={ (chart.title) ": figures" } {
                table.table {
                    thead { tr { td {} @for series in &chart.series { th.n scope="col" { (series.name) } } } }
                    tbody {
                        @for (place, label) in chart.labels.iter().enumerate() {
                            tr {
                                th scope="row" { (label) }
                                @for series in &chart.series {
                                    td.n { @if let Some(value) = chart.at(series, place) { (full(value, chart.unit)) } @else { "–" } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
