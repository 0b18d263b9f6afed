//! Two nodes on one PostgreSQL: work happens once, and each sees within a second what the other wrote.

use std::time::Duration;

use serde_json::json;

use crate::gatekeeping::{self, Provider};
use crate::stage::{self, Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_share_their_work_and_their_news() {
    let Some((folder, url, built)) = stage::demo_on_postgres("nodes").await else { return };
    let path = folder.path().to_str().unwrap().to_owned();
    let shared = ["--database-url", url.as_str()];
    let (a, b) = tokio::join!(Server::start(folder.path(), &shared), Server::start(folder.path(), &shared));
    let (at_a, at_b) = (a.sign_in(built.login("Owner")).await, b.sign_in(built.login("Owner")).await);

    // The dispatch gate of the one knows at once what the other was told.
    let provider = Provider::register(&at_a, a.anonymous()).await;
    for kind in ["licence", "insurance"] {
        let taken = provider.attest("drv_nodes", kind, "valid").await;
        assert_eq!(taken.status, 200, "{}", taken.text);
    }
    within_a_second("B allows", async || gatekeeping::dispatch(&at_b, "drv_nodes").await["decision"] == true).await;
    assert_eq!(provider.attest("drv_nodes", "licence", "suspended").await.status, 200);
    within_a_second("B denies", async || gatekeeping::dispatch(&at_b, "drv_nodes").await["decision"] == false).await;

    // Both write at once; both heads are signed by the same key and one log holds everything.
    let write = async |caller: stage::Caller, node: &str| {
        for number in 0..20 {
            let body = json!({ "name": format!("Node {node} {number} GmbH"), "country": "DE" });
            caller.post("/v1/customers", &body).await.ok();
        }
    };
    tokio::join!(write(at_a.clone(), "A"), write(at_b.clone(), "B"));
    stage::until("both nodes show one signed head over everything", async || {
        let (at_a, at_b) = (at_a.get("/v1/log/checkpoint").await.ok(), at_b.get("/v1/log/checkpoint").await.ok());
        at_a == at_b && at_a["size"].as_i64() > Some(40)
    })
    .await;

    // Every schedule has run, and each once.
    let registry = crate::surface::registry();
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    for schedule in registry.schedules() {
        let sql = "SELECT COUNT(*) FROM log_entry WHERE operation = $1 AND actor = 'system:schedule'";
        stage::until(&format!("{} has run", schedule.operation), async || {
            client.query_one(sql, &[&schedule.operation]).await.unwrap().get::<_, i64>(0) >= 1
        })
        .await;
        tokio::time::sleep(Duration::from_millis(300)).await; // the other node had its tick, too
        let runs: i64 = client.query_one(sql, &[&schedule.operation]).await.unwrap().get(0);
        assert_eq!(runs, 1, "{} ran {runs} times", schedule.operation);
    }
    drop((a, b));
    let said = tokio::task::spawn_blocking(move || {
        stage::succeed(&["--data-dir", &path, "--database-url", &url, "log", "verify"])
    });
    let said = said.await.unwrap();
    assert!(said.contains("Everything is proven."), "{said}");
}

async fn within_a_second(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = stage::moment();
    stage::until(what, async || holds().await).await;
    // Generous for a busy machine; the promise is one second.
    assert!(begun.elapsed() < Duration::from_secs(3), "{what} after {:?}", begun.elapsed());
}
