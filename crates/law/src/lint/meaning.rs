//! What only the typed program shows: bands that overlap, thresholds in the wrong order, dates that never come.

use kernel::{Money, Rate};

use super::Parts;
use super::source::Source;
use crate::diagnostic::{Diagnostic, Severity};
use crate::expr::Value;
use crate::model::{BandTerms, Deals, Engagement, How, MoneyFile};

/// Checks each file that could be read.
pub(super) fn check(sources: &mut [Source<'_>], parts: &Parts) {
    for source in sources {
        match source.file {
            "engagement.toml" => {
                parts.engagement.iter().for_each(|file| engagement(source, file));
            }
            "deals.toml" => parts.deals.iter().for_each(|file| deals(source, file)),
            "money.toml" => parts.money.iter().for_each(|file| money(source, file)),
            _ => {}
        }
    }
}

fn engagement(source: &mut Source<'_>, file: &Engagement) {
    for (place, tie_break) in file.precedence.iter().enumerate() {
        if file.precedence[..place].contains(tie_break) {
            let span = source.place(&format!("precedence[{place}]"));
            let message = "this has already decided above";
            source.error(span, "duplicate-key", message).with("each once", None);
        }
    }
    for (place, pair) in file.segments.windows(2).enumerate() {
        let path = format!("segment[{}]", place + 1);
        match (pair[0].from, pair[1].from) {
            (_, None) => {
                let span = source.place(&format!("{path}.key"));
                let message = "only the first segment has no `from`";
                source.error(span, "missing-key", message).with("`from`", None);
            }
            (Some(below), Some(from)) if from.minor <= below.minor => {
                let span = source.place(&format!("{path}.from"));
                let message = format!("segments grow, but {from} is not more than {below}");
                let expected = format!("more than {below}");
                source.error(span, "unordered-segments", message).with(expected, None);
            }
            _ => {}
        }
    }
}

fn deals(source: &mut Source<'_>, file: &Deals) {
    let Deals { registration, matching } = file;
    if matching.review > matching.same {
        let message = format!(
            "likeness from which a person looks ({}) is above likeness from which customers are the same ({})",
            matching.review, matching.same
        );
        let expected = format!("at most {}", matching.same);
        let span = source.place("matching.review");
        source.error(span, "unordered-thresholds", message).with(expected, None);
    }
    for (name, rate) in [("same", matching.same), ("review", matching.review)] {
        if rate == Rate::ZERO {
            let span = source.place(&format!("matching.{name}"));
            let message = "at 0% every customer is like every other";
            source.error(span, "out-of-range", message).with("more than 0%", None);
        }
    }
    let protection = registration.protection_days;
    let late = |days: u32| format!("this never happens, because a claim only lasts {protection} days, not {days}");
    for (place, days) in registration.warn_days.iter().enumerate() {
        if *days >= protection {
            let span = source.place(&format!("registration.warn_days[{place}]"));
            let expected = format!("less than {protection}");
            let found = source.error(span, "never-happens", late(*days));
            found.with(expected, None);
            warn(found);
        }
    }
    if let Some(days) = registration.inactivity_days.filter(|days| *days >= protection) {
        let span = source.place("registration.inactivity_days");
        let found = source.error(span, "never-happens", late(days));
        found.with(format!("less than {protection}"), None);
        warn(found);
    }
    if registration.renewals_max > 0 && registration.renewals_open_days == 0 {
        let span = source.place("registration.renewals_open_days");
        let message = "claims can be renewed, but never ask for it before they end";
        warn(source.error(span, "never-happens", message));
    }
}

fn money(source: &mut Source<'_>, file: &MoneyFile) {
    for (key, plan) in &file.plan {
        for (place, component) in plan.components.iter().enumerate() {
            let path = format!("plan.{key}.component[{place}].how");
            match &component.how {
                How::Bands(terms) => bands(source, terms, &path),
                How::Fixed(terms) => not_negative(source, terms.fixed, &format!("{path}.fixed")),
                How::Each(terms) => not_negative(source, terms.each, &format!("{path}.each")),
                How::Rate(_) => {}
            }
        }
    }
    if let Some(minimum) = file.statements.minimum_payout {
        not_negative(source, minimum, "statements.minimum_payout");
    }
}

fn not_negative(source: &mut Source<'_>, money: Money, path: &str) {
    if money.minor < 0 {
        let span = source.place(path);
        let message = format!("{money} is negative; `pays` says in which direction money flows");
        source.error(span, "out-of-range", message).with("zero or more", None);
    }
}

fn bands(source: &mut Source<'_>, terms: &BandTerms, path: &str) {
    let mut below = Money::zero(kernel::Currency::EUR);
    let last = terms.bands.len().saturating_sub(1);
    for (place, band) in terms.bands.iter().enumerate() {
        let at = format!("{path}.bands[{place}]");
        match band.up_to {
            Some(bound) if place == last => {
                let span = source.place(&format!("{at}.up_to"));
                let message = format!("the last band ends at {bound}; what pays above it is not said");
                source.error(span, "closed-bands", message).with("no `up_to` in the last band", None);
            }
            Some(bound) if bound.minor <= below.minor => {
                let span = source.place(&format!("{at}.up_to"));
                let below = Money::new(below.minor, bound.currency);
                let message = format!("this band overlaps with the one before, which reaches up to {below}");
                let expected = format!("more than {below}");
                source.error(span, "unordered-bands", message).with(expected, None);
            }
            Some(bound) => below = bound,
            None if place < last => {
                let span = source.place(&at);
                let message = "only the last band has no `up_to`; the bands after this one are never reached";
                source.error(span, "open-band", message).with("`up_to`", None);
            }
            None => {}
        }
    }
    for cliff in terms.cliffs() {
        let span = source.place(&format!("{path}.bands[{}].up_to", cliff.band));
        let (bound, jump) = (Value::from(cliff.bound), Value::from(cliff.jump));
        let message = format!("one cent more than {} is worth {} of commission at once", bound.pretty(), jump.pretty());
        let found = source.error(span, "band-cliff", message);
        found.with("`mode = \"marginal\"` if that is not wanted", None);
        warn(found);
    }
}

pub(super) fn warn(found: &mut Diagnostic) {
    found.severity = Severity::Warning;
}
