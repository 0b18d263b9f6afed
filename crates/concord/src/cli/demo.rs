//! `concord demo`: a believable year of a program, built through the operations that a user calls, then served alive.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Arg, ArgMatches, Command, value_parser};
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Clock, FixedClock, IdSource, Result, SystemClock};

use super::{Done, connect, output, serve, telemetry};
use crate::assemble::{self, Place};
use crate::http::Server;

pub fn command() -> Command {
    let command = Command::new("demo")
        .about("Build a believable year of a partner program and serve it")
        .arg(serve::listen("127.0.0.1:8080"))
        .arg(
            Arg::new("scale").long("scale").default_value("1.0").value_parser(value_parser!(f64)).help(
                "Size of the world: 1 is about 240 partners, 6,000 deals, 2,000 customers, a million usage events",
            ),
        )
        .arg(
            Arg::new("seed")
                .long("seed")
                .default_value("2026")
                .value_parser(value_parser!(u64))
                .help("The same seed builds the same world"),
        )
        .arg(
            Arg::new("dir")
                .long("dir")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("Keep the demo in this folder; without it a temporary one, gone at the end"),
        )
        .arg(
            Arg::new("still")
                .long("still")
                .action(clap::ArgAction::SetTrue)
                .help("Serve the year without going on living"),
        )
        .arg(
            Arg::new("build-only").long("build-only").action(clap::ArgAction::SetTrue).help("Build the world and end"),
        );
    telemetry::options(command).mut_arg("log-level", |level| level.default_value("warn"))
}

pub async fn run(matches: &ArgMatches, sub: &ArgMatches) -> Done {
    let exporter = telemetry::start(sub)?;
    let metrics = telemetry::metrics()?;
    let (place, temporary) = demo_place(matches, sub)?;
    let listener = if sub.get_flag("build-only") { None } else { Some(serve::bind(sub).await?) };
    let seed = sub.get_one::<u64>("seed").copied().unwrap_or_default();
    let scale = sub.get_one::<f64>("scale").copied().unwrap_or(1.0);

    let today = SystemClock.now();
    let clock = Arc::new(FixedClock::at(today));
    let past = assemble::open_with(&place, clock.clone(), IdSource::seeded(seed)).await?;
    let bar = ProgressBar::new(1000).with_style(style());
    let plan = world::Plan { seed, scale, today };
    let built = world::build(&past, &clock, &plan, &|done, what| {
        bar.set_position((done * 1000.0) as u64);
        bar.set_message(what.to_owned());
    })
    .await?;
    bar.finish_and_clear();
    drop(past);
    print(&built, matches.get_flag("json"));
    let Some(listener) = listener else { return Ok(ExitCode::SUCCESS) };

    let app = assemble::open(&place).await?;
    let address = listener.local_addr().map_err(|e| kernel::Error::internal(e.to_string()))?;
    output::line(&format!("\n  Open  http://{address}   (stop with Ctrl-C)\n"));
    let server = Server::new(app.clone(), built.organization)
        .metrics(metrics)
        .banner("Demo: a made-up vendor with made-up partners. Sign in with another role to see its side.");
    let living = (!sub.get_flag("still")).then(|| tokio::spawn(world::live(app.clone(), built.organization, seed)));
    serve::until_stopped(&app, built.organization, server, listener).await?;
    if let Some(living) = living {
        living.abort();
    }
    drop((exporter, temporary));
    Ok(ExitCode::SUCCESS)
}

fn print(built: &world::Built, json: bool) {
    if json {
        let login =
            |l: &world::Login| serde_json::json!({ "title": l.title, "email": l.email, "password": l.password });
        let summary = serde_json::json!({
            "organization": built.organization, "partners": built.partners, "customers": built.customers, "deals": built.deals,
            "usage_events": built.usage_events, "seconds": built.seconds,
            "logins": built.logins.iter().map(login).collect::<Vec<_>>(),
        });
        return output::line(&summary.to_string());
    }
    output::line(&format!(
        "Built {} partners, {} customers, {} deals, {} usage events in {:.1} s.",
        built.partners, built.customers, built.deals, built.usage_events, built.seconds
    ));
    output::line("\n  Ready-made logins:\n");
    for login in &built.logins {
        output::line(&format!("    {:<24} {:<34} {}", login.title, login.email, login.password));
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("  {bar:40} {percent:>3} %  {msg}").unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// The demo's own place: never the data directory of a real installation.
fn demo_place(matches: &ArgMatches, sub: &ArgMatches) -> Result<(Place, Option<tempfile::TempDir>)> {
    let place = connect::place(matches);
    if let Some(folder) = sub.get_one::<PathBuf>("dir") {
        if folder.join("concord.db").exists() {
            let words = format!(
                "{} holds a database already; name a new folder, or serve it with `concord serve`",
                folder.display()
            );
            return Err(kernel::Error::conflict("not_empty", words));
        }
        return Ok((Place { data_dir: folder.clone(), ..place }, None));
    }
    let folder = tempfile::Builder::new().prefix("concord-demo").tempdir();
    let folder = folder.map_err(|e| kernel::Error::internal(format!("no temporary folder: {e}")))?;
    Ok((Place { data_dir: folder.path().to_owned(), ..place }, Some(folder)))
}
