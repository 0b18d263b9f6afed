//! `POST /hooks/credentials/{source}`: from the bytes of a webhook to an answer in the sender's protocol.

use kernel::{Actor, App, Error, RawRequest, RawResponse, Result, Scope, Timestamp};
use serde_json::json;

use super::operations::{ReceiveCredential, Received, RefuseMessage};
use crate::SourceId;
use crate::credentials::{CredentialUpdate, parse_update};
use crate::enforcement::{effect, problem};
use crate::sources::{self, SourceState};
use crate::webhooks::{Refusal, Verified, WebhookKey, verify};

/// Standard Webhooks asks senders to stay below 20 kB.
const LARGEST_BODY: usize = 64 * 1024;

/// Answers one attempt to deliver a webhook.
pub(super) async fn receive(request: RawRequest) -> RawResponse {
    let received_at = request.app.now();
    match take(&request, received_at).await {
        Ok(received) => {
            count(if received.duplicate { "duplicate" } else { "taken" });
            let mut body = serde_json::to_value(&received).unwrap_or_default();
            body["received"] = json!(true);
            problem::json(200, &body)
        }
        Err(refused) => {
            count(refused.code());
            refused.response()
        }
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("concord_gate_webhooks_total", "outcome" => outcome).increment(1);
}

/// Why a webhook is not taken.
enum Refused {
    TooLarge,
    Unsigned(Refusal),
    /// Senders that follow Standard Webhooks stop at 410.
    Gone,
    Other(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Unsigned(refusal) => refusal.code(),
            Self::Gone => "source_disabled",
            Self::Other(error) => error.code(),
        }
    }

    fn response(&self) -> RawResponse {
        match self {
            Self::TooLarge => {
                problem::plain(413, self.code(), &format!("the webhook is larger than {LARGEST_BODY} bytes"))
            }
            Self::Gone => problem::plain(410, self.code(), "the source is disabled; register a new one"),
            Self::Unsigned(refusal) => {
                let malformed =
                    matches!(refusal, Refusal::HeaderMissing(_) | Refusal::IdMalformed | Refusal::TimestampMalformed);
                problem::plain(if malformed { 400 } else { 401 }, self.code(), &refusal.to_string())
            }
            // A body that is no JSON has no fields to name.
            Self::Other(Error::Invalid(fields)) if fields.iter().any(|f| f.field == "body") => {
                problem::of(&Error::Invalid(fields.clone()), Some(400))
            }
            Self::Other(error) => problem::of(error, None),
        }
    }
}

async fn take(request: &RawRequest, received_at: Timestamp) -> Result<Received, Refused> {
    let app = &request.app;
    let scope = Scope { organization: request.actor.organization, partner: None };
    if request.body.len() > LARGEST_BODY {
        return Err(Refused::TooLarge);
    }
    let text = request.params.get("source").map(String::as_str).unwrap_or_default();
    let id: SourceId = text.parse().map_err(|_| Error::not_found("source", text))?;
    let keys = keys(app, &scope, id, received_at).await?;
    let header = |name: &str| request.headers.get(name).map(String::as_str);
    let verified = verify(&keys, header, &request.body, received_at).map_err(Refused::Unsigned)?;

    let actor = Actor::system(scope.organization, &format!("webhook:{id}"));
    let update = match parse_update(&request.body, received_at) {
        Ok(update) if update.unexpected.is_empty() => update,
        Ok(CredentialUpdate { unexpected, .. }) => {
            let rule = "is outside the data contract; leave it out";
            let error = Error::Invalid(
                unexpected.into_iter().map(|field| kernel::FieldError { field, rule: rule.into() }).collect(),
            );
            return Err(refuse(app, &actor, id, &verified, error).await?.into());
        }
        Err(error) => return Err(refuse(app, &actor, id, &verified, error).await?.into()),
    };
    let driver = update.fact.subject.clone();
    let operation =
        ReceiveCredential { source: id, message: verified.id, received_at: Some(received_at), fact: update.fact };
    let received = app.run(&actor, operation).await?;
    if let Some(update) = received.update.filter(|_| received.arrival.is_some_and(|arrival| arrival.applies())) {
        effect::measure(app, &scope, &driver, update, received_at).await?;
    }
    Ok(received)
}

/// The keys of an active source.
async fn keys(app: &App, scope: &Scope, id: SourceId, now: Timestamp) -> Result<Vec<WebhookKey>, Refused> {
    let mut tx = app.db().read().await?;
    let source = sources::find(&mut tx, scope, id).await?.ok_or_else(|| Error::not_found("source", id))?;
    if source.state == SourceState::Disabled {
        return Err(Refused::Gone);
    }
    let keys = sources::keys(app, &mut tx, scope, id, now).await?;
    tx.rollback().await?;
    Ok(keys)
}

/// Records that a message of a proven sender breaks the contract, and hands the error back.
async fn refuse(app: &App, actor: &Actor, source: SourceId, verified: &Verified, error: Error) -> Result<Error> {
    let Error::Invalid(fields) = &error else { return Ok(error) };
    let printable = |field: &str| field.chars().filter(|c| !c.is_control()).collect::<String>();
    let fields = fields.iter().map(|fault| printable(&fault.field)).collect();
    app.run(actor, RefuseMessage { source, message: verified.id.clone(), fields }).await?;
    Ok(error)
}
