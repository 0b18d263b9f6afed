//! Shares of a whole as a ring with a legend that carries the figures.

use maud::{Markup, html};

use super::scale::{full, short};
use super::{Unit, color};

/// `parts` are name and value; parts at or below zero are listed but not drawn.
pub fn donut(title: &str, unit: Unit, parts: &[(String, f64)]) -> Markup {
    let drawn = |value: f64| {
        if value.is_finite() { value.max(0.0) } else { 0.0 }
    };
    let whole: f64 = parts.iter().map(|(_, value)| drawn(*value)).sum();
    let mut arcs = Vec::new();
    let mut start = 0.0;
    for (place, (name, value)) in parts.iter().enumerate() {
        let share = if whole > 0.0 { drawn(*value) / whole * 100.0 } else { 0.0 };
        arcs.push((place, name, *value, share, start));
        start += share;
    }
    html! {
        figure.chart.donut {
            figcaption { span.chart-title { (title) } }
            @if whole <= 0.0 {
                p.chart-empty { "Nothing to draw yet." }
            } @else {
                svg viewBox="0 0 100 100" role="img" aria-label=(title) {
                    desc { @for (_, name, _, share, _) in &arcs { (name) " " (share.round()) "%. " } }
                    circle.ring-track cx="50" cy="50" r="40" fill="none" stroke-width="13" {}
                    @for (place, name, value, share, start) in &arcs {
                        @if *share > 0.0 {
                            circle class={ "arc " (color(*place)) } cx="50" cy="50" r="40" fill="none" stroke-width="13"
                                pathLength="100" stroke-dasharray=(format!("{:.2} 100", (share - 0.6).max(0.3)))
                                stroke-dashoffset=(format!("{:.2}", -start)) transform="rotate(-90 50 50)" {
                                title { (name) ": " (full(*value, unit)) }
                            }
                        }
                    }
                    text.donut-whole x="50" y="55" text-anchor="middle" { (short(whole, unit)) }
                }
                ul.legend {
                    @for (place, name, value, share, _) in &arcs {
                        li {
                            span class={ "swatch " (color(*place)) } {}
                            span { (name) } span.num title=(full(*value, unit)) { (short(*value, unit)) }
                            span.num.muted { (share.round()) "%" }
                        }
                    }
                }
            }
        }
    }
}
