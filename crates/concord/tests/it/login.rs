//! People at the command line: signing in, acting with their roles, and everything that ends it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use serde_json::{Value as Json, json};
use totp_rs::Builder;

use crate::stage::{self, Login, Server};

/// Somebody's own folder of logins.
struct Desk {
    folder: tempfile::TempDir,
    url: String,
}

/// How a command ended.
#[derive(Debug)]
struct Ended {
    good: bool,
    out: String,
    err: String,
}

impl Desk {
    fn at(server: &Server) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), url: server.url.clone() }
    }

    /// Runs a command on the server, with those lines as standard input.
    async fn run(&self, arguments: &[&str], input: &[&str]) -> Ended {
        let mut all = vec!["--server", self.url.as_str()];
        all.extend(arguments);
        self.anywhere(&all, input).await
    }

    async fn anywhere(&self, arguments: &[&str], input: &[&str]) -> Ended {
        let mut command = stage::concord(arguments);
        command.env("CONCORD_CONFIG_DIR", self.folder.path());
        let input = input.iter().map(|line| format!("{line}\n")).collect::<String>();
        let run = move || -> Output {
            let mut child =
                command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            // A command that asks for nothing may have ended before it is answered.
            let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
            child.wait_with_output().unwrap()
        };
        let output = tokio::task::spawn_blocking(run).await.unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ended { good: output.status.success(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    async fn login(&self, login: &Login) -> Ended {
        self.run(&["login", "--email", &login.email], &[&login.password]).await
    }

    /// The one file that is kept, and the session in it.
    fn kept(&self) -> (PathBuf, String) {
        let mut files = std::fs::read_dir(self.folder.path().join("logins")).unwrap();
        let file = files.next().unwrap().unwrap().path();
        assert!(files.next().is_none());
        let kept: Json = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        (file, kept["session"].as_str().unwrap().to_owned())
    }
}

impl Ended {
    fn succeeded(self) -> Self {
        assert!(self.good, "{self:?}");
        self
    }

    fn json(self) -> Json {
        let ended = self.succeeded();
        serde_json::from_str(&ended.out).unwrap_or_else(|e| panic!("{e}: {ended:?}"))
    }

    fn refused(self, because: &str) {
        assert!(!self.good && self.err.contains(because), "{because}: {self:?}");
    }
}

fn login(title: &str) -> &'static Login {
    stage::demo().login(title)
}

/// The program of the demo with something changed.
fn program(folder: &Path, title: &str) -> String {
    let path = folder.join("program");
    stage::succeed(&["program", "new", path.to_str().unwrap(), "--like", "northwind"]);
    let file = path.join("program.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let line = text.lines().find(|line| line.starts_with("title = ")).unwrap().to_owned();
    let text = text.replacen(&line, &format!("title = \"{title}\""), 1);
    // As in the demo, whose people have no second factor.
    std::fs::write(&file, text.replace("second_factor = \"required\"", "second_factor = \"optional\"")).unwrap();
    path.to_str().unwrap().to_owned()
}

fn code(seed: &str) -> String {
    let totp = Builder::new().with_secret(totp_rs::Secret::try_from_base32(seed).unwrap()).build().unwrap();
    let now = kernel::Clock::now(&kernel::SystemClock);
    totp.generate(u64::try_from(now.micros()).unwrap() / 1_000_000).to_string()
}

#[tokio::test]
async fn a_person_does_at_the_command_line_what_is_reserved_to_a_role() {
    let folder = stage::copy();
    let server = Server::start(folder.path(), &[]).await;
    let (desk, head) = (Desk::at(&server), login("Head of Partnerships"));
    let said = desk.login(head).await.succeeded();
    assert!(said.out.contains("Signed in") && !said.out.contains(&desk.kept().1), "{said:?}");
    let whoami = desk.run(&["--json", "whoami"], &[]).await.json();
    assert_eq!((&whoami["email"], &whoami["role"]), (&json!(head.email), &json!("head_of_partnerships")));

    let everything = json!({ "name": "Everything", "scopes": ["program.*", "home.get"], "expires_after_days": 1 });
    let made = server.sign_in(head).await.post("/v1/tokens", &everything).await.ok();
    let token = made["token"].as_str().unwrap();
    let changed = program(folder.path(), "Changed at the desk");
    let apply = ["program", "apply", &changed, "--note", "From the desk"];
    let mut with_token = vec!["--token", token];
    with_token.extend(apply);
    desk.run(&with_token, &[]).await.refused("may change the program");
    let named = desk.run(&["--json", "--token", token, "whoami"], &[]).await.json();
    assert_eq!(named["token"], made["id"], "a token that is named goes before the login");

    desk.run(&apply, &[]).await.succeeded();
    desk.run(&["tokens", "revoke", "--token_id", made["id"].as_str().unwrap()], &[]).await.succeeded();
    desk.run(&["--token", token, "whoami"], &[]).await.refused("revoked");
    let entries = server.owner().await.get("/v1/log/entries?limit=500").await.ok();
    let applied = entries["items"].as_array().unwrap().iter().find(|e| e["operation"] == "program.apply").cloned();
    assert!(applied.unwrap()["actor"].as_str().unwrap().starts_with("per_"), "the log says that a person did it");
}

#[tokio::test]
async fn a_session_that_has_ended_says_to_sign_in_again() {
    let folder = stage::copy();
    let server = Server::start(folder.path(), &[]).await;
    let desk = Desk::at(&server);
    desk.run(&["deals", "list"], &[]).await.refused("concord login --server http://127.0.0.1");
    desk.login(login("Finance")).await.succeeded();
    desk.run(&["deals", "list", "--limit", "1"], &[]).await.succeeded();
    stage::open(folder.path()).execute("UPDATE session SET expires_at = 0", []).unwrap();
    desk.run(&["deals", "list"], &[]).await.refused("has ended: sign in again with `concord login --server");
    desk.run(&["whoami"], &[]).await.refused("has ended");

    desk.login(login("Finance")).await.succeeded();
    let (_, session) = desk.kept();
    let bearer = server.anonymous().with("authorization", &format!("Bearer {session}"));
    assert_eq!(bearer.get("/v1/me").await.status, 200);
    desk.anywhere(&["logout"], &[]).await.succeeded();
    assert_eq!(bearer.get("/v1/me").await.status, 401, "it ended on the server too");
    desk.run(&["logout"], &[]).await.refused("nobody is signed in");
    let listed = desk.anywhere(&["whoami"], &[]).await.succeeded();
    assert!(listed.out.contains("No login is kept"), "{listed:?}");
}

#[tokio::test]
async fn a_wrong_password_keeps_nothing_and_no_password_is_an_option() {
    let folder = stage::copy();
    let server = Server::start(folder.path(), &[]).await;
    let (desk, finance) = (Desk::at(&server), login("Finance"));
    desk.run(&["login"], &[&finance.email, "not the password"]).await.refused("is not right");
    desk.run(&["login"], &[&finance.email]).await.refused("password: is missing");
    desk.run(&["login", "--password", &finance.password], &[]).await.refused("unexpected argument");
    desk.anywhere(&["login", "--server", "http://192.0.2.1"], &[]).await.refused("--plain-http");
    desk.anywhere(&["login", "--server", "partners.example.com"], &[]).await.refused("such as https://");
    desk.anywhere(&["login"], &[]).await.refused("name the server");
    assert!(!desk.folder.path().join("logins").exists());

    desk.run(&["login"], &[&finance.email, &finance.password]).await.succeeded();
    let change = ["people", "change-password"];
    let new = "violet anchor stubborn river";
    desk.run(&["people", "change-password", "--new-password", new], &[]).await.refused("unexpected argument");
    let browser = server.sign_in(finance).await;
    desk.run(&change, &["wrong", new]).await.refused("is not your password");
    desk.run(&change, &[&finance.password, new]).await.succeeded();
    desk.run(&["whoami"], &[]).await.succeeded();
    assert_eq!(browser.get("/v1/me").await.status, 401, "the other session ended");
}

#[cfg(unix)]
#[tokio::test]
async fn a_login_is_for_the_eyes_of_its_user() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = stage::copy();
    let server = Server::start(folder.path(), &[]).await;
    let desk = Desk::at(&server);
    desk.login(login("Finance")).await.succeeded();
    let (file, _) = desk.kept();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    desk.run(&["deals", "list"], &[]).await.refused("can be read by other users");
    desk.run(&["logout", "--forget"], &[]).await.succeeded();
    assert!(!file.exists());
}

// covers: B10.9
#[tokio::test]
async fn a_second_factor_is_asked_for_at_the_command_line_too() {
    let folder = stage::copy();
    let server = Server::start(folder.path(), &[]).await;
    let (desk, finance) = (Desk::at(&server), login("Finance"));
    let begun = server.sign_in(finance).await;
    let seed = begun.post("/v1/me/second-factor", &json!({})).await.ok()["secret"].as_str().unwrap().to_owned();
    let confirm = json!({ "code": code(&seed) });
    let ready = begun.call("PUT", "/v1/me/second-factor/confirmation", &confirm).await.ok();
    let recovery = ready["recovery_codes"][0].as_str().unwrap();
    desk.login(finance).await.refused("code_of_the_second_factor");
    let email = ["login", "--email", finance.email.as_str()];
    desk.run(&email, &[&finance.password, "000000"]).await.refused("is not right");
    desk.run(&email, &[&finance.password, recovery]).await.succeeded();
    let whoami = desk.run(&["--json", "whoami"], &[]).await.json();
    assert_eq!(whoami["second_factor"], true);
    let body = json!({ "email": finance.email, "password": finance.password });
    let ticket = server.anonymous().post("/v1/sessions", &body).await.ok()["ticket"].as_str().unwrap().to_owned();
    let half = server.anonymous().with("authorization", &format!("Bearer {ticket}")).get("/v1/me").await;
    assert_eq!(half.status, 401, "half a sign-in opens nothing");

    let owner = server.owner().await;
    let people = owner.get(&format!("/v1/people?q={}", finance.email)).await.ok();
    let person = people["items"][0]["id"].as_str().unwrap();
    let reset = owner.call("DELETE", &format!("/v1/people/{person}/second-factor"), &json!({})).await;
    assert_eq!(reset.status, 200, "{}", reset.text);
    desk.run(&["whoami"], &[]).await.refused("has ended");
    desk.login(finance).await.succeeded();
}

#[tokio::test]
async fn a_session_as_bearer_needs_no_token_against_forgery_and_a_cookie_does() {
    let folder = stage::copy();
    let server = Server::start(folder.path(), &[]).await;
    let browser = server.owner().await;
    let session = browser.header("cookie").strip_prefix("concord_session=").unwrap().to_owned();
    let bare = browser.without("x-csrf-token");
    let write = |name: &str| json!({ "name": name, "country": "DE" });
    let forged = bare.post("/v1/customers", &write("Forged Ltd")).await;
    assert_eq!((forged.status, forged.code().as_str()), (403, "forbidden"), "{}", forged.text);
    let bearer = server.anonymous().with("authorization", &format!("Bearer {session}"));
    bearer.post("/v1/customers", &write("Bearer Ltd")).await.ok();
    // The header decides, so a cookie beside it neither helps nor hinders.
    let both = bare.with("authorization", &format!("Bearer {session}"));
    both.post("/v1/customers", &write("Both Ltd")).await.ok();
    let wrong = bare.with("authorization", "Bearer ccs_wrong").get("/v1/me").await;
    assert_eq!(wrong.status, 401, "{}", wrong.text);
    let out = bearer.post("/v1/me/sign-out", &json!({})).await;
    assert_eq!(out.status, 200, "{}", out.text);
    assert_eq!((bearer.get("/v1/me").await.status, bare.get("/v1/me").await.status), (401, 401));
}

#[tokio::test]
async fn an_installation_gets_its_first_token_without_a_browser() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let local = |arguments: &[&str]| {
        let mut all = vec!["--data-dir", path, "--json"];
        all.extend(arguments);
        all.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let said = stage::succeed(&["--data-dir", path, "init", "--name", "Example", "--owner", "ada@example.com"]);
    for part in ["concord serve", "concord login --server", "people accept-invitation", "tokens create"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let token = said.split("/invitations/").nth(1).unwrap().split_whitespace().next().unwrap();
    let desk = Desk { folder: tempfile::tempdir().unwrap(), url: String::new() };
    let run = async |arguments: &[&str], input: &[&str]| {
        let all = local(arguments);
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        desk.anywhere(&all, input).await
    };
    let password = "harbor lantern quiet mosaic";
    let accept = ["people", "accept-invitation", "--name", "Ada"];
    let person = run(&accept, &[token, password]).await.json()["id"].as_str().unwrap().to_owned();
    let create = ["tokens", "create", "--name", "First", "--scopes", "people.list", "--expires_after_days", "7"];
    run(&create, &[]).await.refused("person");
    let mut named = create.to_vec();
    named.extend(["--person", &person]);
    let made = run(&named, &[]).await.json();
    let server = Server::start(folder.path(), &[]).await;
    let bearer = format!("Bearer {}", made["token"].as_str().unwrap());
    let program = server.anonymous().with("authorization", &bearer);
    assert_eq!(program.get("/v1/people").await.ok()["items"][0]["email"], "ada@example.com");
    assert_eq!(program.get("/v1/tokens").await.status, 403, "within its scopes");
}

#[tokio::test]
async fn a_link_for_a_new_password_works_in_a_browser_without_script() {
    let folder = stage::copy();
    let server = Server::start_with(folder.path(), &[], &["--log-level", "info"]).await;
    let (owner, finance) = (server.owner().await, login("Finance"));
    let people = owner.get(&format!("/v1/people?q={}", finance.email)).await.ok();
    let person = people["items"][0]["id"].as_str().unwrap();
    let made = owner.post(&format!("/v1/people/{person}/password-resets"), &json!({})).await.ok();
    let link = made["link"].as_str().unwrap();
    let token = link.rsplit('/').next().unwrap();
    let nobody = server.anonymous();
    let page = nobody.get(link).await;
    assert!(page.status == 200 && page.text.contains("/do/people.choose_password"), "{}", page.text);
    let form = nobody.form("/do/people.choose_password", &[("token", token), ("password", "short")]).await;
    assert!(form.status == 422 && form.text.contains("at least 12"), "{}", form.text);
    let new = "violet anchor stubborn river";
    let form = nobody.form("/do/people.choose_password", &[("token", token), ("password", new)]).await;
    assert_eq!((form.status, form.header("location")), (303, "/sign-in"), "{}", form.text);
    server.sign_in(&Login { password: new.to_owned(), ..finance.clone() }).await;
    let again = nobody.get(link).await;
    assert!(again.text.contains("does not work any more"), "{}", again.text);
    let log = server.log.lock().unwrap().join("\n");
    assert!(
        log.contains("/passwords/{token}") && !log.contains(token),
        "the link is as good as a password and not for the log"
    );
}
