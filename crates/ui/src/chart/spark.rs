//! A line as small as a word, beside a figure.

use maud::{Markup, html};

use super::scale::px;

/// The course of a figure; `label` says what it is for those who do not see it. Fewer than two values draw nothing.
pub fn sparkline(label: &str, values: &[f64]) -> Markup {
    let values: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let reach = if high > low { high - low } else { 1.0 };
    let last = values.len().saturating_sub(1);
    let point = |place: usize, value: f64| {
        format!("{} {}", px(2.0 + 96.0 * place as f64 / last.max(1) as f64), px(26.0 - 22.0 * (value - low) / reach))
    };
    let path: Vec<String> = values.iter().enumerate().map(|(place, value)| point(place, *value)).collect();
    html! {
        @if values.len() > 1 {
            svg.spark viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label=(label) {
                path.area d=(format!("M{}L98 30L2 30z", path.join("L"))) {}
                path.line d=(format!("M{}", path.join("L"))) fill="none" vector-effect="non-scaling-stroke" {}
            }
        }
    }
}
