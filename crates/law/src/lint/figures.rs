//! Computed metrics, markets, exchange rates and the scorecard: what is inconsistent among them.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Rate;

use super::source::Source;
use super::{Parts, ladder, one_of};
use crate::expr::{self, Facts, Node, Scope, Type, compute};
use crate::model::{Criterion, MarketsFile, MetricsFile, Rubric};
use crate::nearest::nearest;

/// Checks what could be read.
pub(super) fn check(sources: &mut [Source<'_>], parts: &Parts, scope: Scope<'_>) {
    for source in sources {
        match source.file {
            "metrics.toml" => parts.metrics.iter().for_each(|file| fields(source, file, scope)),
            "markets.toml" => parts.markets.iter().for_each(|file| {
                markets(source, file, scope);
                rates(source, file);
            }),
            "scorecard.toml" => parts.scorecard.iter().for_each(|file| {
                let empty = MetricsFile::default();
                let metrics = parts.metrics.as_ref().unwrap_or(&empty);
                scorecard(source, &file.scorecard, metrics, scope);
            }),
            _ => {}
        }
    }
}

fn fields(source: &mut Source<'_>, file: &MetricsFile, scope: Scope<'_>) {
    for (name, metric) in &file.metric {
        if let Some(field) = &metric.by {
            ladder::known_field(source, &format!("metric.{name}.by"), field, scope.catalog);
        }
    }
}

fn markets(source: &mut Source<'_>, file: &MarketsFile, scope: Scope<'_>) {
    let texts = scope.catalog.metrics.iter().filter(|(_, kind)| **kind == Type::Text);
    let texts: Vec<&str> = texts.map(|(name, _)| name.as_str()).collect();
    if !file.market.is_empty() && !texts.contains(&file.by.as_str()) {
        let near = nearest(&file.by, texts.iter().copied()).map(str::to_owned);
        let message = format!("there is no metric `{}` that gives a text", file.by);
        let span = source.place("by");
        source.error(span, "unknown-metric", message).with(one_of(texts), near);
    }
    let mut listed: BTreeMap<&str, &str> = BTreeMap::new();
    let mut rest: Option<&str> = None;
    let names: BTreeSet<&String> = file.market.values().flat_map(|market| market.values.keys()).collect();
    for (key, market) in &file.market {
        for (place, country) in market.countries.iter().enumerate() {
            let span = source.place(&format!("market.{key}.countries[{place}]"));
            if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
                let upper = Some(country.to_uppercase()).filter(|code| code.len() == 2);
                let message = format!("`{country}` is no code of a country");
                source.error(span, "bad-country", message).with("an ISO 3166 code such as `IN`", upper);
            } else if let Some(other) = listed.insert(country, key) {
                let message = format!("`{country}` is already in the market `{other}`");
                source.error(span, "duplicate-key", message).with("each country in one market", None);
            }
        }
        if market.countries.is_empty()
            && let Some(other) = rest.replace(key)
        {
            let span = source.place(&format!("market.{key}"));
            let message = format!("`{other}` already is the market of all other countries");
            source.error(span, "duplicate-key", message).with("`countries`", None);
        }
        for name in &names {
            if !market.values.contains_key(*name) {
                let span = source.place(&format!("market.{key}"));
                let message = format!("the market `{key}` does not say `{name}`, which other markets say");
                source.error(span, "missing-key", message).with(format!("`values.{name}`"), None);
            }
        }
    }
    for name in names {
        let kinds = file.market.iter().filter_map(|(key, market)| Some((key, market.values.get(name)?.kind())));
        let kinds: Vec<(&String, Type)> = kinds.collect();
        for (key, kind) in kinds.iter().skip(1) {
            if *kind != kinds[0].1 {
                let span = source.place(&format!("market.{key}.values.{name}"));
                let message = format!("`{name}` is a {} in the market `{}`, and a {kind} here", kinds[0].1, kinds[0].0);
                source.error(span, "wrong-type", message).with(kinds[0].1.described(), None);
            }
        }
    }
}

fn rates(source: &mut Source<'_>, file: &MarketsFile) {
    let mut seen = BTreeSet::new();
    for (place, rate) in file.rates.iter().enumerate() {
        if rate.from == rate.to {
            let span = source.place(&format!("exchange[{place}].to"));
            let message = format!("{} needs no rate to itself", rate.from);
            source.error(span, "out-of-range", message).with("another currency", None);
        }
        if !seen.insert((rate.from, rate.to, rate.valid_from)) {
            let span = source.place(&format!("exchange[{place}].valid_from"));
            let message = format!("there already is a rate from {} to {} from that day on", rate.from, rate.to);
            source.error(span, "duplicate-key", message).with("one rate a day for each pair", None);
        }
    }
}

fn scorecard(source: &mut Source<'_>, rubric: &Rubric, metrics: &MetricsFile, scope: Scope<'_>) {
    for (key, criterion) in &rubric.criterion {
        if reads_scorecard(criterion.metric.tree(), metrics, 0) {
            let span = source.place(&format!("scorecard.criterion.{key}.metric"));
            let message = format!("`{key}` is scored by the scorecard, of which it is a part");
            source.error(span, "cycle", message).with("a metric that does not read the scorecard", None);
        }
        if let Ok(kind) = expr::check(criterion.metric.tree(), scope) {
            bands(source, key, criterion, kind, scope);
        }
    }
    weights(source, rubric);
}

fn reads_scorecard(tree: &expr::Expr, metrics: &MetricsFile, depth: u32) -> bool {
    let mut found = false;
    tree.walk(&mut |part| {
        if let Node::Name(name) = &part.node {
            let through = metrics.metric.get(name).filter(|_| depth < 20);
            found |= name == "scorecard"
                || through.is_some_and(|metric| reads_scorecard(metric.formula.tree(), metrics, depth + 1));
        }
    });
    found
}

/// The bands of a rubric ascend, so that none overlaps with another.
fn bands(source: &mut Source<'_>, key: &str, criterion: &Criterion, kind: Type, scope: Scope<'_>) {
    if !kind.is_measured() {
        let span = source.place(&format!("scorecard.criterion.{key}.metric"));
        let message = format!("this is a {kind}, which has no more or less");
        source.error(span, "wrong-type", message).with("a number, money, a ratio or a duration", None);
        return;
    }
    let none = Facts::new();
    let mut below = None;
    for (place, band) in criterion.bands.iter().enumerate() {
        let path = format!("scorecard.criterion.{key}.bands[{place}]");
        let Some(from) = &band.from else {
            if place > 0 {
                let span = source.place(&path);
                let message = "only the first band has no `from`; this one overlaps with those before";
                source.error(span, "open-band", message).with("`from`", None);
            }
            continue;
        };
        let span = source.place(&format!("{path}.from"));
        match expr::check(from.tree(), scope) {
            Ok(found) if found != kind => {
                let message = format!("this is {found}, but what is scored is {kind}");
                source.error(span, "wrong-type", message).with(kind.described(), None);
                continue;
            }
            Err(_) => continue,
            Ok(_) => {}
        }
        if !from.metrics().is_empty() {
            let message = "a band starts at a fixed value";
            source.error(span, "wrong-type", message).with(kind.described(), None);
            continue;
        }
        let value = compute(from.tree(), &none);
        if below.as_ref().is_some_and(|below| !expr::is_more(&value, below)) {
            let shown = below.as_ref().map(expr::Value::pretty).unwrap_or_default();
            let message = format!("this band overlaps with the one before, which starts at {shown}");
            source.error(span, "unordered-bands", message).with(format!("more than {shown}"), None);
        }
        below = Some(value);
    }
}

/// Weights name criteria, add up to all of it, and come one after the other.
fn weights(source: &mut Source<'_>, rubric: &Rubric) {
    if rubric.weights.is_empty() && !rubric.criterion.is_empty() {
        let message = "the criteria have no weights, so that there is no total";
        source.error(0..0, "missing-key", message).with("`[[scorecard.weights]]`", None);
    }
    let mut days = BTreeSet::new();
    for (place, weights) in rubric.weights.iter().enumerate() {
        let path = format!("scorecard.weights[{place}]");
        if !days.insert(weights.from) {
            let span = source.place(&format!("{path}.from"));
            let message = format!("other weights already apply from {} on", weights.from);
            source.error(span, "duplicate-key", message).with("another day", None);
        }
        let mut sum = 0;
        for (key, weight) in &weights.of {
            sum += weight.scaled;
            if !rubric.criterion.contains_key(key) {
                let span = source.place(&format!("{path}.of.{key}"));
                let names = || rubric.criterion.keys().map(String::as_str);
                let message = format!("there is no criterion `{key}`");
                let near = nearest(key, names()).map(str::to_owned);
                source.error(span, "unknown-name", message).with(one_of(names()), near);
            }
        }
        if sum != Rate::ONE.scaled {
            let span = source.place(&format!("{path}.of"));
            let message = format!("the weights add up to {}", Rate { scaled: sum });
            source.error(span, "bad-weights", message).with("100% together", None);
        }
    }
}
