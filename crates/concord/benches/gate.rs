//! How long the gate's answer takes over HTTP: AuthZEN evaluations under 1,000 policies about 100,000 drivers, against a
//! handler of the same server that does nothing.
//!
//! `cargo bench -p concord --bench gate -- [--policies N] [--drivers N] [--requests N] [--rounds N] [--seeds 1,2]`
//!
//! One caller on a connection that stays open, ours and `GET /healthz` in turn, so that both meet the same machine. Every
//! evaluation shows a service token, which is looked up each time; `/healthz` asks nobody who he is.

// A benchmark measures time, prints, and is told by the environment where PostgreSQL is.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

use std::fmt::Write as _;
use std::time::Instant;

use kernel::{Actor, App, Operation as _};
use serde_json::{Value as Json, json};

#[path = "../src/assemble.rs"]
#[allow(dead_code)] // a benchmark opens installations in its own way
mod assemble;
mod stage;

use stage::{Dice, Done, Installation, Latencies, Options, Server};

struct Plan {
    policies: usize,
    drivers: usize,
    requests: usize,
    rounds: usize,
}

#[tokio::main]
async fn main() -> Done {
    let options = Options::read(&["policies", "drivers", "requests", "rounds", "seeds"])?;
    let plan = Plan {
        policies: options.number("policies", 1_000)?,
        drivers: options.number("drivers", 100_000)?,
        requests: options.number("requests", 5_000)?,
        rounds: options.number("rounds", 5)?,
    };
    for database in stage::databases() {
        for seed in options.numbers("seeds", &[1, 2])? {
            println!("{}, seed {seed}", if database.is_some() { "PostgreSQL" } else { "SQLite" });
            let whole = measure(&plan, seed, database.as_deref()).await?;
            let small = Plan { policies: plan.policies / 10, drivers: plan.drivers / 10, rounds: 1, ..plan };
            let tenth = measure(&small, seed, database.as_deref()).await?;
            println!("  growth: time ~ policies and drivers^{:.2}\n", stage::exponent(tenth, whole));
        }
    }
    Ok(())
}

/// Returns the median of an evaluation in milliseconds.
async fn measure(plan: &Plan, seed: u64, database: Option<&str>) -> Done<f64> {
    let installation = Installation::new(database).await?;
    let app = installation.open().await?;
    let (system, token) = installation.found_under(&app, program(plan.policies)?).await?;
    attest(&app, &system, plan.drivers).await?;
    app.sequence().await?;
    drop(app);
    let server = Server::start(&installation.place).await?;
    let caller = Caller { http: stage::http(), url: server.url.clone(), token };
    let mut dice = Dice::new(seed);
    caller.warm(plan.drivers).await?;
    let (mut ratios, mut asked_at) = (Vec::new(), Vec::new());
    for round in 1..=plan.rounds {
        let (mut ours, mut nothing) = (Latencies::default(), Latencies::default());
        for _ in 0..plan.requests {
            let (driver, segment) = (dice.below(plan.drivers), dice.below(plan.policies));
            let began = Instant::now();
            caller.ask(driver, segment).await?;
            ours.0.push(began.elapsed());
            let began = Instant::now();
            caller.http.get(format!("{}/healthz", caller.url)).send().await?.bytes().await?;
            nothing.0.push(began.elapsed());
        }
        let ratio = ours.at(500) / nothing.at(500);
        println!(
            "  round {round}: evaluation p50 {:.3} ms p99 {:.3} ms   no-op p50 {:.3} ms p99 {:.3} ms   ratio of p50 {ratio:.2}",
            ours.at(500),
            ours.at(990),
            nothing.at(500),
            nothing.at(990)
        );
        ratios.push(ratio);
        asked_at.push(ours.at(500));
    }
    println!("  evaluation : no-op, p50: {}, resident {:.0} MB", stage::median(&ratios), server.resident().0);
    drop(server);
    installation.remove().await?;
    asked_at.sort_by(f64::total_cmp);
    Ok(asked_at[asked_at.len() / 2])
}

/// Customers whose policies share a file: a program has at most 200 files.
const IN_A_FILE: usize = 10;

/// Northwind's program with that many customers' policies, each about the orders of its own segment.
fn program(policies: usize) -> Done<std::collections::BTreeMap<String, String>> {
    let mut files = stage::shipped("northwind")?;
    for first in (0..policies).step_by(IN_A_FILE) {
        let gate = files.entry("gate.toml".to_owned()).or_default();
        write!(
            gate,
            "\n[[policy]]\nkey = \"customers-{first}\"\ntitle = \"Customers from {first} want a licence that lasts\"\n\
             file = \"policies/customers-{first}.cedar\"\nmode = \"enforce\"\nowner = \"Customers\"\n\
             attests = \"Credential provider\"\ncredentials = [\"licence\"]\n"
        )?;
        let mut text = String::new();
        for number in first..(first + IN_A_FILE).min(policies) {
            write!(
                text,
                "@id(\"customer-{number}\")\n@reason(\"Customer {number} wants a licence that lasts.\")\n\
                 @remedy(\"Renew the licence.\")\n\
                 forbid (principal is Driver, action == Action::\"dispatch.assign\", resource is Order)\n\
                 when {{ resource.segment == \"segment-{number}\" && principal.credentials has licence }}\n\
                 unless {{ principal.credentials.licence.expires > context.now.offset(duration(\"40d\")) }};\n\n"
            )?;
        }
        files.insert(format!("policies/customers-{first}.cedar"), text);
    }
    Ok(files)
}

/// A valid licence for every driver.
async fn attest(app: &App, system: &Actor, drivers: usize) -> Done {
    let create = gate::sources::CreateSource { name: "Register".to_owned(), partner: None };
    let source = app.run(system, create).await?.id;
    let mut number = 0;
    while number < drivers {
        let mut batch = app.batch().await?;
        for _ in 0..1_000.min(drivers - number) {
            let now = app.now();
            let fact = json!({
                "subject": driver(number), "credential_type": "licence", "jurisdiction": "DE", "status": "valid",
                "expires_on": "2099-12-31", "verified_at": now, "source": "register", "source_as_of": now,
                "evidence_kind": "vendor",
            });
            let receive: gate::intake::ReceiveCredential =
                serde_json::from_value(json!({ "source": source, "message": format!("msg-{number}"), "fact": fact }))?;
            batch.run(system, receive).await.map_err(|e| format!("{}: {e}", gate::intake::ReceiveCredential::NAME))?;
            number += 1;
        }
        batch.commit().await?;
    }
    Ok(())
}

fn driver(number: usize) -> String {
    format!("drv_{number:06}")
}

struct Caller {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Caller {
    fn question(driver: &str, segment: usize) -> Json {
        json!({
            "subject": { "type": "driver", "id": driver }, "action": { "name": "dispatch.assign" },
            "resource": { "type": "order", "id": "ord_1", "properties": { "segment": format!("segment-{segment}") } },
        })
    }

    async fn post(&self, path: &str, body: &Json) -> Done<Json> {
        let request = self.http.post(format!("{}{path}", self.url)).bearer_auth(&self.token);
        let response = request.json(body).send().await?;
        let (status, text) = (response.status(), response.text().await?);
        if !status.is_success() {
            return Err(format!("{status}: {text}").into());
        }
        Ok(serde_json::from_str(&text)?)
    }

    async fn ask(&self, number: usize, segment: usize) -> Done {
        let answer = self.post("/access/v1/evaluation", &Self::question(&driver(number), segment)).await?;
        if answer["decision"] == true { Ok(()) } else { Err(format!("not allowed: {answer}").into()) }
    }

    /// Asks about every driver once, so that the gate knows them all.
    async fn warm(&self, drivers: usize) -> Done {
        for start in (0..drivers).step_by(500) {
            let each = |number| Self::question(&driver(number), 0);
            let evaluations: Vec<Json> = (start..(start + 500).min(drivers)).map(each).collect();
            self.post("/access/v1/evaluations", &json!({ "evaluations": evaluations })).await?;
        }
        Ok(())
    }
}
