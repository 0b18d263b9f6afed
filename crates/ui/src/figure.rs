//! Figures: money, rates, changes, progress, rings and the stat tiles at the top of a page.

use kernel::{Money, Rate};
use maud::{Markup, Render, html};

use crate::badge::Tone;

/// An amount in tabular digits; negative amounts are marked by sign and color.
pub fn money(amount: Money) -> Markup {
    html! { span.num.neg[amount.minor < 0] title=(amount) { (amount.pretty()) } }
}

/// A rate as a percentage.
pub fn rate(rate: Rate) -> Markup {
    html! { span.num { (rate) } }
}

/// A change against an earlier period: `Tone::Good` or `Tone::Bad` by what it means, not by its sign.
pub fn delta(change: Rate, tone: Tone) -> Markup {
    let (arrow, word) = match change.scaled {
        c if c > 0 => ("▲", "up"),
        c if c < 0 => ("▼", "down"),
        _ => ("–", "unchanged"),
    };
    let size = Rate { scaled: change.scaled.abs() };
    html! {
        span class={ "delta " (tone.class()) } {
            span aria-hidden="true" { (arrow) } span.sr { (word) " " } " " (one_decimal(size))
        }
    }
}

/// A rate to one decimal of a percent: enough for a change, exact figures stand beside it.
fn one_decimal(rate: Rate) -> String {
    let tenths = kernel::money::divide_half_away(rate.scaled * 1000, 10_i128.pow(Rate::PLACES));
    if tenths % 10 == 0 { format!("{}%", tenths / 10) } else { format!("{}.{}%", tenths / 10, tenths % 10) }
}

/// How far along: `progress("Rows imported", 340, 1000)`.
pub fn progress(label: &str, done: u64, whole: u64) -> Markup {
    let percent = percent_of(done, whole);
    html! {
        div.progress {
            div.progress-label { span { (label) } span.num { (percent) "%" } }
            progress max=(whole.max(1)) value=(done.min(whole.max(1))) aria-label=(label) { (percent) "%" }
        }
    }
}

fn percent_of(done: u64, whole: u64) -> u64 {
    let share = u128::from(done.min(whole)) * 100 / u128::from(whole.max(1));
    u64::try_from(share).unwrap_or(100)
}

/// A share as a ring with its figure inside and what it is a share of under it.
pub fn ring(percent: u8, label: &str) -> Markup {
    let percent = percent.min(100);
    html! {
        figure.ring {
            svg viewBox="0 0 100 100" role="img" aria-label=(format!("{label}: {percent}%")) {
                circle.ring-track cx="50" cy="50" r="42" fill="none" stroke-width="9" {}
                @if percent > 0 {
                    circle.ring-value cx="50" cy="50" r="42" fill="none" stroke-width="9" stroke-linecap="round"
                        pathLength="100" stroke-dasharray=(format!("{percent} 100")) transform="rotate(-90 50 50)" {}
                }
                text x="50" y="57" text-anchor="middle" { (percent) "%" }
            }
            figcaption { (label) }
        }
    }
}

/// One tile: a figure with its label, a hint, perhaps a link to what it is made of and a sparkline.
#[derive(Debug, Clone)]
pub struct Stat {
    label: String,
    value: Markup,
    hint: Option<Markup>,
    href: Option<String>,
    spark: Option<Markup>,
    live: Option<String>,
}

impl Stat {
    pub fn new(label: impl Into<String>, value: impl Render) -> Self {
        Self { label: label.into(), value: html! { (value) }, hint: None, href: None, spark: None, live: None }
    }

    pub fn hint(mut self, hint: impl Render) -> Self {
        self.hint = Some(html! { (hint) });
        self
    }

    pub fn href(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }

    /// A drawing under the figure, usually [`crate::chart::sparkline`].
    pub fn spark(mut self, spark: Markup) -> Self {
        self.spark = Some(spark);
        self
    }

    /// The path of an HTML fragment that replaces the value every few seconds.
    pub fn live(mut self, path: impl Into<String>) -> Self {
        self.live = Some(path.into());
        self
    }
}

impl Render for Stat {
    fn render(&self) -> Markup {
        html! {
            div.stat {
                p.stat-label {
                    @if let Some(href) = &self.href { a.cover href=(href) { (self.label) } } @else { (self.label) }
                }
                p.stat-value data-live=[self.live.as_ref()] { (self.value) }
                @if let Some(hint) = &self.hint { p.stat-hint { (hint) } }
                @if let Some(spark) = &self.spark { (spark) }
            }
        }
    }
}

/// Tiles in a row that wraps.
pub fn stat_grid(stats: &[Stat]) -> Markup {
    html! { div.stats { @for stat in stats { (stat) } } }
}
