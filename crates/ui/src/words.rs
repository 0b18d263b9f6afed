//! Turning names for programs into words for people.

/// `pending_approval` becomes `Pending approval`; text that already has words keeps its spelling.
pub fn humanize(name: &str) -> String {
    let last = name.rsplit('.').next().unwrap_or(name);
    let mut words = last.replace(['_', '-'], " ");
    if let Some(first) = words.chars().next() {
        let upper: String = first.to_uppercase().collect();
        words.replace_range(..first.len_utf8(), &upper);
    }
    for short in ["Id", "Url", "Vat", "Api", "Crm", "Mdf", "Sla"] {
        if words == short {
            return short.to_uppercase();
        }
        if let Some(rest) = words.strip_prefix(&format!("{short} ")) {
            return format!("{} {rest}", short.to_uppercase());
        }
    }
    words
}

/// 1234567 becomes `1,234,567`.
pub fn grouped(number: i128) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('−');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 deal`, `2 deals`: regular plurals only.
pub fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(i128::from(count)))
}
