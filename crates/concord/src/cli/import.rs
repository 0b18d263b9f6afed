//! `concord import`: usage and invoice events from a file, in parts, with the line of every problem.

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Error, Operation, Registry, Result};
use money::intake::{Format, Import, Imported, chunks};
use serde_json::json;

use super::{Done, call, output};

/// Bytes sent at once.
const PART: usize = 4 * 1024 * 1024;

pub fn command() -> Command {
    let required = |name: &'static str, help: &'static str| Arg::new(name).long(name).required(true).help(help);
    let events = |name: &'static str, about: &'static str| {
        Command::new(name)
            .about(about)
            .arg(Arg::new("file").required(true).value_name("FILE").help("The file, or - for standard input"))
            .arg(required("source", "Where the events come from; their ids are unique within it"))
            .arg(
                Arg::new("format")
                    .long("format")
                    .value_parser(["csv", "jsonl"])
                    .help("How the file is written; by its ending unless told"),
            )
            .arg(Arg::new("dry-run").long("dry-run").action(ArgAction::SetTrue).help("Only say what would be recorded"))
    };
    Command::new("import")
        .about("Bring your data: files of spreadsheets and CRMs, usage and invoices; repeating it changes nothing")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(events("usage", "Take in usage events from a CSV or JSON Lines file"))
        .subcommand(events("invoices", "Take in invoice events from a CSV or JSON Lines file"))
        .subcommands(super::imports::commands())
}

pub async fn run(matches: &ArgMatches, kind: &str, sub: &ArgMatches) -> Done {
    let text = |name: &str| sub.get_one::<String>(name).cloned().unwrap_or_default();
    let file = text("file");
    let csv = sub.get_one::<String>("format").map_or_else(|| file.ends_with(".csv"), |format| format == "csv");
    let format = if csv { Format::Csv } else { Format::Jsonl };
    let mut registry = Registry::default();
    crate::assemble::areas(&mut registry);
    let declaration = registry.declaration(Import::NAME).ok_or_else(|| Error::not_found("operation", Import::NAME))?;
    let parts = chunks(&output::read_text(&file)?, format, PART);
    let bar = ProgressBar::new(parts.len() as u64);
    bar.set_style(
        ProgressStyle::with_template("  {bar:40} {percent:>3} %").unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let mut total = Imported::default();
    for (before, part) in parts {
        let input = json!({
            "source": text("source"), "kind": kind, "format": if csv { "csv" } else { "jsonl" },
            "text": part, "dry_run": sub.get_flag("dry-run"),
        });
        let answer = call::call(matches, declaration, input).await?;
        add(&mut total, serde_json::from_value(answer)?, before);
        bar.inc(1);
    }
    bar.finish_and_clear();
    show(&total, matches.get_flag("json"))
}

/// Adds what a part did; its lines are counted from the start of the file.
fn add(total: &mut Imported, mut part: Imported, before: u64) {
    total.rows += part.rows;
    total.recorded += part.recorded;
    total.duplicates += part.duplicates;
    total.conflicts += part.conflicts;
    total.dead_letters += part.dead_letters;
    total.unreadable += part.unreadable;
    part.problems.iter_mut().for_each(|problem| problem.line += before);
    total.problems.extend(part.problems);
}

fn show(total: &Imported, json: bool) -> Result<ExitCode> {
    if json {
        output::line(&serde_json::to_string_pretty(total)?);
    } else {
        output::line(&format!(
            "{} rows: {} recorded, {} known already, {} in conflict, {} set aside, {} unreadable",
            total.rows, total.recorded, total.duplicates, total.conflicts, total.dead_letters, total.unreadable
        ));
        for problem in &total.problems {
            let column = problem.column.as_deref().map(|c| format!(", column {c}")).unwrap_or_default();
            output::line(&format!("  line {}{column}: {}", problem.line, problem.text));
        }
    }
    Ok(if total.unreadable + total.conflicts == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
