//! Logs, traces and metrics of a running node.

use clap::{Arg, ArgMatches, Command};
use kernel::{Error, Result};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

pub fn options(command: Command) -> Command {
    command
        .arg(
            Arg::new("log-format")
                .long("log-format")
                .env("CONCORD_LOG_FORMAT")
                .value_parser(["pretty", "json"])
                .default_value("pretty")
                .help("How log lines are written to standard error"),
        )
        .arg(
            Arg::new("log-level")
                .long("log-level")
                .env("CONCORD_LOG")
                .default_value("info")
                .help("What is logged, such as info or concord=debug,kernel=debug"),
        )
        .arg(
            Arg::new("otlp-endpoint")
                .long("otlp-endpoint")
                .env("OTEL_EXPORTER_OTLP_ENDPOINT")
                .help("Export traces over OTLP/HTTP to this address, such as http://localhost:4318"),
        )
}

/// Starts logging as the options say; the guard flushes traces when it is dropped.
pub fn start(matches: &ArgMatches) -> Result<courier::traces::Exporter> {
    let level = matches.get_one::<String>("log-level").map_or("info", String::as_str);
    let filter = EnvFilter::try_new(level)
        .map_err(|e| Error::invalid("log-level", format!("`{level}` is not a filter such as info: {e}")))?;
    let (traces, exporter) = courier::traces::layer(matches.get_one::<String>("otlp-endpoint").map(String::as_str))?;
    let registry = tracing_subscriber::registry().with(filter).with(traces);
    let json = matches.get_one::<String>("log-format").is_some_and(|format| format == "json");
    let started = if json {
        registry.with(tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr)).try_init()
    } else {
        let layer = tracing_subscriber::fmt::layer().with_target(false).with_writer(std::io::stderr);
        registry.with(layer).try_init()
    };
    started.map_err(|e| Error::internal(format!("logging does not start: {e}")))?;
    Ok(exporter)
}

/// Counts and times everything from here on.
pub fn metrics() -> Result<PrometheusHandle> {
    let buckets = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
    PrometheusBuilder::new()
        .set_buckets(&buckets)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|e| Error::internal(format!("metrics do not start: {e}")))
}
