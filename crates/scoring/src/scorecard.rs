//! A partner's figures and tier on one card, for the pages of partners.

use jiff::tz::TimeZone;
use kernel::{PartnerId, Timestamp};
use law::Value;
use law::expr::{Number, ScoredCard};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ui::chart::sparkline;
use ui::{Empty, Markup, Stat, Tone, ago, badge, card, empty_state, grid, html, stat_grid};

use crate::progress::{Requirement, TierProgress};
use crate::store::Measured;
use crate::way::WayUp;

/// What is measured about a partner, with its course over the last year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scorecard {
    pub partner: PartnerId,
    /// The version of the program whose tiers are meant, such as `northwind/3`.
    pub law: Option<String>,
    pub metrics: Vec<MetricCard>,
    /// How it scores by the rubric of the program; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<ScoredCard>,
    /// The tier that the values give; absent without a program.
    pub tier: Option<TierProgress>,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MetricCard {
    pub key: String,
    pub title: String,
    /// What is counted, and what is not.
    pub help: String,
    /// The newest value.
    pub value: Value,
    /// The value as people read it.
    pub shown: String,
    /// When it was measured; absent if it never was.
    pub as_of: Option<Timestamp>,
    /// Whether it is too old to say much.
    pub stale: bool,
    /// Oldest first.
    pub history: Vec<Point>,
}

/// A value at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    pub as_of: Timestamp,
    pub value: Value,
}

impl Point {
    pub(crate) fn of(measured: &Measured) -> Self {
        Self { as_of: measured.as_of, value: measured.value.clone() }
    }
}

/// The scorecard as part of a page.
pub fn scorecard_markup(scorecard: &Scorecard, now: Timestamp, zone: &TimeZone) -> Markup {
    if scorecard.metrics.iter().all(|metric| metric.as_of.is_none()) {
        let sentence = "Figures appear with the next refresh of the scorecards, at the latest in a week.";
        return empty_state(&Empty::new("Nothing is measured yet", sentence));
    }
    let stats: Vec<Stat> = scorecard.metrics.iter().map(|metric| stat(metric, now, zone)).collect();
    html! {
        (stat_grid(&stats))
        @if let Some(score) = &scorecard.score { (scored(score)) }
        @if let Some(tier) = &scorecard.tier { (way_up(tier, scorecard.law.as_deref())) }
    }
}

fn stat(metric: &MetricCard, now: Timestamp, zone: &TimeZone) -> Stat {
    let hint = html! {
        span title=(metric.help) {
            @match metric.as_of {
                Some(at) => { (ago(at, now, zone)) },
                None => "never measured",
            }
        }
        @if metric.stale { " " (badge(Tone::Warn, "stale")) }
    };
    let course: Vec<f64> = metric.history.iter().filter_map(|point| pixel_value(&point.value)).collect();
    let shown = match &metric.value {
        Value::Unknown(_) => "–".to_owned(),
        // The rule language writes the code of the currency; screens write its sign.
        Value::Money(_) => money_of(&metric.shown).map_or_else(|| metric.shown.clone(), kernel::Money::pretty),
        _ => metric.shown.clone(),
    };
    Stat::new(metric.title.as_str(), shown).hint(hint).spark(sparkline(&metric.title, &course))
}

/// The score with what it is made of.
fn scored(score: &ScoredCard) -> Markup {
    let total = match &score.total {
        Value::Unknown(reason) => format!("No score yet: {reason}"),
        total => format!("Scores {} of 5", total.pretty()),
    };
    let criteria = html! {
        ul {
            @for one in &score.criteria {
                li { (one.text) @if one.stale { " " (badge(Tone::Warn, "stale")) } }
            }
        }
    };
    card(&total, &criteria, &html! {})
}

fn money_of(shown: &str) -> Option<kernel::Money> {
    shown.replace(',', "").parse().ok()
}

/// The way to the next tier beside what holds the partner in its own.
fn way_up(tier: &TierProgress, law: Option<&str>) -> Markup {
    let under = html! { @if let Some(law) = law { span.muted { "under " code { (law) } } } };
    let held = html! {
        @if tier.because.is_empty() { p { "The entry tier: every partner that is enrolled." } }
        (conditions(&tier.because))
    };
    let next = match &tier.next {
        Some(next) => card(
            &format!("For {}", next.title),
            &html! { (conditions(&next.requirements)) @if let Some(way) = &next.way { (nearest(way)) } },
            &html! {},
        ),
        None => card("The highest tier", &html! { p { "There is no tier above." } }, &html! {}),
    };
    grid("2", &[card(&format!("The figures give {}", tier.title), &held, &under), next])
}

/// The smallest change that leads up, with what else would do.
fn nearest(way: &WayUp) -> Markup {
    html! {
        p { b { (way.text) } }
        @if !way.alternatives.is_empty() {
            p { "Or:" }
            ul { @for other in &way.alternatives { li { (other) } } }
        }
        @if !way.path.exact {
            p.muted { "Not exact: " (way.path.notes.join("; ")) "." }
        }
    }
}

fn conditions(requirements: &[Requirement]) -> Markup {
    html! {
        @if !requirements.is_empty() {
            ul {
                @for one in requirements {
                    li {
                        @if one.met { (badge(Tone::Good, "met")) } @else { (badge(Tone::Warn, "missing")) }
                        " " (one.text)
                        @if let Some(remedy) = &one.remedy { p.remedy { b { "What would help: " } (remedy) } }
                    }
                }
            }
        }
    }
}

/// A value as a height in a drawing; exact figures stand beside it.
fn pixel_value(value: &Value) -> Option<f64> {
    let number: &Number = match value {
        Value::Money(amount) => &amount.minor,
        Value::Count(number) | Value::Ratio(number) | Value::Duration(number) => number,
        _ => return None,
    };
    number.rounded(4).parse().ok()
}
