//! Bands: shares that grow with the revenue reached, marginal or on the whole.

use kernel::money::divide_half_away;
use kernel::{Currency, Money, Rate};
use law::{Band, BandMode, BandTerms};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const SCALE: i128 = 10_i128.pow(Rate::PLACES);

/// One step of a computation: so much revenue at that rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BandPart {
    pub base: Money,
    pub rate: Rate,
}

/// The bands of a component, from the bottom up. An upper bound still belongs to its band.
#[derive(Debug, Clone, Copy)]
pub struct Ladder<'a> {
    bands: &'a [Band],
    mode: BandMode,
    currency: Currency,
}

impl<'a> Ladder<'a> {
    pub fn of(terms: &'a BandTerms, currency: Currency) -> Self {
        Self { bands: &terms.bands, mode: terms.mode, currency }
    }

    /// What the plan pays for that much revenue, in minor units, rounded once.
    pub fn pays(&self, reached: i128) -> i128 {
        // Less than nothing can only be reached by a correction; it mirrors what the same revenue would have earned.
        let (sign, reached) = (reached.signum(), reached.abs());
        let scaled = match self.mode {
            // The rate of a band that was reached some time before is not a function of the sum: see `priced`.
            BandMode::WholeBand | BandMode::Prospective | BandMode::PriorPeriod => {
                reached * self.rate_at(reached).scaled
            }
            BandMode::Marginal => self.slices(0, reached).map(|(base, rate)| base * rate.scaled).sum(),
        };
        sign * divide_half_away(scaled, SCALE)
    }

    /// The rate at which the next revenue is paid, where that follows from what was reached before it or in the period
    /// before; none where each line moves along the bands.
    pub fn priced(&self, before: i128, prior: i128) -> Option<Rate> {
        match self.mode {
            BandMode::Marginal | BandMode::WholeBand => None,
            BandMode::Prospective => Some(self.rate_at(before)),
            BandMode::PriorPeriod => Some(self.rate_at(prior)),
        }
    }

    /// What revenue earns that moves the sum reached from one amount to another.
    pub fn earns(&self, from: i128, to: i128) -> i128 {
        self.pays(to) - self.pays(from)
    }

    /// How that comes about, for people: the parts times their rates add up to it before rounding.
    pub fn parts(&self, from: i128, to: i128) -> Vec<BandPart> {
        let part = |base: i128, rate: Rate| BandPart { base: Money::new(base, self.currency), rate };
        match self.mode {
            BandMode::Marginal => {
                let sign = if to < from { -1 } else { 1 };
                self.slices(from.min(to), from.max(to)).map(|(base, rate)| part(sign * base, rate)).collect()
            }
            BandMode::WholeBand | BandMode::Prospective | BandMode::PriorPeriod => {
                let (before, after) = (self.rate_at(from), self.rate_at(to));
                let mut parts = vec![part(to - from, after)];
                if before != after && from != 0 {
                    // The new rate applies to what came before, too.
                    parts.push(part(from, Rate { scaled: after.scaled - before.scaled }));
                }
                parts
            }
        }
    }

    /// The rate of the band in which an amount lies.
    fn rate_at(&self, reached: i128) -> Rate {
        let fits = |band: &&Band| band.up_to.is_none_or(|bound| reached <= bound.minor);
        self.bands.iter().find(fits).or(self.bands.last()).map_or(Rate::ZERO, |band| band.rate)
    }

    /// The pieces of `[low, high)` that lie in each band.
    fn slices(&self, low: i128, high: i128) -> impl Iterator<Item = (i128, Rate)> + 'a {
        let mut bottom = i128::MIN;
        self.bands.iter().filter_map(move |band| {
            let top = band.up_to.map_or(i128::MAX, |bound| bound.minor);
            let (from, to) = (low.max(bottom), high.min(top));
            bottom = top;
            (from < to).then(|| (to - from, band.rate))
        })
    }
}
