//! What tests of the gate have in common: Northwind's program in force, a source, and signed webhooks.

#![allow(clippy::unwrap_used)]

use kernel::{Actor, Endpoint, PartnerId, RawRequest, RawResponse, Registry, Timestamp};
use serde_json::{Value, json};
use trial::Trial;

use crate::sources::{CreateSource, IssuedSource};
use crate::webhooks::{WebhookKey, signed_headers};

pub fn install(registry: &mut Registry) {
    programs::install(registry);
    findings::install(registry);
    crate::install(registry);
}

pub async fn apply_northwind(t: &Trial) {
    apply(t, |_| {}).await;
}

/// Northwind with other text in `gate.toml`.
pub async fn apply(t: &Trial, change: impl FnOnce(&mut String)) {
    let mut files = law::shipped().iter().find(|program| program.key == "northwind").unwrap().files();
    change(files.get_mut("gate.toml").unwrap());
    t.run(programs::ApplyProgram { files, effective_from: None, note: "a test".into() }).await.unwrap();
}

pub async fn source(t: &Trial, partner: Option<PartnerId>) -> IssuedSource {
    t.run(CreateSource { name: "Credential feed".into(), partner }).await.unwrap()
}

/// A statement of the source about the driver's licence, true at `as_of`.
pub fn licence(status: &str, as_of: Timestamp) -> Value {
    json!({
        "subject": "drv_1", "credential_type": "licence", "jurisdiction": "US-CA", "status": status,
        "issued_on": "2023-06-01", "expires_on": "2027-05-31", "verified_at": as_of, "source": "checkr",
        "source_as_of": as_of, "evidence_kind": "mvr",
    })
}

/// Delivers a signed webhook with that id and data.
pub async fn deliver(t: &Trial, source: &IssuedSource, id: &str, data: &Value) -> (u16, Value) {
    let body = json!({ "type": "credential.updated", "timestamp": t.now(), "data": data }).to_string();
    let key = WebhookKey::parse(&source.secret).unwrap();
    let headers = signed_headers(&key, id, t.now(), body.as_bytes()).unwrap();
    post(t, source, headers.map(|(name, value)| (name, value)).to_vec(), body).await
}

pub async fn post(t: &Trial, source: &IssuedSource, headers: Vec<(&str, String)>, body: String) -> (u16, Value) {
    let nobody = Actor { grants: kernel::Grants::default(), kind: kernel::ActorKind::Anonymous, ..t.system.clone() };
    let params = vec![("source".to_owned(), source.id.to_string())];
    let answer = knock(t, "/hooks/credentials/{source}", nobody, headers, params, body).await;
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

/// Calls the door at that path.
pub async fn knock(
    t: &Trial,
    path: &str,
    actor: Actor,
    headers: Vec<(&str, String)>,
    params: Vec<(String, String)>,
    body: String,
) -> RawResponse {
    let doors = t.app.registry().parts::<Endpoint>();
    let door = doors.iter().find(|door| door.route.path == path).unwrap();
    let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let request = RawRequest {
        app: t.app.clone(),
        actor,
        headers,
        params: params.into_iter().collect(),
        body: body.into_bytes(),
    };
    (door.answer)(request).await
}

/// A dispatch system of the vendor.
pub fn dispatch(t: &Trial) -> Actor {
    t.staff(&["gate.evaluate"], &[])
}

pub fn problem_fields(body: &Value) -> Vec<String> {
    let errors = body["errors"].as_array().unwrap();
    errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
}
