//! What the benchmarks share: an installation of their own, the real binary serving it, callers, and figures.
//!
//! Everything happens in temporary folders on this machine. PostgreSQL is measured when `CONCORD_BENCH_POSTGRES` names a
//! server whose user may create databases; they are dropped at the end.

#![allow(dead_code)] // each benchmark uses a part

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kernel::{Actor, App, IdSource, SystemClock};
use people::tokens::CreateToken;

use crate::assemble::{self, Place};

pub type Fault = Box<dyn std::error::Error + Send + Sync>;
pub type Done<T = ()> = Result<T, Fault>;

/// The owner's address and password.
pub const LOGIN: (&str, &str) = ("bench@example.com", "correct horse battery stapl");

/// The options of a benchmark: `--name value`.
pub struct Options(Vec<(String, String)>);

impl Options {
    /// Reads the command line; an option that is not among `known` is refused.
    pub fn read(known: &[&str]) -> Done<Self> {
        let mut options = Vec::new();
        let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
        while let Some(word) = words.next() {
            let name = word.trim_start_matches("--").to_owned();
            if !known.contains(&name.as_str()) {
                return Err(format!("`{word}` is no option; known are --{}", known.join(", --")).into());
            }
            options.push((name, words.next().ok_or(format!("`{word}` needs a value"))?));
        }
        Ok(Self(options))
    }

    pub fn number(&self, name: &str, default: usize) -> Done<usize> {
        self.text(name).map_or(Ok(default), |text| Ok(text.parse()?))
    }

    pub fn numbers(&self, name: &str, default: &[u64]) -> Done<Vec<u64>> {
        let Some(text) = self.text(name) else { return Ok(default.to_vec()) };
        Ok(text.split(',').map(str::parse).collect::<Result<_, _>>()?)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The databases to measure on.
pub fn databases() -> Vec<Option<String>> {
    let mut all = vec![None];
    match std::env::var("CONCORD_BENCH_POSTGRES") {
        Ok(url) => all.push(Some(url)),
        Err(_) => println!("CONCORD_BENCH_POSTGRES is not set: the embedded database only.\n"),
    }
    all
}

/// An installation in a folder and, perhaps, a database of its own.
pub struct Installation {
    pub folder: tempfile::TempDir,
    pub place: Place,
    server: Option<String>,
}

impl Installation {
    /// An empty one, on that PostgreSQL server or on the embedded database.
    pub async fn new(postgres: Option<&str>) -> Done<Self> {
        let folder = tempfile::tempdir()?;
        let mut database_url = None;
        if let Some(base) = postgres {
            let name = format!("bench_{}", folder.path().file_name().and_then(|n| n.to_str()).unwrap_or("x"));
            let name = name.replace('.', "").to_lowercase();
            client(base).await?.batch_execute(&format!("CREATE DATABASE {name}")).await?;
            let (head, options) = base.split_once('?').map_or((base, String::new()), |(h, o)| (h, format!("?{o}")));
            let (server, _) = head.rsplit_once('/').ok_or("the address of PostgreSQL names a database")?;
            database_url = Some(format!("{server}/{name}{options}"));
        }
        let place =
            Place { data_dir: folder.path().to_owned(), database_url, log_origin: "bench.local/log".to_owned() };
        Ok(Self { folder, place, server: postgres.map(str::to_owned) })
    }

    pub fn is_postgres(&self) -> bool {
        self.server.is_some()
    }

    /// Opens it in this process, to prepare what is measured.
    pub async fn open(&self) -> Done<App> {
        Ok(assemble::open_with(&self.place, Arc::new(SystemClock), IdSource::seeded(1)).await?)
    }

    /// Founds an organization under the shipped starter program, with a person and a token that may do everything.
    pub async fn found(&self, app: &App) -> Done<(Actor, String)> {
        self.found_under(app, shipped("starter")?).await
    }

    /// The same under a program of the benchmark's own.
    pub async fn found_under(&self, app: &App, files: BTreeMap<String, String>) -> Done<(Actor, String)> {
        let organization = app.new_id(app.now());
        let system = Actor::system(organization, "bench");
        app.run(&system, people::FoundOrganization { id: organization, title: "Bench".to_owned() }).await?;
        app.run(&system, programs::ApplyProgram { files, effective_from: None, note: String::new() }).await?;
        let owner = people::CreatePerson {
            name: "Bench".to_owned(),
            email: LOGIN.0.to_owned(),
            role: "owner".to_owned(),
            partner: None,
            zone: None,
            password: Some(kernel::Secret::new(LOGIN.1)),
            password_hash: None,
        };
        let owner = app.run(&system, owner).await?;
        let actor = people::person_actor(app, owner).await?.ok_or("the owner is there")?;
        let make =
            CreateToken { name: "bench".to_owned(), scopes: vec!["*".to_owned()], expires_after_days: 7, person: None };
        let made = app.run(&actor, make).await?;
        app.sequence().await?;
        Ok((system, made.token))
    }

    pub async fn remove(self) -> Done {
        if let (Some(server), Some(url)) = (&self.server, &self.place.database_url) {
            let name = url.split('?').next().and_then(|u| u.rsplit('/').next()).unwrap_or_default().to_owned();
            client(server).await?.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await?;
        }
        Ok(())
    }
}

/// The files of a shipped program.
pub fn shipped(key: &str) -> Done<BTreeMap<String, String>> {
    let program = law::shipped().iter().find(|program| program.key == key);
    Ok(program.ok_or(format!("the program {key} is not shipped"))?.files())
}

/// A connection to PostgreSQL.
pub async fn client(url: &str) -> Done<tokio_postgres::Client> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// The binary serving an installation, stopped when it is dropped.
pub struct Server {
    child: Child,
    pub url: String,
    /// From the start of the process to the first 200 of `/readyz`.
    pub ready_after: Duration,
}

impl Server {
    pub async fn start(place: &Place) -> Done<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_concord"));
        command.arg("--data-dir").arg(&place.data_dir).args(["--log-origin", &place.log_origin]);
        if let Some(url) = &place.database_url {
            command.args(["--database-url", url]);
        }
        command.args(["serve", "--listen", "127.0.0.1:0", "--log-level", "warn"]);
        let began = Instant::now();
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        let mut lines = BufReader::new(child.stderr.take().ok_or("standard error is piped")?).lines();
        let mut url = String::new();
        for line in lines.by_ref() {
            let line = line?;
            if let Some(address) = line.strip_prefix("Concord serves ") {
                url = address.trim().to_owned();
                break;
            }
            println!("{line}");
        }
        // Whatever else it says is shown, and never fills the pipe.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| println!("    server: {line}")));
        let mut server = Self { child, url, ready_after: Duration::ZERO };
        let http = http();
        while !http.get(format!("{}/readyz", server.url)).send().await.is_ok_and(|r| r.status().is_success()) {
            if server.child.try_wait()?.is_some() || began.elapsed() > Duration::from_secs(60) {
                return Err("the server did not get ready".into());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        server.ready_after = began.elapsed();
        Ok(server)
    }

    /// Seconds of processor time that it has used.
    pub fn processor_seconds(&self) -> f64 {
        processor_seconds(&self.child.id().to_string())
    }

    /// Resident memory in MB: now and at its peak.
    pub fn resident(&self) -> (f64, f64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kilobytes: Option<f64> = line.and_then(|l| l.split_whitespace().next()?.parse().ok());
            kilobytes.unwrap_or_default() / 1024.0
        };
        (field("VmRSS:"), field("VmHWM:"))
    }
}

/// Seconds of processor time that a process, or `self`, has used: what other work on the machine disturbs least.
pub fn processor_seconds(process: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: f64 = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / 100.0
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An HTTP client on keep-alive connections.
pub fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().build().unwrap_or_default()
}

/// Latencies of one round.
#[derive(Default)]
pub struct Latencies(pub Vec<Duration>);

impl Latencies {
    /// The latency that so many of a thousand stay below, in milliseconds.
    pub fn at(&self, per_mille: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let place = (sorted.len().max(1) - 1) * per_mille / 1000;
        sorted.get(place).copied().unwrap_or_default().as_secs_f64() * 1000.0
    }
}

/// The median and the range of what several rounds gave.
pub fn median(of: &[f64]) -> String {
    let mut sorted = of.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.as_slice() {
        [] => "nothing measured".to_owned(),
        sorted => format!("{:.2} ({:.2} to {:.2})", sorted[sorted.len() / 2], sorted[0], sorted[sorted.len() - 1]),
    }
}

/// The exponent of growth from a tenth of the work to all of it.
pub fn exponent(tenth: f64, whole: f64) -> f64 {
    (whole / tenth).log10()
}

/// The size of a folder's files in MB.
pub fn megabytes(folder: &Path) -> f64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some(entry.metadata().ok()?.len())).sum::<u64>() as f64 / 1e6
}

/// Small seeded pseudo-random numbers, the same on every machine.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end.max(1)
    }
}
