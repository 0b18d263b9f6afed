//! `concord doctor`, `backup` and `restore`: is the installation sound, and can it be brought back?

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};
use kernel::{Error, Result, Timestamp};

use super::{Done, connect, output};
use crate::assemble::{self, Place};

pub fn command() -> Command {
    Command::new("doctor").about("Check configuration, clock, disk, database and the integrity of the log")
}

pub fn backup_command() -> Command {
    Command::new("backup")
        .about("Copy the embedded database and the keys into a folder, while the server runs")
        .arg(Arg::new("to").required(true).value_name("DIR").value_parser(value_parser!(PathBuf)).help("New folder"))
}

pub fn restore_command() -> Command {
    Command::new("restore")
        .about("Bring a backup back into an empty data directory")
        .arg(Arg::new("from").required(true).value_name("DIR").value_parser(value_parser!(PathBuf)).help("The backup"))
}

/// One line of the doctor's report.
struct Finding {
    what: &'static str,
    sound: bool,
    words: String,
}

pub async fn run(matches: &ArgMatches) -> Done {
    let place = connect::place(matches);
    let mut findings = vec![keys(&place), disk(&place)];
    match connect::open(matches).await {
        Err(error) => findings.push(Finding { what: "database", sound: false, words: error.to_string() }),
        Ok((app, _)) => {
            let kind = if app.db().is_postgres() { "PostgreSQL" } else { "embedded SQLite" };
            findings.push(Finding { what: "database", sound: true, words: format!("{kind}, schema up to date") });
            findings.push(clock(&app).await?);
            app.sequence().await?;
            let report = kernel::log::verify(&app, None).await?;
            let words = match report.wrong.first() {
                None => format!("{} entries and {} sealed rows are proven", report.entries, report.sealed_rows),
                Some(wrong) => format!("{} things are wrong, the first: {}", report.wrong.len(), wrong.what),
            };
            findings.push(Finding { what: "log", sound: report.wrong.is_empty(), words });
        }
    }
    for finding in &findings {
        let mark = if finding.sound { "ok  " } else { "FAIL" };
        output::line(&format!("{mark}  {:<9} {}", finding.what, finding.words));
    }
    Ok(if findings.iter().all(|f| f.sound) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn keys(place: &Place) -> Finding {
    let missing: Vec<String> = [place.log_key_file(), place.secret_key_file()]
        .iter()
        .filter(|file| std::fs::metadata(file).map_or(0, |m| m.len()) != 32)
        .map(|file| file.display().to_string())
        .collect();
    let sound = missing.is_empty();
    let words = if sound {
        format!("present in {}; keep a copy apart from the database", place.data_dir.display())
    } else {
        format!("missing or damaged: {}; restore them from your backup", missing.join(", "))
    };
    Finding { what: "keys", sound, words }
}

/// Whether the data directory takes a new file.
fn disk(place: &Place) -> Finding {
    let probe = place.data_dir.join(".doctor");
    let written = std::fs::write(&probe, vec![0u8; 1 << 20]).and_then(|()| std::fs::remove_file(&probe));
    let words = match &written {
        Ok(()) => format!("{} can be written", place.data_dir.display()),
        Err(error) => format!("{} cannot be written: {error}", place.data_dir.display()),
    };
    Finding { what: "disk", sound: written.is_ok(), words }
}

/// A clock behind the newest entry would write history out of order.
async fn clock(app: &kernel::App) -> Result<Finding> {
    let mut tx = app.db().read().await?;
    let newest = Timestamp::from_micros(tx.number("SELECT MAX(recorded_at) FROM log_entry", &[]).await?);
    tx.rollback().await?;
    let now = app.now();
    let sound = newest <= now.plus_seconds(5);
    let words = if sound {
        format!("it is {now}; the newest entry is older")
    } else {
        format!("it is {now}, but the newest entry is of {newest}: set the machine's clock")
    };
    Ok(Finding { what: "clock", sound, words })
}

pub async fn backup(matches: &ArgMatches, sub: &ArgMatches) -> Done {
    let place = connect::place(matches);
    let to = sub.get_one::<PathBuf>("to").cloned().unwrap_or_default();
    let (app, _) = connect::open(matches).await?;
    fresh_folder(&to)?;
    let copy = Place { data_dir: to.clone(), ..place.clone() };
    app.db().backup(&copy.database_file()).await?;
    copy_keys(&place, &copy)?;
    output::line(&format!("Backed up to {}. It holds the keys: keep it as safe as the server.", to.display()));
    Ok(ExitCode::SUCCESS)
}

pub async fn restore(matches: &ArgMatches, sub: &ArgMatches) -> Done {
    let place = connect::place(matches);
    let from = sub.get_one::<PathBuf>("from").cloned().unwrap_or_default();
    let backup = Place { data_dir: from, database_url: None, ..place.clone() };
    if place.database_url.is_some() {
        return Err(Error::conflict("not_embedded", "restore PostgreSQL with its own tools"));
    }
    if place.database_file().exists() {
        let words = format!("{} has a database already; move it away first", place.data_dir.display());
        return Err(Error::conflict("not_empty", words));
    }
    fresh_folder(&place.data_dir)?;
    copy(&backup.database_file(), &place.database_file())?;
    copy_keys(&backup, &place)?;
    let app = assemble::open(&place).await?;
    let report = kernel::log::verify(&app, None).await?;
    output::line(&format!("Restored {} entries; {} things are wrong.", report.entries, report.wrong.len()));
    Ok(if report.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn copy_keys(from: &Place, to: &Place) -> Result<()> {
    copy(&from.log_key_file(), &to.log_key_file())?;
    copy(&from.secret_key_file(), &to.secret_key_file())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let words = |e: std::io::Error| Error::invalid("file", format!("{} cannot be copied: {e}", from.display()));
    std::fs::copy(from, to).map(|_| ()).map_err(words)
}

fn fresh_folder(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)
        .map_err(|e| Error::invalid("dir", format!("{} cannot be made: {e}", folder.display())))?;
    if folder.join("concord.db").exists() {
        return Err(Error::conflict(
            "not_empty",
            format!("{} holds a backup already; name a new folder", folder.display()),
        ));
    }
    Ok(())
}
