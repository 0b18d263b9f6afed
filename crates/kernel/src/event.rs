//! Events: the fact that something was written, in the same transaction, numbered per subject.
//!
//! Events feed timelines, notifications, read models and integrations. One with a partner is visible to that partner;
//! one without is the vendor's own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::actor::Scope;
use crate::db::{Row, Tx};
use crate::error::Result;
use crate::ids::{EventId, OrganizationId, PartnerId};
use crate::params;
use crate::time::Timestamp;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct EventRecord {
    pub id: EventId,
    pub organization: OrganizationId,
    pub partner: Option<PartnerId>,
    /// What happened, in the past tense, such as `deal.approved`.
    pub kind: String,
    /// The id of the thing that it happened to.
    pub subject: String,
    /// 1, 2, 3 … for each subject, so that a receiver sees a gap.
    pub number: i64,
    /// A sentence for the timeline.
    pub summary: String,
    pub data: Json,
    pub at: Timestamp,
    pub actor: String,
    /// The name of the actor as people know it.
    pub actor_name: String,
    /// The log entry of the operation that wrote it.
    pub entry: String,
}

impl EventRecord {
    pub fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            organization: row.get("organization")?,
            partner: row.get("partner")?,
            kind: row.get("kind")?,
            subject: row.get("subject")?,
            number: row.get("number")?,
            summary: row.get("summary")?,
            data: row.json("data")?,
            at: row.get("at")?,
            actor: row.get("actor")?,
            actor_name: row.get("actor_name")?,
            entry: row.get("entry")?,
        })
    }
}

/// The newest events of a thing, newest first; a partner sees those that were meant for it.
pub async fn of_subject(tx: &mut Tx, scope: &Scope, subject: &str, limit: u32) -> Result<Vec<EventRecord>> {
    let sql = "SELECT * FROM event WHERE organization = $1 AND subject = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY number DESC LIMIT $4";
    tx.all(sql, params![scope.organization, subject, scope.partner, limit], EventRecord::read).await
}
