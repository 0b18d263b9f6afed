//! How fast usage comes in: a million events in batches of 5,000 into the embedded database, through the operation that
//! everybody calls, beside the same rows inserted bare.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)] // a bench measures and prints

use std::time::Instant;

use kernel::Registry;
use money::intake::{IngestUsage, Quantity, UsageEvent};
use partners::customers::AddCustomer;

/// As an operation whose events are not serialized.
#[derive(Clone, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
struct Bare {
    source: String,
    #[serde(skip)]
    events: std::sync::Arc<Vec<UsageEvent>>,
}
impl kernel::Operation for Bare {
    const NAME: &'static str = "test.bare";
    const ROUTE: kernel::Route = kernel::post("/test/bare");
    const ACCESS: kernel::Access = kernel::Access::Open;
    type Output = money::intake::Ingested;
    async fn run(self, cx: &mut kernel::Cx<'_>) -> kernel::Result<Self::Output> {
        let events = std::sync::Arc::unwrap_or_clone(self.events);
        money::intake::record_usage(cx, &self.source, events).await
    }
}

fn install(registry: &mut Registry) {
    programs::install(registry);
    partners::profile::install(registry);
    partners::customers::install(registry);
    money::intake::install(registry);
    money::attribution::install(registry);
    registry.operation::<Bare>();
}

fn main() {
    let runtime = trial::tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let t = trial::start(false, install).await.unwrap();
        let files = law::shipped()[0].files();
        t.run(programs::ApplyProgram { files, effective_from: None, note: String::new() }).await.unwrap();
        let mut customers = Vec::new();
        let mut batch = t.app.batch().await.unwrap();
        for n in 0..2_000 {
            let add = AddCustomer { name: format!("Customer {n}"), ..AddCustomer::default() };
            customers.push(batch.run(&t.system, add).await.unwrap().id.to_string());
        }
        batch.commit().await.unwrap();
        for drop in std::env::var("DROP").unwrap_or_default().split(',').filter(|d| !d.is_empty()) {
            let mut tx = t.app.db().write().await.unwrap();
            tx.run(&format!("DROP INDEX {drop}"), &[]).await.unwrap();
            tx.commit().await.unwrap();
        }
        let bare = std::env::var("BARE").is_ok();
        let events: usize = std::env::var("EVENTS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
        let start = t.now().plus_days(-360);
        let (mut made, mut recorded) = (0, 0);
        let began = Instant::now();
        let mut generating = std::time::Duration::ZERO;
        while made < events {
            let generated = Instant::now();
            let batch: Vec<UsageEvent> = (made..(made + 5_000).min(events))
                .map(|n| UsageEvent {
                    id: format!("tel-{n:08}"),
                    customer: customers[n * 7919 % 2_000].clone(),
                    quantity: Quantity::whole(1 + n as i64 % 90),
                    unit: "driver".to_owned(),
                    occurred_at: start.plus_seconds(n as i64 * 30),
                    integration: None,
                })
                .collect();
            generating += generated.elapsed();
            made += batch.len();
            recorded += if bare {
                t.run(Bare { source: "telemetry".to_owned(), events: std::sync::Arc::new(batch) })
                    .await
                    .unwrap()
                    .recorded
            } else {
                t.run(IngestUsage { source: "telemetry".to_owned(), events: batch }).await.unwrap().recorded
            };
        }
        let took = (began.elapsed() - generating).as_secs_f64();
        println!("usage.ingest: {recorded} events in {took:.2} s, {:.0} a second", recorded as f64 / took);
    });
}
