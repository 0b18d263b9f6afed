//! What the tests of people share: the areas that are installed, people with a password, and a search for leaks.

#![allow(clippy::unwrap_used)]

use kernel::{Actor, PartnerId, PersonId, Registry, Secret, Timestamp, Value};
use programs::ApplyProgram;
use totp_rs::Builder;
use trial::Trial;
use ui::{PageCx, PageSpec};

use crate::sign_in::{SignIn, SignInWithPassword};
use crate::{CreatePerson, Signed, anonymous, authenticate_session, person_actor};

pub const PASSWORD: &str = "harbor lantern quiet mosaic";

pub fn install(registry: &mut Registry) {
    programs::install(registry);
    crate::install(registry);
}

pub fn partner(number: u8) -> PartnerId {
    PartnerId::from_bytes([number; 16])
}

/// Adds a person whose password is [`PASSWORD`].
pub async fn join(t: &Trial, email: &str, role: &str, partner: Option<PartnerId>) -> PersonId {
    let new = CreatePerson {
        name: email.split('@').next().unwrap().to_owned(),
        email: email.to_owned(),
        role: role.to_owned(),
        partner,
        zone: None,
        password: Some(Secret::new(PASSWORD)),
        password_hash: None,
    };
    t.run(new).await.unwrap()
}

/// Adds a person and gives the actor that it is.
pub async fn joined(t: &Trial, email: &str, role: &str, partner: Option<PartnerId>) -> Actor {
    let person = join(t, email, role, partner).await;
    person_actor(&t.app, person).await.unwrap().unwrap()
}

pub fn attempt(email: &str, password: &str) -> SignInWithPassword {
    SignInWithPassword { email: email.to_owned(), password: Secret::new(password), code: None, source: None }
}

pub async fn sign_in(t: &Trial, attempt: SignInWithPassword) -> kernel::Result<SignIn> {
    t.run_as(&anonymous(t.organization), attempt).await
}

/// Signs in with the password alone: the token of the session and who it is.
pub async fn enter(t: &Trial, email: &str) -> (String, Signed) {
    let SignIn::SignedIn { session, .. } = sign_in(t, attempt(email, PASSWORD)).await.unwrap() else {
        panic!("{email} did not get in")
    };
    let signed = authenticate_session(&t.app, &session).await.unwrap().unwrap();
    (session, signed)
}

/// The code that an authenticator shows.
pub fn code_at(seed: &str, at: Timestamp) -> String {
    let totp = Builder::new().with_secret(totp_rs::Secret::try_from_base32(seed).unwrap()).build().unwrap();
    totp.generate(u64::try_from(at.micros()).unwrap() / 1_000_000).to_string()
}

/// Puts the shipped program in force, with that line in its `program.toml`.
pub async fn program(t: &Trial, second_factor: &str) {
    let shipped = law::shipped().iter().find(|shipped| shipped.key == "northwind").unwrap();
    let mut files = shipped.files();
    let text = files.remove("program.toml").unwrap();
    let line = format!("second_factor = \"{second_factor}\"");
    files.insert("program.toml".to_owned(), text.replace("second_factor = \"required\"", &line));
    t.run(ApplyProgram { files, effective_from: None, note: "test".to_owned() }).await.unwrap();
}

/// A page as its reader sees it: path, and the parts of the path by name.
pub async fn page(t: &Trial, actor: &Actor, path: &str, params: &[(&str, String)]) -> String {
    let pages = t.app.registry().parts::<PageSpec>();
    let page = pages.iter().find(|page| page.path == path).unwrap();
    t.app.permitted(actor, page.permission).unwrap();
    let cx = PageCx {
        app: t.app.clone(),
        actor: actor.clone(),
        now: t.now(),
        zone: jiff::tz::TimeZone::UTC,
        path: path.to_owned(),
        params: params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        query: Vec::new(),
        csrf: "csrf-of-the-session".to_owned(),
        refilled: None,
    };
    let view = (page.render)(&cx).await.unwrap();
    format!("{} {} {}", view.title, view.actions.unwrap_or_default().0, view.body.0)
}

/// Whether the text holds each of these.
pub fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is missing in {text}");
    }
}

const TABLES: [&str; 13] = [
    "log_entry",
    "event",
    "decision",
    "terms",
    "replay",
    "person",
    "sign_in_credential",
    "session",
    "sign_in_failure",
    "invitation",
    "invitation_secret",
    "service_token",
    "password_reset",
];

/// Looks for secrets in every row that people write, as text and as bytes.
pub async fn nothing_leaked(t: &Trial, secrets: &[&str]) {
    let mut tx = t.app.db().read().await.unwrap();
    let mut seen = 0;
    for table in TABLES {
        for row in tx.rows(&format!("SELECT * FROM {table}"), &[]).await.unwrap() {
            for (column, value) in row.columns.iter().zip(&row.values) {
                let text = match value {
                    Value::Text(text) => text.clone(),
                    Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                    _ => continue,
                };
                seen += 1;
                for secret in secrets {
                    assert!(!text.contains(secret), "a secret stands in {table}.{column}");
                }
            }
        }
    }
    assert!(seen > 0);
}
