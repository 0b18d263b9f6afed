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
    next_steps(matches, &text("name"), &invited.link);
    Ok(ExitCode::SUCCESS)
}

/// What to do next, in the order in which one does it and with the options of this installation.
fn next_steps(matches: &ArgMatches, name: &str, link: &str) {
    let folder = connect::place(matches).data_dir;
    let token = link.rsplit('/').next().unwrap_or_default();
    output::line(&format!(
        "{name} is set up. Next, with the same --data-dir, --database-url and --log-origin (or their variables):\n\
         \n  1. concord serve\n\
         \x20    serves http://127.0.0.1:8080; put a proxy that speaks HTTPS in front (docs/operations.md).\n\
         \n  2. The owner chooses a password at http://127.0.0.1:8080{link}\n\
         \x20    The link works once, for 7 days. Without a browser, this asks for its last part and for the password:\n\
         \x20    concord people accept-invitation --name \"Ada Example\"\n\
         \x20    {token}\n\
         \n  3. concord login --server http://127.0.0.1:8080\n\
         \x20    From then on `concord --server http://127.0.0.1:8080 …` acts as the owner.\n\
         \n  4. concord --server http://127.0.0.1:8080 people invite --name … --email … --role …\n\
         \x20    invites others; `concord people list` and `concord tokens create --person per_… …` make the first token\n\
         \x20    for a program.\n\
         \nKeep copies of {0}/log.key and {0}/secret.key apart from the database.",
        folder.display()
    ));
}

fn starter() -> Result<std::collections::BTreeMap<String, String>> {
    let shipped = ::law::shipped().iter().find(|program| program.key == "starter");
    shipped.map(::law::Shipped::files).ok_or_else(|| Error::internal("the starter program is not shipped"))
}
