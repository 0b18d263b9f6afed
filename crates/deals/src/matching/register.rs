//! Company register numbers: the same number in the same country is the same company, if the number is complete.

use super::identity::Doubt;
use super::name::latin;

/// A register number as a key within its country.
pub(super) fn number(written: &str, country: Option<&str>) -> Result<String, Doubt> {
    let doubt = |rule: &str| Doubt::new("registration_number", written, rule);
    let mut key: String = latin(written).split(' ').collect::<String>().to_uppercase();
    if country == Some("DE") {
        key = german(&latin(written)).ok_or_else(|| {
            doubt("a German register number is unique only with its court; write it as `HRB 12345 München`")
        })?;
    }
    // Offices and people disagree about leading zeros.
    if key.bytes().all(|b| b.is_ascii_digit()) {
        key = key.trim_start_matches('0').to_owned();
    }
    if key.len() < 4 || key.len() > 40 {
        return Err(doubt("a register number has 4 to 40 letters and digits"));
    }
    if !key.bytes().any(|b| b.is_ascii_digit()) {
        return Err(doubt("a register number has digits in it"));
    }
    if is_filler(&key) {
        return Err(doubt("one digit repeated stands for a number that nobody looked up; leave it empty instead"));
    }
    if country.is_none() {
        return Err(doubt("a register number needs its country; give the customer's country"));
    }
    Ok(key)
}

/// `000000000` and its like.
pub(super) fn is_filler(number: &str) -> bool {
    let digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).collect();
    digits.len() >= 4 && digits.iter().all(|digit| *digit == digits[0])
}

/// Commercial registers are kept by courts, each of which counts from one: the court is part of the number.
fn german(spelled: &str) -> Option<String> {
    const REGISTERS: [&str; 5] = ["hrb", "hra", "gnr", "vr", "pr"];
    let packed: String = spelled.split(' ').collect();
    let Some((at, register)) = REGISTERS
        .iter()
        .filter_map(|register| {
            let at = packed
                .match_indices(register)
                .find(|(at, _)| packed[at + register.len()..].starts_with(|c: char| c.is_ascii_digit()))?;
            Some((at.0, *register))
        })
        .min()
    else {
        return Some(packed.to_uppercase());
    };
    let digits: String = packed[at + register.len()..].chars().take_while(char::is_ascii_digit).collect();
    let rest = format!("{}{}", &packed[..at], &packed[at + register.len() + digits.len()..]);
    let letters: String = rest.chars().filter(char::is_ascii_alphabetic).collect();
    let court = letters.replace("amtsgericht", "");
    if court.len() < 2 {
        return None;
    }
    Some(format!("{register}{}{court}", digits.trim_start_matches('0')).to_uppercase())
}
