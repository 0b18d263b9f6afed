//! `cargo xtask test`: everything that must pass, in order, on both databases. It stops at the first failure.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::postgres::Cluster;
use crate::{coverage, listed, repository};

/// Tests run on PostgreSQL too if this holds an address with a superuser.
pub const POSTGRES: &str = "CONCORD_TEST_POSTGRES";

/// Tests drive a browser if this holds the path of chromedriver.
pub const CHROMEDRIVER: &str = "CONCORD_TEST_CHROMEDRIVER";

/// What must pass, one after the other.
const STEPS: &[Step] = &[
    Step::cargo("Format", &["fmt", "--all", "--check"]),
    Step::cargo("Lints", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
    Step::cargo("Tests", &["test", "--workspace"]),
    Step {
        title: "Documentation",
        task: Task::Cargo {
            arguments: &["doc", "--workspace", "--no-deps"],
            variables: &[("RUSTDOCFLAGS", "-D warnings -A rustdoc::private-intra-doc-links")],
        },
    },
    Step { title: "Citations of requirements", task: Task::Inner(check_coverage) },
    Step::cargo("The program", &["build", "--package", "concord"]),
];

struct Step {
    title: &'static str,
    task: Task,
}

enum Task {
    Cargo { arguments: &'static [&'static str], variables: &'static [(&'static str, &'static str)] },
    Inner(fn() -> Result<(), String>),
}

impl Step {
    const fn cargo(title: &'static str, arguments: &'static [&'static str]) -> Self {
        Self { title, task: Task::Cargo { arguments, variables: &[] } }
    }
}

/// Runs all steps; with `sqlite_only`, without PostgreSQL.
pub fn run(sqlite_only: bool) -> Result<(), String> {
    let cluster = if sqlite_only {
        println!("PostgreSQL is left untested, as asked.");
        None
    } else {
        Some(Cluster::start()?)
    };
    let surroundings = Surroundings {
        postgres: cluster.as_ref().map(|cluster| cluster.url().to_owned()),
        chromedriver: chromedriver(),
    };
    if surroundings.chromedriver.is_none() {
        println!("Chromium and chromedriver were not found: tests in a browser are left out.");
    }
    let mut timings = Vec::new();
    for step in STEPS {
        println!("\n== {} ==", step.title);
        let begun = Instant::now();
        surroundings.run(&step.task).map_err(|failure| format!("\n{} failed: {failure}", step.title))?;
        timings.push((step.title, begun.elapsed()));
        println!("== {} passed in {}", step.title, seconds(begun.elapsed()));
    }
    println!("\nAll passed:");
    for (title, taken) in &timings {
        println!("{:>10}  {title}", seconds(*taken));
    }
    let all = timings.iter().map(|(_, taken)| *taken).sum();
    println!("{:>10}  in all", seconds(all));
    Ok(())
}

/// What the tests find around them.
struct Surroundings {
    postgres: Option<String>,
    chromedriver: Option<PathBuf>,
}

impl Surroundings {
    fn run(&self, task: &Task) -> Result<(), String> {
        match task {
            Task::Inner(check) => check(),
            Task::Cargo { arguments, variables } => self.cargo(arguments, variables),
        }
    }

    fn cargo(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Result<(), String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(arguments).current_dir(repository::root());
        // `cargo run` describes xtask in these; build scripts that watch them would run again for nothing.
        for (name, _) in std::env::vars_os() {
            let describes_xtask = name.to_str().is_some_and(|name| {
                ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|prefix| name.starts_with(prefix))
            });
            if describes_xtask {
                command.env_remove(name);
            }
        }
        command.envs(variables.iter().copied());
        match &self.postgres {
            Some(url) => command.env(POSTGRES, url),
            None => command.env_remove(POSTGRES),
        };
        match &self.chromedriver {
            Some(path) => command.env(CHROMEDRIVER, path),
            None => command.env_remove(CHROMEDRIVER),
        };
        let status = command.status().map_err(|error| format!("cargo cannot be started: {error}"))?;
        if status.success() { Ok(()) } else { Err(format!("`cargo {}` ended with {status}", arguments.join(" "))) }
    }
}

fn check_coverage() -> Result<(), String> {
    let coverage = coverage::collect(&repository::sources()?)?;
    let (cited, all) = coverage.total();
    println!("{cited} of {all} requirements are cited by tests.");
    if coverage.problems.is_empty() { Ok(()) } else { Err(format!("\n{}", listed(&coverage.problems))) }
}

/// chromedriver, if there is a browser for it to drive.
fn chromedriver() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|name| on_path(name))?;
    on_path("chromedriver")
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn seconds(taken: Duration) -> String {
    format!("{:.1} s", taken.as_secs_f64())
}
