//! `concord import plan|run|…`: files of other systems, mapped, tried, run and undone, here or on a server.

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use indicatif::ProgressBar;
use kernel::db::hex;
use kernel::{Actor, Error, Registry, Result};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::{Done, call, connect, output};

/// Rows sent at once.
const PART: usize = 1_000;

/// The commands beside `usage` and `invoices`.
pub fn commands() -> Vec<Command> {
    let file = || Arg::new("file").required(true).value_name("FILE").help("CSV, XLSX, JSON Lines or a JSON array");
    let id = || Arg::new("import").required(true).value_name("IMPORT").help("The id of the import");
    let option = |name: &'static str, help: &'static str| Arg::new(name).long(name).help(help);
    let how = |command: Command| {
        command
            .arg(file())
            .arg(option("target", "What the rows are, such as customers; the mapping is proposed from the header"))
            .arg(option("preset", "A shipped mapping, such as salesforce-opportunities"))
            .arg(option("mapping", "A mapping file (TOML)"))
            .arg(option("source", "The system that the file comes from; keys are unique within it"))
    };
    let together = Arg::new("all-or-nothing").long("all-or-nothing").action(ArgAction::SetTrue);
    vec![
        how(Command::new("plan").about("Upload a file and try it without effect: what each row would do")),
        how(Command::new("run").about("Upload a file and import it; the same file twice changes nothing"))
            .arg(together.help("Write nothing at all if one row is refused")),
        Command::new("undo").about("Take an import back as a whole").arg(id()),
        Command::new("list").about("List imports, newest first"),
        Command::new("show").about("Show an import: its mapping, progress and counts").arg(id()),
        Command::new("rows")
            .about("List rows of an import and what became of each")
            .arg(id())
            .arg(option("state", "Only rows that ended so, such as refused")),
        Command::new("refused").about("Print the refused rows as CSV, with the reason in a last column").arg(id()),
        Command::new("map")
            .about("Propose a mapping from the header of a file")
            .arg(file())
            .arg(option("target", "What the rows are, such as customers").required(true)),
        Command::new("targets").about("List what can be imported, with the fields of each"),
        Command::new("presets")
            .about("List the shipped mappings, or print one")
            .arg(Arg::new("preset").help("Its key")),
    ]
}

pub async fn run(matches: &ArgMatches, verb: &str, sub: &ArgMatches) -> Done {
    let text = |name: &str| sub.try_get_one::<String>(name).ok().flatten().cloned();
    let json = matches.get_flag("json");
    let id = || json!({ "import": text("import") });
    match verb {
        "plan" => upload(matches, sub, "imports.check", json!({})).await,
        "run" => {
            let input = json!({ "all_or_nothing": sub.get_flag("all-or-nothing") });
            upload(matches, sub, "imports.run", input).await
        }
        "undo" => {
            let begun = ask(matches, "imports.undo", id()).await?;
            report(matches, &follow(matches, &begun).await?).await
        }
        "refused" => {
            let file = ask(matches, "imports.refused", id()).await?;
            output::line(file["text"].as_str().unwrap_or_default().trim_end());
            Ok(ExitCode::SUCCESS)
        }
        "map" => {
            let headers = imports::read::read(&bytes(&text("file").unwrap_or_default())?, &mut |_, _| Ok(()))?;
            let input = json!({ "target": text("target"), "headers": headers });
            let proposed = ask(matches, "imports.propose", input).await?;
            for (word, list) in [("no column fills", "missing"), ("nothing reads", "unused")] {
                let names: Vec<&str> =
                    proposed[list].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
                if !names.is_empty() {
                    output::remark(&format!("{word}: {}", names.join(", ")));
                }
            }
            output::line(proposed["mapping"].as_str().unwrap_or_default().trim_end());
            Ok(ExitCode::SUCCESS)
        }
        "presets" => match text("preset") {
            Some(key) => {
                output::line(imports::presets::preset(&key)?.text.trim_end());
                Ok(ExitCode::SUCCESS)
            }
            None => {
                for preset in imports::presets::ALL {
                    output::line(&format!("{:26} {}", preset.key, preset.title));
                }
                Ok(ExitCode::SUCCESS)
            }
        },
        _ => {
            let (name, input) = match verb {
                "show" => ("imports.get", id()),
                "rows" => ("imports.rows", json!({ "import": text("import"), "state": text("state") })),
                "targets" => ("imports.targets", json!({})),
                _ => ("imports.list", json!({})),
            };
            output::show(&ask(matches, name, without_nulls(input)).await?, json);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn without_nulls(mut input: Json) -> Json {
    if let Some(object) = input.as_object_mut() {
        object.retain(|_, value| !value.is_null());
    }
    input
}

async fn ask(matches: &ArgMatches, name: &str, input: Json) -> Result<Json> {
    let mut registry = Registry::default();
    crate::assemble::areas(&mut registry);
    let declaration = registry.declaration(name).ok_or_else(|| Error::not_found("operation", name))?;
    call::call(matches, declaration, input).await
}

fn bytes(file: &str) -> Result<Vec<u8>> {
    std::fs::read(file).map_err(|error| Error::invalid("file", format!("{file} cannot be read: {error}")))
}

/// Sends a file in parts, sets it to work, and shows what came of it.
async fn upload(matches: &ArgMatches, sub: &ArgMatches, then: &str, mut input: Json) -> Done {
    let text = |name: &str| sub.get_one::<String>(name).cloned();
    let file = text("file").unwrap_or_default();
    let content = bytes(&file)?;
    let mapping = text("mapping").map(|path| output::read_text(&path)).transpose()?;
    let headers = imports::read::read(&content, &mut |_, _| Ok(()))?;
    let name = std::path::Path::new(&file).file_name().map_or(file.clone(), |name| name.to_string_lossy().into_owned());
    let created = json!({
        "name": name, "headers": headers, "file_hash": hex(&Sha256::digest(&content)), "mapping": mapping,
        "target": text("target"), "preset": text("preset"), "source": text("source"),
    });
    let created = ask(matches, "imports.create", without_nulls(created)).await?;
    // The rows are read again and handed on part by part, so that they are never all in memory.
    let (sender, mut parts) = tokio::sync::mpsc::channel::<(Vec<u64>, Vec<Vec<String>>)>(2);
    let reading = tokio::task::spawn_blocking(move || {
        let mut part = (Vec::new(), Vec::new());
        let read = imports::read::read(&content, &mut |line, cells| {
            part.0.push(line);
            part.1.push(cells);
            if part.0.len() >= PART {
                let whole = std::mem::take(&mut part);
                sender.blocking_send(whole).map_err(|error| Error::internal(error.to_string()))?;
            }
            Ok(())
        });
        if !part.0.is_empty() {
            sender.blocking_send(part).map_err(|error| Error::internal(error.to_string()))?;
        }
        read
    });
    let mut after = 0;
    while let Some((lines, rows)) = parts.recv().await {
        let count = lines.len();
        let part = json!({ "import": created["id"], "after": after, "lines": lines, "rows": rows });
        ask(matches, "imports.add_rows", part).await?;
        after += count;
    }
    reading.await.map_err(|error| Error::internal(error.to_string()))??;
    input["import"] = created["id"].clone();
    let begun = ask(matches, then, input).await?;
    report(matches, &follow(matches, &begun).await?).await
}

/// Waits for the work: does it here, or looks at the server's progress.
async fn follow(matches: &ArgMatches, begun: &Json) -> Result<Json> {
    let bar = ProgressBar::new(begun["rows"].as_u64().unwrap_or_default());
    let id = json!({ "import": begun["id"] });
    if connect::server(matches)?.is_none() {
        let (app, organization) = connect::open(matches).await?;
        let system = Actor::system(organization, "imports");
        let import = begun["id"].as_str().and_then(|id| id.parse().ok());
        let import = import.ok_or_else(|| Error::internal("the import has no id"))?;
        while imports::step(&app, &system, import).await? {
            bar.inc(100);
        }
        app.sequence().await?;
        bar.finish_and_clear();
        return ask(matches, "imports.get", id).await;
    }
    loop {
        let now = ask(matches, "imports.get", id.clone()).await?;
        bar.set_position(now["position"].as_u64().unwrap_or_default());
        if !matches!(now["state"].as_str(), Some("checking" | "running" | "undoing")) {
            bar.finish_and_clear();
            return Ok(now);
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
}

async fn report(matches: &ArgMatches, import: &Json) -> Done {
    if matches.get_flag("json") {
        output::show(import, true);
    } else {
        let unused: Vec<&str> = import["unused"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        if !unused.is_empty() {
            output::remark(&format!("nothing reads the columns {}", unused.join(", ")));
        }
        let count = |name: &str| import["counts"][name].as_u64().unwrap_or_default();
        let words = ["new", "changed", "unchanged", "skipped", "refused", "undone", "kept"];
        let counts: Vec<String> = words.iter().filter(|w| count(w) > 0).map(|w| format!("{} {w}", count(w))).collect();
        let word = |name: &str| import[name].as_str().unwrap_or_default().to_owned();
        output::line(&format!("{} is {}: {} rows, {}", word("id"), word("state"), import["rows"], counts.join(", ")));
        if count("refused") > 0 {
            let refused = json!({ "import": import["id"], "state": "refused", "limit": 20 });
            let rows = ask(matches, "imports.rows", refused).await?;
            for row in rows["items"].as_array().into_iter().flatten() {
                let row: imports::ImportRow = serde_json::from_value(row.clone())?;
                output::line(&format!("  line {}: {}", row.line, row.reasons()));
            }
            output::line(&format!("all of them as a file: concord import refused {}", word("id")));
        }
    }
    let refused = import["counts"]["refused"].as_u64().unwrap_or_default();
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
