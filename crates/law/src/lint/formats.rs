//! Texts with a format: amounts, rates, currencies, time zones, keys. Each refusal says what was probably meant.

use jiff::tz::TimeZone;
use kernel::{Currency, Day, Error, Money, Rate};
use toml::de::DeValue;

use crate::expr::Number;
use crate::model::BenefitValue;
use crate::nearest::nearest;

/// Why a text is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub code: &'static str,
    pub message: String,
    pub expected: &'static str,
    pub suggestion: Option<String>,
}

const MONEY: &str = "currency and amount such as \"EUR 1250.00\"";
const SHARE: &str = "a rate from 0% to 100% such as \"25%\"";
const KEY: &str = "at most 64 small letters, digits, `-` and `_`, beginning with a letter";

pub(super) fn key(text: &str) -> Result<(), Refusal> {
    if is_key(text) {
        return Ok(());
    }
    let lower = text.to_lowercase();
    let slug: String = lower.chars().map(|c| if fits_key(c) { c } else { '-' }).collect();
    let slug = slug.trim_matches(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit());
    Err(Refusal {
        code: "bad-key",
        message: format!("`{text}` cannot name anything"),
        expected: KEY,
        suggestion: is_key(slug).then(|| slug.to_owned()),
    })
}

fn is_key(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.len() <= 64 && text.chars().all(fits_key)
}

const fn fits_key(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_'
}

pub(super) fn money(text: &str, program: Option<Currency>) -> Result<(), Refusal> {
    let money: Money = text.parse().map_err(|error| Refusal {
        code: "bad-money",
        message: rule(&error),
        expected: MONEY,
        suggestion: money_meant(text, program),
    })?;
    match program {
        Some(currency) if currency != money.currency => Err(Refusal {
            code: "currency-mix",
            message: format!("the program reckons in {currency}, this is {}", money.currency),
            expected: "an amount in the program's currency",
            suggestion: Some(text.replacen(money.currency.code(), currency.code(), 1)),
        }),
        _ => Ok(()),
    }
}

/// Reads what people write instead: `€10,000.00`, `10000 EUR`, `EUR 10.000,00`.
fn money_meant(text: &str, program: Option<Currency>) -> Option<String> {
    let code: String = text.chars().filter(char::is_ascii_alphabetic).collect();
    let currency = match code.to_uppercase().as_str() {
        "" => program?,
        code => code.parse().ok().or(program)?,
    };
    let digits: String = text.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-')).collect();
    // The last separator is the decimal point if few digits follow, or if it is the only one and a point.
    let last = digits.rfind(['.', ',']);
    let only_point = digits.matches(['.', ',']).eq(["."]);
    let point = last.filter(|at| only_point || digits.len() - at <= 3);
    let (whole, fraction) = point.map_or((digits.as_str(), ""), |at| (&digits[..at], &digits[at + 1..]));
    let whole = whole.replace(['.', ','], "");
    let amount = if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") };
    let money = Money::parse(&amount, currency).ok()?;
    Some(money.to_string())
}

pub(super) fn share(text: &str) -> Result<(), Refusal> {
    let refuse = |message: String, suggestion| Refusal { code: "bad-rate", message, expected: SHARE, suggestion };
    let rate: Rate = text.parse().map_err(|error| {
        let digits: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
        let meant = format!("{digits}%");
        let valid = meant.parse::<Rate>().is_ok_and(|rate| rate <= Rate::ONE);
        refuse(rule(&error), valid.then_some(meant))
    })?;
    if rate < Rate::ZERO || rate > Rate::ONE {
        let meant = (!text.contains('%')).then(|| format!("{}%", text.trim()));
        let meant = meant.filter(|meant| share(meant).is_ok());
        return Err(refuse(format!("{rate} is not between nothing and all"), meant));
    }
    Ok(())
}

/// A rate that may be more than all of it.
pub(super) fn rate(text: &str) -> Result<(), Refusal> {
    let expected = "a rate such as \"60%\" or \"120%\"";
    let refuse = |message: String| Refusal { code: "bad-rate", message, expected, suggestion: None };
    match text.parse::<Rate>() {
        Ok(rate) if rate < Rate::ZERO => Err(refuse(format!("{rate} is less than nothing"))),
        Ok(_) => Ok(()),
        Err(error) => Err(refuse(rule(&error))),
    }
}

/// A decimal number above nothing.
pub(super) fn decimal(text: &str) -> Result<(), Refusal> {
    let expected = "a decimal number such as \"0.92\"";
    let refuse = |message: String, suggestion| Refusal { code: "bad-number", message, expected, suggestion };
    let comma = Some(text.replace(',', ".")).filter(|text| text.parse::<Number>().is_ok());
    match text.parse::<Number>() {
        Ok(number) if number <= Number::ZERO => Err(refuse(format!("{number} is not more than nothing"), None)),
        Ok(_) => Ok(()),
        Err(error) => Err(refuse(rule(&error), comma)),
    }
}

pub(super) fn date(text: &str) -> Result<(), Refusal> {
    match text.parse::<Day>() {
        Ok(_) => Ok(()),
        Err(error) => Err(Refusal {
            code: "bad-date",
            message: rule(&error),
            expected: "a day such as \"2026-03-01\"",
            suggestion: None,
        }),
    }
}

pub(super) fn currency(text: &str) -> Result<(), Refusal> {
    const COMMON: [&str; 20] = [
        "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "INR", "JPY", "KRW", "MXN", "NOK", "NZD",
        "PLN", "SEK", "SGD", "USD",
    ];
    let error = match text.parse::<Currency>() {
        Ok(_) => return Ok(()),
        Err(error) => error,
    };
    let upper = text.to_uppercase();
    let meant = match upper.parse::<Currency>() {
        Ok(currency) => Some(currency.code()),
        Err(_) => nearest(&upper, COMMON),
    };
    Err(Refusal {
        code: "bad-currency",
        message: rule(&error),
        expected: "an ISO 4217 code such as `EUR`",
        suggestion: meant.map(str::to_owned),
    })
}

pub(super) fn time_zone(text: &str) -> Result<(), Refusal> {
    if TimeZone::get(text).is_ok() {
        return Ok(());
    }
    let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    // `Berlin` is meant as `Europe/Berlin`.
    let city = |name: &&String| {
        let city = name.rsplit('/').next().unwrap_or_default();
        city.eq_ignore_ascii_case(&text.replace(' ', "_"))
    };
    let by_city = names.iter().find(city).map(String::as_str);
    let meant = by_city.or_else(|| nearest(text, names.iter().map(String::as_str)));
    Err(Refusal {
        code: "bad-time-zone",
        message: format!("`{text}` is not a time zone"),
        expected: "an IANA name such as `Europe/Berlin`",
        suggestion: meant.map(str::to_owned),
    })
}

pub(super) fn benefit(value: &DeValue<'_>, program: Option<Currency>) -> Result<BenefitValue, Refusal> {
    let expected = "a whole number, true or false, a rate \"25%\", an amount \"EUR 1250.00\" or a word";
    let refuse = |code, message: String| Refusal { code, message, expected, suggestion: None };
    match value {
        DeValue::Boolean(flag) => Ok(BenefitValue::Flag(*flag)),
        DeValue::Integer(number) => {
            let count = i64::from_str_radix(&number.as_str().replace('_', ""), number.radix());
            let count = count.ok().filter(|count| *count >= 0);
            count.map(BenefitValue::Count).ok_or_else(|| refuse("out-of-range", "a benefit counts from 0".to_owned()))
        }
        DeValue::String(text) => {
            match BenefitValue::from_text(text) {
                Ok(BenefitValue::Money(_)) => money(text, program)?,
                Ok(BenefitValue::Rate(_)) => share(text)?,
                Ok(_) => {}
                Err(_) if text.ends_with('%') => share(text)?,
                Err(_) => money(text, program)?,
            }
            BenefitValue::from_text(text).map_err(|message| refuse("bad-benefit", message))
        }
        _ => Err(refuse("wrong-type", "a benefit has no such value".to_owned())),
    }
}

/// What was probably meant by a value of the wrong type.
pub(super) fn converted(wanted: &str, format: &str, written: &str, program: Option<Currency>) -> Option<String> {
    let bare = written.trim_matches(['"', '\'']);
    match (wanted, format) {
        ("string", "money") => money_meant(bare, program).map(|money| format!("\"{money}\"")),
        ("string", "share") => {
            let rate: Rate = bare.parse().ok()?;
            let meant = if rate > Rate::ONE { format!("{bare}%") } else { rate.to_string() };
            share(&meant).is_ok().then(|| format!("\"{meant}\""))
        }
        ("string", _) if !bare.contains(['\n', '[', '{']) => Some(format!("\"{bare}\"")),
        ("integer", _) => bare.parse::<i64>().ok().map(|number| number.to_string()),
        ("boolean", _) => matches!(bare, "true" | "false").then(|| bare.to_owned()),
        ("array", _) if !written.contains('\n') => Some(format!("[{written}]")),
        _ => None,
    }
}

/// The rule that a value breaks, without the name of the field.
pub(super) fn rule(error: &Error) -> String {
    match error {
        Error::Invalid(fields) if !fields.is_empty() => fields[0].rule.clone(),
        other => other.to_string(),
    }
}
