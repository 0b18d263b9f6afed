//! What forms and invitations say about a company, checked and brought into one form.

use kernel::{Error, FieldError, Result};

/// Every assigned ISO 3166-1 alpha-2 code, and `XK`, which banks and tax offices use for Kosovo.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI \
    FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR \
    IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM \
    MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT \
    PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM \
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// Collects what is wrong with an input, so that a form shows everything at once.
#[derive(Default)]
pub(crate) struct Faults(Vec<FieldError>);

impl Faults {
    /// The value, or its default with the fault noted.
    pub fn keep<T: Default>(&mut self, field: &str, checked: std::result::Result<T, String>) -> T {
        checked.unwrap_or_else(|rule| {
            self.0.push(FieldError { field: field.to_owned(), rule });
            T::default()
        })
    }

    pub fn done(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }
}

type Checked<T> = std::result::Result<T, String>;

fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

/// One line of 1 to `most` characters.
pub(crate) fn line(text: &str, most: usize) -> Checked<String> {
    let text = text.trim();
    let count = text.chars().count();
    if count == 0 || count > most || text.chars().any(char::is_control) {
        return Err(format!("takes 1 to {most} characters on one line"));
    }
    Ok(text.to_owned())
}

/// A line that may be left out; an empty one counts as left out.
pub(crate) fn optional_line(text: Option<&str>, most: usize) -> Checked<Option<String>> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(|text| line(text, most)).transpose()
}

/// Some lines of text, up to `most` characters.
pub(crate) fn prose(text: Option<&str>, most: usize) -> Checked<Option<String>> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.chars().count() > most || text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(format!("takes up to {most} characters of plain text"));
    }
    Ok(Some(text.to_owned()))
}

pub(crate) fn country(text: &str) -> Checked<String> {
    let code = text.trim().to_ascii_uppercase();
    if code.len() == 2 && COUNTRIES.split_ascii_whitespace().any(|known| known == code) {
        return Ok(code);
    }
    Err(format!("`{}` is not a country; use its two letters (ISO 3166), such as DE", shown(text)))
}

/// A host name such as `brandt.example`: lower case, without scheme, `www.`, port and path.
pub(crate) fn domain(text: &str) -> Checked<String> {
    let lower = text.trim().to_lowercase();
    let rest = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host).trim_end_matches('.');
    let label = |label: &str| {
        !label.is_empty()
            && label.chars().count() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let last_is_a_word = host.rsplit('.').next().is_some_and(|last| last.chars().any(char::is_alphabetic));
    if host.len() <= 253 && host.contains('.') && last_is_a_word && host.split('.').all(label) {
        return Ok(host.to_owned());
    }
    Err(format!("`{}` is not a domain; use the company's own, such as brandt.example", shown(text)))
}

pub(crate) fn email(text: &str) -> Checked<String> {
    let text = text.trim();
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>,;:\"()[]\\".contains(c);
    let fits = text.len() <= 254
        && !text.chars().any(odd)
        && text.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty() && !host.contains('@') && domain(host).is_ok_and(|d| d == host.to_lowercase())
        });
    if fits {
        return Ok(text.to_owned());
    }
    Err(format!("`{}` is not an e-mail address such as name@company.example", shown(text)))
}

/// The IANA name of a time zone; UTC if none is given.
pub(crate) fn time_zone(text: Option<&str>) -> Checked<String> {
    let Some(name) = text.map(str::trim).filter(|name| !name.is_empty()) else { return Ok("UTC".to_owned()) };
    match jiff::tz::TimeZone::get(name) {
        Ok(_) => Ok(name.to_owned()),
        Err(_) => Err(format!("`{}` is not a time zone; use an IANA name such as Europe/Berlin", shown(name))),
    }
}

/// What a search looks in and for: plain lower-case letters and digits, whatever the script or the accents.
pub(crate) fn search_key(texts: &[Option<&str>]) -> String {
    let mut key = String::new();
    for word in texts.iter().flatten().flat_map(|text| text.split_whitespace()) {
        let plain = deunicode::deunicode(word).to_lowercase();
        let plain = plain.trim_matches(|c: char| c.is_ascii_punctuation() && c != '&');
        if !plain.is_empty() {
            if !key.is_empty() {
                key.push(' ');
            }
            key.push_str(plain);
        }
    }
    key
}

#[cfg(test)]
mod tests;
