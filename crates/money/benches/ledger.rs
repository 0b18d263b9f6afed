//! Transfers per second in PostgreSQL, durable at each commit: the ledger against the usual design, which locks both
//! balances with `SELECT … FOR UPDATE` and commits each transfer, and against bare inserts of many rows without balances.
//!
//! `CONCORD_TEST_POSTGRES=postgres://… cargo bench -p money --bench ledger -- [--transfers N] [--batch N] [--callers N]`
//!
//! Ours is the operation `ledger.post` with all that belongs to it: log entry, event, hash chain, sealed rows, balances that
//! no budget overdraws. Callers send batches at once. Each side runs twice: over 1,000 accounts, and with every transfer on
//! one hot account. The row-lock design is given as many connections as there are callers, and a fourth of the transfers.

// A benchmark measures time, prints, and is told by the environment where PostgreSQL is.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use kernel::{Access, Cx, Operation, PartnerId, Registry, Result, Route, RunOptions, post};
use money::ledger::{PostJournal, VerifyBooks};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio_postgres::NoTls;
use trial::Trial;

const ACCOUNTS: usize = 1_000;

/// Enter partners, each with a book of its own.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct EnterMany {
    count: usize,
}

impl Operation for EnterMany {
    const NAME: &'static str = "bench.enter";
    const ROUTE: Route = post("/bench/partners");
    const ACCESS: Access = Access::Open;
    type Output = Vec<PartnerId>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<PartnerId>> {
        let mut ids = Vec::new();
        for n in 0..self.count {
            let id: PartnerId = cx.id();
            let name = format!("Partner {n}");
            let columns = [
                ("id", id.into()),
                ("organization", cx.scope.organization.into()),
                ("name", (&name).into()),
                ("search_key", name.to_lowercase().into()),
                ("country", "DE".into()),
                ("status", "active".into()),
                ("archetype", "reseller".into()),
                ("tier", "member".into()),
                ("time_zone", "UTC".into()),
                ("applied_at", cx.now.into()),
                ("activated_at", cx.now.into()),
            ];
            cx.tx.insert("partner", &columns).await?;
            ids.push(id);
        }
        Ok(ids)
    }
}

fn install(registry: &mut Registry) {
    programs::install(registry);
    scoring::install(registry);
    clocks::install(registry);
    controls::install(registry);
    findings::install(registry);
    documents::install(registry);
    partners::profile::install(registry);
    partners::customers::install(registry);
    deals::install(registry);
    money::install(registry);
    registry.operation::<EnterMany>();
}

struct Plan {
    transfers: usize,
    batch: usize,
    callers: usize,
}

#[tokio::main]
async fn main() {
    let mut plan = Plan { transfers: 40_000, batch: 500, callers: 8 };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || words.next().unwrap().parse::<usize>().unwrap();
        match word.as_str() {
            "--transfers" => plan.transfers = number(),
            "--batch" => plan.batch = number(),
            "--callers" => plan.callers = number(),
            _ => {}
        }
    }
    let Ok(url) = std::env::var("CONCORD_TEST_POSTGRES") else {
        println!("CONCORD_TEST_POSTGRES names no server; nothing to compare.");
        return;
    };
    println!("{} transfers, {} to a request, {} callers", plan.transfers, plan.batch, plan.callers);
    let (spread, hot) = (ours(&plan, ACCOUNTS).await, ours(&plan, 1).await);
    let (locked, locked_hot) = (row_locks(&url, &plan, ACCOUNTS).await, row_locks(&url, &plan, 1).await);
    let bare = inserts(&url, &plan).await;
    println!(
        "ledger          {spread:>9.0}/s over {ACCOUNTS} accounts   {hot:>9.0}/s on a hot one ({:.0} %)",
        100.0 * hot / spread
    );
    println!(
        "FOR UPDATE      {locked:>9.0}/s over {ACCOUNTS} accounts   {locked_hot:>9.0}/s on a hot one ({:.0} %)",
        100.0 * locked_hot / locked
    );
    println!("bare inserts    {bare:>9.0}/s without balances, locks or log");
    println!("ledger / FOR UPDATE: {:.1} spread, {:.1} hot", spread / locked, hot / locked_hot);
}

async fn ours(plan: &Plan, accounts: usize) -> f64 {
    let stage = Arc::new(trial::start(true, install).await.unwrap());
    let partners = Arc::new(stage.run(EnterMany { count: accounts }).await.unwrap());
    let next = Arc::new(AtomicUsize::new(0));
    let requests = plan.transfers / plan.batch;
    let started = Instant::now();
    let callers: Vec<_> = (0..plan.callers)
        .map(|_| {
            let (stage, partners, next, batch) = (stage.clone(), partners.clone(), next.clone(), plan.batch);
            tokio::spawn(async move {
                loop {
                    let request = next.fetch_add(1, Ordering::Relaxed);
                    if request >= requests {
                        return;
                    }
                    send(&stage, &partners, request, batch).await;
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    let seconds = started.elapsed().as_secs_f64();
    let report = stage.ask(VerifyBooks {}).await.unwrap();
    assert_eq!((report.transfers as usize, report.wrong), (requests * plan.batch, Vec::new()));
    plan.transfers as f64 / seconds
}

async fn send(stage: &Trial, partners: &[PartnerId], request: usize, batch: usize) {
    let transfer = |n: usize| {
        let number = request * batch + n;
        let amount = 1 + number % 900;
        json!({
            "partner": partners[number * 7919 % partners.len()], "key": format!("t-{number}"), "summary": "Bench",
            "entries": [
                { "account": "expense", "amount": format!("EUR {amount}.00") },
                { "account": "pending", "amount": format!("EUR -{amount}.00") },
            ],
        })
    };
    let input = json!({ "transfers": (0..batch).map(transfer).collect::<Vec<_>>() });
    let name = <PostJournal as Operation>::NAME;
    stage.app.run_value(&stage.system, name, input, RunOptions::default()).await.unwrap();
}

async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Each transfer locks the balances of both its accounts, in the order of their ids, changes them, writes itself, commits.
async fn row_locks(url: &str, plan: &Plan, accounts: usize) -> f64 {
    let admin = connect(url).await;
    let tables = format!(
        "DROP TABLE IF EXISTS bench_account; DROP TABLE IF EXISTS bench_transfer;
         CREATE TABLE bench_account (id BIGINT PRIMARY KEY, balance BIGINT NOT NULL);
         CREATE TABLE bench_transfer (id BIGINT PRIMARY KEY, debit BIGINT NOT NULL, credit BIGINT NOT NULL,
                                      amount BIGINT NOT NULL);
         INSERT INTO bench_account SELECT n, 0 FROM generate_series(0, {}) n;",
        2 * ACCOUNTS
    );
    admin.batch_execute(&tables).await.unwrap();
    let (count, next) = (plan.transfers / 4, Arc::new(AtomicUsize::new(0)));
    let started = Instant::now();
    let mut callers = Vec::new();
    for _ in 0..plan.callers {
        let mut client = connect(url).await;
        let next = next.clone();
        callers.push(tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return;
                }
                let debit = (number * 7919 % accounts) as i64;
                let (credit, amount) = (debit + ACCOUNTS as i64, 1 + number as i64 % 900);
                let tx = client.transaction().await.unwrap();
                let lock = "SELECT balance FROM bench_account WHERE id IN ($1, $2) ORDER BY id FOR UPDATE";
                tx.query(lock, &[&debit, &credit]).await.unwrap();
                let change = "UPDATE bench_account SET balance = balance + CASE WHEN id = $1 THEN CAST($3 AS BIGINT) ELSE -CAST($3 AS BIGINT) END
                              WHERE id IN ($1, $2)";
                tx.execute(change, &[&debit, &credit, &amount]).await.unwrap();
                let write = "INSERT INTO bench_transfer VALUES ($1, $2, $3, $4)";
                tx.execute(write, &[&(number as i64), &debit, &credit, &amount]).await.unwrap();
                tx.commit().await.unwrap();
            }
        }));
    }
    for caller in callers {
        caller.await.unwrap();
    }
    let rate = count as f64 / started.elapsed().as_secs_f64();
    admin.batch_execute("DROP TABLE bench_account; DROP TABLE bench_transfer").await.unwrap();
    rate
}

/// The same rows with nothing around them: one statement for each batch.
async fn inserts(url: &str, plan: &Plan) -> f64 {
    let client = connect(url).await;
    let table =
        "DROP TABLE IF EXISTS bench_bare; CREATE TABLE bench_bare (id BIGINT PRIMARY KEY, debit BIGINT NOT NULL,
                 credit BIGINT NOT NULL, amount BIGINT NOT NULL)";
    client.batch_execute(table).await.unwrap();
    let started = Instant::now();
    for request in 0..plan.transfers / plan.batch {
        let ids: Vec<i64> = (0..plan.batch).map(|n| (request * plan.batch + n) as i64).collect();
        let write =
            "INSERT INTO bench_bare SELECT n, n % 1000, n % 1000 + 1000, 1 + n % 900 FROM UNNEST($1::BIGINT[]) n";
        client.execute(write, &[&ids]).await.unwrap();
    }
    let rate = plan.transfers as f64 / started.elapsed().as_secs_f64();
    client.batch_execute("DROP TABLE bench_bare").await.unwrap();
    rate
}
