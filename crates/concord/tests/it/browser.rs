//! The main job in a real browser: sign in, a conflicting registration, its approval, a statement, the gate.

use std::collections::BTreeSet;

use serde_json::json;

use crate::driver::Browser;
use crate::gatekeeping::{self, Provider};
use crate::stage::{self, Caller, Server};

async fn quiet(browser: &Browser) {
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "the console complains: {complaints:?}");
}

fn login(role: &str, partner: usize) -> &'static stage::Login {
    stage::demo().login(&format!("{role} of {}", stage::demo().partners()[partner]))
}

fn claim(title: &str, value: &str) -> serde_json::Value {
    json!({
        "title": title, "value": value,
        "customer": { "name": "Contested Haulage GmbH", "domain": "contested-haulage.example", "country": "DE", "vat_number": null },
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conflicting_deal_is_registered_and_the_next_one_approved() {
    let folder = stage::copy();
    let server = Server::start(folder.path(), &[]).await;
    let Some(browser) = Browser::start(&server.url).await else { return };
    let first = server.sign_in(login("Partner Seller", 0)).await;
    let won = first.post("/v1/deals", &claim("Ours", "EUR 90000.00")).await.ok();
    let owner = server.owner().await;
    if won["state"] != "approved" {
        let deal = won["id"].as_str().unwrap();
        owner.call("PUT", &format!("/v1/deals/{deal}/approval"), &json!({ "new_customer": true })).await.ok();
    }
    // The second partner claims the same customer, in the browser.
    browser.sign_in(login("Partner Seller", 1)).await;
    browser.open("/deals/new").await;
    browser.fill("title", "Theirs too").await;
    browser.fill("value", "80000").await;
    browser.fill("customer.name", "Contested Haulage").await;
    browser.fill("customer.domain", "www.contested-haulage.example").await;
    browser.fill("customer.country", "DE").await;
    browser.press("Register").await;
    browser.until_text("Waits behind another valid registration").await;
    let text = browser.text().await;
    let rival = &stage::demo().partners()[0];
    assert!(!text.contains(rival.as_str()), "the page names the rival: {text}");
    quiet(&browser).await;
    // A large deal waits for a person: the vendor's inbox.
    let large = json!({
        "title": "A large one", "value": "EUR 900000.00",
        "customer": { "name": "Grossraum Logistik AG", "domain": "grossraum-logistik.example", "country": "DE" },
    });
    let second = server.sign_in(login("Partner Seller", 1)).await;
    let waiting = second.post("/v1/deals", &large).await.ok();
    assert_eq!(waiting["state"], "pending_approval", "{waiting}");
    browser.sign_in(stage::demo().login("Head of Partnerships")).await;
    browser.open("/deals/inbox").await;
    browser.until_text("Waiting for approval").await;
    // The inbox lays out the oldest; the newest is found in the list behind it.
    browser.open("/deals?state=pending_approval&sort=-submitted_at").await;
    browser.click(&format!("main a[href='/deals/{}']", waiting["id"].as_str().unwrap())).await;
    browser.until_text("Grossraum").await;
    browser.press("Approve").await;
    stage::until("the deal is approved", async || {
        owner.get(&format!("/v1/deals/{}", waiting["id"].as_str().unwrap())).await.ok()["state"] == "approved"
    })
    .await;
    browser.until_text("Approved").await;
    quiet(&browser).await;
}

/// A statement of the demo, or one that is made now.
async fn statement(owner: &Caller) -> String {
    let list = owner.get("/v1/statements?limit=50").await.ok();
    let with_lines = list["items"].as_array().unwrap().iter().find(|item| item["lines"].as_u64() > Some(0)).cloned();
    if let Some(found) = with_lines {
        return found["id"].as_str().unwrap().to_owned();
    }
    let month = owner.post("/v1/statements", &json!({})).await.ok()["month"].as_str().unwrap().to_owned();
    crate::crash::bill(owner, &month).await;
    owner.post("/v1/statements", &json!({ "month": month })).await.ok();
    let list = owner.get("/v1/statements?limit=50").await.ok();
    list["items"][0]["id"].as_str().expect("a statement").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_amount_leads_to_its_inputs_and_rule() {
    let folder = stage::copy();
    let server = Server::start(folder.path(), &[]).await;
    let Some(browser) = Browser::start(&server.url).await else { return };
    let id = statement(&server.owner().await).await;
    browser.sign_in(stage::demo().login("Finance")).await;
    browser.open("/money/statements").await;
    browser.click(&format!("main a[href='/money/statements/{id}']")).await;
    browser.until_text("Lines").await;
    browser.click("main a[href^='/money/lines/']").await;
    stage::until("the line is open", async || browser.path().await.starts_with("/money/lines/")).await;
    browser.until_text("money.toml").await;
    quiet(&browser).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_credential_closes_the_gate_before_ones_eyes() {
    let folder = stage::copy();
    let server = Server::start(folder.path(), &[]).await;
    let Some(browser) = Browser::start(&server.url).await else { return };
    let owner = server.owner().await;
    let provider = Provider::register(&owner, server.anonymous()).await;
    for kind in ["licence", "insurance"] {
        let taken = provider.attest("drv_browser", kind, "valid").await;
        assert_eq!(taken.status, 200, "{}", taken.text);
    }
    assert_eq!(gatekeeping::dispatch(&owner, "drv_browser").await["decision"], true);
    browser.sign_in(stage::demo().login("Security & Compliance")).await;
    browser.open("/gate/drivers/drv_browser").await;
    let before = browser.text().await;
    assert!(before.to_lowercase().contains("valid") && !before.to_lowercase().contains("suspended"), "{before}");
    assert_eq!(provider.attest("drv_browser", "licence", "suspended").await.status, 200);
    assert_eq!(gatekeeping::dispatch(&owner, "drv_browser").await["decision"], false);
    stage::until("the page of the driver shows it", async || {
        browser.open("/gate/drivers/drv_browser").await;
        browser.text().await.to_lowercase().contains("suspended")
    })
    .await;
    browser.open("/gate?driver=drv_browser").await;
    browser.until_text("Latest decisions").await;
    assert!(browser.text().await.to_lowercase().contains("deny"));
    quiet(&browser).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_fit_a_phone_and_the_console_stays_quiet() {
    let folder = stage::copy();
    let server = Server::start(folder.path(), &[]).await;
    let Some(browser) = Browser::start(&server.url).await else { return };
    let registry = crate::surface::registry();
    let simple = |path: &&str| !path.contains('{') && !path.contains('.') && *path != "/apply";
    let pages: Vec<&str> = crate::surface::pages(&registry).into_iter().filter(simple).collect();
    browser.resize(390, 844).await;
    for login in [stage::demo().login("Owner"), login("Partner Administrator", 0)] {
        browser.sign_in(login).await;
        let caller = server.sign_in(login).await;
        // Lists lead to objects: one of each kind is looked at, too.
        let mut waiting: Vec<String> = pages.iter().map(|path| (*path).to_owned()).collect();
        let mut kinds: BTreeSet<String> = waiting.iter().cloned().collect();
        while let Some(path) = waiting.pop() {
            let answer = caller.get(&path).await;
            if answer.status != 200 || !answer.header("content-type").starts_with("text/html") {
                continue; // not for this side
            }
            browser.open(&path).await;
            let wide = browser.script(TOO_WIDE).await;
            assert_eq!(wide, serde_json::Value::Null, "{path} of {} is wider than a phone", login.title);
            let weight = browser.script(WEIGHT).await.as_u64().unwrap();
            assert!(weight < HEAVIEST, "{path} of {} weighs {weight} bytes", login.title);
            let complaints = browser.complaints().await;
            assert!(complaints.is_empty(), "{path} of {}: {complaints:?}", login.title);
            for link in browser.script(OBJECTS).await.as_array().unwrap() {
                let link = link.as_str().unwrap();
                let kind = link.rsplit_once('/').map_or(link, |(kind, _)| kind);
                if kinds.insert(format!("{kind}/…")) {
                    waiting.push(link.to_owned());
                }
            }
        }
        assert!(kinds.len() > pages.len() + 5, "objects were found: {kinds:?}");
    }
}

/// What a page may weigh with its style and script, as transferred.
const HEAVIEST: u64 = 100 * 1024;
const WEIGHT: &str = "
    const parts = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    return parts.reduce((sum, part) => sum + part.encodedBodySize, 0);";
/// Links of the page to things with an id.
const OBJECTS: &str = "
    const links = [...document.querySelectorAll('main a[href^=\"/\"]')].map(a => a.getAttribute('href'));
    return links.filter(link => /^[^?#]+_[0-9a-z]{20,}$/.test(link) && !link.startsWith('/v1'));";

/// What makes the page wider than its window, if it is.
const TOO_WIDE: &str = "
    const width = Math.min(document.documentElement.clientWidth, window.outerWidth);
    if (document.documentElement.scrollWidth <= width) return null;
    const out = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width);
    return out.map(e => e.outerHTML.slice(0, 300)).slice(-3);";
