//! Checking a statement that proves itself: pure, without a server, with nothing but the file and a key.

use kernel::db::{RowDigest, hex, rows_digest};
use kernel::{Error, Result, Row, Rule as _, Value};
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};

use super::proof::{FORMAT, Sealing, StatementProof};
use super::rule::{StatementFacts, StatementOutcome, StatementRule, StatementTerms};
use super::store::{self, Line, Statement};
use crate::commission::CommissionLine;

/// What was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub number: String,
    pub month: String,
    pub lines: usize,
    pub payable: String,
    /// Whether the key came with the file itself, so that the file vouches for itself only.
    pub own_key: bool,
}

/// Checks everything; the error names the first thing that is wrong.
pub fn verify(proof: &StatementProof, key: Option<&str>) -> std::result::Result<Verified, String> {
    if proof.format != FORMAT {
        return Err(format!("the file has the format `{}`; this version reads {FORMAT}", proof.format));
    }
    let vkey = key.unwrap_or(&proof.log.key);
    let trusted = vkey.parse().map_err(|e| format!("`{vkey}` is not a C2SP verifier key: {e}"))?;
    proof.log.check(&trusted)?;
    let said = |what: &str, e: Error| format!("{what} cannot be read: {e}");
    let statement = store::read(&row(&proof.statement)).map_err(|e| said("the statement", e))?;
    let lines = proof
        .lines
        .iter()
        .enumerate()
        .map(|(place, line)| store::read_line(&row(line)).map_err(|e| said(&format!("line {}", place + 1), e)));
    let lines: Vec<Line> = lines.collect::<std::result::Result<_, _>>()?;
    let seals = Seals::of(proof)?;
    seals.row("decision", &statement.decision.to_string(), &proof.decision, "the decision")?;
    let outcome = computed(proof)?;
    every_line(&lines, &outcome)?;
    sums(&statement, &outcome)?;
    seals.row("statement", &statement.id.to_string(), &proof.statement, "the statement")?;
    seals.rows("statement_line", &statement.id.to_string(), &proof.lines)?;
    Ok(Verified {
        number: statement.number,
        month: statement.month.title(),
        lines: lines.len(),
        payable: statement.payable.pretty(),
        own_key: key.is_none(),
    })
}

/// What the entries of the log say about rows.
struct Seals(Vec<Sealing>);

impl Seals {
    fn of(proof: &StatementProof) -> std::result::Result<Self, String> {
        let read = |entry: &kernel::log::EntryProof| Sealing::of(&entry.body);
        let all: Result<Vec<Sealing>> = proof.log.entries.iter().map(read).collect();
        all.map(Self).map_err(|e| format!("an entry of the log cannot be read: {e}"))
    }

    fn digest(&self, table: &str, key: &str) -> std::result::Result<&str, String> {
        let found = self.0.iter().find_map(|entry| entry.digest(table, key));
        found.ok_or_else(|| format!("no entry of the log seals the row {key} of {table}"))
    }

    fn row(&self, table: &str, key: &str, row: &Map<String, Json>, what: &str) -> std::result::Result<(), String> {
        if self.digest(table, key)? == hex(&digest(row)) {
            return Ok(());
        }
        Err(format!("{what} is not as it was written in the log"))
    }

    fn rows(&self, table: &str, key: &str, rows: &[Map<String, Json>]) -> std::result::Result<(), String> {
        if rows.is_empty() && self.digest(table, key).is_err() {
            return Ok(());
        }
        if self.digest(table, key)? == rows_digest(rows.iter().map(digest)) {
            return Ok(());
        }
        Err("the lines are not as they were written in the log".to_owned())
    }
}

/// The file's columns as a row.
fn row(object: &Map<String, Json>) -> Row {
    let known: &[&str] = &[
        // Nullable columns, which the file leaves out where they are empty.
        "event",
        "reverses",
        "deal",
        "quantity_micros",
        "unit",
        "month",
        "carried_since",
        "uncapped_minor",
    ];
    let mut columns: Vec<String> = object.keys().cloned().collect();
    let mut values: Vec<Value> = object.values().map(value).collect();
    for column in known.iter().filter(|column| !object.contains_key(**column)) {
        columns.push((*column).to_owned());
        values.push(Value::Null);
    }
    Row { columns: columns.into(), values }
}

fn value(json: &Json) -> Value {
    match json {
        Json::String(text) => Value::Text(text.clone()),
        Json::Number(number) => number.as_i64().map_or(Value::Null, Value::Int),
        _ => Value::Null,
    }
}

fn digest(object: &Map<String, Json>) -> [u8; 32] {
    let columns: Vec<&str> = object.keys().map(String::as_str).collect();
    let values: Vec<Value> = object.values().map(value).collect();
    RowDigest::of(&columns).row(&values)
}

/// The part of a decision that is computed again.
#[derive(Deserialize)]
struct Decided {
    terms: String,
    facts: String,
    outcome: String,
}

/// Applies the plan to the inputs once more, and compares it with what was decided.
fn computed(proof: &StatementProof) -> std::result::Result<StatementOutcome, String> {
    let said = |what: &str, e: serde_json::Error| format!("{what} cannot be read: {e}");
    let decided: Decided =
        serde_json::from_value(Json::Object(proof.decision.clone())).map_err(|e| said("the decision", e))?;
    if hex(&Sha256::digest(&proof.terms)) != decided.terms {
        return Err("the plan is not the one that the decision names".to_owned());
    }
    let terms: StatementTerms = serde_json::from_str(&proof.terms).map_err(|e| said("the plan", e))?;
    let facts: StatementFacts = serde_json::from_str(&decided.facts).map_err(|e| said("the inputs", e))?;
    let outcome = StatementRule::decide(&terms, &facts).outcome;
    let stored: StatementOutcome = serde_json::from_str(&decided.outcome).map_err(|e| said("the outcome", e))?;
    if let Some(place) = differing(&outcome.lines, &stored.lines) {
        return Err(format!("line {}: the decision is not what the plan makes of the inputs", place + 1));
    }
    if outcome != stored {
        return Err("the sums of the decision are not what the plan makes of the inputs".to_owned());
    }
    Ok(outcome)
}

fn differing(one: &[CommissionLine], other: &[CommissionLine]) -> Option<usize> {
    (0..one.len().max(other.len())).find(|place| one.get(*place) != other.get(*place))
}

/// Every line against what was computed; the first wrong one is named.
fn every_line(lines: &[Line], outcome: &StatementOutcome) -> std::result::Result<(), String> {
    let stated: Vec<CommissionLine> = lines.iter().map(|line| line.line.clone()).collect();
    let Some(place) = differing(&stated, &outcome.lines) else { return Ok(()) };
    match (lines.get(place), outcome.lines.get(place)) {
        (Some(line), Some(right)) => {
            let (name, of) = (line.id, &line.line.reference);
            if line.line.amount == right.amount {
                return Err(format!("line {} ({name}, {of}) is not what the plan makes of the inputs", place + 1));
            }
            let (says, makes) = (line.line.amount, right.amount);
            Err(format!("line {} ({name}, {of}) says {says}, and the plan makes {makes} of the inputs", place + 1))
        }
        (Some(line), None) => Err(format!("line {} ({}) follows from nothing", place + 1, line.id)),
        (None, _) => Err(format!("line {} is missing", place + 1)),
    }
}

fn sums(statement: &Statement, outcome: &StatementOutcome) -> std::result::Result<(), String> {
    for (what, says, makes) in [
        ("total", statement.total, outcome.total),
        ("carried_in", statement.carried_in, outcome.carried_in),
        ("payable", statement.payable, outcome.payable),
        ("carried_out", statement.carried_out, outcome.carried_out),
    ] {
        if says != makes {
            return Err(format!("the statement says {says} for `{what}`, and its lines make {makes}"));
        }
    }
    Ok(())
}
