//! How fast usage comes in over HTTP, durable before acknowledged and exactly once, against the bare rows inserted by one
//! writer into the same table.
//!
//! `cargo bench -p concord --bench intake -- [--events N] [--rounds N] [--seeds 1,2] [--batch N] [--connections N]`
//!
//! Ours is the real binary on loopback. 5 % of the events are repeats of earlier ones. The baseline is handed rows that are
//! already made: SQLite gets one transaction for 1,000 rows on the settings that Concord uses (WAL, `synchronous = FULL`,
//! the same caches), PostgreSQL one `INSERT … SELECT … FROM UNNEST … ON CONFLICT DO NOTHING` for 1,000. Both flush to disk at
//! each commit.

// A benchmark measures time, prints, and is told by the environment where PostgreSQL is.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use kernel::Timestamp;
use partners::customers::AddCustomer;
use serde_json::Value as Json;

#[path = "../src/assemble.rs"]
#[allow(dead_code)] // a benchmark opens installations in its own way
mod assemble;
#[path = "intake/bare.rs"]
mod bare;
mod stage;

use stage::{Dice, Done, Installation, Options, Server};

/// Rows in one transaction of the baseline.
const BARE_BATCH: usize = 1_000;
const CUSTOMERS: usize = 2_000;

struct Plan {
    events: usize,
    rounds: usize,
    batch: usize,
    connections: usize,
}

/// An event that is sent; a repeat has the number of an earlier one.
#[derive(Clone, Copy)]
pub struct Sent {
    pub number: usize,
}

impl Sent {
    pub fn id(self) -> String {
        format!("tel-{:08}", self.number)
    }
    pub fn quantity(self) -> i64 {
        1 + self.number as i64 % 90
    }
    /// One event each 30 s of the last year.
    pub fn occurred_at(self) -> Timestamp {
        Timestamp::from_micros(1_735_689_600_000_000).plus_seconds(self.number as i64 * 30)
    }
    pub fn customer(self, customers: &[String]) -> &str {
        &customers[self.number * 7919 % customers.len()]
    }
}

/// The stream: every twentieth is a repeat of any earlier one.
fn stream(seed: u64, events: usize) -> (Vec<Sent>, usize) {
    let mut dice = Dice::new(seed);
    let mut new = 0;
    let mut sent = Vec::with_capacity(events);
    for _ in 0..events {
        if new > 0 && dice.below(20) == 0 {
            sent.push(Sent { number: dice.below(new) });
        } else {
            sent.push(Sent { number: new });
            new += 1;
        }
    }
    (sent, new)
}

#[tokio::main]
async fn main() -> Done {
    let options = Options::read(&["events", "rounds", "seeds", "batch", "connections"])?;
    let plan = Plan {
        events: options.number("events", 1_000_000)?,
        rounds: options.number("rounds", 3)?,
        batch: options.number("batch", 5_000)?,
        connections: options.number("connections", 4)?,
    };
    let seeds = options.numbers("seeds", &[1, 2])?;
    println!(
        "{} events, 5 % repeats; ours: {} events in a request, {} connections; bare: {BARE_BATCH} rows in a transaction",
        plan.events, plan.batch, plan.connections
    );
    for database in stage::databases() {
        for seed in &seeds {
            one_seed(&plan, *seed, database.as_deref()).await?;
        }
    }
    Ok(())
}

async fn one_seed(plan: &Plan, seed: u64, database: Option<&str>) -> Done {
    println!("{}, seed {seed}", if database.is_some() { "PostgreSQL" } else { "SQLite" });
    let mut ratios = Vec::new();
    let mut last = 0.0;
    for round in 1..=plan.rounds {
        let ours = ours(plan, seed, plan.events, database).await?;
        let (sent, new) = stream(seed, plan.events);
        let installation = Installation::new(database).await?;
        drop(installation.open().await?);
        let before = stage::processor_seconds("self");
        let bare = bare::insert(&installation, &sent, new, BARE_BATCH).await?;
        let processor = stage::processor_seconds("self") - before;
        installation.remove().await?;
        last = ours.seconds;
        ratios.push(bare / ours.seconds);
        println!(
            "  round {round}: ours {:>8.0}/s   bare {:>8.0}/s   ratio {:.2}   resident {} MB",
            plan.events as f64 / ours.seconds,
            plan.events as f64 / bare,
            bare / ours.seconds,
            ours.memory
        );
        println!(
            "           processor µs an event: our server {:.1}, the bare client {:.1} (with the database where it is embedded)",
            ours.processor_seconds * 1e6 / plan.events as f64,
            processor * 1e6 / plan.events as f64
        );
    }
    println!("  ours : bare, events a second: {}", stage::median(&ratios));
    let tenth = ours(plan, seed, plan.events / 10, database).await?;
    println!("  growth: time ~ events^{:.2} from a tenth of them\n", stage::exponent(tenth.seconds, last));
    Ok(())
}

struct Run {
    seconds: f64,
    /// Of the server.
    processor_seconds: f64,
    /// Resident at a tenth of the way, in the middle, at the end, and at most.
    memory: String,
}

async fn ours(plan: &Plan, seed: u64, events: usize, database: Option<&str>) -> Done<Run> {
    let installation = Installation::new(database).await?;
    let app = installation.open().await?;
    let (system, token) = installation.found(&app).await?;
    let mut customers = Vec::with_capacity(CUSTOMERS);
    let mut batch = app.batch().await?;
    for number in 0..CUSTOMERS {
        let add = AddCustomer { name: format!("Customer {number}"), ..AddCustomer::default() };
        customers.push(batch.run(&system, add).await?.id.to_string());
    }
    batch.commit().await?;
    app.sequence().await?;
    drop(app);
    let (sent, new) = stream(seed, events);
    let bodies: Arc<Vec<axum::body::Bytes>> = Arc::new(sent.chunks(plan.batch).map(|c| body(c, &customers)).collect());
    let server = Server::start(&installation.place).await?;

    let (next, memory) = (Arc::new(AtomicUsize::new(0)), Arc::new(std::sync::Mutex::new(Vec::new())));
    let http = stage::http();
    let began = Instant::now();
    let senders: Vec<_> = (0..plan.connections)
        .map(|_| {
            let sender =
                Sender { http: http.clone(), url: format!("{}/v1/usage-events", server.url), token: token.clone() };
            tokio::spawn(sender.send(bodies.clone(), next.clone()))
        })
        .collect();
    let watch = async {
        let marks = [bodies.len() / 10, bodies.len() / 2];
        for mark in marks {
            while next.load(Ordering::Relaxed) < mark {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            memory.lock().map_err(|_| "memory")?.push(server.resident().0);
        }
        Done::Ok(())
    };
    watch.await?;
    let (mut recorded, mut duplicates) = (0, 0);
    for sender in senders {
        let (r, d) = sender.await??;
        recorded += r;
        duplicates += d;
    }
    let seconds = began.elapsed().as_secs_f64();
    let (now, peak) = server.resident();
    let processor_seconds = server.processor_seconds();
    drop(server);
    assert_eq!((recorded, duplicates), (new as u64, (events - new) as u64), "exactly once");
    let app = installation.open().await?;
    let mut tx = app.db().read().await?;
    assert_eq!(tx.number("SELECT COUNT(*) FROM usage_event", &[]).await?, new as i64, "exactly once");
    tx.rollback().await?;
    drop(app);
    installation.remove().await?;
    let memory = memory.lock().map_err(|_| "memory")?.iter().map(|m| format!("{m:.0}, ")).collect::<String>();
    Ok(Run { seconds, processor_seconds, memory: format!("{memory}{now:.0}, at most {peak:.0}") })
}

fn body(chunk: &[Sent], customers: &[String]) -> axum::body::Bytes {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(chunk.len() * 170);
    text.push_str(r#"{"source":"telemetry","events":["#);
    for (place, event) in chunk.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        let _ = write!(
            text,
            r#"{comma}{{"id":"{}","customer":"{}","quantity":{},"unit":"driver","occurred_at":"{}"}}"#,
            event.id(),
            event.customer(customers),
            event.quantity(),
            event.occurred_at()
        );
    }
    text.push_str("]}");
    text.into()
}

struct Sender {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Sender {
    /// Sends what is next until everything is sent; returns what was recorded and what was known.
    async fn send(self, bodies: Arc<Vec<axum::body::Bytes>>, next: Arc<AtomicUsize>) -> Done<(u64, u64)> {
        let (mut recorded, mut duplicates) = (0, 0);
        while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
            let request = self.http.post(&self.url).bearer_auth(&self.token).header("content-type", "application/json");
            let response = request.body(body.clone()).send().await?;
            let (status, text) = (response.status(), response.text().await?);
            if !status.is_success() {
                return Err(format!("{status}: {text}").into());
            }
            let report: Json = serde_json::from_str(&text)?;
            recorded += report["recorded"].as_u64().unwrap_or_default();
            duplicates += report["duplicates"].as_u64().unwrap_or_default();
        }
        Ok((recorded, duplicates))
    }
}
