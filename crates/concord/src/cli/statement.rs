//! `concord statement verify` and `concord ledger export`: money for people who check it and for the tools that book it.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};
use kernel::{Error, Query as _, Registry};
use money::ledger::{ExportLedger, Exported};
use money::statements::StatementProof;

use super::{Done, args, call, output};

pub fn command() -> Command {
    Command::new("statement")
        .about("Check statements offline")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
        Command::new("verify")
            .about("Compute every line of a statement again and find it in the signed log; no server is asked")
            .after_help(
                "The file is what `concord statements proof --json` writes, or GET /v1/statements/{statement}/proof.",
            )
            .arg(Arg::new("file").required(true).value_name("FILE").help("The file, or - for standard input"))
            .arg(Arg::new("key").long("key").value_name("VKEY").help(
                "Verifier key of the log, from somewhere else than this file: without it the file vouches for itself",
            )),
    )
}

pub fn verify(matches: &ArgMatches, args: &ArgMatches) -> Done {
    let file = args.get_one::<String>("file").cloned().unwrap_or_default();
    let text = output::read_text(&file)?;
    let proof: StatementProof = serde_json::from_str(&text)
        .map_err(|e| Error::invalid("file", format!("{file} is not the proof of a statement: {e}")))?;
    let verified = money::statements::verify(&proof, args.get_one::<String>("key").map(String::as_str));
    if matches.get_flag("json") {
        let wrong = verified.as_ref().err();
        output::line(&serde_json::json!({ "verified": verified.is_ok(), "wrong": wrong }).to_string());
    } else {
        match &verified {
            Ok(found) => {
                output::line(&format!(
                    "{} for {}: {} lines were computed again and come to {}; all of it is in the signed log.",
                    found.number, found.month, found.lines, found.payable
                ));
                if found.own_key {
                    output::remark("The key came with the file. Give --key to check it against one that you trust.");
                }
            }
            Err(wrong) => output::line(&format!("WRONG: {wrong}")),
        }
    }
    Ok(if verified.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The export is printed as it is, for a file or a pipe.
pub fn extend_ledger(group: Command) -> Command {
    group.mut_subcommand("export", |export| {
        export.after_help("It is written to standard output: concord ledger export --format hledger > books.journal")
    })
}

pub async fn export(registry: &Registry, matches: &ArgMatches, args: &ArgMatches) -> Done {
    let declaration = registry.declaration(ExportLedger::NAME);
    let declaration = declaration.ok_or_else(|| Error::not_found("query", ExportLedger::NAME))?;
    let input = kernel::input::from_texts(&declaration.input, &args::given(declaration, args)?)?;
    let answer = call::call(matches, declaration, input).await?;
    if matches.get_flag("json") {
        output::line(&answer.to_string());
    } else {
        let exported: Exported = serde_json::from_value(answer)?;
        output::line(exported.text.trim_end());
    }
    Ok(ExitCode::SUCCESS)
}
