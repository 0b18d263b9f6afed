//! `concord serve`: the server with its worker, until it is told to stop.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};
use kernel::{App, Error, OrganizationId, Result};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::{Done, connect, output, telemetry};
use crate::http::Server;
use crate::http::proxy::network;
use crate::worker::Worker;

pub fn command() -> Command {
    let command = Command::new("serve").about("Serve console, portal and API").arg(listen("127.0.0.1:8080")).arg(
        Arg::new("secure-cookies")
            .long("secure-cookies")
            .env("CONCORD_SECURE_COOKIES")
            .action(clap::ArgAction::SetTrue)
            .help("Send session cookies over HTTPS only; set it when a proxy in front speaks HTTPS"),
    );
    let command = command.arg(
        Arg::new("trusted-proxy")
            .long("trusted-proxy")
            .env("CONCORD_TRUSTED_PROXIES")
            .value_name("CIDR")
            .action(clap::ArgAction::Append)
            .value_delimiter(',')
            .value_parser(network)
            .help("Network or address of proxies in front, whose X-Forwarded-For is believed; may be repeated"),
    );
    telemetry::options(command)
}

pub fn listen(default: &'static str) -> Arg {
    Arg::new("listen")
        .long("listen")
        .env("CONCORD_LISTEN")
        .default_value(default)
        .value_parser(value_parser!(SocketAddr))
        .help("Address and port to listen on")
}

pub async fn run(matches: &ArgMatches, sub: &ArgMatches) -> Done {
    let exporter = telemetry::start(sub)?;
    let metrics = telemetry::metrics()?;
    let (app, organization) = connect::open(matches).await?;
    let proxies = sub.get_many("trusted-proxy").into_iter().flatten().copied().collect();
    let server = Server::new(app.clone(), organization)
        .metrics(metrics)
        .secure_cookies(sub.get_flag("secure-cookies"))
        .trusted_proxies(proxies);
    let listener = bind(sub).await?;
    let address = listener.local_addr().map_err(|e| Error::internal(e.to_string()))?;
    output::remark(&format!("Concord serves http://{address}"));
    until_stopped(&app, organization, server, listener).await?;
    drop(exporter);
    Ok(ExitCode::SUCCESS)
}

pub async fn bind(sub: &ArgMatches) -> Result<TcpListener> {
    let address = sub.get_one::<SocketAddr>("listen").copied();
    let address = address.ok_or_else(|| Error::invalid("listen", "an address such as 127.0.0.1:8080"))?;
    TcpListener::bind(address)
        .await
        .map_err(|e| Error::invalid("listen", format!("{address} cannot be used: {e}; choose another with --listen")))
}

/// Serves until the process is told to stop, then finishes requests and work in hand.
pub async fn until_stopped(
    app: &App,
    organization: OrganizationId,
    server: Server,
    listener: TcpListener,
) -> Result<()> {
    let worker = Worker::start(app, organization);
    let (stop, stopping) = watch::channel(false);
    let draining = server.clone();
    tokio::spawn(async move {
        signal().await;
        tracing::info!("stopping: no new work, finishing what is in hand");
        draining.drain();
        let _ = stop.send(true);
    });
    let router = server.router().into_make_service_with_connect_info::<SocketAddr>();
    let mut wait = stopping.clone();
    let served = axum::serve(listener, router).with_graceful_shutdown(async move {
        let _ = wait.wait_for(|stop| *stop).await;
    });
    // Connections that stay open must not hold the stop for ever.
    let mut deadline = stopping;
    let overdue = async move {
        let _ = deadline.wait_for(|stop| *stop).await;
        tokio::time::sleep(std::time::Duration::from_secs(10)).await;
    };
    tokio::select! {
        result = served => result.map_err(|e| Error::internal(format!("the server failed: {e}")))?,
        () = overdue => tracing::warn!("some connections were still open after 10 s"),
    }
    // Decisions that were answered and wait to be recorded.
    if tokio::time::timeout(std::time::Duration::from_secs(5), gate::settle(app)).await.is_err() {
        tracing::warn!("some dispatch decisions were not recorded in time");
    }
    worker.stop().await;
    Ok(())
}

async fn signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(_) => {
                let _ = interrupt.await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = interrupt.await;
    }
}
