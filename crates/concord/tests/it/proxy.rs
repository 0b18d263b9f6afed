//! Behind a proxy: whose address counts, and that nobody can make one up.

use serde_json::json;

use crate::stage::{self, Answer, Caller, Server};

/// Failures from one place after which attempts from it wait.
const FREE: usize = 20;

async fn guess(caller: &Caller, forwarded: &str, number: usize) -> Answer {
    let body = json!({ "email": format!("n{number}@nowhere.example"), "password": "a wrong password" });
    caller.with("x-forwarded-for", forwarded).post("/v1/sessions", &body).await
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_is_counted_for_itself() {
    let folder = stage::copy();
    let options = ["--trusted-proxy", "10.0.0.0/8", "--trusted-proxy", "127.0.0.1,::1"];
    let server = Server::start_with(folder.path(), &[], &options).await;
    let proxy = server.anonymous();
    for number in 0..FREE {
        assert_eq!(guess(&proxy, "192.0.2.7", number).await.ok()["outcome"], "refused");
    }
    for (what, forwarded, status) in [
        ("the client itself", "192.0.2.7", 429),
        ("through a further proxy", "192.0.2.7, 10.1.1.1", 429),
        ("with an address made up in front", "198.51.100.1, 192.0.2.7", 429),
        ("with a proxy made up in front", "10.1.1.1, 192.0.2.7", 429),
        ("another client", "192.0.2.8", 200),
        ("another client that names the first one", "192.0.2.7, 192.0.2.9", 200),
    ] {
        let answer = guess(&proxy, forwarded, 100).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
    }
    let left = |answer: Answer| -> u32 {
        let field = answer.header("ratelimit").to_owned();
        field.split("r=").nth(1).unwrap().split(';').next().unwrap().parse().unwrap()
    };
    let of = async |client: &str| left(proxy.with("x-forwarded-for", client).get("/v1/offer").await);
    let (first, other, second) = (of("192.0.2.20").await, of("192.0.2.21").await, of("192.0.2.20").await);
    assert!(first == other && second <= first, "{first} {other} {second}");
}

#[tokio::test]
async fn without_a_trusted_proxy_the_header_counts_for_nothing() {
    let folder = stage::copy();
    let server = Server::start(folder.path(), &[]).await;
    let caller = server.anonymous();
    for number in 0..FREE {
        let answer = guess(&caller, &format!("192.0.2.{number}"), number).await;
        assert_eq!(answer.ok()["outcome"], "refused");
    }
    let answer = guess(&caller, "198.51.100.1", FREE).await;
    assert_eq!((answer.status, answer.code().as_str()), (429, "too_many_attempts"), "{}", answer.text);
}

#[test]
fn a_network_that_is_none_is_refused_at_the_start() {
    let output = stage::run(&["serve", "--trusted-proxy", "proxy.example.com"]);
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && words.contains("10.0.0.0/8"), "{words}");
}
