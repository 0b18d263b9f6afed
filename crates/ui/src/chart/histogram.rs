//! How often which value occurs, for latencies: the bars are given as upper bound and count.

use maud::{Markup, html};

use super::scale::short;
use super::{Chart, Unit, Width, bars};

/// `buckets` are upper bound in milliseconds and count; `marks` are named values such as the 99th percentile.
pub fn histogram(title: &str, buckets: &[(f64, u64)], marks: &[(&str, f64)]) -> Markup {
    let labels = buckets.iter().map(|(bound, _)| short(*bound, Unit::Milliseconds)).collect();
    let chart = Chart::new(title, Unit::Count, labels)
        .width(Width::Third)
        .description(format!("{title}: counts by upper bound"))
        .series("Count", buckets.iter().map(|(_, count)| *count as f64));
    html! {
        div.histogram {
            (bars(&chart))
            @if !marks.is_empty() {
                dl.marks { @for (name, value) in marks { div { dt { (name) } dd.num { (short(*value, Unit::Milliseconds)) } } } }
            }
        }
    }
}
