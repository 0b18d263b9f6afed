//! The tables of requests and voices. A partner reaches its own requests and, once they are triaged, those of others without
//! who asked.

use kernel::{Error, Filter, Listing, Page, PageRequest, PartnerId, Result, Row, Scope, Tx, params};

use super::RequestId;
use super::request::{Request, Voice};

fn read(row: &Row) -> Result<Request> {
    Ok(Request {
        id: row.get("id")?,
        title: row.get("title")?,
        need: row.get("need")?,
        state: row.get("state")?,
        merged_into: row.get("merged_into")?,
        return_score: row.get("return_score")?,
        security_score: row.get("security_score")?,
        triage: row.get("triage")?,
        rationale: row.get("rationale")?,
        decided_by_name: row.get("decided_by_name")?,
        decided_at: row.get("decided_at")?,
        due_at: row.get("due_at")?,
        created_at: row.get("created_at")?,
    })
}

pub async fn save(tx: &mut Tx, scope: &Scope, request: &Request) -> Result<()> {
    tx.save(
        "roadmap_request",
        &[
            ("id", request.id.into()),
            ("organization", scope.organization.into()),
            ("title", (&request.title).into()),
            ("need", (&request.need).into()),
            ("state", request.state.into()),
            ("merged_into", request.merged_into.into()),
            ("return_score", request.return_score.into()),
            ("security_score", request.security_score.into()),
            ("triage", request.triage.as_ref().into()),
            ("rationale", request.rationale.as_ref().into()),
            ("decided_by_name", request.decided_by_name.as_ref().into()),
            ("decided_at", request.decided_at.into()),
            ("due_at", request.due_at.into()),
            ("created_at", request.created_at.into()),
        ],
    )
    .await
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: RequestId) -> Result<Request> {
    let sql = "SELECT * FROM roadmap_request r WHERE r.organization = $1 AND r.id = $2
               AND (CAST($3 AS TEXT) IS NULL OR r.state <> 'submitted' OR EXISTS (SELECT 1 FROM roadmap_voice v
                    WHERE v.organization = $1 AND v.request = $2 AND v.partner = $3))";
    let found = tx.one(sql, params![scope.organization, id, scope.partner], read).await?;
    let found = found.ok_or_else(|| Error::not_found("request", id))?;
    Ok(if scope.partner.is_some() { found.for_partner() } else { found })
}

pub async fn save_voice(tx: &mut Tx, scope: &Scope, voice: &Voice) -> Result<()> {
    tx.save(
        "roadmap_voice",
        &[
            ("id", voice.id.into()),
            ("organization", scope.organization.into()),
            ("request", voice.request.into()),
            ("partner", voice.partner.into()),
            ("note", (&voice.note).into()),
            ("since", voice.since.into()),
        ],
    )
    .await
}

pub async fn remove_voice(tx: &mut Tx, voice: &Voice) -> Result<()> {
    tx.delete("roadmap_voice", voice.id).await.map(|_| ())
}

/// Who asks for a request within the scope, first come first.
pub async fn voices(tx: &mut Tx, scope: &Scope, request: RequestId) -> Result<Vec<Voice>> {
    let sql = "SELECT * FROM roadmap_voice WHERE organization = $1 AND request = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY since, id";
    tx.all(sql, params![scope.organization, request, scope.partner], |row| {
        Ok(Voice {
            id: row.get("id")?,
            request: row.get("request")?,
            partner: row.get("partner")?,
            note: row.get("note")?,
            since: row.get("since")?,
        })
    })
    .await
}

/// What a partner asks for, newest first.
pub(crate) async fn asked_by(tx: &mut Tx, scope: &Scope, partner: PartnerId) -> Result<Vec<Request>> {
    let sql = "SELECT r.* FROM roadmap_voice v JOIN roadmap_request r ON r.id = v.request
               WHERE v.organization = $1 AND v.partner = $2 ORDER BY r.created_at DESC, r.id DESC LIMIT 200";
    let found = tx.all(sql, params![scope.organization, partner], read).await?;
    Ok(if scope.partner.is_some() { found.into_iter().map(Request::for_partner).collect() } else { found })
}

const LISTING: Listing = Listing {
    from: "roadmap_request",
    select: "*",
    organization: "organization",
    partner: None,
    id: "id",
    sorts: &[("created_at", "created_at")],
    newest_first: true,
};

pub async fn page(
    tx: &mut Tx,
    scope: &Scope,
    request: &PageRequest,
    mut filters: Vec<Filter>,
) -> Result<Page<Request>> {
    // To a partner requests of others are open once they are triaged, without who asked.
    if scope.partner.is_some() {
        filters.push(Filter::Also("state <> 'submitted' AND state <> 'merged'"));
    }
    let everyone = Scope { partner: None, ..*scope };
    let mut page = LISTING.page(tx, &everyone, request, filters, read).await?;
    if scope.partner.is_some() {
        page.items = page.items.into_iter().map(Request::for_partner).collect();
    }
    Ok(page)
}
