//! The command line: the product's own commands, and every operation and query of the registry as `concord AREA VERB`.

mod args;
mod ask;
mod call;
mod connect;
mod demo;
mod doctor;
mod import;
mod imports;
mod init;
mod law;
mod log;
mod login;
mod logins;
mod outline;
pub mod output;
mod serve;
mod start;
mod statement;
mod telemetry;

use std::process::ExitCode;

use clap::{ArgMatches, Command};
use kernel::{Error, Registry};

/// What a command ends with.
pub type Done = Result<ExitCode, Error>;

/// Reads the command line and runs it.
pub async fn run() -> ExitCode {
    let mut registry = Registry::default();
    crate::assemble::areas(&mut registry);
    let matches = command(&registry).get_matches();
    match dispatch(&registry, &matches).await {
        Ok(code) => code,
        Err(error) => output::failure(&error, matches.get_flag("json")),
    }
}

/// The whole command line, for parsing, help and shell completion.
pub fn command(registry: &Registry) -> Command {
    let mut command = connect::globals(Command::new("concord"))
        .version(env!("CARGO_PKG_VERSION"))
        .about("Partner programs as a machine: law, facts, decisions, controls, evidence")
        .after_help(
            "Every operation works on a local data directory or, with --server, on a running server: as the person who \
             logged in there, or with a service token (--token).",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(demo::command())
        .subcommand(serve::command())
        .subcommand(init::command())
        .subcommand(login::command())
        .subcommand(login::logout_command())
        .subcommand(login::whoami_command())
        .subcommand(import::command())
        .subcommand(doctor::command())
        .subcommand(doctor::backup_command())
        .subcommand(doctor::restore_command())
        .subcommand(log::explain_command())
        .subcommand(statement::command())
        .subcommand(output::completions_command())
        .subcommand(output::openapi_command());
    for area in args::areas(registry) {
        let mut group = args::group(registry, area);
        if area == "program" {
            group = law::extend(group);
        }
        if area == "ledger" {
            group = statement::extend_ledger(group);
        }
        if area == "log" {
            group = log::extend(group);
        }
        command = command.subcommand(group);
    }
    command
}

async fn dispatch(registry: &Registry, matches: &ArgMatches) -> Done {
    let Some((name, sub)) = matches.subcommand() else { return Ok(ExitCode::FAILURE) };
    match (name, sub.subcommand()) {
        ("demo", _) => demo::run(matches, sub).await,
        ("serve", _) => serve::run(matches, sub).await,
        ("import", Some((kind @ ("usage" | "invoices"), args))) => import::run(matches, kind, args).await,
        ("import", Some((verb, args))) => imports::run(matches, verb, args).await,
        ("init", _) => init::run(matches, sub).await,
        ("login", _) => login::login(matches, sub).await,
        ("logout", _) => login::logout(matches, sub).await,
        ("whoami", _) => login::whoami(matches).await,
        ("doctor", _) => doctor::run(matches).await,
        ("backup", _) => doctor::backup(matches, sub).await,
        ("restore", _) => doctor::restore(matches, sub).await,
        ("explain", _) => log::explain(matches, sub).await,
        ("completions", _) => output::completions(registry, sub),
        ("openapi", _) => output::openapi(registry),
        ("program", Some((verb @ ("new" | "lint" | "plan" | "apply" | "schema"), args))) => {
            law::run(matches, verb, args).await
        }
        ("statement", Some(("verify", args))) => statement::verify(matches, args),
        ("ledger", Some(("export", args))) => statement::export(registry, matches, args).await,
        ("log", Some(("verify", args))) => log::verify(matches, args).await,
        (area, Some((verb, args))) => call::run(registry, matches, area, verb, args).await,
        (_, None) => Ok(ExitCode::FAILURE),
    }
}
