//! Deal-conflict lookup among a million accounts: our index against PostgreSQL's `pg_trgm` on the same rows.
//!
//! `cargo bench -p deals --bench conflict_lookup -- [--accounts N] [--queries N] [--rounds N] [--seeds 1,2]`
//!
//! The baseline needs `CONCORD_BENCH_POSTGRES`, a connection string to a scratch database whose user may create the
//! extension `pg_trgm`; the table `bench_accounts` in it is replaced. Both sides get the name and the country alone:
//! domains and numbers would be exact look-ups, which are easy for both.

// A benchmark measures time, prints, and is told by the environment where its baseline is.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

use std::collections::HashSet;
use std::time::{Duration, Instant};

use deals::matching::{CustomerIdentity, Index, Normalized};
use tokio_postgres::{Client, NoTls, Statement};

#[path = "conflict_lookup/customers.rs"]
mod customers;

use customers::{Dice, company, misspelled};

type Fault = Box<dyn std::error::Error>;

struct Plan {
    accounts: usize,
    queries: usize,
    rounds: usize,
    seeds: Vec<u64>,
}

impl Plan {
    fn read() -> Result<Self, Fault> {
        let mut plan = Self { accounts: 1_000_000, queries: 300, rounds: 3, seeds: vec![1, 2] };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("`{word}` needs a value"));
            match word.as_str() {
                "--accounts" => plan.accounts = value()?.parse()?,
                "--queries" => plan.queries = value()?.parse()?,
                "--rounds" => plan.rounds = value()?.parse()?,
                "--seeds" => plan.seeds = value()?.split(',').map(str::parse).collect::<Result<_, _>>()?,
                // What cargo passes to every benchmark.
                "--bench" => {}
                other => return Err(format!("`{other}` is no option of this benchmark").into()),
            }
        }
        Ok(plan)
    }
}

/// A question and the account that was meant.
struct Query {
    typed: CustomerIdentity,
    meant: usize,
}

/// How one side did in one round.
struct Round {
    times: Vec<Duration>,
    found: usize,
}

impl Round {
    fn at(&self, per_mille: usize) -> Duration {
        let mut sorted = self.times.clone();
        sorted.sort_unstable();
        sorted[(sorted.len() - 1) * per_mille / 1000]
    }

    fn describe(&self) -> String {
        format!(
            "p50 {:>9.3} ms   p99 {:>9.3} ms   recall@5 {:>5.1} %",
            millis(self.at(500)),
            millis(self.at(990)),
            self.found as f64 * 100.0 / self.times.len() as f64
        )
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> Result<(), Fault> {
    let plan = Plan::read()?;
    let baseline = std::env::var("CONCORD_BENCH_POSTGRES").ok();
    if baseline.is_none() {
        println!("CONCORD_BENCH_POSTGRES is not set: no baseline, our side only.\n");
    }
    for seed in &plan.seeds {
        one_seed(&plan, *seed, baseline.as_deref()).await?;
    }
    Ok(())
}

async fn one_seed(plan: &Plan, seed: u64, baseline: Option<&str>) -> Result<(), Fault> {
    println!("seed {seed}: {} accounts, {} queries, {} rounds", plan.accounts, plan.queries, plan.rounds);
    let started = Instant::now();
    let (world, seen) = world(seed, plan.accounts);
    println!("  {} names, for instance:", world.len());
    let queries = queries(seed, &world, plan.queries);
    for query in queries.iter().take(4) {
        println!("    “{}” for “{}”", query.typed.name, world[query.meant].name);
    }
    println!("  generated in {:.1} s", started.elapsed().as_secs_f64());

    let started = Instant::now();
    let rows: Vec<Normalized> = world.iter().map(CustomerIdentity::normalized).collect();
    let normalized_in = started.elapsed();
    // Everything that was made so far stays until the index is filled, or the index would move into freed memory.
    let before = resident_megabytes();
    let started = Instant::now();
    let index = filled(&rows);
    println!(
        "  normalized in {:.1} s, indexed in {:.1} s, {} MB resident more",
        normalized_in.as_secs_f64(),
        started.elapsed().as_secs_f64(),
        resident_megabytes().saturating_sub(before)
    );
    drop((world, seen));

    let postgres = match baseline {
        Some(address) => Some(Baseline::fill(address, &rows).await?),
        None => None,
    };
    let mut ratios = Vec::new();
    let mut last = Duration::ZERO;
    let mut fastest = vec![Duration::MAX; queries.len()];
    for round in 1..=plan.rounds {
        let ours = ask_ours(&index, &queries);
        last = ours.at(500);
        for (fastest, time) in fastest.iter_mut().zip(&ours.times) {
            *fastest = (*fastest).min(*time);
        }
        println!("  round {round}: ours     {}", ours.describe());
        if let Some(postgres) = &postgres {
            let theirs = postgres.ask(&queries).await?;
            println!("           pg_trgm  {}", theirs.describe());
            ratios.push(theirs.at(500).as_secs_f64() / ours.at(500).as_secs_f64());
        }
    }
    ratios.sort_by(f64::total_cmp);
    if let (Some(low), Some(high)) = (ratios.first(), ratios.last()) {
        println!("  p50 ratio: median {:.0}×, range {low:.0}× to {high:.0}×", ratios[ratios.len() / 2]);
    }
    // What other work on the machine interrupted in one round, it hardly interrupts in each.
    let undisturbed = Round { times: fastest, found: 0 };
    println!("  ours, each query's fastest round: p99 {:.3} ms", millis(undisturbed.at(990)));
    let small = p50_at(plan, seed, plan.accounts / 10);
    println!(
        "  growth: time ~ accounts^{:.2} from a tenth of the data",
        (last.as_secs_f64() / small.as_secs_f64()).log10()
    );
    hostile(&index, plan.queries);
    println!();
    Ok(())
}

type Seen = HashSet<(String, Option<String>)>;

/// Companies with different keys, so that a question has one right answer.
fn world(seed: u64, accounts: usize) -> (Vec<CustomerIdentity>, Seen) {
    let mut dice = Dice::new(seed);
    let mut seen = Seen::with_capacity(accounts);
    let mut world = Vec::with_capacity(accounts);
    while world.len() < accounts {
        let customer = company(&mut dice);
        let keys = customer.normalized();
        if seen.insert((keys.name, keys.country)) {
            world.push(customer);
        }
    }
    (world, seen)
}

fn queries(seed: u64, world: &[CustomerIdentity], count: usize) -> Vec<Query> {
    let mut dice = Dice::new(seed ^ 0xfeed);
    (0..count)
        .map(|_| {
            let meant = dice.below(world.len());
            Query { typed: misspelled(&mut dice, &world[meant]), meant }
        })
        .collect()
}

fn filled(rows: &[Normalized]) -> Index {
    let mut index = Index::new();
    for (id, row) in rows.iter().enumerate() {
        index.insert(id as u128, row);
    }
    index
}

fn p50_at(plan: &Plan, seed: u64, accounts: usize) -> Duration {
    let (world, _) = world(seed, accounts);
    let rows: Vec<Normalized> = world.iter().map(CustomerIdentity::normalized).collect();
    let index = filled(&rows);
    let queries = queries(seed, &world, plan.queries);
    ask_ours(&index, &queries);
    ask_ours(&index, &queries).at(500)
}

/// Ours is timed from the typed text on: normalizing is part of the work.
fn ask_ours(index: &Index, queries: &[Query]) -> Round {
    let mut round = Round { times: Vec::new(), found: 0 };
    for query in queries {
        let started = Instant::now();
        let best = index.best(&query.typed.normalized(), 5);
        round.times.push(started.elapsed());
        round.found += usize::from(best.iter().any(|candidate| candidate.id == query.meant as u128));
    }
    round
}

/// Names of nothing but the most frequent words, and very long ones.
fn hostile(index: &Index, count: usize) {
    const WORDS: [&str; 8] =
        ["Group", "International", "Services", "Logistics", "Trading", "Müller", "Berlin", "Systems"];
    let mut dice = Dice::new(7);
    let queries: Vec<Query> = (0..count)
        .map(|at| {
            let length = if at % 10 == 0 { 30 } else { 2 + dice.below(3) };
            let words: Vec<&str> = (0..length).map(|_| WORDS[dice.below(WORDS.len())]).collect();
            Query {
                typed: CustomerIdentity { name: words.join(" "), ..CustomerIdentity::default() },
                meant: usize::MAX,
            }
        })
        .collect();
    let round = ask_ours(index, &queries);
    println!(
        "  only frequent words: p50 {:.3} ms   p99 {:.3} ms   max {:.3} ms",
        millis(round.at(500)),
        millis(round.at(990)),
        millis(round.at(1000))
    );
}

struct Baseline {
    client: Client,
    lookup: Statement,
}

impl Baseline {
    async fn fill(address: &str, rows: &[Normalized]) -> Result<Self, Fault> {
        let (client, connection) = tokio_postgres::connect(address, NoTls).await?;
        tokio::spawn(connection);
        let started = Instant::now();
        client
            .batch_execute(
                "CREATE EXTENSION IF NOT EXISTS pg_trgm;
                 DROP TABLE IF EXISTS bench_accounts;
                 CREATE UNLOGGED TABLE bench_accounts (id BIGINT PRIMARY KEY, name TEXT NOT NULL, country TEXT);
                 SET maintenance_work_mem = '512MB';
                 SET work_mem = '64MB';
                 SET jit = off",
            )
            .await?;
        for (block, rows) in rows.chunks(20_000).enumerate() {
            let ids: Vec<i64> = (0..rows.len()).map(|at| (block * 20_000 + at) as i64).collect();
            let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
            let countries: Vec<Option<&str>> = rows.iter().map(|row| row.country.as_deref()).collect();
            client
                .execute(
                    "INSERT INTO bench_accounts (id, name, country) SELECT * FROM unnest($1::BIGINT[], $2::TEXT[], $3::TEXT[])",
                    &[&ids, &names, &countries],
                )
                .await?;
        }
        for statement in
            ["CREATE INDEX ON bench_accounts USING GIN (name gin_trgm_ops)", "VACUUM ANALYZE bench_accounts"]
        {
            client.batch_execute(statement).await?;
        }
        println!("  PostgreSQL loaded and indexed (GIN) in {:.1} s", started.elapsed().as_secs_f64());
        let lookup = client
            .prepare(
                "SELECT id FROM bench_accounts WHERE name % $1
                 ORDER BY similarity(name, $1) DESC, (country = $2) DESC, id LIMIT 5",
            )
            .await?;
        Ok(Self { client, lookup })
    }

    /// Gets the normalized name for free.
    async fn ask(&self, queries: &[Query]) -> Result<Round, Fault> {
        let mut round = Round { times: Vec::new(), found: 0 };
        for query in queries {
            let typed = query.typed.normalized();
            let started = Instant::now();
            let rows = self.client.query(&self.lookup, &[&typed.name, &typed.country]).await?;
            round.times.push(started.elapsed());
            round.found += usize::from(rows.iter().any(|row| row.get::<_, i64>(0) == query.meant as i64));
        }
        Ok(round)
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// What the system says this process holds, where it says so.
fn resident_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_ascii_whitespace().nth(1))
        .and_then(|kilobytes| kilobytes.parse::<u64>().ok())
        .map_or(0, |kilobytes| kilobytes / 1024)
}
