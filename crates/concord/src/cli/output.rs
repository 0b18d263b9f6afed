//! What commands print: tables for people, JSON for programs, errors with what to do.

#![allow(clippy::print_stdout, clippy::print_stderr)] // the one place that prints

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};
use comfy_table::{ContentArrangement, Table, presets};
use kernel::{Error, Registry, Result};
use serde_json::Value as Json;

use super::{Done, outline};

/// Columns of a table at most; `--json` shows everything.
const WIDEST: usize = 9;

/// A line of the output proper. A reader that has seen enough, such as `head`, ends the output and not the command.
pub fn line(text: &str) {
    let written = writeln!(std::io::stdout().lock(), "{text}");
    if let Err(error) = written
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        remark(&format!("error: standard output cannot be written: {error}"));
    }
}

/// For progress and remarks, beside the output proper.
pub fn remark(text: &str) {
    eprintln!("{text}");
}

/// A question whose answer is typed behind it.
pub fn prompt(text: &str) {
    eprint!("{text}");
    let _ = std::io::stderr().flush();
}

pub fn fault(message: &str) -> ExitCode {
    eprintln!("error: {message}");
    ExitCode::FAILURE
}

/// An error, in words or as a problem document.
pub fn failure(error: &Error, json: bool) -> ExitCode {
    if json {
        let fields = match error {
            Error::Invalid(fields) => serde_json::json!(fields),
            _ => Json::Null,
        };
        let reasons = match error {
            Error::Refused { reasons, .. } => serde_json::json!(reasons),
            _ => Json::Null,
        };
        let problem = serde_json::json!({
            "code": error.code(), "detail": error.to_string(), "errors": fields, "reasons": reasons
        });
        eprintln!("{problem}");
    } else {
        eprintln!("error: {error}");
        if let Error::Refused { reasons, .. } = error {
            for remedy in reasons.iter().filter_map(|r| r.remedy.as_ref()) {
                eprintln!("  what helps: {remedy}");
            }
        }
    }
    ExitCode::FAILURE
}

/// Prints an answer: pages and lists as tables, objects as outlines.
pub fn show(answer: &Json, json: bool) {
    if json {
        line(&serde_json::to_string_pretty(answer).unwrap_or_default());
        return;
    }
    let items = answer.as_array().or_else(|| answer.get("items").and_then(Json::as_array));
    match items {
        Some(items) if items.is_empty() => line("nothing found"),
        Some(items) => line(&table(items)),
        None => line(&outline::of(answer)),
    }
    if let Some(next) = answer.get("next").and_then(Json::as_str) {
        line(&format!("more: --cursor {next}"));
    }
}

fn plain() -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table
}

fn table(items: &[Json]) -> String {
    let scalar = |value: &Json| !value.is_object() && !value.is_array();
    let mut columns: Vec<&String> = Vec::new();
    for (name, value) in items.iter().filter_map(Json::as_object).flatten() {
        if scalar(value) && !value.is_null() && !columns.contains(&name) {
            columns.push(name);
        }
    }
    if columns.is_empty() {
        return outline::of(&Json::Array(items.to_vec()));
    }
    columns.retain(|name| name.as_str() != "organization");
    columns.truncate(WIDEST);
    let mut table = plain();
    table.set_header(columns.iter().map(|c| c.replace('_', " ")));
    for item in items {
        table.add_row(columns.iter().map(|c| item.get(c.as_str()).and_then(outline::scalar).unwrap_or_default()));
    }
    table.to_string()
}

/// A file's text, or standard input for `-`.
pub fn read_text(file: &str) -> Result<String> {
    let mut text = String::new();
    let read = if file == "-" {
        std::io::stdin().read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|mut f| f.read_to_string(&mut text))
    };
    read.map(|_| text).map_err(|e| Error::invalid("file", format!("{file} cannot be read: {e}")))
}

pub fn completions_command() -> Command {
    Command::new("completions")
        .about("Print the completion script of a shell")
        .arg(Arg::new("shell").required(true).value_parser(value_parser!(clap_complete::Shell)))
}

pub fn completions(registry: &Registry, matches: &ArgMatches) -> Done {
    if let Some(shell) = matches.get_one::<clap_complete::Shell>("shell") {
        let mut script = Vec::new();
        clap_complete::generate(*shell, &mut super::command(registry), "concord", &mut script);
        line(&String::from_utf8_lossy(&script));
    }
    Ok(ExitCode::SUCCESS)
}

pub fn openapi_command() -> Command {
    Command::new("openapi").about("Print the API description (OpenAPI 3.1)")
}

pub fn openapi(registry: &Registry) -> Done {
    let document = crate::http::openapi::document(registry);
    line(&serde_json::to_string_pretty(&document)?);
    Ok(ExitCode::SUCCESS)
}
