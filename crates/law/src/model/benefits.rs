//! What a tier grants: a benefit has a key, and in each tier a value of its type.

use std::fmt;

use kernel::{Money, Rate};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::expr::Type;

/// A benefit that this program adds to the standard ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Benefit {
    /// The name of the benefit for people.
    pub title: String,
    /// The type of its value in every tier.
    pub kind: Type,
    /// What the partner gets.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// The value of a benefit in one tier: `25`, `true`, `"25%"`, `"EUR 10000.00"` or a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(extend("format" = "benefit"))]
pub enum BenefitValue {
    /// Yes or no.
    Flag(bool),
    /// A number of things.
    Count(i64),
    /// An amount such as `EUR 10000.00`.
    Money(#[schemars(extend("format" = "money"))] Money),
    /// A share such as `25%`.
    Rate(#[schemars(extend("format" = "share"))] Rate),
    /// A word such as `priority`.
    Text(String),
}

impl BenefitValue {
    /// Reads a text as the benefit value that it looks like; the error says what is wrong with a look-alike.
    pub fn from_text(text: &str) -> Result<Self, String> {
        if looks_like_money(text) {
            let money = text.parse::<Money>().map_err(|error| error.to_string())?;
            return Ok(Self::Money(money));
        }
        if text.ends_with('%') {
            let rate = text.parse::<Rate>().map_err(|error| error.to_string())?;
            return Ok(Self::Rate(rate));
        }
        Ok(Self::Text(text.to_owned()))
    }

    pub const fn kind(&self) -> Type {
        match self {
            Self::Flag(_) => Type::Bool,
            Self::Count(_) => Type::Count,
            Self::Money(_) => Type::Money,
            Self::Rate(_) => Type::Ratio,
            Self::Text(_) => Type::Text,
        }
    }
}

/// `EUR 1…` or `EUR -1…`: meant as money even if it is malformed.
pub(crate) fn looks_like_money(text: &str) -> bool {
    let Some((code, amount)) = text.split_once(' ') else {
        return false;
    };
    let amount = amount.trim_start().trim_start_matches('-');
    code.len() == 3
        && code.bytes().all(|byte| byte.is_ascii_uppercase())
        && amount.starts_with(|first: char| first.is_ascii_digit())
}

impl fmt::Display for BenefitValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(true) => f.write_str("yes"),
            Self::Flag(false) => f.write_str("no"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Money(money) => write!(f, "{money}"),
            Self::Rate(rate) => write!(f, "{rate}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for BenefitValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Flag(bool),
            Count(i64),
            Text(String),
        }
        Ok(match Raw::deserialize(deserializer)? {
            Raw::Flag(flag) => Self::Flag(flag),
            Raw::Count(count) => Self::Count(count),
            Raw::Text(text) => Self::from_text(&text).map_err(serde::de::Error::custom)?,
        })
    }
}
