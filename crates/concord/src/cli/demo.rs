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
    print(&built, matches.get_flag("json"));
    let Some(listener) = listener else {
        deliver(&built.meter, &past, &bar).await?;
        return Ok(ExitCode::SUCCESS);
    };
    bar.finish_and_clear();
    drop(past);

    let app = assemble::open(&place).await?;
    let address = listener.local_addr().map_err(|e| kernel::Error::internal(e.to_string()))?;
    output::line(&format!("\n  Open  http://{address}   (stop with Ctrl-C)\n"));
    let server = Server::new(app.clone(), built.organization)
        .metrics(metrics)
        .banner("Demo: a made-up vendor with made-up partners. Sign in with another role to see its side.");
    let organization = built.organization;
    let still = sub.get_flag("still");
    let behind = tokio::spawn({
        let app = app.clone();
        async move {
            if let Err(error) = deliver(&built.meter, &app, &bar).await {
                tracing::warn!(%error, "the meter could not deliver the usage of the year");
            }
            if !still {
                world::live(app, organization, seed).await;
            }
        }
    });
    serve::until_stopped(&app, organization, server, listener).await?;
    behind.abort();
    drop((exporter, temporary));
    Ok(ExitCode::SUCCESS)
}

/// The usage of the year comes in while people already look around.
async fn deliver(meter: &world::Meter, app: &kernel::App, bar: &ProgressBar) -> Result<()> {
    let all = meter.events().max(1);
    bar.reset();
    bar.set_message("the meter delivers the usage of the year");
    meter.deliver(app, &|delivered| bar.set_position((delivered * 1000 / all) as u64)).await?;
    bar.finish_and_clear();
    Ok(())
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
        "Built {} partners, {} customers and {} deals in {:.1} s; {} usage events follow.",
        built.partners, built.customers, built.deals, built.seconds, built.usage_events
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
