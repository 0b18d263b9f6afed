//! Values of the rule language: what metrics are worth, what literals say, what an evaluation returns.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use kernel::{Currency, Error, Money, Rate, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::number::Number;
use super::time::Span;
use super::types::Type;

/// What is known about a partner when a rule is evaluated: metric name and value. A name that is absent is unknown.
pub type Facts = BTreeMap<String, Value>;

/// A typed value. In JSON: `{"money": "EUR 80000.00"}`, `{"count": "12"}`, `{"unknown": "no survey yet"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    Money(Amount),
    Count(Number),
    Ratio(Number),
    /// In hours.
    Duration(Number),
    Text(String),
    Bool(bool),
    Instant(Timestamp),
    /// A span of the calendar in months.
    Months(i64),
    Period(Span),
    /// Nothing, in whatever unit it is compared with or added to: the sum of an empty list.
    Zero,
    /// Known not to be there, such as the day of winning of an open deal. It equals nothing, and is not more or less than
    /// anything.
    Absent,
    /// Not known, with the reason. Every comparison with it fails, and so does its negation.
    Unknown(String),
}

impl Value {
    pub fn count(count: impl Into<i128>) -> Self {
        Self::Count(Number::whole(count.into()))
    }

    /// The share `part` of `whole`; of nothing, it is unknown.
    pub fn ratio(part: impl Into<i128>, whole: impl Into<i128>) -> Self {
        match Number::fraction(part.into(), whole.into()) {
            Some(number) => Self::Ratio(number),
            None => Self::Unknown("there is nothing yet to take a share of".to_owned()),
        }
    }

    pub fn days(days: impl Into<i128>) -> Self {
        Self::Duration(Number::whole(days.into().saturating_mul(24)))
    }

    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn unknown(reason: impl Into<String>) -> Self {
        Self::Unknown(reason.into())
    }

    /// None if the value is unknown or absent, or nothing of any unit.
    pub const fn kind(&self) -> Option<Type> {
        Some(match self {
            Self::Money(_) => Type::Money,
            Self::Count(_) => Type::Count,
            Self::Ratio(_) => Type::Ratio,
            Self::Duration(_) => Type::Duration,
            Self::Text(_) => Type::Text,
            Self::Bool(_) => Type::Bool,
            Self::Instant(_) => Type::Instant,
            Self::Months(_) => Type::Months,
            Self::Period(_) => Type::Period,
            Self::Zero | Self::Absent | Self::Unknown(_) => return None,
        })
    }

    /// None of what the other measures, if this is nothing of any unit.
    pub(crate) fn in_unit_of(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Zero, Self::Money(amount)) => Self::Money(Amount { minor: Number::ZERO, ..*amount }),
            (Self::Zero, Self::Count(_)) => Self::Count(Number::ZERO),
            (Self::Zero, Self::Ratio(_)) => Self::Ratio(Number::ZERO),
            (Self::Zero, Self::Duration(_)) => Self::Duration(Number::ZERO),
            _ => self.clone(),
        }
    }

    /// The value as people read it: `EUR 80,000.00`, `33.33%`, `90 days`.
    pub fn pretty(&self) -> String {
        match self {
            Self::Money(amount) => {
                let currency = amount.currency;
                let exponent = currency.exponent();
                // Whole cents are the rule, and need no arithmetic.
                let major = amount.minor.shifted(exponent).unwrap_or_else(|| amount.major().rounded(exponent));
                format!("{currency} {}", grouped(&major))
            }
            Self::Count(number) => grouped(&short(*number)),
            Self::Ratio(number) => format!("{}%", grouped(&percent(*number))),
            Self::Duration(hours) => match days(*hours) {
                Some(days) => counted(days, "day"),
                None => counted(*hours, "hour"),
            },
            Self::Text(text) => format!("“{text}”"),
            Self::Bool(flag) => flag.to_string(),
            Self::Instant(at) => short_time(*at),
            Self::Months(months) => match months % 12 {
                0 if *months != 0 => counted(Number::whole(i128::from(months / 12)), "year"),
                _ => counted(Number::whole(i128::from(*months)), "month"),
            },
            Self::Period(span) => format!("{} to before {}", short_time(span.start), short_time(span.end)),
            Self::Zero => "0".to_owned(),
            Self::Absent => "not set".to_owned(),
            Self::Unknown(reason) => format!("not known ({reason})"),
        }
    }
}

/// The value as the rule language writes it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Money(amount) => write!(f, "{amount}"),
            Self::Count(number) => write!(f, "{number}"),
            Self::Ratio(number) => match number.checked_mul(Number::whole(100)) {
                Some(percent) => write!(f, "{percent}%"),
                None => write!(f, "{number}"),
            },
            Self::Duration(hours) => match days(*hours) {
                Some(days) => write!(f, "{days}d"),
                None => write!(f, "{hours}h"),
            },
            Self::Text(text) => write!(f, "{}", super::tree::quoted(text)),
            Self::Bool(flag) => write!(f, "{flag}"),
            Self::Instant(at) => write!(f, "timestamp(\"{at}\")"),
            Self::Months(months) if *months != 0 && months % 12 == 0 => write!(f, "{}y", months / 12),
            Self::Months(months) => write!(f, "{months}mo"),
            Self::Period(span) => write!(f, "{span}"),
            Self::Zero => f.write_str("0"),
            Self::Absent => f.write_str("absent"),
            Self::Unknown(reason) => write!(f, "unknown ({reason})"),
        }
    }
}

impl From<Money> for Value {
    fn from(money: Money) -> Self {
        Self::Money(money.into())
    }
}
impl From<Rate> for Value {
    fn from(rate: Rate) -> Self {
        Self::Ratio(Number::from_rate(rate))
    }
}
impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Self {
        Self::Instant(at)
    }
}
impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

/// An exact amount of money, which may be a fraction of a cent inside a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// In minor units (cents).
    pub minor: Number,
    pub currency: Currency,
}

impl Amount {
    /// In units of the currency (euros, not cents).
    fn major(self) -> Number {
        self.minor.checked_div(Number::power_of_ten(self.currency.exponent())).unwrap_or(self.minor)
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self { minor: Number::whole(money.minor), currency: money.currency }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = self.currency.exponent();
        let text = if self.minor.is_whole() { self.major().rounded(exponent) } else { self.major().to_string() };
        write!(f, "{} {text}", self.currency)
    }
}

impl FromStr for Amount {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = || Error::invalid("amount", format!("`{text}` is not an amount such as EUR 1250.00"));
        let (currency, number) = text.split_once(' ').ok_or_else(refuse)?;
        let currency: Currency = currency.parse()?;
        let minor =
            number.parse::<Number>()?.checked_mul(Number::power_of_ten(currency.exponent())).ok_or_else(refuse)?;
        Ok(Self { minor, currency })
    }
}

macro_rules! as_text {
    ($type:ty, $name:literal, $description:literal) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "description": $description })
            }
            fn inline_schema() -> bool {
                true
            }
        }
    };
}
as_text!(Number, "Number", "An exact number such as `12`, `0.5` or `1/3`");
as_text!(Amount, "Amount", "An exact amount such as `EUR 1250.00`");

/// `2026-03-01` where the time of day is midnight in UTC, the whole instant otherwise.
fn short_time(at: Timestamp) -> String {
    let text = at.to_string();
    text.strip_suffix("T00:00:00Z").map_or_else(|| text.clone(), str::to_owned)
}

fn days(hours: Number) -> Option<Number> {
    hours.checked_div(Number::whole(24)).filter(|days| days.is_whole())
}

fn counted(number: Number, unit: &str) -> String {
    let plural = if number == Number::whole(1) { "" } else { "s" };
    format!("{} {unit}{plural}", grouped(&short(number)))
}

/// At most two decimal places, without trailing zeros.
fn short(number: Number) -> String {
    let text = number.rounded(2);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn percent(ratio: Number) -> String {
    short(ratio.checked_mul(Number::whole(100)).unwrap_or(ratio))
}

/// `-1234567.80` becomes `-1,234,567.80`.
fn grouped(decimal: &str) -> String {
    let (sign, bare) = match decimal.strip_prefix('-') {
        Some(bare) => ("-", bare),
        None => ("", decimal),
    };
    let (whole, fraction) = match bare.find('.') {
        Some(point) => bare.split_at(point),
        None => (bare, ""),
    };
    let mut digits = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            digits.push(',');
        }
        digits.push(digit);
    }
    format!("{sign}{digits}{fraction}")
}
