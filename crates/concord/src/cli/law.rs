//! `concord program …` on a folder of program files: start one, check it, see what it would change, put it in force.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};
use kernel::{Error, Registry, Result};
use law::{Catalog, Diagnostic};
use serde_json::{Value as Json, json};

use super::{Done, call, connect, output};

fn dir() -> Arg {
    Arg::new("dir").value_name("DIR").required(true).value_parser(value_parser!(PathBuf)).help("Folder of the program")
}

/// The commands that take a folder replace those made from operations.
pub fn extend(group: Command) -> Command {
    let from = |short: &'static str| Arg::new("effective-from").long("effective-from").value_name("TIME").help(short);
    let note =
        Arg::new("note").long("note").required(true).help("Why the program changes, for those who read its history");
    let names: Vec<String> = group.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    let mut kept = Command::new("program").about("Define the program and put versions of it in force");
    kept = kept.subcommand_required(true).arg_required_else_help(true);
    for name in names.iter().filter(|name| !["lint", "plan", "apply"].contains(&name.as_str())) {
        if let Some(command) = group.find_subcommand(name) {
            kept = kept.subcommand(command.clone());
        }
    }
    kept.subcommand(super::start::command())
        .subcommand(
            Command::new("lint")
                .about("Check a program folder; mistakes are shown at their exact place")
                .after_help(
                    "Rules are checked against what the installation measures that --server, --database-url or \
                     --data-dir name; without one, against what every installation does.",
                )
                .arg(dir()),
        )
        .subcommand(
            Command::new("plan")
                .about("Show what a program folder would change: terms, partners, open deals, controls")
                .arg(dir())
                .arg(from("From when it would be in force; now unless told")),
        )
        .subcommand(
            Command::new("apply")
                .about("Make a program folder the new version")
                .arg(dir())
                .arg(from("From when it is in force; now unless told"))
                .arg(note),
        )
        .subcommand(
            Command::new("schema")
                .about("Write the JSON Schemas of the program files, for editors")
                .arg(dir().help("Folder to write to")),
        )
}

pub async fn run(matches: &ArgMatches, verb: &str, args: &ArgMatches) -> Done {
    if verb == "new" {
        return super::start::run(matches, args);
    }
    let folder_name = args.get_one::<PathBuf>("dir").cloned().unwrap_or_default();
    if verb == "schema" {
        return schema(&folder_name);
    }
    let files = folder(&folder_name)?;
    let mut registry = Registry::default();
    crate::assemble::areas(&mut registry);
    let diagnostics = found(matches, verb, &registry, &files).await?;
    let errors = diagnostics.iter().filter(|d| d.is_error()).count();
    let json = matches.get_flag("json");
    if verb == "lint" && json {
        output::line(&serde_json::to_string_pretty(&diagnostics)?);
    } else if !diagnostics.is_empty() {
        output::remark(&law::render(&diagnostics, &files));
    }
    if errors > 0 {
        output::remark(&format!("{errors} mistakes: nothing was done"));
        return Ok(ExitCode::FAILURE);
    }
    if verb == "lint" {
        if !json {
            output::line(&format!("{} is sound ({} files)", folder_name.display(), files.len()));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut input = json!({ "files": files });
    for (option, field) in [("effective-from", "effective_from"), ("note", "note")] {
        if let Ok(Some(text)) = args.try_get_one::<String>(option) {
            input[field] = json!(text);
        }
    }
    let answer = asked(matches, &registry, &format!("program.{verb}"), input).await?;
    output::show(&answer, json);
    Ok(ExitCode::SUCCESS)
}

async fn asked(matches: &ArgMatches, registry: &Registry, name: &str, input: Json) -> Result<Json> {
    let declaration = registry.declaration(name).ok_or_else(|| Error::not_found("operation", name))?;
    call::call(matches, declaration, input).await
}

/// What is wrong with the files: for the installation that the options name, whose areas say what rules can read; without
/// one, for the names that every installation has.
async fn found(
    matches: &ArgMatches,
    verb: &str,
    registry: &Registry,
    files: &BTreeMap<String, String>,
) -> Result<Vec<Diagnostic>> {
    let place = connect::place(matches);
    let named = connect::address(matches)?.is_some() || place.database_url.is_some();
    if verb == "lint" && !named && !place.database_file().exists() {
        return Ok(law::lint(files, &Catalog::standard(), Some(&check_policy)).diagnostics);
    }
    let report = asked(matches, registry, "program.lint", json!({ "files": files })).await?;
    Ok(serde_json::from_value(report["diagnostics"].clone())?)
}

fn check_policy(file: &str, text: &str) -> Vec<Diagnostic> {
    gate::check_policy(file, text)
}

fn schema(folder: &Path) -> Done {
    for (name, schema) in law::schemas() {
        let name = name.trim_end_matches(".toml");
        write(&folder.join(format!("{name}.schema.json")), &serde_json::to_string_pretty(&schema)?)?;
    }
    output::line(&format!("Wrote the schemas to {}", folder.display()));
    Ok(ExitCode::SUCCESS)
}

pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    let fault = |e: std::io::Error| Error::invalid("dir", format!("{} cannot be written: {e}", path.display()));
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(fault)?;
    }
    std::fs::write(path, text).map_err(fault)
}

/// The files of a program folder: TOML, and Markdown and Cedar one level down.
pub fn folder(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    collect(folder, folder, &mut files)?;
    if files.is_empty() {
        let rule = format!("{} holds no program files; start one with `concord program new`", folder.display());
        return Err(Error::invalid("dir", rule));
    }
    Ok(files)
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) -> Result<()> {
    let fault = |e: std::io::Error| Error::invalid("dir", format!("{} cannot be read: {e}", folder.display()));
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path.is_dir() && root == folder {
            collect(root, &path, files)?;
        }
        let wanted = path.extension().and_then(|e| e.to_str()).is_some_and(|e| ["toml", "md", "cedar"].contains(&e));
        if wanted && let Ok(name) = path.strip_prefix(root) {
            let name = name.to_string_lossy().replace('\\', "/");
            files.insert(name, std::fs::read_to_string(&path).map_err(fault)?);
        }
    }
    Ok(())
}
