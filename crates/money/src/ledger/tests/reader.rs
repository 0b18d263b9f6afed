//! A strict reader of what exports write: anything outside of the subset that they use is an error.

use kernel::Money;

use crate::ledger::ExportFormat;

/// Day, state, account and amount of one side.
pub type Movement = (String, String, String, Money);

pub fn read(format: ExportFormat, text: &str) -> Result<Vec<Movement>, String> {
    match format {
        ExportFormat::Hledger => plain(text, false),
        ExportFormat::Ledger => plain(text, true),
        ExportFormat::Beancount => beancount(text),
        ExportFormat::Csv => csv(text),
    }
}

fn day(text: &str) -> Result<String, String> {
    text.parse::<kernel::Day>().map(|day| day.to_string()).map_err(|e| format!("{text}: {e}"))
}

fn amount(number: &str, currency: &str) -> Result<Money, String> {
    format!("{currency} {number}").parse().map_err(|e| format!("{number} {currency}: {e}"))
}

/// Parts of capitals, letters, digits and hyphens, each beginning with a capital, below one of the five roots.
fn account(text: &str) -> Result<String, String> {
    let mut parts = text.split(':');
    let root = parts.next().filter(|root| ["Assets", "Liabilities", "Expenses", "Income", "Equity"].contains(root));
    root.ok_or_else(|| format!("{text}: an unknown root"))?;
    for part in parts {
        let first = part.chars().next().ok_or_else(|| format!("{text}: an empty part"))?;
        if !first.is_ascii_uppercase() || !part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Err(format!("{text}: the part {part}"));
        }
    }
    Ok(text.to_owned())
}

fn state(mark: &str) -> Result<String, String> {
    match mark {
        "*" => Ok("posted".to_owned()),
        "!" => Ok("pending".to_owned()),
        other => Err(format!("the mark {other}")),
    }
}

/// Each transaction sums to nothing in each currency, as the tools themselves ask for.
fn balanced(movements: &[Movement]) -> Result<(), String> {
    let mut sums = std::collections::BTreeMap::new();
    for (.., amount) in movements {
        *sums.entry(amount.currency).or_insert(0) += amount.minor;
    }
    if sums.values().all(|sum| *sum == 0) { Ok(()) } else { Err(format!("{movements:?} does not balance")) }
}

fn plain(text: &str, ledger: bool) -> Result<Vec<Movement>, String> {
    let mut movements: Vec<Movement> = Vec::new();
    let mut current: Option<(String, String)> = None;
    let mut declared: Vec<String> = Vec::new();
    let mut begun = 0;
    for line in text.lines() {
        let fail = |what: &str| Err(format!("{what}: {line}"));
        if line.is_empty() {
            balanced(&movements[begun..])?;
            (current, begun) = (None, movements.len());
        } else if line.starts_with("; ") || (ledger && ["tag kind", "tag cause"].contains(&line)) {
            continue;
        } else if let Some(name) = line.strip_prefix("account ") {
            declared.push(account(name)?);
        } else if let Some(rest) = line.strip_prefix("commodity ") {
            let one_word = !rest.contains(' ');
            if one_word != ledger {
                return fail("a commodity");
            }
        } else if let Some(rest) = line.strip_prefix("    format ") {
            if !ledger || rest.split(' ').count() != 2 {
                return fail("a format");
            }
        } else if line.starts_with("    ; ") && current.is_some() {
            continue;
        } else if let Some(rest) = line.strip_prefix("    ") {
            let (name, rest) = rest.split_once("  ").ok_or_else(|| format!("two spaces: {line}"))?;
            let (number, currency) = rest.split_once(' ').ok_or_else(|| format!("an amount: {line}"))?;
            let (day, state) = current.clone().ok_or_else(|| format!("no transaction: {line}"))?;
            if !declared.iter().any(|known| known == name) {
                return fail("an account that was not declared");
            }
            movements.push((day, state, account(name)?, amount(number, currency)?));
        } else {
            let mut words = line.splitn(4, ' ');
            let mut next = || words.next().ok_or_else(|| format!("a transaction: {line}"));
            let (when, mark, code) = (day(next()?)?, state(next()?)?, next()?);
            if !code.starts_with('(') || !code.ends_with(')') || next()?.contains([';', '|']) {
                return fail("code or description");
            }
            current = Some((when, mark));
        }
    }
    balanced(&movements[begun..])?;
    Ok(movements)
}

fn beancount(text: &str) -> Result<Vec<Movement>, String> {
    let quoted =
        |word: &str| word.len() >= 2 && word.starts_with('"') && word.ends_with('"') && word.matches('"').count() == 2;
    let mut movements: Vec<Movement> = Vec::new();
    let mut current: Option<(String, String)> = None;
    let mut open: Vec<(String, String)> = Vec::new();
    let mut begun = 0;
    for line in text.lines() {
        let fail = |what: &str| Err(format!("{what}: {line}"));
        if line.is_empty() {
            balanced(&movements[begun..])?;
            (current, begun) = (None, movements.len());
        } else if line.starts_with("; ") || line.starts_with("option \"") {
            continue;
        } else if let Some(rest) = line.strip_prefix("  ") {
            let (when, mark) = current.clone().ok_or_else(|| format!("no transaction: {line}"))?;
            if let Some((key, value)) = rest.split_once(": ") {
                if !key.chars().all(|c| c.is_ascii_lowercase()) || !quoted(value) {
                    return fail("a metadatum");
                }
                continue;
            }
            let (name, rest) = rest.split_once("  ").ok_or_else(|| format!("two spaces: {line}"))?;
            let (number, currency) = rest.split_once(' ').ok_or_else(|| format!("an amount: {line}"))?;
            let name = account(name)?;
            if !open.iter().any(|(known, since)| *known == name && *since <= when) {
                return fail("an account that is not open");
            }
            movements.push((when, mark, name, amount(number, currency)?));
        } else {
            let (when, rest) = line.split_once(' ').ok_or_else(|| format!("a directive: {line}"))?;
            let when = day(when)?;
            match rest.split_once(' ') {
                Some(("open", name)) => open.push((account(name)?, when)),
                Some((mark @ ("*" | "!"), words)) if quoted(words) => current = Some((when, state(mark)?)),
                _ => return fail("a directive"),
            }
        }
    }
    balanced(&movements[begun..])?;
    Ok(movements)
}

fn csv(text: &str) -> Result<Vec<Movement>, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| e.to_string())?.iter().collect::<Vec<_>>().join(",");
    if header != "day,transfer,state,kind,cause,summary,account,debit,credit,currency" {
        return Err(header);
    }
    let row = |row: Result<csv::StringRecord, csv::Error>| {
        let row = row.map_err(|e| e.to_string())?;
        let cells: Vec<&str> = row.iter().collect();
        let amount = match (cells[7], cells[8]) {
            (debit, "") => amount(debit, cells[9])?,
            ("", credit) => amount(credit, cells[9])?.negated(),
            both => return Err(format!("{both:?}")),
        };
        Ok((day(cells[0])?, cells[2].to_owned(), account(cells[6])?, amount))
    };
    reader.records().map(row).collect()
}
