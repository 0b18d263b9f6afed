//! Where a command works: a data directory, a database, or a running server.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use kernel::{Actor, App, Error, OrganizationId, Result};

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
                .help("Service token for --server"),
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

/// A running server, if the options name one.
pub fn server(matches: &ArgMatches) -> Option<(String, Option<String>)> {
    let server = matches.get_one::<String>("server")?.trim_end_matches('/').to_owned();
    Some((server, matches.get_one::<String>("token").cloned()))
}

/// The application on the data of the options, and its organization.
pub async fn open(matches: &ArgMatches) -> Result<(App, OrganizationId)> {
    let place = place(matches);
    if place.database_url.is_none() && !place.database_file().exists() {
        return Err(Error::conflict(
            "no_data",
            format!(
                "there is no Concord in {}: run `concord init` for a new one or `concord demo` to look around",
                place.data_dir.display()
            ),
        ));
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
