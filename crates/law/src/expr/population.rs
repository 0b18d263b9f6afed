//! How a partner compares with all active partners in one metric, in a form small enough to be stored with each decision.
//!
//! The rule for ties: partners with the same figure share the better place, so that nobody is treated differently from
//! somebody with the same figure. A share such as the top 5% may therefore hold more partners than 5 of 100, and of fewer
//! than 20 partners it holds nobody.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::number::Number;
use super::ops::{arithmetic, ordering};
use super::tree::BinaryOp;
use super::value::Value;

/// How one partner compares with all others in one metric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Standing {
    /// Active partners, whether their figure is known or not.
    pub partners: u32,
    /// Those whose figure is known.
    pub known: u32,
    /// One more than the partners with a higher figure; absent if the partner's own is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<u32>,
    /// Partners with a lower figure.
    #[serde(default)]
    pub below: u32,
    /// The sum of all known figures.
    pub total: Value,
    /// The middle of the known figures.
    pub median: Value,
    /// By share such as `5%`: the least figure with which a partner is in it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub bars: BTreeMap<String, Value>,
}

/// The figures of all active partners in one metric, in order.
#[derive(Debug, Clone)]
pub struct Population {
    partners: u32,
    /// Highest first.
    ordered: Vec<Value>,
    total: Value,
    median: Value,
    bars: BTreeMap<String, Value>,
}

impl Population {
    /// Orders the figures of all active partners; `shares` are those that rules compare with, such as 5%.
    pub fn of(figures: impl IntoIterator<Item = Value>, shares: &[Number]) -> Self {
        let mut partners = 0;
        let mut ordered: Vec<Value> = Vec::new();
        for figure in figures {
            partners += 1;
            if figure == Value::Zero || matches!(figure.kind(), Some(kind) if kind.is_measured()) {
                ordered.push(figure);
            }
        }
        // Figures of one metric have one type; those in another currency cannot be placed among the others.
        if let Some(first) = ordered.first().cloned() {
            ordered.retain(|figure| ordering(figure, &first).is_some());
        }
        ordered.sort_by(|a, b| ordering(b, a).unwrap_or(std::cmp::Ordering::Equal));
        let total = ordered.iter().cloned().reduce(|sum, next| arithmetic(BinaryOp::Add, &sum, &next));
        let total = total.unwrap_or_else(|| Value::unknown("no partner has a figure yet"));
        let median = median_of_sorted(&ordered);
        let bar = |share: &Number| {
            let reach = share.checked_mul(Number::whole(i128::from(partners)))?.floor();
            let last = usize::try_from(reach).ok()?.checked_sub(1)?;
            // Fewer known figures than places: whoever has a figure at all is in.
            let bar = ordered.get(last).or_else(|| ordered.last())?;
            Some((Value::Ratio(*share).to_string(), bar.clone()))
        };
        let bars = shares.iter().filter_map(bar).collect();
        Self { partners, ordered, total, median, bars }
    }

    /// How a partner with this figure, which is among those given, compares with the others.
    pub fn standing(&self, figure: &Value) -> Standing {
        let known = self.ordered.len();
        let comparable = self.ordered.first().is_some_and(|first| ordering(first, figure).is_some());
        let is_higher = |other: &Value| ordering(other, figure) == Some(std::cmp::Ordering::Greater);
        let is_not_lower = |other: &Value| ordering(other, figure) != Some(std::cmp::Ordering::Less);
        let above = self.ordered.partition_point(is_higher);
        let below = known - self.ordered.partition_point(is_not_lower);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Standing {
            partners: self.partners,
            known: count(known),
            place: comparable.then(|| count(above + 1)),
            below: if comparable { count(below) } else { 0 },
            total: self.total.clone(),
            median: self.median.clone(),
            bars: self.bars.clone(),
        }
    }
}

impl Standing {
    /// The place among all active partners as a share of them: 5% is the fifth of a hundred.
    pub fn top_share(&self) -> Value {
        match self.place {
            Some(place) => Value::ratio(place, self.partners),
            None => unplaced(),
        }
    }

    /// The share of active partners with a lower figure.
    pub fn percentile_rank(&self) -> Value {
        match self.place {
            Some(_) => Value::ratio(self.below, self.partners),
            None => unplaced(),
        }
    }

    pub fn place(&self) -> Value {
        self.place.map_or_else(unplaced, Value::count)
    }

    pub fn average(&self) -> Value {
        mean(&self.total, i128::from(self.known))
    }
}

fn unplaced() -> Value {
    Value::unknown("the partner has no figure to be placed by")
}

/// A sum spread over so many; it keeps its unit.
pub(super) fn mean(sum: &Value, over: i128) -> Value {
    arithmetic(BinaryOp::Multiply, sum, &Value::ratio(1, over))
}

/// The middle value of a sorted list, or the middle between the two in the middle.
pub(super) fn median_of_sorted(ordered: &[Value]) -> Value {
    let half = ordered.len() / 2;
    match (ordered.get(half), half.checked_sub(1).and_then(|below| ordered.get(below))) {
        (None, _) => Value::unknown("there is nothing to take the median of"),
        (Some(middle), Some(other)) if ordered.len().is_multiple_of(2) => {
            let sum = arithmetic(BinaryOp::Add, middle, other);
            arithmetic(BinaryOp::Multiply, &sum, &Value::ratio(1, 2))
        }
        (Some(middle), _) => middle.clone(),
    }
}
