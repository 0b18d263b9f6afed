//! The journal as text that accounting tools read: hledger, ledger, beancount, CSV.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use kernel::app::ReadCx;
use kernel::{Currency, Day, Filter, Money, PageRequest, PartnerId, Query, Result, Route, Value, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::account::Account;
use super::queries::EntryListed;
use super::store;
use super::transfer::Phase;

/// Who reads the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    #[default]
    Hledger,
    Ledger,
    Beancount,
    Csv,
}

impl ExportFormat {
    pub const ALL: [Self; 4] = [Self::Hledger, Self::Ledger, Self::Beancount, Self::Csv];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Hledger => "hledger",
            Self::Ledger => "ledger",
            Self::Beancount => "beancount",
            Self::Csv => "csv",
        }
    }

    const fn ending(self) -> &'static str {
        match self {
            Self::Hledger => "journal",
            Self::Ledger => "ledger",
            Self::Beancount => "beancount",
            Self::Csv => "csv",
        }
    }
}

/// Export the journal for an accounting tool. A partner gets its own book.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ExportLedger {
    /// `hledger` unless told.
    #[serde(default)]
    pub format: ExportFormat,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// The first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// The first day that is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Day>,
}

/// A text with the name of its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exported {
    pub name: String,
    pub transfers: u64,
    pub text: String,
}

impl Query for ExportLedger {
    const NAME: &'static str = "ledger.export";
    const ROUTE: Route = get("/ledger/export");
    type Output = Exported;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Exported> {
        let mut entries: Vec<EntryListed> = Vec::new();
        let mut page = PageRequest { limit: Some(500), cursor: None, sort: Some("recorded".to_owned()) };
        loop {
            let filters = vec![
                Filter::Is("e.partner", self.partner.map(Value::from)),
                Filter::From("e.day", self.from.map(Value::from)),
                Filter::Before("e.day", self.before.map(Value::from)),
            ];
            let some = store::ENTRIES.page(cx.tx, &cx.scope, &page, filters, store::read_listed).await?;
            entries.extend(some.items);
            match some.next {
                Some(next) => page.cursor = Some(next),
                None => break,
            }
        }
        let partners: BTreeSet<PartnerId> = entries.iter().filter_map(|entry| entry.partner).collect();
        let ids: Vec<PartnerId> = partners.into_iter().collect();
        let names = partners::names(cx.tx, &cx.scope, &ids).await?;
        let journal = journal(entries, &names);
        let text = write(self.format, &journal);
        Ok(Exported { name: format!("ledger.{}", self.format.ending()), transfers: journal.len() as u64, text })
    }
}

/// A transfer as exports write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journaled {
    pub id: String,
    pub day: Day,
    pub kind: String,
    pub cause: String,
    pub summary: String,
    pub pending: bool,
    /// Account names in full, such as `Liabilities:Partners:Brandt-01J…:Payable`.
    pub sides: Vec<(String, Money)>,
}

fn journal(entries: Vec<EntryListed>, names: &BTreeMap<PartnerId, String>) -> Vec<Journaled> {
    let mut journal: BTreeMap<(Day, String), Journaled> = BTreeMap::new();
    for listed in entries {
        let id = listed.transfer.to_string();
        let partner = listed.partner.map(|partner| segment(names.get(&partner).map_or("", String::as_str), partner));
        let side = (path(&listed.entry.account, partner.as_deref()), listed.entry.amount);
        let begun = journal.entry((listed.day, id.clone())).or_insert_with(|| Journaled {
            id,
            day: listed.day,
            kind: listed.kind,
            cause: listed.cause,
            summary: listed.summary,
            pending: listed.phase == Phase::Pending,
            sides: Vec::new(),
        });
        begun.sides.push(side);
    }
    journal.into_values().collect()
}

/// A partner as a part of an account name that all four formats take: a letter first, then letters, digits, hyphens. The
/// end of its id tells partners of one name apart.
fn segment(name: &str, partner: PartnerId) -> String {
    let mut word: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    while word.contains("--") {
        word = word.replace("--", "-");
    }
    let word: String = word.trim_matches('-').chars().take(40).collect();
    let id = partner.to_string();
    let tail = id.chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect::<String>();
    format!("P-{word}-{tail}").replace("--", "-")
}

fn path(account: &Account, partner: Option<&str>) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_ascii_uppercase(), letters.as_str()))
    };
    let mut parts = vec![account.kind.root().to_owned()];
    match partner {
        Some(partner) => parts.extend(["Partners".to_owned(), partner.to_owned()]),
        None => parts.push("Program".to_owned()),
    }
    parts.push(capital(account.kind.name()));
    if let Some(name) = &account.name {
        parts.push(format!("B-{}", name.replace('_', "-")));
    }
    parts.join(":")
}

/// The journal in a format. Transfers come in the order of their days.
pub fn write(format: ExportFormat, journal: &[Journaled]) -> String {
    match format {
        ExportFormat::Hledger | ExportFormat::Ledger => plain(format, journal),
        ExportFormat::Beancount => beancount(journal),
        ExportFormat::Csv => csv(journal),
    }
}

/// Words on one line, without what starts a comment or another field.
fn tame(text: &str) -> String {
    let plain = |c: char| if c.is_control() || matches!(c, ';' | '|' | '"' | '\\') { ' ' } else { c };
    text.chars().map(plain).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// hledger and ledger share this much of their syntax: `*` for what counts, `!` for what is pending.
fn plain(format: ExportFormat, journal: &[Journaled]) -> String {
    let mut text = format!("; Concord ledger for {}\n", format.name());
    for currency in currencies(journal) {
        // Both tools learn the number of decimals from here.
        let sample = Money::new(100_000 * 10_i128.pow(currency.exponent()), currency).amount();
        let sample = if currency.exponent() == 0 { format!("{sample}.") } else { sample };
        let _ = match format {
            ExportFormat::Hledger => writeln!(text, "commodity {sample} {currency}"),
            _ => writeln!(text, "commodity {currency}\n    format {sample} {currency}"),
        };
    }
    if format == ExportFormat::Ledger {
        text.push_str("tag kind\ntag cause\n");
    }
    for account in accounts(journal).keys() {
        let _ = writeln!(text, "account {account}");
    }
    for transfer in journal {
        let mark = if transfer.pending { '!' } else { '*' };
        let _ = writeln!(text, "\n{} {mark} ({}) {}", transfer.day, transfer.id, tame(&transfer.summary));
        let _ = writeln!(text, "    ; kind: {}\n    ; cause: {}", tame(&transfer.kind), tame(&transfer.cause));
        for (account, amount) in &transfer.sides {
            let _ = writeln!(text, "    {account}  {} {}", amount.amount(), amount.currency);
        }
    }
    text
}

fn beancount(journal: &[Journaled]) -> String {
    let mut text = "; Concord ledger for beancount\noption \"title\" \"Concord\"\n".to_owned();
    for currency in currencies(journal) {
        let _ = writeln!(text, "option \"operating_currency\" \"{currency}\"");
    }
    for (account, first) in accounts(journal) {
        let _ = writeln!(text, "{first} open {account}");
    }
    for transfer in journal {
        let flag = if transfer.pending { '!' } else { '*' };
        let _ = writeln!(text, "\n{} {flag} \"{}\"", transfer.day, tame(&transfer.summary));
        let _ = writeln!(text, "  transfer: \"{}\"\n  kind: \"{}\"", transfer.id, tame(&transfer.kind));
        let _ = writeln!(text, "  cause: \"{}\"", tame(&transfer.cause));
        for (account, amount) in &transfer.sides {
            let _ = writeln!(text, "  {account}  {} {}", amount.amount(), amount.currency);
        }
    }
    text
}

fn csv(journal: &[Journaled]) -> String {
    let mut text = "day,transfer,state,kind,cause,summary,account,debit,credit,currency\r\n".to_owned();
    for transfer in journal {
        for (account, amount) in &transfer.sides {
            let positive = Money::new(amount.minor.abs(), amount.currency).amount();
            let (debit, credit) = if amount.minor > 0 { (positive, String::new()) } else { (String::new(), positive) };
            let state = if transfer.pending { "pending" } else { "posted" };
            let cells = [
                transfer.day.to_string(),
                transfer.id.clone(),
                state.to_owned(),
                transfer.kind.clone(),
                transfer.cause.clone(),
                transfer.summary.clone(),
                account.clone(),
                debit,
                credit,
                amount.currency.to_string(),
            ];
            let _ = write!(text, "{}\r\n", cells.map(|cell| quoted(&cell)).join(","));
        }
    }
    text
}

/// A cell after RFC 4180; text that a spreadsheet would run as a formula gets an apostrophe in front.
fn quoted(cell: &str) -> String {
    let cell = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

fn currencies(journal: &[Journaled]) -> BTreeSet<Currency> {
    journal.iter().flat_map(|transfer| transfer.sides.iter().map(|(_, amount)| amount.currency)).collect()
}

/// Every account with the first day on which it moves.
fn accounts(journal: &[Journaled]) -> BTreeMap<&str, Day> {
    let mut found: BTreeMap<&str, Day> = BTreeMap::new();
    for transfer in journal {
        for (account, _) in &transfer.sides {
            let first = found.entry(account).or_insert(transfer.day);
            *first = (*first).min(transfer.day);
        }
    }
    found
}
