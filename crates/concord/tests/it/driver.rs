//! A real browser over the WebDriver protocol: headless Chromium, driven by chromedriver.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value as Json, json};

use crate::stage::{self, Caller, Login};

/// The key under which the protocol names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// One browser with its own profile, closed when it is dropped.
pub struct Browser {
    driver: Child,
    caller: Caller,
    session: String,
    site: String,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts Chromium; nothing where there is no chromedriver.
    pub async fn start(site: &str) -> Option<Self> {
        let program = stage::variable("CONCORD_TEST_CHROMEDRIVER").unwrap_or_else(|| "chromedriver".to_owned());
        let started = Command::new(program).arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let Ok(mut driver) = started else {
            eprintln!("skipped: no chromedriver; name one in CONCORD_TEST_CHROMEDRIVER");
            return None;
        };
        let mut lines = BufReader::new(driver.stdout.take()?).lines().map_while(Result::ok);
        let port = lines
            .find_map(|line| line.split("successfully on port ").nth(1)?.trim_end_matches('.').parse::<u16>().ok())?;
        let profile = tempfile::tempdir().unwrap();
        let caller = stage::caller(&format!("http://127.0.0.1:{port}"));
        let folder = format!("--user-data-dir={}", profile.path().display());
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-sync",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-dev-shm-usage",
            "--window-size=1280,900",
        ];
        let arguments: Vec<&str> = arguments.into_iter().chain([folder.as_str()]).collect();
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": arguments }, "goog:loggingPrefs": { "browser": "ALL" }
        } } });
        // From here on the driver ends with the value, whatever happens.
        let session = String::new();
        let mut browser = Self { driver, caller, session, site: site.to_owned(), _profile: profile };
        let answer = browser.caller.post("/session", &wanted).await;
        let session = answer.json()["value"]["sessionId"].as_str().map(str::to_owned);
        browser.session = session.unwrap_or_else(|| panic!("{}", answer.text));
        Some(browser)
    }

    async fn command(&self, method: &str, path: &str, body: Json) -> Json {
        let answer = self.caller.call(method, &format!("/session/{}{path}", self.session), &body).await;
        let value = answer.json()["value"].clone();
        assert_eq!(answer.status, 200, "{method} {path} {body}: {value}");
        value
    }

    pub async fn open(&self, path: &str) {
        self.command("POST", "/url", json!({ "url": format!("{}{path}", self.site) })).await;
    }

    /// Runs JavaScript in the page and returns what it returns.
    pub async fn script(&self, script: &str) -> Json {
        self.command("POST", "/execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// The place of the page below the site.
    pub async fn path(&self) -> String {
        self.script("return location.pathname").await.as_str().unwrap_or_default().to_owned()
    }

    pub async fn text(&self) -> String {
        self.script("return document.body.innerText").await.as_str().unwrap_or_default().to_owned()
    }

    async fn element(&self, selector: &str) -> String {
        let using = if selector.starts_with('/') { "xpath" } else { "css selector" };
        let found = self.command("POST", "/element", json!({ "using": using, "value": selector })).await;
        found[ELEMENT].as_str().unwrap_or_else(|| panic!("{selector}: {found}")).to_owned()
    }

    /// Types over what stands in a field.
    pub async fn fill(&self, name: &str, text: &str) {
        let element = self.element(&format!("main [name='{name}']")).await;
        self.command("POST", &format!("/element/{element}/clear"), json!({})).await;
        self.command("POST", &format!("/element/{element}/value"), json!({ "text": text })).await;
    }

    pub async fn click(&self, selector: &str) {
        let element = self.element(selector).await;
        self.command("POST", &format!("/element/{element}/click"), json!({})).await;
    }

    /// Presses the button with that word.
    pub async fn press(&self, word: &str) {
        self.click(&format!("//main//button[normalize-space()='{word}']")).await;
    }

    pub async fn until_text(&self, text: &str) {
        stage::until(&format!("the page says {text}"), async || self.text().await.contains(text)).await;
    }

    pub async fn sign_in(&self, login: &Login) {
        self.command("DELETE", "/cookie", json!({})).await;
        self.open("/sign-in").await;
        self.fill("email", &login.email).await;
        self.fill("password", &login.password).await;
        self.press("Sign in").await;
        stage::until("the sign-in is over", async || self.path().await != "/sign-in").await;
    }

    pub async fn resize(&self, width: u32, height: u32) {
        // Chromium's windows are 500 px wide at least; a phone is emulated.
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": true });
        let body = json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": metrics });
        self.command("POST", "/goog/cdp/execute", body).await;
    }

    /// What the console said since the last time: errors, refusals of the content policy, failed requests.
    pub async fn complaints(&self) -> Vec<String> {
        let entries = self.command("POST", "/se/log", json!({ "type": "browser" })).await;
        let grave = |entry: &&Json| entry["level"] != "DEBUG" && entry["level"] != "INFO";
        entries.as_array().into_iter().flatten().filter(grave).map(|entry| entry["message"].to_string()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Chromium ends with its session; the driver takes it along when it is asked to stop.
        let (caller, session) = (self.caller.clone(), self.session.clone());
        let quit = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let _ = runtime.block_on(caller.send("DELETE", &format!("/session/{session}"), None));
        };
        let _ = std::thread::spawn(quit).join();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
