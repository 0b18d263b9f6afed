//! `cargo xtask`: the one command that passes all tests, and the guards one by one.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::{Problem, coverage, floors, listed, repository, suite, tidy};

/// The workshop of Concord.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run everything that must pass: format, lints, all tests on both databases, documentation, citations.
    Test {
        /// Leave PostgreSQL untested, for a machine without it.
        #[arg(long)]
        sqlite_only: bool,
    },
    /// Show which requirements are cited by tests, and which are not.
    Coverage {
        /// Only refuse citations of unknown ids and citations that stand above no test.
        #[arg(long)]
        check: bool,
    },
    /// Check the style that compilers do not see: file lengths, module comments, paths of one machine.
    Tidy,
    /// Check that crates use only what the drawn floors allow.
    Floors,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().task {
        Task::Test { sqlite_only } => suite::run(sqlite_only),
        Task::Coverage { check } => coverage(check),
        Task::Tidy => repository::sources().and_then(|sources| guard(tidy::check(&sources))),
        Task::Floors => floors::check_workspace().and_then(guard),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn coverage(check: bool) -> Result<(), String> {
    let sources = repository::sources()?;
    let coverage = coverage::collect(&sources)?;
    if !check {
        print!("{coverage}");
    }
    guard(coverage.problems)
}

fn guard(problems: Vec<Problem>) -> Result<(), String> {
    if problems.is_empty() { Ok(()) } else { Err(listed(&problems)) }
}
