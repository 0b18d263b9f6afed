//! What the program declares for its own rules: computed metrics with their types, markets, the scorecard.

use std::collections::BTreeMap;

use kernel::Currency;

use super::source::Source;
use crate::expr::{self, Catalog, Declared, Scope, Type};
use crate::model::{ComputedMetric, MarketsFile, MetricsFile};

/// Collects what the files declare; a metric in a cycle has no type, which is told at its formula.
pub(super) fn collect(sources: &mut [Source<'_>], catalog: &Catalog, currency: Option<Currency>) -> Declared {
    let mut declared = Declared::default();
    for source in sources.iter() {
        match source.file {
            "markets.toml" => {
                let file = toml::from_str::<MarketsFile>(source.text).ok();
                // What could not be read is told elsewhere; rates are taken to be there.
                declared.exchange = file.as_ref().is_none_or(|file| !file.rates.is_empty());
                declared.market = file.filter(|file| !file.market.is_empty()).map(|file| attributes(&file));
            }
            "scorecard.toml" => {
                let words = source.defined.get("scorecard.criterion").into_iter().flatten();
                declared.criteria = Some(words.map(|word| word.text.clone()).collect());
            }
            "metrics.toml" => {
                let words = source.defined.get("metric").into_iter().flatten();
                declared.metrics = words.map(|word| (word.text.clone(), None)).collect();
            }
            _ => {}
        }
    }
    let Some(source) = sources.iter_mut().find(|source| source.file == "metrics.toml") else {
        return declared;
    };
    names(source, catalog);
    let metrics = toml::from_str::<MetricsFile>(source.text).map(|file| file.metric).unwrap_or_default();
    let left = resolve(&metrics, &mut declared, catalog, currency);
    for name in &left {
        cycle(source, &metrics, name, &left);
    }
    for (name, metric) in &metrics {
        if let (Some(Some(found)), Some(wanted)) = (declared.metrics.get(name), metric.kind)
            && *found != wanted
        {
            let span = source.place(&format!("metric.{name}.kind"));
            let message = format!("the formula gives a {found}, not a {wanted}");
            source.error(span, "wrong-type", message).with(found.described(), Some(found.name().to_owned()));
        }
    }
    declared
}

/// What rules may read as `market.NAME`, with its type.
fn attributes(file: &MarketsFile) -> BTreeMap<String, Type> {
    let values = file.market.values().flat_map(|market| &market.values);
    let mut found: BTreeMap<String, Type> = values.map(|(name, value)| (name.clone(), value.kind())).collect();
    found.insert("multiplier".to_owned(), Type::Ratio);
    found.insert("key".to_owned(), Type::Text);
    found
}

/// A computed metric has a name of its own.
fn names(source: &mut Source<'_>, catalog: &Catalog) {
    let words = source.defined.get("metric").cloned().unwrap_or_default();
    for word in words {
        let taken = catalog.metrics.contains_key(&word.text) || catalog.sets.contains_key(&word.text);
        if taken || expr::is_reserved(&word.text) {
            let message = format!("`{}` already has a meaning in rules", word.text);
            source.error(word.span, "duplicate-key", message).with("another name", None);
        } else if word.text.contains('-') {
            let message = format!("`{}` would be read as a subtraction in rules", word.text);
            let instead = Some(word.text.replace('-', "_"));
            source.error(word.span, "bad-key", message).with("a name with `_`", instead);
        }
    }
}

/// Types the formulas, each after those that it reads; returns the metrics that wait for themselves.
fn resolve(
    metrics: &BTreeMap<String, ComputedMetric>,
    declared: &mut Declared,
    catalog: &Catalog,
    currency: Option<Currency>,
) -> Vec<String> {
    let mut waiting: Vec<&String> = metrics.keys().collect();
    loop {
        let (ready, later): (Vec<&String>, Vec<&String>) = waiting.iter().partition(|name| {
            let reads = metrics[name.as_str()].formula.metrics();
            !reads.iter().any(|read| waiting.iter().any(|other| other == read))
        });
        if ready.is_empty() {
            return later.into_iter().cloned().collect();
        }
        for name in ready {
            let scope = Scope { catalog, currency, declared };
            let kind = expr::check(metrics[name].formula.tree(), scope).ok();
            declared.metrics.insert(name.clone(), kind);
        }
        waiting = later;
    }
}

/// Tells a metric that is computed from itself, at the name that leads back to it.
fn cycle(source: &mut Source<'_>, metrics: &BTreeMap<String, ComputedMetric>, name: &str, left: &[String]) {
    let mut path = vec![name.to_owned()];
    if !leads_back(metrics, name, name, left, &mut path) {
        return;
    }
    let formula = &metrics[name].formula;
    let value = source.place(&format!("metric.{name}.formula"));
    let mut at = 0..0;
    formula.tree().walk(&mut |part| {
        if let expr::Node::Name(read) = &part.node
            && Some(read) == path.get(1)
            && at.is_empty()
        {
            at = part.span.clone();
        }
    });
    let span = source.inside(&value, formula.text(), &at);
    let message = format!("`{name}` is computed from itself: {}", path.join(" → "));
    source.error(span, "cycle", message).with("a formula that does not lead back to it", None);
}

fn leads_back(
    metrics: &BTreeMap<String, ComputedMetric>,
    from: &str,
    goal: &str,
    left: &[String],
    path: &mut Vec<String>,
) -> bool {
    let Some(metric) = metrics.get(from) else { return false };
    for read in metric.formula.metrics() {
        if read == goal {
            path.push(read.to_owned());
            return true;
        }
        if left.iter().any(|other| other == read) && !path.iter().any(|seen| seen == read) {
            path.push(read.to_owned());
            if leads_back(metrics, read, goal, left, path) {
                return true;
            }
            path.pop();
        }
    }
    false
}
