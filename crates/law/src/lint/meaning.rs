//! What only the typed program shows: bands that overlap, thresholds in the wrong order, dates that never come.

use kernel::Money;

use super::Parts;
use super::claims::{deals, engagement};
use super::source::Source;
use crate::diagnostic::{Diagnostic, Severity};
use crate::expr::Value;
use crate::model::{BandMode, BandTerms, How, MoneyFile, Period};

/// Checks each file that could be read.
pub(super) fn check(sources: &mut [Source<'_>], parts: &Parts) {
    for source in sources {
        match source.file {
            "engagement.toml" => {
                parts.engagement.iter().for_each(|file| engagement(source, file));
            }
            "deals.toml" => parts.deals.iter().for_each(|file| deals(source, file)),
            "money.toml" => parts.money.iter().for_each(|file| money(source, file)),
            "partnership.toml" => super::partnership::check(source, &parts.partnership),
            _ => {}
        }
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
                How::Bonus(terms) => {
                    not_negative(source, terms.bonus, &format!("{path}.bonus"));
                    not_negative(source, terms.target, &format!("{path}.target"));
                }
                How::Rate(_) => {}
            }
            if let (Some(from), Some(before)) = (component.from, component.before)
                && from >= before
            {
                let span = source.place(&format!("plan.{key}.component[{place}].before"));
                let message = format!("it ends on {before}, before it begins on {from}: it never pays");
                source.error(span, "empty-window", message).with(format!("a day after {from}"), None);
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
    if terms.mode == BandMode::PriorPeriod && matches!(terms.period, Period::Lifetime | Period::Deal) {
        let span = source.place(&format!("{path}.period"));
        let message = "`prior_period` needs a period that another one comes before";
        source.error(span, "no-prior-period", message).with("calendar_year, quarter or month", None);
    }
    if terms.jumps_meant && terms.mode != BandMode::WholeBand {
        let span = source.place(&format!("{path}.jumps_meant"));
        let message = "these bands do not jump; only those of `whole_band` do";
        source.error(span, "without-effect", message).with("`mode = \"whole_band\"`, or nothing", None);
    }
    for cliff in terms.cliffs().into_iter().filter(|_| !terms.jumps_meant) {
        let span = source.place(&format!("{path}.bands[{}].up_to", cliff.band));
        let (bound, jump) = (Value::from(cliff.bound), Value::from(cliff.jump));
        let message = format!("one cent more than {} is worth {} of commission at once", bound.pretty(), jump.pretty());
        let found = source.error(span, "band-cliff", message);
        found.with("`mode = \"marginal\"`, or `jumps_meant = true` if that is wanted", None);
        warn(found);
    }
}

pub(super) fn warn(found: &mut Diagnostic) {
    found.severity = Severity::Warning;
}
