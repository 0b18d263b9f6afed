//! A credential provider and a dispatch system, as they call from outside.

use gate::webhooks::{WebhookKey, signed_headers};
use kernel::Clock as _;
use serde_json::{Value as Json, json};

use crate::stage::{Answer, Caller};

/// A source with its secret.
pub struct Provider {
    nobody: Caller,
    key: WebhookKey,
    path: String,
    sent: std::cell::Cell<u64>,
}

impl Provider {
    pub async fn register(owner: &Caller, nobody: Caller) -> Self {
        let made = owner.post("/v1/gate/sources", &json!({ "name": "Credential feed" })).await.ok();
        let key = WebhookKey::parse(made["secret"].as_str().unwrap()).unwrap();
        Self { nobody, key, path: made["path"].as_str().unwrap().to_owned(), sent: std::cell::Cell::new(0) }
    }

    /// Sends one signed statement about a credential.
    pub async fn attest(&self, driver: &str, kind: &str, status: &str) -> Answer {
        let now = kernel::SystemClock.now();
        self.sent.set(self.sent.get() + 1);
        let body = json!({ "type": "credential.updated", "timestamp": now, "data": {
            "subject": driver, "credential_type": kind, "jurisdiction": "DE", "status": status, "expires_on": "2099-12-31",
            "verified_at": now, "source": "register", "source_as_of": now, "source_sequence": self.sent.get(),
            "evidence_kind": "vendor",
        } });
        let body = body.to_string();
        let headers = signed_headers(&self.key, &format!("msg_{}", self.sent.get()), now, body.as_bytes()).unwrap();
        let caller = headers.iter().fold(self.nobody.clone(), |caller, (name, value)| caller.with(name, value));
        caller.send("POST", &self.path, Some(body.into_bytes())).await.unwrap()
    }
}

/// Asks as a dispatch system does, over AuthZEN.
pub async fn dispatch(caller: &Caller, driver: &str) -> Json {
    let question = json!({
        "subject": { "type": "driver", "id": driver }, "action": { "name": "dispatch.assign" },
        "resource": { "type": "order", "id": "ord_1" },
    });
    caller.post("/access/v1/evaluation", &question).await.ok()
}
