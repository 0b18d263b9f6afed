//! `concord init`: a new installation with its organization, its program and the invitation of its first owner.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};
use kernel::{Actor, Error, Result};

use super::{Done, connect, law, output};
use crate::assemble;

pub fn command() -> Command {
    let text = |name: &'static str, help: &'static str| Arg::new(name).long(name).required(true).help(help);
    Command::new("init")
        .about("Set up a new installation: organization, program, first owner")
        .arg(text("name", "Name of the organization that runs the program, such as Northwind"))
        .arg(text("owner", "E-mail address of the first owner"))
        .arg(Arg::new("owner-name").long("owner-name").default_value("Owner").help("Name of the first owner"))
        .arg(
            Arg::new("program")
                .long("program")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("Folder of the program to start with; without it the shipped starter program"),
        )
}

pub async fn run(matches: &ArgMatches, sub: &ArgMatches) -> Done {
    let app = assemble::open(&connect::place(matches)).await?;
    if app.organization(None).await?.is_some() {
        return Err(Error::conflict(
            "initialized",
            "this installation has its organization already; see `concord serve`",
        ));
    }
    let text = |name: &str| sub.get_one::<String>(name).cloned().unwrap_or_default();
    let files = match sub.get_one::<PathBuf>("program") {
        Some(folder) => law::folder(folder)?,
        None => starter()?,
    };
    let organization = app.new_id(app.now());
    let system = Actor::system(organization, "init");
    let found = people::FoundOrganization { id: organization, title: text("name") };
    app.run(&system, found).await?;
    let note = "The first version".to_owned();
    app.run(&system, programs::ApplyProgram { files, effective_from: None, note }).await?;
    let invite = people::invitations::Invite {
        email: text("owner"),
        name: text("owner-name"),
        role: "owner".to_owned(),
        partner: None,
    };
    let invited = app.run(&system, invite).await?;
    app.sequence().await?;
    output::line(&format!("{} is set up. Start it with `concord serve`.", text("name")));
    output::line(&format!("The owner chooses a password at {}", invited.link));
    Ok(ExitCode::SUCCESS)
}

fn starter() -> Result<std::collections::BTreeMap<String, String>> {
    let shipped = ::law::shipped().iter().find(|program| program.key == "starter");
    shipped.map(::law::Shipped::files).ok_or_else(|| Error::internal("the starter program is not shipped"))
}
