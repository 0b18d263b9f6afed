//! `kill -9` in the middle of things: what was acknowledged is there, and nothing is there by half.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::stage::{self, Caller, Server};

fn sound(folder: &std::path::Path) {
    let said = stage::succeed(&["--data-dir", folder.to_str().unwrap(), "log", "verify"]);
    assert!(said.contains("Everything is proven."), "{said}");
}

fn events(writer: usize, number: usize, customer: &str) -> Json {
    let event = |place: usize| {
        json!({ "id": format!("w{writer}-{number}-{place}"), "customer": customer, "quantity": "1.5", "unit": "driver",
                "occurred_at": "2026-03-01T08:00:00Z" })
    };
    json!({ "source": "crash", "events": (0..3).map(event).collect::<Vec<_>>() })
}

/// Sends until the server is gone; returns the numbers of the requests that were acknowledged.
async fn write(caller: Caller, writer: usize, customer: String) -> Vec<usize> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let body = events(writer, number, &customer).to_string().into_bytes();
        match caller.send("POST", "/v1/usage-events", Some(body)).await {
            Ok(answer) if answer.status < 300 => acknowledged.push(number),
            Ok(answer) => assert!(answer.status == 503 || answer.status == 429, "{}", answer.text),
            Err(_) => break,
        }
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_event_is_lost() {
    let folder = stage::copy();
    for (round, wait) in [230_u64, 90, 410].into_iter().enumerate() {
        let server = Server::start(folder.path(), &[]).await;
        let owner = server.owner().await;
        let customers = owner.get("/v1/customers?limit=1").await.ok();
        let customer = customers["items"][0]["id"].as_str().unwrap().to_owned();
        let writers = (0..4).map(|writer| tokio::spawn(write(owner.clone(), 10 * round + writer, customer.clone())));
        let writers: Vec<_> = writers.collect();
        tokio::time::sleep(Duration::from_millis(wait)).await; // the seeded moment of the crash
        server.kill();
        let mut acknowledged = Vec::new();
        for (writer, task) in writers.into_iter().enumerate() {
            acknowledged.extend(task.await.unwrap().into_iter().map(|number| (10 * round + writer, number)));
        }
        assert!(!acknowledged.is_empty(), "the crash came before the first answer");
        sound(folder.path());
        let server = Server::start(folder.path(), &[]).await;
        let owner = server.owner().await;
        for (writer, number) in acknowledged {
            let again = owner.post("/v1/usage-events", &events(writer, number, &customer)).await.ok();
            let known = again["duplicates"].as_u64().unwrap() + again["dead_letters"].as_u64().unwrap();
            assert_eq!((again["recorded"].as_u64(), known), (Some(0), 3), "lost w{writer}-{number}: {again}");
        }
    }
    sound(folder.path());
}

/// Bills every partner's customer something in the month before the newest statements' successor.
pub async fn bill(owner: &Caller, month: &str) -> usize {
    let partners = owner.get("/v1/partners?limit=500").await.ok();
    let customers = owner.get("/v1/customers?limit=500").await.ok();
    let customers = customers["items"].as_array().unwrap().clone();
    let mut invoices = Vec::new();
    for (place, partner) in partners["items"].as_array().unwrap().iter().enumerate() {
        for (kind, revenue) in ["subscription", "project"].into_iter().enumerate() {
            let customer = &customers[(3 * place + kind) % customers.len()]["id"];
            invoices.push(json!({
                "id": format!("{month}-{place}-{kind}"), "kind": "invoice", "customer": customer, "revenue": revenue,
                "amount": format!("EUR {}.{:02}", 1000 + 37 * place, place), "occurred_at": format!("{month}-11T09:00:00Z"),
                "partner": partner["id"],
            }));
        }
    }
    let answer = owner.post("/v1/invoice-events", &json!({ "source": "crash-billing", "events": invoices })).await;
    answer.ok()["recorded"].as_u64().unwrap() as usize
}

/// What must hold about statements whatever happened; returns how many there are.
fn whole_statements(folder: &std::path::Path) -> i64 {
    let wrong = "SELECT COUNT(*) FROM statement s WHERE NOT EXISTS (SELECT 1 FROM decision d WHERE d.id = s.decision)
        OR NOT EXISTS (SELECT 1 FROM document o WHERE o.id = s.document)
        OR (SELECT COUNT(*) FROM statement_line l WHERE l.statement = s.id) <> s.lines
        OR (SELECT COALESCE(SUM(l.amount_minor), 0) FROM statement_line l WHERE l.statement = s.id) <> s.total_minor";
    assert_eq!(stage::number(folder, wrong), 0, "half-made statements");
    let orphans =
        "SELECT COUNT(*) FROM statement_line l WHERE NOT EXISTS (SELECT 1 FROM statement s WHERE s.id = l.statement)";
    assert_eq!(stage::number(folder, orphans), 0, "lines without a statement");
    stage::number(folder, "SELECT COUNT(*) FROM statement")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_statement_is_made_by_half() {
    let folder = stage::copy();
    let server = Server::start(folder.path(), &[]).await;
    let owner = server.owner().await;
    let produced = owner.post("/v1/statements", &json!({})).await.ok();
    let month = produced["month"].as_str().unwrap().to_owned();
    let billed = bill(&owner, &month).await;
    assert!(billed > 0);
    let before = whole_statements(folder.path());
    drop(server);
    for wait in [15_u64, 40, 90] {
        let server = Server::start(folder.path(), &[]).await;
        let owner = server.owner().await;
        let path_month = month.clone();
        let making = tokio::spawn(async move {
            let body = json!({ "month": path_month }).to_string().into_bytes();
            owner.send("POST", "/v1/statements", Some(body)).await.map(|answer| answer.status)
        });
        tokio::time::sleep(Duration::from_millis(wait)).await; // the seeded moment of the crash
        server.kill();
        let acknowledged = making.await.unwrap().is_ok_and(|status| status < 300);
        let there = whole_statements(folder.path());
        assert!(!acknowledged || there > 0, "acknowledged statements are gone");
        sound(folder.path());
    }
    let server = Server::start(folder.path(), &[]).await;
    let owner = server.owner().await;
    owner.post("/v1/statements", &json!({ "month": month })).await.ok();
    let due = owner.get(&format!("/v1/statements/due?month={month}")).await.ok();
    assert!(whole_statements(folder.path()) > before, "nothing was made; still due: {due}");
    drop(server);
    sound(folder.path());
}
