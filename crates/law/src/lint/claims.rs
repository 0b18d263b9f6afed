//! What only the typed rules of engagement and of deal registration show: orders, lists and windows that cannot work.

use kernel::{Day, Rate};

use super::meaning::warn;
use super::source::Source;
use crate::model::{ClaimClass, Deals, Engagement, OnSilence, TieBreak};

pub(super) fn engagement(source: &mut Source<'_>, file: &Engagement) {
    precedence(source, file);
    segments(source, file);
    lists(source, file);
}

fn precedence(source: &mut Source<'_>, file: &Engagement) {
    for (place, tie_break) in file.precedence.iter().enumerate() {
        if file.precedence[..place].contains(tie_break) {
            let span = source.place(&format!("precedence[{place}]"));
            let message = "this has already decided above";
            source.error(span, "duplicate-key", message).with("each once", None);
        }
    }
    let by_time = file.precedence.iter().position(|by| *by == TieBreak::RegisteredAt);
    if let Some(place) = by_time.filter(|place| place + 1 < file.precedence.len()) {
        let span = source.place(&format!("precedence[{}]", place + 1));
        let message =
            "this hardly ever decides, because two claims are valid since the very same instant by chance only";
        let found = source.error(span, "never-happens", message);
        found.with("`registered_at` as the last one", None);
        warn(found);
    }
    let by_capability = file.precedence.iter().position(|by| *by == TieBreak::Capability);
    if let Some(place) = by_capability.filter(|_| file.capabilities.is_empty()) {
        let span = source.place(&format!("precedence[{place}]"));
        let message = "this never decides, because nothing says what makes a partner able";
        source.error(span, "never-happens", message).with("a `[[capability]]`", None);
    }
}

fn segments(source: &mut Source<'_>, file: &Engagement) {
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

fn lists(source: &mut Source<'_>, file: &Engagement) {
    for (place, capability) in file.capabilities.iter().enumerate() {
        countries(source, &capability.countries, &format!("capability[{place}].countries"));
    }
    for (place, territory) in file.territories.iter().enumerate() {
        countries(source, &territory.countries, &format!("territory[{place}].countries"));
    }
    for (place, one) in file.named_accounts.iter().enumerate() {
        let path = format!("named_account[{place}]");
        identity(source, one.domain.as_deref(), one.vat_number.as_deref(), &path);
        order(source, one.from, one.until, &path);
    }
    for (place, one) in file.no_poach.iter().enumerate() {
        let path = format!("no_poach[{place}]");
        identity(source, one.domain.as_deref(), one.vat_number.as_deref(), &path);
        order(source, one.from, one.until, &path);
    }
}

fn countries(source: &mut Source<'_>, codes: &[String], path: &str) {
    for (place, code) in codes.iter().enumerate() {
        if code.len() == 2 && code.chars().all(|c| c.is_ascii_uppercase()) {
            continue;
        }
        let span = source.place(&format!("{path}[{place}]"));
        let meant = code.trim().to_uppercase();
        let meant = (meant.len() == 2 && meant.chars().all(|c| c.is_ascii_uppercase())).then_some(meant);
        let message = format!("`{code}` is not the code of a country");
        source.error(span, "bad-country", message).with("two capital letters (ISO 3166) such as `DE`", meant);
    }
}

/// Something that tells the customer for certain; a name alone would not.
fn identity(source: &mut Source<'_>, domain: Option<&str>, vat: Option<&str>, path: &str) {
    let Some(domain) = domain else {
        if vat.is_none() {
            let span = source.place(&format!("{path}.title"));
            let message = "nothing tells which customer this is, because names alone are not certain";
            source.error(span, "missing-key", message).with("`domain` or `vat_number`", None);
        }
        return;
    };
    if !domain.contains('.') || domain.contains(['/', ':', '@', ' ']) {
        let span = source.place(&format!("{path}.domain"));
        let message = format!("`{domain}` is not a domain");
        source.error(span, "bad-domain", message).with("the company's own, such as `brandt.example`", None);
    }
}

fn order(source: &mut Source<'_>, from: Option<Day>, until: Option<Day>, path: &str) {
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        let span = source.place(&format!("{path}.until"));
        let message = format!("this never holds, because {until} is before {from}");
        source.error(span, "never-happens", message).with(format!("{from} or later"), None);
    }
}

pub(super) fn deals(source: &mut Source<'_>, file: &Deals) {
    matching(source, file);
    registration(source, file);
    windows(source, file);
    approvals(source, file);
}

fn windows(source: &mut Source<'_>, file: &Deals) {
    let last = file.windows.len().saturating_sub(1);
    for (place, window) in file.windows.iter().enumerate() {
        let path = format!("window[{place}]");
        let terms = file.registration.within(std::slice::from_ref(window), &ClaimClass::default()).0;
        let protection = window.protection_days.unwrap_or(terms.protection_days);
        if let Some(days) = window.inactivity_days.filter(|days| *days >= protection) {
            let span = source.place(&format!("{path}.inactivity_days"));
            let message = format!("this never happens, because such a claim only lasts {protection} days, not {days}");
            let found = source.error(span, "never-happens", message);
            found.with(format!("less than {protection}"), None);
            warn(found);
        }
        if window.is_for_all() && place < last {
            let span = source.place(&path);
            let message = "this window fits every claim; the windows after it are never reached";
            source.error(span, "unreachable-window", message).with("`archetype`, `tier`, `segment` or `product`", None);
        }
        let names = |window: &crate::model::Window| {
            (window.archetype.clone(), window.tier.clone(), window.segment.clone(), window.product.clone())
        };
        if file.windows[..place].iter().any(|above| names(above) == names(window)) {
            let span = source.place(&path);
            let message = "a window above fits the same claims, so that this one is never reached";
            source.error(span, "unreachable-window", message).with("other claims, or one of the two", None);
        }
    }
}

fn approvals(source: &mut Source<'_>, file: &Deals) {
    for (place, step) in file.approvals.iter().enumerate() {
        let path = format!("approval[{place}]");
        let below = place.checked_sub(1).and_then(|below| file.approvals.get(below));
        if let Some(below) = below.filter(|below| step.above.minor < below.above.minor) {
            let span = source.place(&format!("{path}.above"));
            let message = format!("steps grow, but {} is less than {}", step.above, below.above);
            source.error(span, "unordered-approvals", message).with(format!("{} or more", below.above), None);
        }
        if step.above.minor < 0 {
            let span = source.place(&format!("{path}.above"));
            let message = format!("{} is negative", step.above);
            source.error(span, "out-of-range", message).with("zero or more", None);
        }
        let has_next = place + 1 < file.approvals.len() || !step.escalate_to.is_empty();
        if step.within_days.is_some() && step.on_silence == OnSilence::Escalate && !has_next {
            let span = source.place(&format!("{path}.roles"));
            let message = "nobody is further up, so that silence changes nothing";
            let found = source.error(span, "never-happens", message);
            found.with("`escalate_to`, or another `on_silence`", None);
            warn(found);
        }
    }
}

fn matching(source: &mut Source<'_>, file: &Deals) {
    let matching = &file.matching;
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
}

fn registration(source: &mut Source<'_>, file: &Deals) {
    let registration = &file.registration;
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
