//! Where a command works: a data directory, a database, or a running server.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use kernel::{Actor, App, Error, OrganizationId, Result};

use super::logins::{Login, Logins};
use crate::assemble::{self, Place};

/// Options of every command.
pub fn globals(command: Command) -> Command {
    command
        .arg(
            Arg::new("data-dir")
                .long("data-dir")
                .env("CONCORD_DATA_DIR")
                .global(true)
                .default_value("concord-data")
                .value_parser(value_parser!(PathBuf))
                .help("Folder of the keys and of the embedded database"),
        )
        .arg(
            Arg::new("database-url")
                .long("database-url")
                .env("CONCORD_DATABASE_URL")
                .global(true)
                .hide_env_values(true)
                .help("postgres://… instead of the embedded database"),
        )
        .arg(
            Arg::new("log-origin")
                .long("log-origin")
                .env("CONCORD_LOG_ORIGIN")
                .global(true)
                .default_value("concord.local/log")
                .help("Name under which the log is signed; choose it once, such as partners.example.com/log"),
        )
        .arg(
            Arg::new("server")
                .long("server")
                .env("CONCORD_SERVER")
                .global(true)
                .help("Address of a running server to work on, such as https://partners.example.com"),
        )
        .arg(
            Arg::new("token")
                .long("token")
                .env("CONCORD_TOKEN")
                .global(true)
                .hide_env_values(true)
                .help("Service token for --server; goes before a login"),
        )
        .arg(
            Arg::new("config-dir")
                .long("config-dir")
                .env("CONCORD_CONFIG_DIR")
                .global(true)
                .hide_env_values(true)
                .value_parser(value_parser!(PathBuf))
                .help("Folder in which `concord login` keeps sessions; ~/.config/concord unless told"),
        )
        .arg(Arg::new("json").long("json").global(true).action(ArgAction::SetTrue).help("Print JSON instead of tables"))
}

/// The place that the options name.
pub fn place(matches: &ArgMatches) -> Place {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    Place {
        data_dir: matches.get_one::<PathBuf>("data-dir").cloned().unwrap_or_default(),
        database_url: text("database-url"),
        log_origin: text("log-origin").unwrap_or_default(),
    }
}

/// A running server, and what shows it who calls.
pub struct Remote {
    pub url: String,
    pub proof: Proof,
}

/// What is sent along so that a server knows the caller.
pub enum Proof {
    /// A service token of the options.
    Token(String),
    /// The session of somebody who logged in.
    Login(Login),
    Nobody,
}

impl Proof {
    pub fn bearer(&self) -> Option<&str> {
        match self {
            Self::Token(token) => Some(token),
            Self::Login(login) => Some(&login.session),
            Self::Nobody => None,
        }
    }
}

/// The address of a running server, if the options name one.
pub fn address(matches: &ArgMatches) -> Result<Option<courier::http::Address>> {
    matches.get_one::<String>("server").map(|text| courier::http::Address::read(text)).transpose()
}

/// A running server, if the options name one. A token that is named goes before a login that is kept.
pub fn server(matches: &ArgMatches) -> Result<Option<Remote>> {
    let Some(address) = address(matches)? else { return Ok(None) };
    let token = matches.get_one::<String>("token").filter(|token| !token.is_empty());
    let proof = match token {
        Some(token) => Proof::Token(token.clone()),
        // Where nothing can be kept, nothing is.
        None => match logins(matches) {
            Ok(logins) => logins.get(&address.url)?.map_or(Proof::Nobody, Proof::Login),
            Err(_) => Proof::Nobody,
        },
    };
    Ok(Some(Remote { url: address.url, proof }))
}

pub fn logins(matches: &ArgMatches) -> Result<Logins> {
    Logins::of(matches.get_one::<PathBuf>("config-dir"))
}

/// The application on the data of the options, and its organization.
pub async fn open(matches: &ArgMatches) -> Result<(App, OrganizationId)> {
    let place = place(matches);
    if place.database_url.is_none() && !place.database_file().exists() {
        let folder = place.data_dir.display();
        let mut words = format!(
            "there is no Concord in {folder}: run `concord init` for a new one or `concord demo` to look around"
        );
        for login in logins(matches).and_then(|logins| logins.all()).unwrap_or_default() {
            words.push_str(&format!("; {} is signed in to {1}: --server {1}", login.name, login.server));
        }
        return Err(Error::conflict("no_data", words));
    }
    let app = assemble::open(&place).await?;
    let organization = app.organization(None).await?;
    let organization = organization
        .ok_or_else(|| Error::conflict("no_organization", "the database is empty: run `concord init` first"))?;
    Ok((app, organization))
}

/// Whoever can read the data directory may do everything; the log says that it was done there.
pub fn operator(organization: OrganizationId) -> Actor {
    Actor::system(organization, "command line")
}
