//! `markets.toml`: classes of countries with their own thresholds and fees, and the rates between currencies.

use std::collections::BTreeMap;

use kernel::{Currency, Day, Rate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::benefits::BenefitValue;
use crate::expr::{Number, Value};

/// Classes of countries and rates between currencies (`markets.toml`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketsFile {
    /// The metric that says in which country a partner is.
    #[serde(default = "country")]
    pub by: String,
    /// Markets by key, such as `[market.emerging]`; the one without countries is everywhere else.
    #[serde(default)]
    pub market: BTreeMap<String, Market>,
    /// Rates between currencies, each from a day on.
    #[serde(default, rename = "exchange")]
    pub rates: Vec<ExchangeRate>,
}

impl Default for MarketsFile {
    fn default() -> Self {
        Self { by: country(), market: BTreeMap::new(), rates: Vec::new() }
    }
}

pub(crate) fn country() -> String {
    "country".to_owned()
}

/// Countries in which the same thresholds and fees apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Market {
    /// The name of the market for people.
    pub title: String,
    /// ISO 3166 codes of its countries, such as `IN`; none for all that are in no other market.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// What rules multiply thresholds with as `market.multiplier`.
    #[serde(default = "whole")]
    #[schemars(extend("format" = "rate", "examples" = ["60%"]))]
    pub multiplier: Rate,
    /// Further values that rules read as `market.NAME`, such as fees; every market has the same ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, BenefitValue>,
}

impl Market {
    /// What a rule reads as `market.NAME`.
    pub fn value(&self, name: &str) -> Option<Value> {
        if name == "multiplier" {
            return Some(self.multiplier.into());
        }
        self.values.get(name).map(|value| match value {
            BenefitValue::Flag(flag) => Value::Bool(*flag),
            BenefitValue::Count(count) => Value::count(*count),
            BenefitValue::Money(money) => (*money).into(),
            BenefitValue::Rate(rate) => (*rate).into(),
            BenefitValue::Text(text) => Value::text(text.clone()),
        })
    }
}

const fn whole() -> Rate {
    Rate::ONE
}

/// What one unit of a currency is worth in another from a day on, until the next rate of the pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExchangeRate {
    /// The currency that is converted.
    #[schemars(extend("format" = "currency"))]
    pub from: Currency,
    /// The currency that it is converted to; the way back uses the inverse.
    #[schemars(extend("format" = "currency"))]
    pub to: Currency,
    /// The first day on which the rate is valid.
    #[schemars(extend("format" = "date"))]
    pub valid_from: Day,
    /// Units of `to` for one unit of `from`, as a decimal text.
    #[schemars(extend("format" = "decimal", "examples" = ["0.92"]))]
    pub rate: Number,
}
