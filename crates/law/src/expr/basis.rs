//! What a program says beyond its rules that rules depend on: calendar, computed metrics, markets, rates, scorecard.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use kernel::{Currency, Timestamp};
use serde::{Deserialize, Serialize};

use super::number::Number;
use super::time::Calendar;
use super::value::{Amount, Value};
use crate::model::{ComputedMetric, ExchangeRate, FactKind, Market, Rubric};

/// What rules depend on in a program. It is stored with the terms of a decision, so that the decision can be recomputed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Basis {
    /// The program's currency, through which rates are chained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// An IANA name; empty for UTC.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub time_zone: String,
    /// The first month of the fiscal year; 0 is taken as January.
    #[serde(default)]
    pub fiscal_year_start: i8,
    /// Computed metrics by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, ComputedMetric>,
    /// The metric that says in which country a partner is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub market_by: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub markets: BTreeMap<String, Market>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rates: Vec<ExchangeRate>,
    #[serde(default, skip_serializing_if = "Rubric::is_empty")]
    pub scorecard: Rubric,
    /// Kinds of facts that the program records, by the name of their set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, FactKind>,
}

static NONE: LazyLock<Basis> = LazyLock::new(Basis::default);

impl Basis {
    /// A program that says nothing beyond its rules.
    pub fn none() -> &'static Self {
        &NONE
    }

    pub fn is_none(&self) -> bool {
        self == Self::none()
    }

    pub fn calendar(&self) -> Calendar {
        let zone = if self.time_zone.is_empty() {
            TimeZone::UTC
        } else {
            TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
        };
        Calendar::new(zone, self.fiscal_year_start.clamp(1, 12))
    }

    /// The market of a country: the one that lists it, or the one that lists none.
    pub fn market(&self, country: &str) -> Option<(&str, &Market)> {
        let listed = |(_, market): &(&String, &Market)| market.countries.iter().any(|listed| listed == country);
        let rest = |(_, market): &(&String, &Market)| market.countries.is_empty();
        let found = self.markets.iter().find(listed).or_else(|| self.markets.iter().find(rest));
        found.map(|(key, market)| (key.as_str(), market))
    }

    /// An amount in another currency at the rate that was valid at an instant; exact, so a fraction of a cent may remain.
    pub fn convert(&self, amount: Amount, to: Currency, at: Timestamp) -> Value {
        if amount.currency == to {
            return Value::Money(amount);
        }
        let day = self.calendar().day(at);
        let direct = |from, to| {
            let newest = |from, to| {
                let valid = |rate: &&ExchangeRate| rate.from == from && rate.to == to && rate.valid_from <= day;
                self.rates.iter().filter(valid).max_by_key(|rate| rate.valid_from)
            };
            if let Some(rate) = newest(from, to) {
                return Some(rate.rate);
            }
            newest(to, from).and_then(|rate| Number::whole(1).checked_div(rate.rate))
        };
        let through = |middle| direct(amount.currency, middle)?.checked_mul(direct(middle, to)?);
        let rate = direct(amount.currency, to).or_else(|| self.currency.and_then(through));
        let Some(rate) = rate else {
            return Value::unknown(format!("there is no rate from {} to {to} on {day}", amount.currency));
        };
        let scale = |number: Number| {
            let (from, to) = (Number::power_of_ten(amount.currency.exponent()), Number::power_of_ten(to.exponent()));
            number.checked_mul(to)?.checked_div(from)
        };
        match amount.minor.checked_mul(rate).and_then(scale) {
            Some(minor) => Value::Money(Amount { minor, currency: to }),
            None => Value::unknown(format!("{amount} in {to} is too large to compute")),
        }
    }
}
