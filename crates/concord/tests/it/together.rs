//! Many small requests with events share commits, and each has its own answer: through HTTP, on both databases.

use std::path::Path;

use serde_json::{Value as Json, json};

use crate::stage::{self, Answer, Caller, Demo, Server};

/// Plays a test on a copy of the demo, and on PostgreSQL where there is one.
async fn on_both(name: &str, test: impl AsyncFn(&Server, &Demo)) {
    let folder = stage::copy();
    let server = Server::start(folder.path(), &[]).await;
    test(&server, stage::demo()).await;
    drop(server);
    sound(folder.path(), &[]);
    let Some((folder, url, built)) = stage::demo_on_postgres(name).await else { return };
    let server = Server::start(folder.path(), &["--database-url", &url]).await;
    test(&server, &built).await;
    drop(server);
    let (folder, url) = (folder.path().to_owned(), url.clone());
    tokio::task::spawn_blocking(move || sound(&folder, &["--database-url", &url])).await.unwrap();
}

fn sound(folder: &Path, more: &[&str]) {
    let said = stage::succeed(&[&["--data-dir", folder.to_str().unwrap()], more, &["log", "verify"]].concat());
    assert!(said.contains("Everything is proven."), "{said}");
}

async fn customer(owner: &Caller) -> String {
    let customers = owner.get("/v1/customers?limit=1").await.ok();
    customers["items"][0]["id"].as_str().unwrap().to_owned()
}

fn usage(id: &str, customer: &str) -> Json {
    let event = json!({ "id": id, "customer": customer, "quantity": 1, "unit": "driver", "occurred_at": "2026-03-01T08:00:00Z" });
    json!({ "source": "together", "events": [event] })
}

/// A counter of `/metrics`, over all its labels.
async fn counted(server: &Server, name: &str, label: &str) -> f64 {
    let text = server.anonymous().get("/metrics").await.text;
    let lines = text.lines().filter(|line| line.starts_with(name) && line.contains(label));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

async fn all(calls: Vec<(Caller, &'static str, Json)>) -> Vec<Answer> {
    let tasks: Vec<_> = calls
        .into_iter()
        .map(|(caller, path, body)| tokio::spawn(async move { caller.post(path, &body).await }))
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_requests_share_commits_and_a_refused_one_leaves_its_neighbors_alone() {
    on_both("together", async |server, built| {
        let owner = server.sign_in(built.login("Owner")).await;
        let customer = customer(&owner).await;
        let mut calls = Vec::new();
        for number in 0..120 {
            calls.push((owner.clone(), "/v1/usage-events", usage(&format!("t{}", number % 100), &customer)));
            if number % 20 == 0 {
                let mut nameless = usage("never", &customer);
                nameless["source"] = json!("no source at all");
                calls.push((owner.clone(), "/v1/usage-events", nameless));
            }
        }
        let answers = all(calls).await;
        let (well, refused): (Vec<&Answer>, Vec<&Answer>) = answers.iter().partition(|answer| answer.status < 300);
        assert_eq!((well.len(), refused.len()), (120, 6));
        for answer in refused {
            assert_eq!((answer.status, answer.code().as_str()), (422, "invalid"), "{}", answer.text);
            assert_eq!(answer.header("content-type"), "application/problem+json");
        }
        let sum = |name: &str| well.iter().map(|a| a.json()[name].as_u64().unwrap()).sum::<u64>();
        assert_eq!((sum("recorded"), sum("duplicates"), sum("conflicts")), (100, 20, 0));
        let listed = owner.get("/v1/usage-events?source=together&limit=500").await.ok();
        assert_eq!(listed["items"].as_array().unwrap().len(), 100);
        let runs = counted(server, "concord_operation_seconds_count", "operation=\"usage.ingest\"").await;
        let commits = counted(server, "concord_shared_commits_total", "").await;
        assert_eq!(runs as usize, 126);
        assert!((1.0..runs / 2.0).contains(&commits), "{runs} runs in {commits} commits");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_holds_for_every_operation_holds_for_events() {
    on_both("together_rules", async |server, built| {
        let owner = server.sign_in(built.login("Owner")).await;
        let customer = customer(&owner).await;
        let body = usage("rules", &customer);

        // A repeat with the same key has the first answer, the same key with another input none.
        let keyed = owner.with("idempotency-key", "rules-1");
        let first = keyed.post("/v1/usage-events", &body).await;
        let again = keyed.post("/v1/usage-events", &body).await;
        assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
        assert_eq!(first.ok(), again.ok());
        let other = keyed.post("/v1/usage-events", &usage("other", &customer)).await;
        assert_eq!(other.status, 422, "{}", other.text);
        assert!(other.text.contains("Idempotency-Key"), "{}", other.text);

        // Nobody, a partner, and somebody without the permission are told so before anything is said about the input.
        assert_eq!(server.anonymous().post("/v1/usage-events", &json!({})).await.status, 401);
        let partner = &built.partners()[0];
        let seller = server.sign_in(built.login(&format!("Partner Seller of {partner}"))).await;
        let refused = seller.post("/v1/usage-events", &json!({ "nonsense": true })).await;
        assert_eq!(
            (refused.status, refused.json()["permission"].as_str()),
            (403, Some("usage.ingest")),
            "{}",
            refused.text
        );
        let forged = owner.without("x-csrf-token").post("/v1/usage-events", &body).await;
        assert_eq!(forged.status, 403, "{}", forged.text);

        // What is wrong with the input is said field by field.
        let mut wrong = usage("wrong", &customer);
        wrong["events"][0]["unit"] = json!(7);
        wrong["events"][0]["color"] = json!("red");
        let answer = owner.post("/v1/usage-events", &wrong).await;
        let fields: Vec<String> =
            answer.json()["errors"].as_array().unwrap().iter().map(|e| e["field"].to_string()).collect();
        assert_eq!(
            (answer.status, fields),
            (422, vec!["\"events[0].unit\"".to_owned(), "\"events[0].color\"".to_owned()])
        );
        for (text, said) in
            [("{", "is not JSON"), ("[]", "object"), ("{\"source\":\"a\\u0000b\",\"events\":[]}", "U+0000")]
        {
            let answer = owner.send("POST", "/v1/usage-events", Some(text.as_bytes().to_vec())).await.unwrap();
            assert_eq!(answer.status, 422, "{}", answer.text);
            assert!(answer.text.contains(said), "{text}: {}", answer.text);
        }
        let empty = owner.post("/v1/invoice-events", &json!({})).await;
        assert_eq!(empty.status, 422, "{}", empty.text);
        assert!(first.header("ratelimit").contains("r="), "the quota is told");
        assert!(owner.get("/v1/usage-events?source=together").await.ok()["items"].as_array().unwrap().len() == 1);
    })
    .await;
}

#[test]
fn the_command_line_sends_events_the_same_way() {
    let folder = stage::copy();
    let path = folder.path().to_str().unwrap();
    let customers: Json =
        serde_json::from_str(&stage::succeed(&["--data-dir", path, "--json", "customers", "list"])).unwrap();
    let body = usage("by-hand", customers["items"][0]["id"].as_str().unwrap());
    let file = folder.path().join("events.json");
    std::fs::write(&file, body.to_string()).unwrap();
    let send = ["--data-dir", path, "--json", "usage", "ingest", "--input", file.to_str().unwrap()];
    let counts = |text: &str| {
        let report: Json = serde_json::from_str(text).unwrap();
        (report["recorded"].as_u64(), report["duplicates"].as_u64())
    };
    assert_eq!(counts(&stage::succeed(&send)), (Some(1), Some(0)));
    assert_eq!(counts(&stage::succeed(&send)), (Some(0), Some(1)));
    sound(folder.path(), &[]);
}
