//! Asking for entries, the signed head and the verification.

use kernel::app::ReadCx;
use kernel::log::{Report, verify};
use kernel::{EntryId, Error, Filter, Listing, Page, PageRequest, Query, Result, Route, Row, Timestamp, get, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const LISTING: Listing = Listing {
    from: "log_entry",
    select: "id, recorded_at, operation, actor,
             (SELECT MIN(e.actor_name) FROM event e WHERE e.entry = log_entry.id) AS actor_name,
             (SELECT MIN(e.summary) FROM event e WHERE e.entry = log_entry.id) AS summary",
    organization: "organization",
    partner: None,
    id: "id",
    sorts: &[("recorded_at", "recorded_at")],
    newest_first: true,
};

/// One entry in a list.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct EntryLine {
    pub id: EntryId,
    pub recorded_at: Timestamp,
    pub operation: String,
    pub actor: String,
    /// The name of the actor, if an event of the entry says it.
    pub actor_name: Option<String>,
    /// What happened in words, if the entry has events: one of them.
    pub summary: Option<String>,
}

fn line(row: &Row) -> Result<EntryLine> {
    Ok(EntryLine {
        id: row.get("id")?,
        recorded_at: row.get("recorded_at")?,
        operation: row.get("operation")?,
        actor: row.get("actor")?,
        actor_name: row.get("actor_name")?,
        summary: row.get("summary")?,
    })
}

/// List the entries of the log, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListEntries {
    /// Only runs of this operation, such as `deals.approve`.
    #[serde(default)]
    pub operation: Option<String>,
    /// Only what this person, token or part of the system did.
    #[serde(default)]
    pub actor: Option<String>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListEntries {
    const NAME: &'static str = "log.list";
    const ROUTE: Route = get("/log/entries");
    type Output = Page<EntryLine>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<EntryLine>> {
        let filters = vec![
            Filter::Is("operation", self.operation.map(Into::into)),
            Filter::Is("actor", self.actor.map(Into::into)),
        ];
        LISTING.page(cx.tx, &cx.scope, &self.page, filters, line).await
    }
}

/// An entry with its place in the log.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct EntryDetail {
    pub id: EntryId,
    /// Its place in the log, counted from 0; absent for the moment between commit and placing.
    pub position: Option<i64>,
    /// SHA-256 of the leaf (RFC 9162), hexadecimal.
    pub leaf: Option<String>,
    /// Who did what with which input, and what was written.
    pub body: serde_json::Value,
}

/// Show an entry of the log.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetEntry {
    pub entry: EntryId,
}

impl Query for GetEntry {
    const NAME: &'static str = "log.get";
    const ROUTE: Route = get("/log/entries/{entry}");
    type Output = EntryDetail;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<EntryDetail> {
        let sql = "SELECT e.id, e.body, l.position, l.hash FROM log_entry e LEFT JOIN log_leaf l ON l.entry = e.id
                   WHERE e.organization = $1 AND e.id = $2";
        let found = cx.tx.one(sql, params![cx.scope.organization, self.entry], detail).await?;
        found.ok_or_else(|| Error::not_found("log entry", self.entry))
    }
}

fn detail(row: &Row) -> Result<EntryDetail> {
    Ok(EntryDetail {
        id: row.get("id")?,
        position: row.get("position")?,
        leaf: row.get::<Option<Vec<u8>>>("hash")?.map(|hash| kernel::db::hex(&hash)),
        body: row.json("body")?,
    })
}

/// The signed head of the log.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Head {
    /// Entries in the log.
    pub size: i64,
    /// The signed note (C2SP tlog-checkpoint): keep copies elsewhere, and nothing can be rewritten unnoticed.
    pub note: String,
    pub signed_at: Option<Timestamp>,
    /// The verifier key that checks it.
    pub key: String,
}

/// Show the newest signed head of the log.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetCheckpoint {}

impl Query for GetCheckpoint {
    const NAME: &'static str = "log.checkpoint";
    const ROUTE: Route = get("/log/checkpoint");
    type Output = Head;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Head> {
        let key = cx.app.log_key().verifier().to_string();
        let sql = "SELECT size, note, signed_at FROM log_checkpoint ORDER BY size DESC LIMIT 1";
        let newest = cx.tx.one(sql, &[], |row| {
            let (size, note, signed_at) = (row.get("size")?, row.get("note")?, row.get("signed_at")?);
            Ok(Head { size, note, signed_at: Some(signed_at), key: String::new() })
        });
        let head = newest.await?.unwrap_or(Head { size: 0, note: String::new(), signed_at: None, key: String::new() });
        Ok(Head { key, ..head })
    }
}

/// Prove the whole log and every row that it seals.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct VerifyLog {}

impl Query for VerifyLog {
    const NAME: &'static str = "log.verify";
    const ROUTE: Route = get("/log/verification");
    type Output = Report;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Report> {
        verify(cx.app, None).await
    }
}
