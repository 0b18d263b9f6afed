//! From the texts of a file to the texts that an operation takes: money, days, instants and words of a list.

use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use kernel::registry::Declaration;
use kernel::{Day, Error, Money, Result, Timestamp, input};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// How the file writes days and numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Formats {
    /// How days and instants are written, such as `%d.%m.%Y`; ISO 8601 is always understood.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<String>,
    /// Of instants without a zone.
    pub time_zone: String,
    /// `.` or `,`.
    pub decimal: String,
    /// Of amounts that name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

impl Default for Formats {
    fn default() -> Self {
        Self { dates: Vec::new(), time_zone: "UTC".to_owned(), decimal: ".".to_owned(), currency: None }
    }
}

impl Formats {
    pub fn check(&self) -> Result<()> {
        let wrong = |rule: String| Err(Error::invalid("mapping", rule));
        if !matches!(self.decimal.as_str(), "." | ",") {
            return wrong(format!("format.decimal is `{}`; use `.` or `,`", self.decimal));
        }
        if TimeZone::get(&self.time_zone).is_err() {
            return wrong(format!("format.time_zone is `{}`; use a name such as Europe/Berlin", self.time_zone));
        }
        if let Some(currency) = &self.currency
            && currency.parse::<kernel::money::Currency>().is_err()
        {
            return wrong(format!("format.currency is `{currency}`; use an ISO 4217 code such as EUR"));
        }
        Ok(())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    Money,
    Day,
    Instant,
    Choice(Vec<String>),
    Plain,
}

/// The fields of a target with what each takes.
#[derive(Debug, Clone)]
pub struct Shapes {
    fields: Vec<(String, Shape, bool)>,
}

impl Shapes {
    /// From the declarations of the operations that a row may run, by their names.
    pub fn of(declarations: &[&Declaration], without: &[&str]) -> Self {
        let mut shapes = Self { fields: Vec::new() };
        for declaration in declarations {
            shapes.walk(&declaration.input, &declaration.input, "", true);
        }
        shapes.fields.retain(|(name, _, _)| !without.contains(&name.as_str()));
        shapes
    }

    fn walk(&mut self, root: &Json, schema: &Json, prefix: &str, needed: bool) {
        let required: Vec<&str> =
            schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
        for (name, property) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            let inner = input::not_null(root, input::resolve(root, property));
            let needed = needed && required.contains(&name.as_str());
            if inner.get("properties").is_some() {
                self.walk(root, inner, &path, needed);
            } else if !self.has(&path) {
                self.fields.push((path, shape_of(inner), needed));
            }
        }
    }

    pub fn has(&self, field: &str) -> bool {
        self.fields.iter().any(|(name, _, _)| name == field)
    }

    pub fn names(&self) -> Vec<&str> {
        self.fields.iter().map(|(name, _, _)| name.as_str()).collect()
    }

    /// The fields that must be given.
    pub fn required(&self) -> Vec<&str> {
        self.fields.iter().filter(|(_, _, needed)| *needed).map(|(name, _, _)| name.as_str()).collect()
    }

    /// The text as the operation takes it, or what is wrong with it and what to do.
    pub fn read(
        &self,
        field: &str,
        text: &str,
        currency: Option<&str>,
        formats: &Formats,
    ) -> std::result::Result<String, String> {
        let text = text.trim();
        let shape = self.fields.iter().find(|(name, _, _)| name == field).map_or(&Shape::Plain, |(_, shape, _)| shape);
        if text.is_empty() {
            return Ok(String::new());
        }
        match shape {
            Shape::Money => money(text, currency, formats),
            Shape::Day => day(text, formats),
            Shape::Instant => instant(text, formats),
            Shape::Choice(words) => choice(text, words),
            Shape::Plain => Ok(text.to_owned()),
        }
    }
}

fn shape_of(schema: &Json) -> Shape {
    let words =
        |list: &Json| list.as_array().into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect();
    if let Some(list) = schema.get("enum") {
        return Shape::Choice(words(list));
    }
    if let Some(each) = schema.get("oneOf").and_then(Json::as_array) {
        let consts: Vec<String> = each
            .iter()
            .flat_map(|one| {
                let constant = one.get("const").and_then(Json::as_str).map(str::to_owned);
                constant.into_iter().chain(one.get("enum").map(words).unwrap_or_default())
            })
            .collect();
        if !consts.is_empty() {
            return Shape::Choice(consts);
        }
    }
    match schema.get("format").and_then(Json::as_str) {
        Some("money") => Shape::Money,
        Some("date") => Shape::Day,
        Some("date-time") => Shape::Instant,
        _ => Shape::Plain,
    }
}

fn choice(text: &str, words: &[String]) -> std::result::Result<String, String> {
    let plain = text.to_lowercase().replace([' ', '-'], "_");
    words.iter().find(|word| **word == plain).cloned().ok_or_else(|| {
        format!("is not one of {}; translate it with `values` in the mapping, or correct the cell", words.join(", "))
    })
}

/// `1.250,00 €`, `USD 12`, `$1,250.00` and the like.
fn money(text: &str, beside: Option<&str>, formats: &Formats) -> std::result::Result<String, String> {
    if text.parse::<Money>().is_ok() {
        return Ok(text.to_owned());
    }
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_uppercase();
    let symbol = [("€", "EUR"), ("£", "GBP"), ("¥", "JPY"), ("$", "USD")];
    let sign = symbol.iter().find(|(sign, _)| text.contains(sign)).map(|(_, code)| *code);
    let own = Some(letters.as_str()).filter(|letters| letters.len() == 3);
    let currency = own.or(beside).or(sign.filter(|code| *code != "USD")).or(formats.currency.as_deref()).or(sign);
    let currency = currency.ok_or("names no currency; set `format.currency` in the mapping, or a `currency_column`")?;
    let thousands = if formats.decimal == "," { '.' } else { ',' };
    let negative = text.contains('-') || (text.starts_with('(') && text.ends_with(')'));
    let mut digits = String::new();
    for character in text.chars() {
        match character {
            '0'..='9' => digits.push(character),
            _ if formats.decimal.starts_with(character) => digits.push('.'),
            _ if character == thousands || "'’-+()€£¥$".contains(character) => {}
            _ if character.is_whitespace() || character.is_ascii_alphabetic() => {}
            _ => return Err("is not an amount; write it like 1250.00".to_owned()),
        }
    }
    // Dots that group thousands look like decimals to a file that was said to use them.
    let grouped = text.split(thousands).skip(1).any(|group| {
        group.chars().take_while(char::is_ascii_digit).count() != 3
            && group.chars().next().is_some_and(|c| c.is_ascii_digit())
    });
    if grouped {
        return Err(format!("has `{thousands}` where no thousands end; set `format.decimal` in the mapping"));
    }
    // An amount has as many decimals as its currency, however many zeros the export writes.
    let mut written = format!("{currency} {}{digits}", if negative { "-" } else { "" });
    while written.parse::<Money>().is_err() && written.contains('.') && written.ends_with(['0', '.']) {
        written.pop();
    }
    written.parse::<Money>().map(|money| money.to_string()).map_err(|error| format!("is not an amount: {error}"))
}

fn day(text: &str, formats: &Formats) -> std::result::Result<String, String> {
    let head = text.split(['T', ' ']).next().unwrap_or(text);
    if let Ok(day) = head.parse::<Day>() {
        return Ok(day.to_string());
    }
    for format in &formats.dates {
        let parsed = strtime::parse(format, text).and_then(|time| time.to_date());
        if let Ok(date) = parsed {
            return Ok(date.to_string());
        }
    }
    Err(unread("a day", formats))
}

fn instant(text: &str, formats: &Formats) -> std::result::Result<String, String> {
    if text.parse::<Timestamp>().is_ok() {
        return Ok(text.to_owned());
    }
    let iso = text.parse::<DateTime>().ok().or_else(|| text.parse::<Date>().ok().map(|date| date.at(0, 0, 0, 0)));
    let own = || {
        formats.dates.iter().find_map(|format| {
            let time = strtime::parse(format, text).ok()?;
            time.to_datetime().ok().or_else(|| time.to_date().ok().map(|date| date.at(0, 0, 0, 0)))
        })
    };
    let zone = TimeZone::get(&formats.time_zone).map_err(|error| error.to_string())?;
    let local = iso.or_else(own).ok_or_else(|| unread("an instant", formats))?;
    let at = local.to_zoned(zone).map_err(|error| error.to_string())?;
    Ok(at.timestamp().to_string())
}

fn unread(what: &str, formats: &Formats) -> String {
    match formats.dates.as_slice() {
        [] => format!("is not {what} like 2026-03-31; say how the file writes it with `format.dates` in the mapping"),
        known => format!("is not {what} like {}; correct the cell or add to `format.dates`", known.join(" or ")),
    }
}
