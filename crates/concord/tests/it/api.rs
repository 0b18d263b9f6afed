//! The rules of the API that hold for every operation: idempotency, versions, pages, problems, quotas, exports, headers.

use serde_json::json;

use crate::stage::{self, Caller, Server};
use crate::surface;

async fn stage() -> (tempfile::TempDir, Server, Caller) {
    let folder = stage::copy();
    let server = Server::start(folder.path(), &[]).await;
    let owner = server.owner().await;
    (folder, server, owner)
}

#[tokio::test]
async fn a_repeated_write_happens_once() {
    let (_folder, _server, owner) = stage().await;
    let body = json!({ "name": "Repeatable Ltd", "domain": "repeatable.example", "country": "DE" });
    let keyed = owner.with("idempotency-key", "\"7d1c\"");
    let first = keyed.post("/v1/customers", &body).await;
    assert_eq!(first.status, 201, "{}", first.text);
    assert!(first.header("location").ends_with(first.json()["id"].as_str().unwrap()));
    let again = keyed.post("/v1/customers", &body).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"));
    assert_eq!(first.json(), again.json());
    let other = keyed.post("/v1/customers", &json!({ "name": "Another Ltd", "country": "DE" })).await;
    assert_eq!(other.status, 422, "{}", other.text);
    let all = owner.get("/v1/customers?q=repeatable").await.ok();
    assert!(all["items"].as_array().unwrap().len() <= 1);
}

#[tokio::test]
async fn a_reader_is_told_what_has_not_changed_and_a_writer_what_has() {
    let (_folder, _server, owner) = stage().await;
    let list = owner.get("/v1/customers?limit=1").await.ok();
    let path = format!("/v1/customers/{}", list["items"][0]["id"].as_str().unwrap());
    let read = owner.get(&path).await;
    let tag = read.header("etag").to_owned();
    assert!(tag.starts_with('"'), "{path} has the tag {tag}");
    let unchanged = owner.with("if-none-match", &tag).get(&path).await;
    assert_eq!((unchanged.status, unchanged.text.as_str()), (304, ""));
    let change = json!({ "name": "Renamed GmbH" });
    let done = owner.with("if-match", &tag).call("PUT", &path, &change).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let stale = owner.with("if-match", &tag).call("PUT", &path, &json!({ "name": "Too late GmbH" })).await;
    assert_eq!((stale.status, stale.code().as_str()), (412, "precondition_failed"), "{}", stale.text);
    let changed = owner.with("if-none-match", &tag).get(&path).await;
    assert_eq!(changed.status, 200);
    assert!(!changed.text.contains("Too late"));
}

#[tokio::test]
async fn pages_lead_to_the_end_without_a_repeat() {
    let (_folder, _server, owner) = stage().await;
    for list in ["deals", "customers", "partners", "decisions", "log/entries"] {
        let whole = owner.get(&format!("/v1/{list}?limit=500")).await.ok()["items"].as_array().unwrap().len();
        let (mut seen, mut cursor) = (std::collections::BTreeSet::new(), String::new());
        for _ in 0..100 {
            let page = owner.get(&format!("/v1/{list}?limit=9{cursor}")).await.ok();
            for item in page["items"].as_array().unwrap() {
                assert!(seen.insert(item["id"].as_str().unwrap().to_owned()), "{list}: {} twice", item["id"]);
            }
            match page["next"].as_str() {
                Some(next) if seen.len() < 200 => cursor = format!("&cursor={}", surface::encode(next)),
                _ => break,
            }
        }
        assert!(seen.len() >= whole.min(200), "{list}: {} of {whole}", seen.len());
        let spoiled = owner.get(&format!("/v1/{list}?cursor=%22nonsense")).await;
        assert_eq!(spoiled.status, 422, "{list}: {}", spoiled.text);
    }
}

#[tokio::test]
async fn every_failure_is_a_problem_document() {
    let (_folder, server, owner) = stage().await;
    let nobody = server.anonymous();
    let plain = owner.with("content-type", "text/plain");
    let cases = [
        ("no such path", nobody.get("/v1/nothing/here").await, 404),
        ("no such deal", owner.get("/v1/deals/deal_00000000000000000000000000").await, 404),
        ("not an id", owner.get("/v1/deals/§").await, 422),
        ("wrong method", owner.call("PATCH", "/v1/deals", &json!({})).await, 405),
        ("not JSON", owner.send("POST", "/v1/customers", Some(b"{\"name\": ".to_vec())).await.unwrap(), 422),
        ("not an object", owner.post("/v1/customers", &json!([1])).await, 422),
        ("no fields", owner.post("/v1/customers", &json!({})).await, 422),
        ("nobody", nobody.get("/v1/deals").await, 401),
        ("bad token", nobody.with("authorization", "Bearer nonsense").get("/v1/deals").await, 401),
        ("bad scheme", nobody.with("authorization", "Basic eDp5").get("/v1/deals").await, 401),
        ("U+0000", owner.get("/v1/customers?q=%00").await, 422),
        ("bad limit", owner.get("/v1/deals?limit=none").await, 422),
        ("bad sort", owner.get("/v1/deals?sort=-nothing").await, 422),
        ("bad format", owner.get("/v1/deals?format=pdf").await, 422),
        ("not a list", owner.get("/v1/me?format=csv").await, 422),
        ("bad key", owner.with("idempotency-key", "").post("/v1/customers", &json!({ "name": "x" })).await, 422),
    ];
    for (what, answer, status) in cases {
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
        let problem = answer.json();
        for field in ["type", "title", "detail", "code"] {
            assert!(problem[field].is_string(), "{what}: {field} in {problem}");
        }
        assert_eq!(problem["status"], status, "{what}");
        headers(what, &answer);
    }
    let typed = plain.send("POST", "/v1/customers", Some(b"name=x".to_vec())).await.unwrap();
    assert!([415, 422].contains(&typed.status), "{}", typed.text);
    let huge = owner.send("POST", "/v1/customers", Some(vec![b' '; 9 * 1024 * 1024])).await;
    assert!(huge.is_err() || [413, 422].contains(&huge.unwrap().status));
}

fn headers(what: &str, answer: &stage::Answer) {
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") || policy.contains("default-src 'self'"), "{what}: {policy}");
    assert!(!policy.contains("unsafe-inline") && !policy.contains("unsafe-eval"), "{what}: {policy}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(answer.header("referrer-policy"), "same-origin", "{what}");
    assert!(!answer.header("x-request-id").is_empty(), "{what}");
    assert!(!answer.header("cache-control").is_empty(), "{what}");
}

#[tokio::test]
async fn every_kind_of_answer_carries_the_security_headers() {
    let (_folder, server, owner) = stage().await;
    let nobody = server.anonymous();
    for path in ["/sign-in", "/", "/healthz", "/openapi.json", "/metrics", "/v1/offer", "/nowhere", "/log/checkpoint"] {
        headers(path, &nobody.get(path).await);
    }
    for path in ["/", "/deals", "/v1/deals", "/v1/deals?format=csv", "/search.json?q=a", "/deals/nothing"] {
        headers(path, &owner.get(path).await);
    }
    let marked = nobody.with("x-request-id", "trace-1").get("/healthz").await;
    assert_eq!(marked.header("x-request-id"), "trace-1");
}

#[tokio::test]
async fn quotas_are_told_and_kept() {
    let (_folder, server, owner) = stage().await;
    let answer = owner.get("/v1/me").await;
    assert!(answer.header("ratelimit-policy").contains(";w=60"), "{:?}", answer.headers);
    assert!(answer.header("ratelimit").starts_with("\"minute\";r="));
    let partner = &stage::demo().partners()[0];
    let login = stage::demo().login(&format!("Partner Administrator of {partner}"));
    let seller = server.sign_in(login).await;
    let policy = seller.get("/v1/me").await.header("ratelimit-policy").to_owned();
    let quota: usize = policy.split("q=").nth(1).unwrap().split(';').next().unwrap().parse().unwrap();
    let mut refused = None;
    for _ in 0..quota.min(1000) + 50 {
        let answer = seller.get("/v1/me").await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    if quota <= 1000 {
        let refused = refused.expect("the quota ends");
        assert_eq!(refused.header("content-type"), "application/problem+json");
        assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
        assert_eq!(refused.code(), "quota_exceeded");
    }
    assert_eq!(owner.get("/v1/me").await.status, 200, "another caller's quota is its own");
}

#[tokio::test]
async fn lists_are_exported_and_formulas_disarmed() {
    let (_folder, _server, owner) = stage().await;
    let evil = json!({ "name": "=HYPERLINK(\"http://x\") GmbH", "country": "DE", "domain": "formula.example" });
    owner.post("/v1/customers", &evil).await.ok();
    let csv = owner.get("/v1/customers?format=csv").await;
    assert_eq!((csv.status, csv.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert!(csv.header("content-disposition").starts_with("attachment"));
    let mut rows = csv::Reader::from_reader(csv.text.as_bytes());
    let column = rows.headers().unwrap().iter().position(|name| name == "name").unwrap();
    let names: Vec<String> = rows.records().map(|row| row.unwrap()[column].to_owned()).collect();
    assert!(names.iter().any(|name| name.starts_with("'=HYPERLINK")), "{names:?}");
    let lines = owner.get("/v1/customers?format=jsonl").await;
    assert_eq!(lines.header("content-type"), "application/jsonl");
    let parsed = lines.text.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()).count();
    assert_eq!(parsed, names.len());
}

#[tokio::test]
async fn a_foreign_site_writes_nothing() {
    let (_folder, server, owner) = stage().await;
    let body = json!({ "name": "Forged GmbH", "country": "DE" });
    for forged in [owner.without("x-csrf-token"), owner.with("x-csrf-token", "guessed")] {
        let answer = forged.post("/v1/customers", &body).await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "forbidden"), "{}", answer.text);
    }
    let csrf = owner.header("x-csrf-token").to_owned();
    let form = |caller: Caller, csrf: String| async move {
        let typed = caller.with("content-type", "application/x-www-form-urlencoded");
        let fields = format!("csrf={csrf}&name=Forged+GmbH&country=DE&_return=/customers");
        typed.send("POST", "/do/customers.add", Some(fields.into_bytes())).await.unwrap()
    };
    let cases = [
        form(owner.clone(), String::new()).await,
        form(owner.clone(), "guessed".to_owned()).await,
        form(owner.with("origin", "https://evil.example"), csrf.clone()).await,
        form(owner.with("sec-fetch-site", "cross-site"), csrf.clone()).await,
    ];
    for answer in cases {
        assert_eq!(answer.status, 403, "{}", answer.text);
    }
    let own = form(owner.with("origin", &server.url), csrf).await;
    assert_eq!(own.status, 303, "{}", own.text);
    let found = owner.get("/v1/customers?format=csv").await.text.matches("Forged").count();
    assert!(found >= 1);
    let offsite = server.anonymous().get("/sign-in?next=https://evil.example/").await;
    assert!(!offsite.text.contains("evil.example"));
}

#[tokio::test]
async fn main_pages_are_small() {
    let (_folder, server, owner) = stage().await;
    let partner = &stage::demo().partners()[0];
    let seller = server.sign_in(stage::demo().login(&format!("Partner Administrator of {partner}"))).await;
    let registry = surface::registry();
    let simple = surface::pages(&registry).into_iter().filter(|p| !p.contains('{') && !p.contains('.'));
    for path in simple {
        for caller in [&owner, &seller] {
            let page = caller.get(path).await;
            if page.status != 200 || !page.header("content-type").starts_with("text/html") {
                assert!(page.status < 500, "{path}: {}", page.text);
                continue;
            }
            let mut transferred = packed(caller, path).await;
            for asset in assets(&page.text) {
                transferred += packed(caller, &asset).await;
            }
            assert!(transferred <= 100 * 1024, "{path} transfers {transferred} bytes");
        }
    }
}

/// Bytes on the wire.
async fn packed(caller: &Caller, path: &str) -> usize {
    let answer = caller.with("accept-encoding", "gzip").send("GET", path, None).await.unwrap();
    let told = answer.header("content-length").parse().unwrap_or(0);
    // A streamed body is told by no header: its text is lossy here, so count generously.
    if told > 0 { told } else { answer.text.chars().count() }
}

fn assets(html: &str) -> Vec<String> {
    let linked = |mark: &str| {
        let found = html.split(mark).skip(1).filter_map(|rest| rest.split('"').next());
        found.filter(|path| path.ends_with(".css") || path.ends_with(".js")).map(str::to_owned).collect::<Vec<_>>()
    };
    [linked("href=\""), linked("src=\"")].concat()
}
