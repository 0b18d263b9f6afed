//! How long lists take: 100,000 deals filtered and sorted, over the API and as pages of the console, against a page that
//! does nothing; and how soon and how small the server starts.
//!
//! `cargo bench -p concord --bench pages -- [--deals N] [--requests N] [--rounds N] [--scale PER_CENT] [--seeds 1,2]`
//!
//! The world is the demo at `--scale` per cent; its deals are then copied, with other values, states and dates, until there
//! are enough. Requests come one after the other, so that their time is the server's and the loopback's alone.

// A benchmark measures time, prints, and is told by the environment where PostgreSQL is.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

use std::process::Command;
use std::time::Instant;

use kernel::{App, Value, params};
use serde_json::{Value as Json, json};

#[path = "../src/assemble.rs"]
#[allow(dead_code)] // a benchmark opens installations in its own way
mod assemble;
mod stage;

use stage::{Dice, Done, Installation, Latencies, Options, Server};

/// What is asked for: filters, orders and a second page. The last ones find nothing, which costs the most.
const LISTS: [&str; 9] = [
    "",
    "state=approved",
    "state=approved&sort=-value",
    "state=closed_won&sort=value",
    "state=under_review&sort=customer",
    "sort=-protected_until",
    "closes_from=2026-01-01&closes_before=2026-02-01&sort=-value",
    "text=logist",
    "state=returned&sort=-value",
];

struct Plan {
    deals: usize,
    requests: usize,
    rounds: usize,
    scale: usize,
}

#[tokio::main]
async fn main() -> Done {
    let options = Options::read(&["deals", "requests", "rounds", "scale", "seeds"])?;
    let plan = Plan {
        deals: options.number("deals", 100_000)?,
        requests: options.number("requests", 40)?,
        rounds: options.number("rounds", 3)?,
        scale: options.number("scale", 30)?,
    };
    for database in stage::databases() {
        for seed in options.numbers("seeds", &[1, 2])? {
            println!("{}, seed {seed}", if database.is_some() { "PostgreSQL" } else { "SQLite" });
            let whole = measure(&plan, seed, plan.deals, database.as_deref()).await?;
            let tenth = measure(&Plan { rounds: 1, ..plan }, seed, plan.deals / 10, database.as_deref()).await?;
            println!("  growth: p50 ~ deals^{:.2} from a tenth of them\n", stage::exponent(tenth, whole));
        }
    }
    Ok(())
}

/// Returns the median over all lists in milliseconds.
async fn measure(plan: &Plan, seed: u64, deals: usize, database: Option<&str>) -> Done<f64> {
    let installation = Installation::new(database).await?;
    let login = build(&installation, plan.scale, seed)?;
    let server = Server::start(&installation.place).await?;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    println!(
        "  the demo at scale {:.2}: ready after {:.0} ms, resident {:.0} MB when idle",
        plan.scale as f64 / 100.0,
        server.ready_after.as_secs_f64() * 1000.0,
        server.resident().0
    );
    drop(server);
    let app = installation.open().await?;
    let copies = multiply(&app, deals, seed).await?;
    drop(app);
    let mut medians = Vec::new();
    for round in 1..=plan.rounds {
        // A server of its own for each round: the quota of its caller is full again.
        let server = Server::start(&installation.place).await?;
        let caller = Caller::sign_in(&server.url, &login).await?;
        let (mut api, mut page, mut nothing) = (Latencies::default(), Latencies::default(), Latencies::default());
        let mut slowest = (0.0, String::new());
        for list in LISTS {
            let mut own = Latencies::default();
            for _ in 0..plan.requests {
                own.0.push(caller.time(&format!("/v1/deals?{list}")).await?);
                page.0.push(caller.time(&format!("/deals?{list}")).await?);
                nothing.0.push(caller.time("/healthz").await?);
            }
            if own.at(500) > slowest.0 {
                slowest = (own.at(500), list.to_owned());
            }
            api.0.extend(own.0);
        }
        for (name, times) in [("API", &api), ("page", &page), ("no-op", &nothing)] {
            println!("  round {round}: {name:<6} p50 {:>7.2} ms   p99 {:>7.2} ms", times.at(500), times.at(990));
        }
        println!("           slowest list: p50 {:.2} ms for `{}`", slowest.0, slowest.1);
        medians.push(api.at(500));
    }
    println!("  {copies} deals; API p50 in ms: {}", stage::median(&medians));
    installation.remove().await?;
    medians.sort_by(f64::total_cmp);
    Ok(medians[medians.len() / 2])
}

/// Builds the demo with the binary; returns the owner's address and password.
fn build(installation: &Installation, scale: usize, seed: u64) -> Done<(String, String)> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_concord"));
    command.args(["--json", "--log-origin", &installation.place.log_origin]);
    if let Some(url) = &installation.place.database_url {
        command.args(["--database-url", url]);
    }
    command.args([
        "demo",
        "--build-only",
        "--scale",
        &format!("{}", scale as f64 / 100.0),
        "--seed",
        &seed.to_string(),
    ]);
    let built = command.arg("--dir").arg(&installation.place.data_dir).output()?;
    let built: Json = serde_json::from_slice(&built.stdout).map_err(|e| format!("{e}: {built:?}"))?;
    let owner = built["logins"].as_array().and_then(|all| all.iter().find(|l| l["title"] == "Owner"));
    let text = |name: &str| owner.and_then(|o| o[name].as_str()).unwrap_or_default().to_owned();
    Ok((text("email"), text("password")))
}

/// Copies the deals until there are that many.
async fn multiply(app: &App, deals: usize, seed: u64) -> Done<i64> {
    const ALPHABET: &[u8] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut dice = Dice::new(seed);
    let mut tx = app.db().write().await?;
    let first = tx.rows("SELECT * FROM deal LIMIT 1", &[]).await?;
    let columns: Vec<String> = first.first().ok_or("the demo has deals")?.columns.to_vec();
    let own = tx.number("SELECT COUNT(*) FROM deal", &[]).await?;
    let oldest = tx.number("SELECT MIN(submitted_at) FROM deal", &[]).await?;
    let newest = tx.number("SELECT MAX(submitted_at) FROM deal", &[]).await?;
    let copied = columns.iter().map(|column| match column.as_str() {
        "id" => "substr(id, 1, 25) || $1".to_owned(),
        "number" => "number || $1".to_owned(),
        "submitted_at" => "submitted_at - $2".to_owned(),
        "value_minor" => "value_minor + $3".to_owned(),
        column => column.to_owned(),
    });
    let sql = format!(
        "INSERT INTO deal ({}) SELECT {} FROM deal WHERE submitted_at > $4",
        columns.join(", "),
        copied.collect::<Vec<_>>().join(", ")
    );
    for _ in 1..(deals as i64 / own.max(1)).max(1) {
        let ending: String = (0..6).map(|_| char::from(ALPHABET[dice.below(32)])).collect();
        // Copies lie before the first of the demo's own, which alone are copied.
        let earlier = newest - oldest + 1 + dice.below(1_000_000_000) as i64 * 60_000;
        tx.run(&sql, params![ending, earlier, dice.below(9_000_000) as i64, oldest - 1]).await?;
    }
    let all = tx.number("SELECT COUNT(*) FROM deal", &[]).await?;
    tx.commit().await?;
    if app.db().is_postgres() {
        let mut tx = app.db().write().await?;
        tx.run("ANALYZE deal", &[] as &[Value]).await?; // what autovacuum does within a minute
        tx.commit().await?;
    }
    Ok(all)
}

struct Caller {
    http: reqwest::Client,
    url: String,
    cookie: String,
}

impl Caller {
    async fn sign_in(url: &str, (email, password): &(String, String)) -> Done<Self> {
        let http = stage::http();
        let body = json!({ "email": email, "password": password });
        let answer: Json = http.post(format!("{url}/v1/sessions")).json(&body).send().await?.json().await?;
        let session = answer["session"].as_str().ok_or_else(|| format!("no session: {answer}"))?;
        Ok(Self { http, url: url.to_owned(), cookie: format!("concord_session={session}") })
    }

    async fn time(&self, path: &str) -> Done<std::time::Duration> {
        let began = Instant::now();
        let response = self.http.get(format!("{}{path}", self.url)).header("cookie", &self.cookie).send().await?;
        let (status, text) = (response.status(), response.text().await?);
        let took = began.elapsed();
        if status.is_success() { Ok(took) } else { Err(format!("{path}: {status}: {text}").into()) }
    }
}
