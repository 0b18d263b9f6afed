//! `concord program new`: writes a program folder to start from, the shipped one that is nearest to how a company works.
//!
//! On a terminal it asks a few questions, proposes a program and says why; elsewhere `--like` names one. Name, currency and
//! time zone are filled in, and nothing is ever written over.

mod fill;
mod nearest;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use kernel::{Error, Result};
use law::{Catalog, Program, Shipped, Work};
use serde_json::json;

use self::fill::Own;
use self::nearest::{Collects, Wishes};
use super::{Done, ask, output};

pub fn command() -> Command {
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    Command::new("new")
        .about("Write a shipped program into a new folder to start from")
        .long_about(
            "Write a shipped program into a new folder to start from.\n\n\
             On a terminal it asks what your partners do and how money flows, proposes the nearest program and says why. \
             With --like, or where no terminal is, it asks nothing.",
        )
        .arg(
            Arg::new("dir")
                .value_name("DIR")
                .required_unless_present("list")
                .value_parser(value_parser!(PathBuf))
                .help("Folder to write to; it must not exist, or be empty"),
        )
        .arg(text("like", "KEY", "The program to start from (see --list); asks nothing"))
        .arg(
            Arg::new("list").long("list").action(ArgAction::SetTrue).help("Show the shipped programs and write nothing"),
        )
        .arg(
            Arg::new("ask")
                .long("ask")
                .action(ArgAction::SetTrue)
                .conflicts_with("like")
                .help("Ask even where no terminal is; the answers are lines of standard input"),
        )
        .arg(text("name", "NAME", "Your company; gives the program its key and its title"))
        .arg(text("currency", "CODE", "The currency of all amounts, such as EUR"))
        .arg(text("time-zone", "ZONE", "The zone of business days, such as Europe/Berlin"))
}

pub fn run(matches: &ArgMatches, args: &ArgMatches) -> Done {
    if args.get_flag("list") {
        return list(matches.get_flag("json"));
    }
    let folder = args.get_one::<PathBuf>("dir").cloned().unwrap_or_default();
    if folder.is_file() {
        return Err(Error::conflict("not_a_folder", format!("{} is a file; choose a new folder", folder.display())));
    }
    if folder.exists() && folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Error::conflict("not_empty", format!("{} is not empty; choose a new folder", folder.display())));
    }
    let like = args.get_one::<String>("like");
    let asks = like.is_none() && (args.get_flag("ask") || ask::interactive());
    let program = match like {
        Some(key) => named(key)?,
        None if asks => propose()?,
        None => named("starter")?,
    };
    let own = if asks { asked(program, args)? } else { Own::given(&given(args))? };
    let files = fill::fill(&program.files(), &own);
    let checked = law::lint(&files, &Catalog::standard(), None);
    if let Some(mistake) = checked.diagnostics.iter().find(|found| found.is_error()) {
        let rule = format!("gives a program that is not sound: {}: {}", mistake.file, mistake.message);
        return Err(Error::invalid("currency", rule));
    }
    for (name, text) in &files {
        super::law::write(&folder.join(name), text)?;
    }
    next_steps(program, &folder, &own);
    Ok(ExitCode::SUCCESS)
}

fn loaded(program: &Shipped) -> Result<Program> {
    Program::load(&program.files()).map_err(|_| Error::internal(format!("{} does not load", program.key)))
}

fn named(key: &str) -> Result<&'static Shipped> {
    let shipped = law::shipped();
    let names: Vec<&str> = shipped.iter().map(|program| program.key).collect();
    let found = shipped.iter().find(|program| program.key == key);
    found.ok_or_else(|| Error::invalid("like", format!("`{key}` is not shipped; choose {}", names.join(", "))))
}

fn list(as_json: bool) -> Done {
    let mut rows = Vec::new();
    for shipped in law::shipped() {
        let program = loaded(shipped)?;
        let partners: Vec<&str> = shipped.work.iter().map(|work| work.word()).collect();
        rows.push(json!({
            "program": shipped.key,
            "partners": partners.join(", "),
            "about": program.settings.description,
        }));
    }
    output::show(&json!(rows), as_json);
    Ok(ExitCode::SUCCESS)
}

/// Asks how the company works and proposes the nearest program.
fn propose() -> Result<&'static Shipped> {
    output::remark("What do partners do for you? Several are possible.");
    for (place, work) in Work::ALL.iter().enumerate() {
        output::remark(&format!("  {}  {:<11} {}", place + 1, work.word(), work.meaning()));
    }
    let work = answer("Words or numbers, with commas between", "refer", nearest::work)?;
    let collects = answer("Who collects the money of customers: vendor, partner or both", "vendor", Collects::read)?;
    let deals = answer("Do partners register deals: yes or no", "yes", yes)?;
    let gate = answer("Do you gate anything at once by credentials, such as a licence: yes or no", "no", yes)?;
    let wishes = Wishes { work, collects, deals, gate };
    let shipped = law::shipped().iter();
    let programs = shipped.map(|shipped| Ok((shipped, loaded(shipped)?))).collect::<Result<Vec<_>>>()?;
    let ranked = nearest::rank(&wishes, &programs);
    let Some(first) = ranked.first() else { return named("starter") };
    output::remark(&format!("\nThe nearest is `{}`, {}.", first.shipped.key, first.title));
    for reason in &first.reasons {
        output::remark(&format!("  + {reason}"));
    }
    for difference in &first.differences {
        output::remark(&format!("  - {difference}"));
    }
    if let Some(second) = ranked.get(1) {
        output::remark(&format!("Next is `{}`, {}.", second.shipped.key, second.title));
    }
    answer("Start from", first.shipped.key, |text| named(text).map_err(|_| unknown(text)))
}

fn unknown(text: &str) -> String {
    let names: Vec<&str> = law::shipped().iter().map(|program| program.key).collect();
    format!("`{text}` is not shipped; choose {}", names.join(", "))
}

fn yes(text: &str) -> std::result::Result<bool, String> {
    match text.to_lowercase().as_str() {
        "y" | "yes" => Ok(true),
        "n" | "no" => Ok(false),
        _ => Err(format!("`{text}` is neither yes nor no")),
    }
}

/// Asks until the answer can be read; nothing typed takes the proposal. Where nobody can try again, a bad answer ends it.
fn answer<T>(question: &str, proposal: &str, read: impl Fn(&str) -> std::result::Result<T, String>) -> Result<T> {
    loop {
        let text = ask::line(&format!("{question} [{proposal}]"))?;
        let text = if text.trim().is_empty() { proposal } else { text.trim() };
        match read(text) {
            Ok(value) => return Ok(value),
            Err(rule) if ask::interactive() => output::remark(&rule),
            Err(rule) => return Err(Error::invalid("answer", rule)),
        }
    }
}

type Given = [Option<String>; 3];

fn given(args: &ArgMatches) -> Given {
    ["name", "currency", "time-zone"].map(|name| args.get_one::<String>(name).cloned())
}

/// Name, currency and zone: asked for where no option gives them.
fn asked(program: &Shipped, args: &ArgMatches) -> Result<Own> {
    let settings = loaded(program)?.settings;
    let proposals = [settings.vendor, settings.currency.to_string(), settings.time_zone];
    let questions = ["The name of your company", "Currency", "Time zone"];
    let mut all = given(args);
    for ((slot, question), proposal) in all.iter_mut().zip(questions).zip(&proposals) {
        if slot.is_none() {
            let read = |text: &str| match question {
                "Currency" => fill::currency(text).map(|_| text.to_uppercase()),
                "Time zone" => fill::zone(text).map(|()| text.to_owned()),
                _ => fill::name(text).map(|()| text.to_owned()),
            };
            // Taking what is there changes nothing.
            *slot = Some(answer(question, proposal, read)?).filter(|text| text != proposal);
        }
    }
    Own::given(&all)
}

/// What to edit first, in the order of what matters.
fn next_steps(program: &Shipped, folder: &Path, own: &Own) {
    let place = folder.display();
    let has = |file: &str| program.texts.iter().any(|(name, _)| *name == file);
    output::line(&format!("Wrote {} files like {} to {place}. Edit first:", program.texts.len(), program.key));
    if own.name.is_none() {
        output::line("  program.toml     key, title and vendor; the key never changes afterwards");
    }
    output::line("  money.toml       who pays whom how much; the amounts are examples, in any currency");
    output::line("  tiers.toml       thresholds and what each tier grants");
    if has("deals.toml") {
        output::line("  deals.toml       how long a registration protects, and which deals a person looks at");
    }
    if has("gate.toml") {
        output::line("  gate.toml        policies: start with mode = \"shadow\"");
    }
    output::line("  terms/*.md       have your lawyer read them: they are a proposal, no advice");
    output::line(&format!(
        "Then `concord program lint {place}`, and `concord init --program {place} …` for a new installation\n\
         or `concord program plan {place}` for one that runs. Fields: docs/program-file.md."
    ));
}
