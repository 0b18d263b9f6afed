//! The stage: a small demo built once, a copy of it for each test, and the binary serving it until the test is over.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value as Json, json};

/// No answer of the product takes longer, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The only place where these tests look at their environment.
#[allow(clippy::disallowed_methods)]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

#[allow(clippy::disallowed_methods)] // tests wait for other processes
pub fn moment() -> Instant {
    Instant::now()
}

/// The binary with its arguments, deaf to the environment of whoever runs the tests.
pub fn concord(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_concord"));
    let names = ["DATA_DIR", "DATABASE_URL", "LOG_ORIGIN", "SERVER", "TOKEN", "LISTEN", "LOG", "LOG_FORMAT"];
    for name in names.into_iter().chain(["SECURE_COOKIES", "TRUSTED_PROXIES"]) {
        command.env_remove(format!("CONCORD_{name}"));
    }
    command.env("CONCORD_CONFIG_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("nobody-logs-in-here"));
    command.args(arguments);
    command
}

/// Runs a command to its end.
pub fn run(arguments: &[&str]) -> Output {
    concord(arguments).output().unwrap()
}

/// Runs a command that must succeed and returns what it printed.
pub fn succeed(arguments: &[&str]) -> String {
    let output = run(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "concord {arguments:?}: {errors}{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).unwrap()
}

/// Somebody whom a demo lets in.
#[derive(Debug, Clone)]
pub struct Login {
    pub title: String,
    pub email: String,
    pub password: String,
}

/// A demo that was built.
#[derive(Debug, Clone)]
pub struct Demo {
    pub folder: PathBuf,
    pub logins: Vec<Login>,
}

impl Demo {
    /// What the command printed about a demo that it built.
    pub fn read(folder: &Path, built: &Json) -> Self {
        let text = |login: &Json, name: &str| login[name].as_str().unwrap().to_owned();
        let login =
            |l: &Json| Login { title: text(l, "title"), email: text(l, "email"), password: text(l, "password") };
        let logins = built["logins"].as_array().unwrap().iter().map(login).collect();
        Self { folder: folder.to_owned(), logins }
    }

    pub fn login(&self, title: &str) -> &Login {
        self.logins.iter().find(|login| login.title == title).unwrap_or_else(|| panic!("no login {title}"))
    }

    /// Names of the partners with ready-made logins for all roles.
    pub fn partners(&self) -> Vec<String> {
        let of = |login: &Login| login.title.strip_prefix("Partner Administrator of ").map(str::to_owned);
        self.logins.iter().filter_map(of).collect()
    }
}

/// Builds a demo with further arguments.
pub fn build(folder: &Path, more: &[&str]) -> Demo {
    let path = folder.to_str().unwrap();
    let mut arguments = vec!["--json", "demo", "--seed", "7", "--build-only", "--dir", path];
    arguments.extend(more);
    Demo::read(folder, &serde_json::from_str(&succeed(&arguments)).unwrap())
}

/// The demo that all tests copy.
pub fn demo() -> &'static Demo {
    static DEMO: OnceLock<Demo> = OnceLock::new();
    DEMO.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("it-demo");
        let _ = std::fs::remove_dir_all(&folder);
        build(&folder, &["--scale", "0.02"])
    })
}

/// A copy of the demo for one test.
pub fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(&demo().folder).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    folder
}

/// A running `concord serve`, killed when it is dropped.
pub struct Server {
    child: Child,
    pub url: String,
    /// What it wrote to its log.
    pub log: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub async fn start(folder: &Path, more: &[&str]) -> Self {
        Self::start_with(folder, more, &["--log-level", "warn"]).await
    }

    /// The same with options of `serve`.
    pub async fn start_with(folder: &Path, more: &[&str], serve: &[&str]) -> Self {
        let mut arguments = vec!["--data-dir", folder.to_str().unwrap()];
        arguments.extend(more);
        arguments.extend(["serve", "--listen", "127.0.0.1:0"]);
        arguments.extend(serve);
        let mut child = concord(&arguments).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (said, address) = std::sync::mpsc::channel();
        let (lines, kept) = (BufReader::new(child.stderr.take().unwrap()).lines(), log.clone());
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some(url) = line.strip_prefix("Concord serves ") {
                    let _ = said.send(url.trim().to_owned());
                }
                kept.lock().unwrap().push(line);
            }
        });
        let url = tokio::task::spawn_blocking(move || address.recv_timeout(PATIENCE)).await.unwrap();
        let url = url.unwrap_or_else(|_| panic!("concord did not start: {:?}", log.lock().unwrap()));
        let server = Self { child, url, log };
        let caller = server.anonymous();
        until("the server is ready", async || caller.get("/readyz").await.status == 200).await;
        server
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn anonymous(&self) -> Caller {
        caller(&self.url)
    }

    /// A signed-in browser that shows its token with every write.
    pub async fn sign_in(&self, login: &Login) -> Caller {
        let caller = self.anonymous();
        let body = json!({ "email": login.email, "password": login.password });
        let answer = caller.post("/v1/sessions", &body).await.ok();
        let session = answer["session"].as_str().unwrap_or_else(|| panic!("{}: {answer}", login.title)).to_owned();
        let mut caller = caller.with("cookie", &format!("concord_session={session}"));
        let page = caller.get("/me").await;
        assert_eq!(page.status, 200, "{}", page.text);
        let (_, rest) = page.text.split_once("name=\"csrf\" value=\"").expect("a form with the session's token");
        caller.headers.insert("x-csrf-token".to_owned(), rest.split('"').next().unwrap().to_owned());
        caller
    }

    pub async fn owner(&self) -> Caller {
        self.sign_in(demo().login("Owner")).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[allow(clippy::disallowed_methods)] // the client of these tests
fn client() -> reqwest::Client {
    static PROVIDER: OnceLock<()> = OnceLock::new();
    PROVIDER.get_or_init(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// Somebody unknown who calls that address.
pub fn caller(url: &str) -> Caller {
    Caller { http: client(), url: url.to_owned(), headers: HashMap::new() }
}

/// Somebody who calls the server.
#[derive(Clone)]
pub struct Caller {
    http: reqwest::Client,
    pub url: String,
    headers: HashMap<String, String>,
}

impl Caller {
    /// The same caller with one more header.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        other.headers.insert(name.to_owned(), value.to_owned());
        other
    }

    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let mut other = self.clone();
        other.headers.remove(name);
        other
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await.unwrap_or_else(|e| panic!("GET {path}: {e}"))
    }

    pub async fn post(&self, path: &str, body: &Json) -> Answer {
        self.call("POST", path, body).await
    }

    pub async fn call(&self, method: &str, path: &str, body: &Json) -> Answer {
        let body = (method != "GET").then(|| body.to_string().into_bytes());
        self.send(method, path, body).await.unwrap_or_else(|e| panic!("{method} {path}: {e}"))
    }

    /// Posts a form, as a browser does without script.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = fields.iter().map(|(n, v)| format!("{n}={}", crate::surface::encode(v))).collect();
        self.send_as("POST", path, Some(body.join("&").into_bytes()), "application/x-www-form-urlencoded")
            .await
            .unwrap_or_else(|e| panic!("POST {path}: {e}"))
    }

    /// The same, and an error when the connection breaks.
    pub async fn send(&self, method: &str, path: &str, body: Option<Vec<u8>>) -> reqwest::Result<Answer> {
        self.send_as(method, path, body, "application/json").await
    }

    async fn send_as(&self, method: &str, path: &str, body: Option<Vec<u8>>, kind: &str) -> reqwest::Result<Answer> {
        let method: Method = method.parse().unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.header("content-type", kind).body(body);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        Ok(Answer { status, headers, text: String::from_utf8_lossy(&response.bytes().await?).into_owned() })
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    pub fn json(&self) -> Json {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e} in {}", self.text))
    }

    /// The body of a success.
    pub fn ok(&self) -> Json {
        assert!((200..300).contains(&self.status), "{}: {}", self.status, self.text);
        self.json()
    }

    pub fn code(&self) -> String {
        serde_json::from_str::<Json>(&self.text)
            .ok()
            .and_then(|p| Some(p["code"].as_str()?.to_owned()))
            .unwrap_or_default()
    }
}

/// Asks again until it is so.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = moment();
    while !holds().await {
        assert!(begun.elapsed() < PATIENCE, "waited {PATIENCE:?} until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A database of PostgreSQL for one test, or nothing where no server is named.
pub async fn own_database(name: &str) -> Option<String> {
    let base = variable("CONCORD_TEST_POSTGRES")?;
    let name = format!("it_{}_{name}", std::process::id());
    let (client, connection) = tokio_postgres::connect(&base, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&format!("DROP DATABASE IF EXISTS {name}")).await.unwrap();
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
    let (head, options) = base.split_once('?').map_or((base.as_str(), String::new()), |(h, o)| (h, format!("?{o}")));
    let (server, _) = head.rsplit_once('/').unwrap();
    Some(format!("{server}/{name}{options}"))
}

/// A smaller demo in a database of its own on PostgreSQL: its folder, its address and its logins.
pub async fn demo_on_postgres(name: &str) -> Option<(tempfile::TempDir, String, Demo)> {
    let Some(url) = own_database(name).await else {
        eprintln!("skipped: CONCORD_TEST_POSTGRES names no server");
        return None;
    };
    let folder = tempfile::tempdir().unwrap();
    let (path, address) = (folder.path().to_owned(), url.clone());
    let build = move || build(&path, &["--scale", "0.005", "--database-url", &address]);
    let built = tokio::task::spawn_blocking(build).await.unwrap();
    Some((folder, url, built))
}

/// Reads the embedded database beside the server.
pub fn open(folder: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(folder.join("concord.db")).unwrap();
    connection.busy_timeout(PATIENCE).unwrap();
    connection
}

/// One number from the embedded database.
pub fn number(folder: &Path, sql: &str) -> i64 {
    open(folder).query_row(sql, [], |row| row.get(0)).unwrap()
}
