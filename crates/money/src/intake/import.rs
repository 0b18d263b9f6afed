//! Import of files: CSV with a header, or one JSON object per line; every mistake is named by its line and column.

use kernel::{Access, Cx, Error, Money, Operation, Result, Route, Timestamp, post};
use law::RevenueKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::event::{Incoming, InvoiceEvent, InvoiceKind, Quantity, UsageEvent};
use super::record::{Booked, LARGEST_BATCH, Mode, RowProblem, identify, record};

/// Bytes of text in one call; longer files come in [`chunks`].
pub const LARGEST_TEXT: usize = 8 * 1024 * 1024;
/// Problems that are listed; more are only counted.
const MOST_LISTED: usize = 200;

/// How the file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Comma-separated, with a header line of field names.
    Csv,
    /// One JSON object per line.
    Jsonl,
}

/// What the file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Events {
    Usage,
    Invoices,
}

/// Import usage or invoice events from a CSV or JSON Lines text of up to 8 MB.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Import {
    /// Where the events come from; ids are unique within it.
    pub source: String,
    pub kind: Events,
    pub format: Format,
    /// The content of the file; columns are named as the fields of the events.
    #[schemars(extend("format" = "multiline"))]
    pub text: String,
    /// Only say what would be recorded.
    #[serde(default)]
    pub dry_run: bool,
}

/// What an import did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Imported {
    pub rows: usize,
    pub recorded: usize,
    pub duplicates: usize,
    pub conflicts: usize,
    pub dead_letters: usize,
    /// Lines that could not be read; nothing of them is kept.
    pub unreadable: usize,
    /// The first 200 problems, in the order of the file.
    pub problems: Vec<LineProblem>,
}

/// A line that was not recorded, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LineProblem {
    /// Counted from 1; the header of a CSV file is line 1.
    pub line: u64,
    /// The name of the column or field, where one is to blame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    pub code: String,
    pub text: String,
}

impl Operation for Import {
    const NAME: &'static str = "intake.import";
    const ROUTE: Route = post("/intake-imports");
    const ACCESS: Access = Access::Open;
    type Output = Imported;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Imported> {
        super::store::vendor_writes(cx, Self::NAME)?;
        if self.text.len() > LARGEST_TEXT {
            let rule =
                format!("holds {} bytes; send at most {LARGEST_TEXT} at once, split at line ends", self.text.len());
            return Err(Error::invalid("text", rule));
        }
        match self.kind {
            Events::Usage => import::<UsageEvent>(cx, &self).await,
            Events::Invoices => import::<InvoiceEvent>(cx, &self).await,
        }
    }
}

async fn import<E: Booked + Columns>(cx: &mut Cx<'_>, import: &Import) -> Result<Imported> {
    let (events, mut problems) = match import.format {
        Format::Csv => read_csv::<E>(&import.text)?,
        Format::Jsonl => read_lines::<E>(&import.text),
    };
    let mode = if import.dry_run { Mode::DryRun } else { Mode::Write };
    let mut done = Imported { rows: events.len() + problems.len(), unreadable: problems.len(), ..Imported::default() };
    let mut rest = events;
    while !rest.is_empty() {
        let after = rest.split_off(rest.len().min(LARGEST_BATCH));
        let (lines, chunk): (Vec<u64>, Vec<E>) = std::mem::replace(&mut rest, after).into_iter().unzip();
        let arrived = identify(cx.scope.organization, &import.source, chunk);
        let report = record(cx, &import.source, &arrived, mode).await?;
        done.recorded += report.recorded;
        done.duplicates += report.duplicates;
        done.conflicts += report.conflicts;
        done.dead_letters += report.dead_letters;
        let located = |problem: RowProblem| LineProblem {
            line: lines.get(problem.row.saturating_sub(1)).copied().unwrap_or_default(),
            column: column_of(&problem.code).map(str::to_owned),
            code: problem.code,
            text: problem.text,
        };
        problems.extend(report.problems.into_iter().map(located));
    }
    problems.sort_by_key(|problem| problem.line);
    problems.truncate(MOST_LISTED);
    done.problems = problems;
    Ok(done)
}

/// The column that a problem of a readable event is about.
fn column_of(code: &str) -> Option<&'static str> {
    Some(match code {
        "conflict" | "bad_id" => "id",
        "future_time" | "before_invoice" => "occurred_at",
        "unknown_customer" | "another_customer" => "customer",
        "wrong_currency" | "not_positive" | "exceeds_invoice" => "amount",
        "unknown_invoice" | "no_invoice" => "invoice",
        "no_revenue_kind" => "revenue",
        "no_quantity" => "quantity",
        "bad_unit" => "unit",
        _ => return None,
    })
}

/// The columns of a kind of event, so that a mistake can be traced to one of them.
trait Columns: Incoming {
    const ALL: &'static [&'static str];
    const REQUIRED: &'static [&'static str];

    /// Why that text cannot stand in that column.
    fn fault(column: &str, text: &str) -> Option<String>;
}

fn time_fault(text: &str) -> Option<String> {
    text.parse::<Timestamp>().err().map(|e| e.to_string())
}

impl Columns for UsageEvent {
    const ALL: &'static [&'static str] = &["id", "customer", "quantity", "unit", "occurred_at", "integration"];
    const REQUIRED: &'static [&'static str] = &["id", "customer", "quantity", "unit", "occurred_at"];

    fn fault(column: &str, text: &str) -> Option<String> {
        match column {
            "quantity" => text.parse::<Quantity>().err(),
            "occurred_at" => time_fault(text),
            _ => None,
        }
    }
}

impl Columns for InvoiceEvent {
    const ALL: &'static [&'static str] =
        &["id", "kind", "invoice", "customer", "revenue", "amount", "occurred_at", "partner"];
    const REQUIRED: &'static [&'static str] = &["id", "kind", "customer", "amount", "occurred_at"];

    fn fault(column: &str, text: &str) -> Option<String> {
        match column {
            "kind" => serde_json::from_value::<InvoiceKind>(text.into()).err().map(|e| e.to_string()),
            "revenue" => serde_json::from_value::<RevenueKind>(text.into()).err().map(|e| e.to_string()),
            "amount" => text.parse::<Money>().err().map(|e| e.to_string()),
            "occurred_at" => time_fault(text),
            _ => None,
        }
    }
}

type Read<E> = (Vec<(u64, E)>, Vec<LineProblem>);

fn unreadable(line: u64, column: Option<&str>, text: impl Into<String>) -> LineProblem {
    LineProblem { line, column: column.map(str::to_owned), code: "unreadable".to_owned(), text: text.into() }
}

fn read_csv<E: Columns>(text: &str) -> Result<Read<E>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header =
        reader.headers().map_err(|e| Error::invalid("text", format!("the header cannot be read: {e}")))?.clone();
    check_header::<E>(&header)?;
    let (mut events, mut problems) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                problems.push(unreadable(line, None, error.to_string()));
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != header.len() {
            let text = format!("the line has {} fields, the header {}", record.len(), header.len());
            problems.push(unreadable(line, None, text));
            continue;
        }
        match of_record::<E>(&header, &record) {
            Ok(event) => events.push((line, event)),
            Err((column, text)) => problems.push(unreadable(line, column.as_deref(), text)),
        }
    }
    Ok((events, problems))
}

fn check_header<E: Columns>(header: &csv::StringRecord) -> Result<()> {
    let known = || E::ALL.join(", ");
    if let Some(strange) = header.iter().find(|name| !E::ALL.contains(name)) {
        return Err(Error::invalid("text", format!("line 1: there is no column `{strange}`; known are {}", known())));
    }
    if let Some(missing) = E::REQUIRED.iter().find(|name| !header.iter().any(|h| h == **name)) {
        return Err(Error::invalid(
            "text",
            format!("line 1: the column `{missing}` is missing; known are {}", known()),
        ));
    }
    Ok(())
}

fn of_record<E: Columns>(
    header: &csv::StringRecord,
    record: &csv::StringRecord,
) -> Result<E, (Option<String>, String)> {
    let filled = || header.iter().zip(record.iter()).filter(|(_, text)| !text.is_empty());
    let object: Map<String, Json> = filled().map(|(name, text)| (name.to_owned(), text.into())).collect();
    let missing = E::REQUIRED.iter().find(|name| !object.contains_key(**name));
    serde_json::from_value(Json::Object(object)).map_err(|error| {
        if let Some(name) = missing {
            return (Some((*name).to_owned()), "is required".to_owned());
        }
        let blamed = filled().find_map(|(name, text)| Some((Some(name.to_owned()), E::fault(name, text)?)));
        blamed.unwrap_or_else(|| (None, error.to_string()))
    })
}

fn read_lines<E: Columns>(text: &str) -> Read<E> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut events, mut problems) = (Vec::new(), Vec::new());
    for (place, content) in text.lines().enumerate().filter(|(_, content)| !content.trim().is_empty()) {
        let line = place as u64 + 1;
        match serde_json::from_str::<E>(content) {
            Ok(event) => events.push((line, event)),
            Err(error) => {
                let fields: Map<String, Json> = serde_json::from_str(content).unwrap_or_default();
                let text_of = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let blamed =
                    fields.iter().find_map(|(name, value)| Some((name.as_str(), E::fault(name, &text_of(value))?)));
                let (column, text) = blamed.map_or_else(|| (None, error.to_string()), |(n, t)| (Some(n), t));
                problems.push(unreadable(line, column, text));
            }
        }
    }
    (events, problems)
}

/// Splits a file at line ends into texts of at most `largest` bytes, each with the header of the CSV file; a line break
/// inside quotes does not end a line. The number is that of the lines before, to add to the lines that problems name.
pub fn chunks(text: &str, format: Format, largest: usize) -> Vec<(u64, String)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = records(text, format).into_iter();
    let header = if format == Format::Csv { lines.next().unwrap_or_default() } else { "" };
    let mut chunks: Vec<(u64, String)> = Vec::new();
    let mut before = 0;
    for line in lines {
        let fits = chunks.last().is_some_and(|(_, chunk)| chunk.len() + line.len() <= largest);
        if !fits {
            chunks.push((before, header.to_owned()));
        }
        if let Some((_, chunk)) = chunks.last_mut() {
            chunk.push_str(line);
        }
        before += line.matches('\n').count() as u64;
    }
    chunks
}

/// The records of a text, each with its line end.
fn records(text: &str, format: Format) -> Vec<&str> {
    let (mut records, mut start, mut quoted) = (Vec::new(), 0, false);
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if format == Format::Csv => quoted = !quoted,
            b'\n' if !quoted => {
                records.push(&text[start..=place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    if start < text.len() {
        records.push(&text[start..]);
    }
    records
}
