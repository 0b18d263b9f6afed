//! Operations and queries as subcommands: their fields are the options.
//!
//! Two kinds of fields are not: what is secret is asked for, since every user of a machine sees the options of a command;
//! and what the server fills (the session of a request, its address) is nobody's to say.

use clap::{Arg, ArgAction, ArgMatches, Command};
use kernel::input::{kind, not_null, resolve};
use kernel::registry::Declaration;
use kernel::{Registry, Result};
use serde_json::Value as Json;

use super::ask;

/// How deep objects become options (`--customer.name`); deeper ones are given as JSON.
const DEEPEST: usize = 2;

/// Options of every command that a field may be named like.
const GLOBAL: [&str; 4] = ["token", "server", "json", "input"];

/// The first words of all names, once each.
pub fn areas(registry: &Registry) -> Vec<&'static str> {
    let mut areas: Vec<&str> = registry.catalogue().iter().filter_map(|d| d.name.split('.').next()).collect();
    areas.dedup();
    areas
}

/// `deals` with its verbs.
pub fn group(registry: &Registry, area: &'static str) -> Command {
    let mut group = Command::new(area).about(format!("Work with {}", area.replace('_', " "))).subcommand_required(true);
    group = group.arg_required_else_help(true);
    for declaration in registry.catalogue().into_iter().filter(|d| d.name.split('.').next() == Some(area)) {
        group = group.subcommand(subcommand(declaration));
    }
    group
}

/// `deals.return_for_information` is typed `return-for-information`.
pub fn verb(name: &str) -> String {
    name.split_once('.').map_or(name, |(_, verb)| verb).replace(['_', '.'], "-")
}

fn subcommand(declaration: &Declaration) -> Command {
    let mut command = Command::new(verb(declaration.name)).about(declaration.summary.clone());
    let options = options(declaration);
    let asked: Vec<String> = options.iter().filter(|o| o.secret && o.required).map(|o| spoken(&o.name)).collect();
    if !asked.is_empty() {
        command = command.after_help(format!(
            "Asks for: {}. Without a terminal they are read from standard input, one a line in this order.",
            asked.join(", ")
        ));
    }
    let shown: Vec<CliOption> = options.into_iter().filter(|option| !(option.secret && option.required)).collect();
    let names: Vec<String> = shown.iter().map(CliOption::typed).collect();
    for option in shown {
        let typed = option.typed();
        let mut arg = Arg::new(typed.clone()).long(typed.clone());
        let hyphened = typed.replace('_', "-");
        if hyphened != typed {
            arg = arg.alias(hyphened);
        }
        if option.secret {
            command = command.arg(arg.action(ArgAction::SetTrue).help(format!("Ask for it. {}", option.help)));
            continue;
        }
        arg = arg.help(option.help);
        if option.required {
            arg = arg.required_unless_present("input");
        }
        arg = arg.value_name(option.value_name).allow_hyphen_values(true);
        if !option.choices.is_empty() {
            arg = arg.value_parser(clap::builder::PossibleValuesParser::new(option.choices));
        }
        command = command.arg(arg);
    }
    let input = Arg::new("input").long("input").value_name("FILE");
    command.arg(
        input.help("Read the whole input from a JSON file instead, or - for standard input").conflicts_with_all(names),
    )
}

struct CliOption {
    name: String,
    help: String,
    value_name: &'static str,
    required: bool,
    /// Never typed where others see it.
    secret: bool,
    choices: Vec<String>,
}

impl CliOption {
    /// As it is typed. A field whose name is an option of every command is told apart from it: `tokens revoke
    /// --token_id` names a token, `--token` is the one that the caller shows.
    fn typed(&self) -> String {
        if GLOBAL.contains(&self.name.as_str()) { format!("{}_id", self.name) } else { self.name.clone() }
    }
}

fn options(declaration: &Declaration) -> Vec<CliOption> {
    let mut found = Vec::new();
    collect(&declaration.input, &declaration.input, "", true, 1, &mut found);
    found.retain(|option| !filled_by_server(declaration.name, &option.name));
    found
}

fn filled_by_server(operation: &str, field: &str) -> bool {
    match field {
        "session" => people::TAKE_SESSION.contains(&operation),
        "source" => people::TAKE_SOURCE.contains(&operation),
        _ => false,
    }
}

/// `new_password` is asked for as "New password".
fn spoken(name: &str) -> String {
    let words = name.replace(['_', '.'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}

fn collect(root: &Json, schema: &Json, prefix: &str, needed: bool, depth: usize, found: &mut Vec<CliOption>) {
    let required = schema.get("required").and_then(Json::as_array).cloned().unwrap_or_default();
    for (name, property) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
        let full = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let is_required = needed && required.iter().any(|r| r == name);
        let plain = not_null(root, resolve(root, property));
        if plain.get("properties").is_some() && depth < DEEPEST {
            collect(root, plain, &full, is_required, depth + 1, found);
            continue;
        }
        let help = property.get("description").or_else(|| plain.get("description")).and_then(Json::as_str);
        let choices = plain.get("enum").and_then(Json::as_array);
        let choices = choices.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect();
        found.push(CliOption {
            name: full,
            help: help.unwrap_or_default().replace('\n', " "),
            value_name: value_name(plain),
            required: is_required,
            secret: plain.get("format").is_some_and(|format| format == "password"),
            choices,
        });
    }
}

fn value_name(schema: &Json) -> &'static str {
    match (kind(schema), schema.get("format").and_then(Json::as_str)) {
        (Some("integer" | "number"), _) => "NUMBER",
        (Some("boolean"), _) => "true|false",
        (Some("array"), _) => "LIST",
        (_, Some("money")) => "AMOUNT",
        (_, Some("date")) => "DAY",
        (_, Some("date-time")) => "TIME",
        (Some("object"), _) => "JSON",
        _ => "TEXT",
    }
}

/// The options that were given, as flat texts, and what had to be asked for.
pub fn given(declaration: &Declaration, matches: &ArgMatches) -> Result<Vec<(String, String)>> {
    let mut texts = Vec::new();
    for option in options(declaration) {
        let typed = option.typed();
        if option.secret && (option.required || matches.get_flag(&typed)) {
            let answer = ask::secret(&spoken(&option.name))?;
            texts.push((option.name, answer.expose().to_owned()));
        } else if !option.secret
            && let Some(text) = matches.get_one::<String>(&typed)
        {
            texts.push((option.name, text.clone()));
        }
    }
    Ok(texts)
}
