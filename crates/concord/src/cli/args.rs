//! Operations and queries as subcommands: their fields are the options.

use clap::{Arg, ArgMatches, Command};
use kernel::Registry;
use kernel::input::{kind, not_null, resolve};
use kernel::registry::Declaration;
use serde_json::Value as Json;

/// How deep objects become options (`--customer.name`); deeper ones are given as JSON.
const DEEPEST: usize = 2;

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
    let options = options(&declaration.input);
    let names: Vec<String> = options.iter().map(|option| option.name.clone()).collect();
    for option in options {
        let mut arg = Arg::new(option.name.clone()).long(option.name.clone()).help(option.help);
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
    choices: Vec<String>,
}

fn options(schema: &Json) -> Vec<CliOption> {
    let mut found = Vec::new();
    collect(schema, schema, "", true, 1, &mut found);
    found
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

/// The options that were given, as flat texts.
pub fn given(declaration: &Declaration, matches: &ArgMatches) -> Vec<(String, String)> {
    let names = options(&declaration.input).into_iter().map(|option| option.name);
    names.filter_map(|name| Some((name.clone(), matches.get_one::<String>(&name)?.clone()))).collect()
}
