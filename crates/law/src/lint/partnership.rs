//! What only the typed partnership shows: weights that do not add up, thresholds in the wrong order, entries out of reach.

use kernel::Rate;

use super::source::Source;
use crate::model::{Partnership, Qualification};

pub(super) fn check(source: &mut Source<'_>, file: &Partnership) {
    if let Some(qualification) = &file.qualification {
        judged(source, qualification);
    }
    let mut everyone = None;
    for (place, entry) in file.cadence.iter().enumerate() {
        if let Some(first) = everyone {
            let span = source.place(&format!("cadence[{place}]"));
            let message = format!("this entry never decides, because entry {} fits every partner", first + 1);
            source.error(span, "unreachable", message).with("the entry for everyone at the end", None);
        } else if entry.tier.is_none() && entry.archetype.is_none() {
            everyone = Some(place);
        }
    }
}

fn judged(source: &mut Source<'_>, qualification: &Qualification) {
    let sum: i128 = qualification.criteria.iter().map(|criterion| criterion.weight.scaled).sum();
    if sum != Rate::ONE.scaled {
        let span = source.place("qualification.criterion[0].weight");
        let message = format!("the weights add up to {}", Rate { scaled: sum });
        source.error(span, "bad-weights", message).with("100% together", None);
    }
    for (place, criterion) in qualification.criteria.iter().enumerate() {
        if criterion.weight.scaled <= 0 {
            let span = source.place(&format!("qualification.criterion[{place}].weight"));
            let message = format!("a weight of {} counts for nothing", criterion.weight);
            source.error(span, "bad-weights", message).with("more than 0%", None);
        }
    }
    if qualification.recommend_from > Rate::ONE {
        let span = source.place("qualification.recommend_from");
        let message = format!("{} is more than the best possible total", qualification.recommend_from);
        source.error(span, "out-of-range", message).with("at most 100%", None);
    }
    if qualification.consider_from > qualification.recommend_from {
        let span = source.place("qualification.consider_from");
        let message = format!("it is above `recommend_from`, which is {}", qualification.recommend_from);
        source.error(span, "wrong-order", message).with("at most `recommend_from`", None);
    }
}
