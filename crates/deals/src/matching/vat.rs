//! VAT numbers: normalized, checked by country, so that only a number that can exist counts as proof.

use super::identity::Doubt;
use super::name::latin;
use super::register::is_filler;

/// A number with its prefix, such as `DE136695976`. `country` fills in a prefix that was left out.
pub(super) fn number(written: &str, country: Option<&str>) -> Result<String, Doubt> {
    let doubt = |rule: String| Doubt::new("vat_number", written, &rule);
    let key: String = latin(written).split(' ').collect::<String>().to_uppercase();
    if key.len() > 24 {
        return Err(doubt("a VAT number has at most 24 letters and digits".to_owned()));
    }
    if is_filler(&key) {
        return Err(doubt(
            "one digit repeated stands for a number that nobody looked up; leave it empty instead".to_owned(),
        ));
    }
    let prefixed = key
        .get(..2)
        .filter(|prefix| prefix.bytes().all(|b| b.is_ascii_uppercase()))
        .map(|prefix| (canonical_prefix(prefix), &key[2..]));
    if let Some((prefix, body)) = prefixed
        && (is_checked(prefix) || country.is_some_and(|c| canonical_prefix(c) == prefix))
        && let Some(body) = body_of(prefix, body)
    {
        return Ok(format!("{prefix}{body}"));
    }
    let Some(country) = country.map(canonical_prefix) else {
        return Err(doubt(match prefixed {
            Some((prefix, _)) if is_checked(prefix) => broken(prefix),
            _ => "a VAT number begins with its country, such as `DE136695976`".to_owned(),
        }));
    };
    match body_of(country, &key) {
        Some(body) => Ok(format!("{country}{body}")),
        None => Err(doubt(broken(country))),
    }
}

fn broken(prefix: &str) -> String {
    format!("it does not have the form or the check digits of a VAT number of {prefix}; compare it with an invoice")
}

/// Where the ISO code and the VAT prefix differ, we use the VAT prefix of Greece and the ISO code of Switzerland.
fn canonical_prefix(prefix: &str) -> &str {
    match prefix {
        "GR" => "EL",
        "UK" => "GB",
        other => other,
    }
}

/// The country whose number this is.
pub(super) fn country_of(number: &str) -> Option<&str> {
    match number.get(..2)? {
        "EL" => Some("GR"),
        "XI" => Some("GB"),
        other => Some(other),
    }
}

fn is_checked(prefix: &str) -> bool {
    const CHECKED: &str =
        "AT BE BG CH CY CZ DE DK EE EL ES FI FR GB HR HU IE IT LT LU LV MT NL NO PL PT RO SE SI SK XI";
    CHECKED.split(' ').any(|known| known == prefix)
}

/// The number after its prefix in its one normal form, if it can exist.
fn body_of(prefix: &str, raw: &str) -> Option<String> {
    let body = match prefix {
        "CH" => {
            let raw = raw.strip_prefix('E').unwrap_or(raw);
            ["MWST", "TVA", "IVA", "VAT"].iter().find_map(|tail| raw.strip_suffix(tail)).unwrap_or(raw)
        }
        "NO" => raw.strip_suffix("MVA").unwrap_or(raw),
        _ => raw,
    };
    // A Belgian number of nine digits is one from before 2005 without its leading zero.
    if prefix == "BE" && body.len() == 9 {
        return body_of(prefix, &format!("0{body}"));
    }
    let sound = if is_checked(prefix) {
        passes(prefix, body).unwrap_or(false)
    } else {
        body.len() >= 4 && body.bytes().filter(u8::is_ascii_digit).count() >= 4
    };
    sound.then(|| body.to_owned())
}

fn digits(text: &str) -> Option<Vec<u32>> {
    text.chars().map(|c| c.to_digit(10)).collect()
}

fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(d, w)| d * w).sum()
}

fn value(digits: &[u32]) -> u64 {
    digits.iter().fold(0, |n, d| n * 10 + u64::from(*d))
}

/// Form and check digits by country; `None` where the form is already wrong.
fn passes(prefix: &str, body: &str) -> Option<bool> {
    Some(match prefix {
        "AT" => {
            let d = sized(body.strip_prefix('U')?, 8)?;
            let sum: u32 =
                d[..7].iter().enumerate().map(|(i, d)| if i % 2 == 0 { *d } else { d * 2 / 10 + d * 2 % 10 }).sum();
            d[7] == (10 - (sum + 4) % 10) % 10
        }
        "CY" => cyprus(body)?,
        "ES" => {
            let inner = body.get(1..8)?;
            body.len() == 9 && inner.bytes().all(|b| b.is_ascii_digit()) && body.bytes().any(|b| b.is_ascii_uppercase())
        }
        "FR" => france(body)?,
        "IE" => ireland(body)?,
        "NL" => netherlands(body)?,
        "LV" => sized(body, 11).is_some(),
        "CZ" => match body.len() {
            8 => {
                let d = digits(body)?;
                let check = 11 - weighted(&d[..7], &[8, 7, 6, 5, 4, 3, 2]) % 11;
                d[7] == if check >= 10 { check - 10 } else { check }
            }
            9 | 10 => digits(body).is_some(),
            _ => false,
        },
        "LT" if body.len() == 12 => digits(body).is_some(),
        "BG" if body.len() == 10 => digits(body).is_some(),
        _ => return passes_digits(prefix, &digits(body)?),
    })
}

fn sized(text: &str, length: usize) -> Option<Vec<u32>> {
    digits(text).filter(|d| d.len() == length)
}

/// How many digits a number may have, and the check that they pass.
type DigitRule = (&'static [usize], fn(&[u32]) -> bool);

/// The countries whose numbers are digits only.
fn passes_digits(prefix: &str, d: &[u32]) -> Option<bool> {
    let (lengths, check): DigitRule = match prefix {
        "BE" => (&[10], |d| d[0] <= 1 && value(&d[..8]) % 97 + value(&d[8..]) == 97),
        "BG" => (&[9], |d| twice_weighted(d, &[1, 2, 3, 4, 5, 6, 7, 8], &[3, 4, 5, 6, 7, 8, 9, 10])),
        "CH" => (&[9], |d| eleven(d, &[5, 4, 3, 2, 7, 6, 5, 4])),
        "DE" => (&[9], iso_7064),
        "DK" => (&[8], |d| weighted(d, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)),
        "EE" => (&[9], |d| ten(d, &[3, 7, 1, 3, 7, 1, 3, 7])),
        "EL" => (&[9], |d| weighted(d, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == d[8]),
        "FI" => (&[8], |d| eleven(d, &[7, 9, 10, 5, 8, 4, 2])),
        "GB" | "XI" => (&[9, 12], united_kingdom),
        "HR" => (&[11], iso_7064),
        "HU" => (&[8], |d| ten(d, &[9, 7, 3, 1, 9, 7, 3])),
        "IT" => (&[11], luhn),
        "LT" => (&[9], |d| twice_weighted(d, &[1, 2, 3, 4, 5, 6, 7, 8], &[3, 4, 5, 6, 7, 8, 9, 1])),
        "LU" => (&[8], |d| value(&d[..6]) % 89 == value(&d[6..])),
        "MT" => (&[8], |d| u64::from(37 - weighted(&d[..6], &[3, 4, 6, 7, 8, 9]) % 37) == value(&d[6..])),
        "NO" => (&[9], |d| eleven(d, &[3, 2, 7, 6, 5, 4, 3, 2])),
        "PL" => (&[10], |d| weighted(&d[..9], &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == d[9]),
        "PT" => (&[9], |d| {
            let check = 11 - weighted(&d[..8], &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
            d[8] == if check >= 10 { 0 } else { check }
        }),
        "RO" => (&[4, 5, 6, 7, 8, 9, 10], |d| {
            let (last, head) = (d[d.len() - 1], &d[..d.len() - 1]);
            let weights = &[7, 5, 3, 2, 1, 7, 5, 3, 2][9 - head.len()..];
            weighted(head, weights) * 10 % 11 % 10 == last
        }),
        "SE" => (&[12], |d| luhn(&d[..10])),
        "SI" => (&[8], |d| {
            let check = 11 - weighted(&d[..7], &[8, 7, 6, 5, 4, 3, 2]) % 11;
            check != 11 && d[7] == check % 10
        }),
        "SK" => (&[10], |d| value(d).is_multiple_of(11)),
        _ => return None,
    };
    Some(lengths.contains(&d.len()) && check(d))
}

/// The last digit makes the weighted sum a multiple of 11; a check of 10 is never issued.
fn eleven(d: &[u32], weights: &[u32]) -> bool {
    let check = (11 - weighted(&d[..weights.len()], weights) % 11) % 11;
    check != 10 && d[weights.len()] == check
}

fn ten(d: &[u32], weights: &[u32]) -> bool {
    d[weights.len()] == (10 - weighted(&d[..weights.len()], weights) % 10) % 10
}

fn twice_weighted(d: &[u32], first: &[u32], second: &[u32]) -> bool {
    let mut check = weighted(&d[..8], first) % 11;
    if check == 10 {
        check = weighted(&d[..8], second) % 11 % 10;
    }
    d[8] == check
}

fn luhn(d: &[u32]) -> bool {
    let sum: u32 = d.iter().rev().enumerate().map(|(i, d)| if i % 2 == 0 { *d } else { d * 2 / 10 + d * 2 % 10 }).sum();
    sum.is_multiple_of(10)
}

/// ISO 7064 mod 11, 10.
fn iso_7064(d: &[u32]) -> bool {
    let product = d[..d.len() - 1].iter().fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        2 * if sum == 0 { 10 } else { sum } % 11
    });
    (11 - product) % 10 == d[d.len() - 1]
}

fn united_kingdom(d: &[u32]) -> bool {
    let sum = weighted(&d[..7], &[8, 7, 6, 5, 4, 3, 2]) + d[7] * 10 + d[8];
    sum.is_multiple_of(97) || (sum + 55).is_multiple_of(97)
}

fn france(body: &str) -> Option<bool> {
    let (key, siren) = body.split_at_checked(2)?;
    let siren = sized(siren, 9)?;
    Some(match key.parse::<u64>() {
        Ok(key) => (12 + 3 * (value(&siren) % 97)) % 97 == key,
        Err(_) => key.bytes().all(|b| b.is_ascii_alphanumeric() && b != b'I' && b != b'O'),
    })
}

fn ireland(body: &str) -> Option<bool> {
    let d = sized(body.get(..7)?, 7)?;
    let letters = &body.as_bytes()[7..];
    let extra = match letters {
        [_] => 0,
        [_, b'W'] => 0,
        [_, second @ b'A'..=b'I'] => u32::from(second - b'A') + 1,
        _ => return None,
    };
    let sum = (weighted(&d, &[8, 7, 6, 5, 4, 3, 2]) + 9 * extra) % 23;
    Some(letters[0] == b"WABCDEFGHIJKLMNOPQRSTUV"[sum as usize])
}

fn netherlands(body: &str) -> Option<bool> {
    let (number, branch) = body.split_once('B')?;
    let d = sized(number, 9)?;
    let branch = sized(branch, 2)?;
    // Sole traders have a number checked by ISO 7064 mod 97, with N = 23, L = 21 and B = 11 written into it.
    let long = (value(&d) + 2_321_000_000_000) * 10_000 + 1_100 + value(&branch);
    let by_eleven = weighted(&d[..8], &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 == d[8];
    Some(by_eleven || long % 97 == 1)
}

fn cyprus(body: &str) -> Option<bool> {
    const ODD: [u32; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let d = sized(body.get(..8)?, 8)?;
    let sum: u32 = d.iter().enumerate().map(|(i, d)| if i % 2 == 0 { ODD[*d as usize] } else { *d }).sum();
    Some(body.as_bytes()[8..] == [b'A' + (sum % 26) as u8])
}
