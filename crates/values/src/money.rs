//! Exact money: integer minor units with an ISO 4217 currency, rates as decimals, one rounding per posted line.
//!
//! Rounding is half away from zero, which is symmetric for credits and debits (`RoundingStrategy::MidpointAwayFromZero`;
//! EN 16931 examples post 365.125 as 365.13). Splitting uses the largest remainder, so parts always add up to the whole.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Result};

/// An ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    pub const EUR: Currency = Currency(iso_currency::Currency::EUR);
    pub const USD: Currency = Currency(iso_currency::Currency::USD);
    pub const GBP: Currency = Currency(iso_currency::Currency::GBP);

    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Digits behind the decimal point: EUR 2, JPY 0, KWD 3.
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }

    pub fn symbol(self) -> String {
        self.0.symbol().to_string()
    }
}

impl FromStr for Currency {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        iso_currency::Currency::from_code(text)
            .map(Self)
            .ok_or_else(|| Error::invalid("currency", format!("`{text}` is not an ISO 4217 currency code such as EUR")))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Currency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.code().cmp(other.code())
    }
}
impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse()
            .map_err(|_| serde::de::Error::custom(format!("`{text}` is not an ISO 4217 currency code such as EUR")))
    }
}
impl JsonSchema for Currency {
    fn schema_name() -> Cow<'static, str> {
        "Currency".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217 code" })
    }
    fn inline_schema() -> bool {
        true
    }
}

/// An amount in whole minor units (cents) of one currency. Written as `EUR 1250.00`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    pub minor: i128,
    pub currency: Currency,
}

/// Amounts larger than this are refused on input: they fit the database and leave room for sums.
pub const LARGEST_MINOR: i128 = 1_000_000_000_000_000_000;

impl Money {
    pub const fn new(minor: i128, currency: Currency) -> Self {
        Self { minor, currency }
    }

    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// From a decimal such as `1250.00`; more digits than the currency has are refused, never rounded away.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self> {
        let refuse = |rule: String| Error::invalid("amount", rule);
        let decimal = Decimal::from_str_exact(amount.trim())
            .map_err(|_| refuse(format!("`{amount}` is not a decimal amount such as 1250.00")))?;
        let scaled = decimal
            .checked_mul(Decimal::from(10_i64.pow(currency.exponent())))
            .ok_or_else(|| refuse(format!("`{amount}` is too large")))?;
        if !scaled.fract().is_zero() {
            return Err(refuse(format!("`{amount}` has more digits than {currency} has ({})", currency.exponent())));
        }
        let minor = scaled.trunc().normalize().mantissa();
        if minor.abs() > LARGEST_MINOR {
            return Err(refuse(format!("`{amount}` is too large")));
        }
        Ok(Self { minor, currency })
    }

    pub fn checked_add(self, other: Self) -> Result<Self> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or_else(|| Error::internal("money overflow"))?;
        Ok(Self { minor, ..self })
    }

    pub fn checked_sub(self, other: Self) -> Result<Self> {
        self.checked_add(other.negated())
    }

    pub const fn negated(self) -> Self {
        Self { minor: -self.minor, currency: self.currency }
    }

    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// This amount times a rate, rounded once, half away from zero.
    pub fn times(self, rate: Rate) -> Self {
        let scale = 10_i128.pow(Rate::PLACES);
        Self { minor: divide_half_away(self.minor * rate.scaled, scale), currency: self.currency }
    }

    /// This amount times `part / whole`, rounded once, half away from zero; `whole` must not be zero.
    pub fn prorate(self, part: i128, whole: i128) -> Self {
        Self { minor: divide_half_away(self.minor * part, whole), currency: self.currency }
    }

    /// Splits by weights with the largest remainder; the parts add up to the whole, ties go to the earlier part.
    pub fn allocate(self, weights: &[u64]) -> Vec<Self> {
        let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
        if total == 0 {
            return weights.iter().map(|_| Self::zero(self.currency)).collect();
        }
        let sign = self.minor.signum();
        let whole = self.minor.abs();
        let mut shares: Vec<i128> = weights.iter().map(|w| whole * i128::from(*w) / total).collect();
        let mut order: Vec<usize> = (0..weights.len()).collect();
        order.sort_by_key(|i| std::cmp::Reverse(whole * i128::from(weights[*i]) % total));
        let missing = whole - shares.iter().sum::<i128>();
        for i in order.into_iter().take(missing as usize) {
            shares[i] += 1;
        }
        shares.into_iter().map(|minor| Self { minor: minor * sign, currency: self.currency }).collect()
    }

    /// The amount without its currency: `1250.00`.
    pub fn amount(self) -> String {
        let exponent = self.currency.exponent() as usize;
        let digits = format!("{:0width$}", self.minor.abs(), width = exponent + 1);
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        let sign = if self.minor < 0 { "-" } else { "" };
        if exponent == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }

    /// The amount for people: `€1,250.00`.
    pub fn pretty(self) -> String {
        let amount = self.amount();
        let (sign, bare) = amount.strip_prefix('-').map_or(("", amount.as_str()), |rest| ("−", rest));
        let (whole, fraction) = bare.split_once('.').map_or((bare, None), |(w, f)| (w, Some(f)));
        let mut grouped = String::new();
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let tail = fraction.map(|f| format!(".{f}")).unwrap_or_default();
        let symbol = self.currency.symbol();
        let gap = if symbol.chars().any(char::is_alphabetic) { "\u{a0}" } else { "" };
        format!("{sign}{symbol}{gap}{grouped}{tail}")
    }

    fn same_currency(self, other: Self) -> Result<()> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(Error::internal(format!("{} cannot be added to {}", other.currency, self.currency)))
    }
}

/// Integer division rounded half away from zero.
pub fn divide_half_away(numerator: i128, denominator: i128) -> i128 {
    let sign = numerator.signum() * denominator.signum();
    let (n, d) = (numerator.abs(), denominator.abs());
    sign * ((2 * n + d) / (2 * d))
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.amount())
    }
}
impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Money {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (currency, amount) = text.trim().split_once(' ').ok_or_else(|| {
            Error::invalid("amount", format!("`{text}` is not an amount with its currency such as EUR 1250.00"))
        })?;
        Self::parse(amount, currency.parse()?)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
impl JsonSchema for Money {
    fn schema_name() -> Cow<'static, str> {
        "Money".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "format": "money", "pattern": "^[A-Z]{3} -?[0-9]+(\\.[0-9]+)?$", "examples": ["EUR 1250.00"],
            "description": "ISO 4217 currency and exact decimal amount, such as `EUR 1250.00`"
        })
    }
    fn inline_schema() -> bool {
        true
    }
}

/// A dimensionless rate with up to eight decimal places, written `20%` or `0.2`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate {
    /// The rate times 10⁸.
    pub scaled: i128,
}

impl Rate {
    pub const PLACES: u32 = 8;
    pub const ZERO: Rate = Rate { scaled: 0 };
    pub const ONE: Rate = Rate { scaled: 100_000_000 };

    pub const fn percent(percent: i128) -> Self {
        Self { scaled: percent * 1_000_000 }
    }

    pub fn basis_points(self) -> i128 {
        self.scaled / 10_000
    }

    pub fn from_decimal(decimal: Decimal) -> Option<Self> {
        let scaled = decimal.checked_mul(Decimal::from(10_i64.pow(Self::PLACES)))?;
        let rounded = scaled.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        (rounded == scaled).then(|| Self { scaled: rounded.normalize().mantissa() })
    }

    fn decimal(self) -> Decimal {
        Decimal::from_i128_with_scale(self.scaled, Self::PLACES).normalize()
    }
}

impl FromStr for Rate {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refuse = || {
            Error::invalid(
                "rate",
                format!("`{text}` is not a rate such as 20% or 0.2, with at most eight decimal places"),
            )
        };
        let trimmed = text.trim();
        let (number, percent) = match trimmed.strip_suffix('%') {
            Some(number) => (number.trim_end(), true),
            None => (trimmed, false),
        };
        let decimal = Decimal::from_str_exact(number).map_err(|_| refuse())?;
        let decimal = if percent { decimal.checked_div(Decimal::ONE_HUNDRED).ok_or_else(refuse)? } else { decimal };
        if decimal.abs() > Decimal::from(1_000_000) {
            return Err(refuse());
        }
        Self::from_decimal(decimal).ok_or_else(refuse)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", (self.decimal() * Decimal::ONE_HUNDRED).normalize())
    }
}
impl fmt::Debug for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
impl JsonSchema for Rate {
    fn schema_name() -> Cow<'static, str> {
        "Rate".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "examples": ["20%"], "description": "A rate such as `20%` or `0.2`" })
    }
    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_read_and_write_exactly() {
        for (text, minor) in [("EUR 1250.00", 125_000), ("EUR -0.05", -5), ("JPY 300", 300), ("KWD 1.234", 1234)] {
            let money: Money = text.parse().unwrap();
            assert_eq!((money.minor, money.to_string().as_str()), (minor, text));
        }
        assert_eq!("EUR 1234567.8".parse::<Money>().unwrap().pretty(), "€1,234,567.80");
    }

    #[test]
    fn digits_that_the_currency_lacks_are_refused() {
        for text in ["EUR 1.001", "JPY 0.5", "EUR", "1.00", "XXQ 1", "EUR 1e3", "EUR 99999999999999999999"] {
            assert!(text.parse::<Money>().is_err(), "{text}");
        }
    }

    #[test]
    fn rounding_is_half_away_from_zero() {
        let cents = |minor| Money::new(minor, Currency::EUR);
        let half: Rate = "0.5".parse().unwrap();
        assert_eq!([cents(1), cents(-1), cents(3), cents(-3)].map(|m| m.times(half).minor), [1, -1, 2, -2]);
        assert_eq!(cents(36_512_500).times("0.001".parse().unwrap()).minor, 36_513);
    }

    proptest! {
        // covers: P7
        #[test]
        fn parts_add_up_to_the_whole(minor in -1_000_000_000i128..1_000_000_000, weights in prop::collection::vec(0u64..1000, 1..8)) {
            prop_assume!(weights.iter().sum::<u64>() > 0);
            let parts = Money::new(minor, Currency::EUR).allocate(&weights);
            prop_assert_eq!(parts.iter().map(|p| p.minor).sum::<i128>(), minor);
        }

        #[test]
        fn a_rate_reads_back_from_its_text(scaled in -100_000_000_000i128..100_000_000_000) {
            let rate = Rate { scaled };
            prop_assert_eq!(rate.to_string().parse::<Rate>().unwrap(), rate);
        }

        #[test]
        fn money_reads_back_from_its_text(minor in -LARGEST_MINOR..LARGEST_MINOR) {
            let money = Money::new(minor, Currency::USD);
            prop_assert_eq!(money.to_string().parse::<Money>().unwrap(), money);
        }
    }
}
