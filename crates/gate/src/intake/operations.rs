//! Taking and refusing a message, each in one transaction.

use kernel::{Access, Cx, Error, Operation, Result, Route, Timestamp, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::store::{self, Outcome, Receipt};
use crate::credentials::{Arrival, CREDENTIAL_UPDATED, CredentialFact, parse_update, supersedes};
use crate::drivers::{self, Update, subject};
use crate::enforcement::{checked_id, system_only};
use crate::sources::{self, Source};
use crate::{SourceId, UpdateId};

/// Record a source's statement about a driver's credential. Webhooks do this; a person does it to correct a record.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ReceiveCredential {
    /// The source that says so.
    pub source: SourceId,
    /// The sender's id of the message; a message is taken once.
    pub message: String,
    /// When its first byte was handled, where Concord itself took it in; now otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Timestamp>,
    pub fact: CredentialFact,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Received {
    /// The message came before; nothing was changed.
    pub duplicate: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<UpdateId>,
    /// Whether the statement holds now, or why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrival: Option<Arrival>,
}

impl Operation for ReceiveCredential {
    const NAME: &'static str = "credentials.receive";
    const ROUTE: Route = post("/gate/sources/{source}/statements");
    /// A revoked licence counts whatever the standing of the partner that reports it.
    const ACCESS: Access = Access::Open;
    type Output = Received;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Received> {
        let source = known(cx, self.source).await?;
        checked_id("message", &self.message)?;
        let fact = checked(&self.fact, cx.now)?;
        let before = store::find(cx.tx, &cx.scope, self.source, &self.message).await?;
        if let Some((_, Outcome::Taken)) = before {
            return Ok(Received { duplicate: true, update: None, arrival: None });
        }
        let received_at = self.received_at.filter(|_| cx.actor.is_system()).unwrap_or(cx.now);
        let receipt = Receipt {
            id: before.map_or_else(|| cx.id(), |(id, _)| id),
            source: self.source,
            message: &self.message,
            outcome: Outcome::Taken,
            received_at,
        };
        store::save(cx.tx, &cx.scope, &receipt).await?;

        let current = drivers::store::held_in_line(cx.tx, &cx.scope, &source, &fact).await?;
        let arrival = supersedes(current.as_ref().map(|(_, fact)| fact), &fact);
        let update = Update {
            id: cx.id(),
            source: source.id,
            source_name: source.name.clone(),
            message: self.message,
            arrival,
            fact,
            received_at,
            effect_micros: None,
        };
        drivers::store::record(cx.tx, &cx.scope, source.partner, &update).await?;
        if arrival.applies() {
            let credential = current.map_or_else(|| cx.id(), |(id, _)| id);
            drivers::store::hold(cx.tx, &cx.scope, credential, source.partner, &update).await?;
            drivers::store::summarize(cx.tx, &cx.scope, source.partner, &update.fact.subject, cx.now).await?;
            cx.emit(
                CREDENTIAL_UPDATED,
                subject(&update.fact.subject),
                source.partner,
                sentence(&update, &source),
                &update,
            );
        }
        Ok(Received { duplicate: false, update: Some(update.id), arrival: Some(arrival) })
    }
}

async fn known(cx: &mut Cx<'_>, id: SourceId) -> Result<Source> {
    sources::find(cx.tx, &cx.scope, id).await?.ok_or_else(|| Error::not_found("source", id))
}

/// The fact as a webhook would have brought it: whoever states it, it keeps the data contract.
fn checked(fact: &CredentialFact, now: Timestamp) -> Result<CredentialFact> {
    let body = json!({ "type": CREDENTIAL_UPDATED, "timestamp": now, "data": fact });
    Ok(parse_update(&serde_json::to_vec(&body)?, now)?.fact)
}

fn sentence(update: &Update, source: &Source) -> String {
    let fact = &update.fact;
    let until = fact.expires_on.map(|day| format!(" until {day}")).unwrap_or_default();
    format!("The {} of driver {} is {}{until}, says {}", fact.credential_type, fact.subject, fact.status, source.name)
}

/// Record that a message of a known sender broke the data contract, naming fields and never values.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RefuseMessage {
    /// The source that sent it.
    pub source: SourceId,
    /// The sender's id of the message.
    pub message: String,
    /// The fields that broke the contract, such as `data.date_of_birth`.
    pub fields: Vec<String>,
}

impl Operation for RefuseMessage {
    const NAME: &'static str = "credentials.refuse";
    const ROUTE: Route = post("/gate/sources/{source}/refusals");
    const ACCESS: Access = Access::Open;
    /// Whether this is the first that is heard of the message.
    type Output = bool;

    async fn run(self, cx: &mut Cx<'_>) -> Result<bool> {
        system_only(cx.actor, Self::NAME)?;
        let source = known(cx, self.source).await?;
        if store::find(cx.tx, &cx.scope, self.source, &self.message).await?.is_some() {
            return Ok(false);
        }
        let receipt = Receipt {
            id: cx.id(),
            source: self.source,
            message: &self.message,
            outcome: Outcome::Refused,
            received_at: cx.now,
        };
        store::save(cx.tx, &cx.scope, &receipt).await?;
        let summary = format!(
            "A webhook of `{}` was refused for breaking the data contract: {}",
            source.name,
            self.fields.join(", ")
        );
        cx.emit("credential.refused", source.id, source.partner, summary, &self);
        Ok(true)
    }
}
