//! The table of recorded facts.

use kernel::{
    Error, Filter, Listing, OrganizationId, Page, PageRequest, PartnerId, Result, Row, Scope, Timestamp, Tx, Value,
    params,
};

use super::FactId;
use super::fact::{Fact, State};
use super::queries::FactLine;

const LISTING: Listing = Listing {
    from: "partner_fact f JOIN partner p ON p.id = f.partner",
    select: "f.*, p.name AS partner_name",
    organization: "f.organization",
    partner: Some("f.partner"),
    id: "f.id",
    sorts: &[("submitted_at", "f.submitted_at"), ("valid_until", "f.valid_until")],
    newest_first: true,
};

pub(super) fn read(row: &Row) -> Result<Fact> {
    Ok(Fact {
        id: row.get("id")?,
        partner: row.get("partner")?,
        kind: row.get("kind")?,
        key: row.get("key")?,
        person: row.get("person")?,
        fields: row.json("fields")?,
        evidence: row.get("evidence")?,
        state: row.get("state")?,
        valid_from: row.get("valid_from")?,
        valid_until: row.get("valid_until")?,
        submitted_at: row.get("submitted_at")?,
        submitted_by: row.get("submitted_by")?,
        submitted_by_name: row.get("submitted_by_name")?,
        recorded_at: row.get("recorded_at")?,
        ended_at: row.get("ended_at")?,
        ended_by_name: row.get("ended_by_name")?,
        reason: row.get("reason")?,
        corrects: row.get("corrects")?,
    })
}

pub(super) async fn get(tx: &mut Tx, scope: &Scope, id: FactId) -> Result<Fact> {
    let sql = "SELECT * FROM partner_fact
               WHERE organization = $1 AND id = $2 AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)";
    let found = tx.one(sql, params![scope.organization, id, scope.partner], read).await?;
    found.ok_or_else(|| Error::not_found("fact", id))
}

/// The fact of that key that is in that state.
pub(super) async fn standing(
    tx: &mut Tx,
    scope: &Scope,
    (partner, kind, key): (PartnerId, &str, &str),
    state: State,
) -> Result<Option<Fact>> {
    let sql = "SELECT * FROM partner_fact WHERE organization = $1 AND partner = $2 AND kind = $3 AND key = $4
               AND state = $5 ORDER BY submitted_at DESC LIMIT 1";
    tx.one(sql, params![scope.organization, partner, kind, key, state], read).await
}

pub(super) async fn page(
    tx: &mut Tx,
    scope: &Scope,
    request: &PageRequest,
    filters: Vec<Filter>,
) -> Result<Page<FactLine>> {
    let line = |row: &Row| Ok(FactLine { fact: read(row)?, partner_name: row.get("partner_name")? });
    LISTING.page(tx, scope, request, filters, line).await
}

/// What counted at an instant as it was known at another one, oldest first.
pub(super) async fn known(
    tx: &mut Tx,
    organization: OrganizationId,
    kind: &str,
    at: Timestamp,
    known_at: Timestamp,
) -> Result<Vec<Fact>> {
    let sql = "SELECT * FROM partner_fact WHERE organization = $1 AND kind = $2 AND recorded_at <= $4
               AND valid_from <= $3 AND (ended_at IS NULL OR ended_at > $4) ORDER BY recorded_at, id";
    tx.all(sql, params![organization, kind, at, known_at], read).await
}

pub(super) async fn save(tx: &mut Tx, scope: &Scope, fact: &Fact) -> Result<()> {
    let columns: Vec<(&'static str, Value)> = vec![
        ("id", fact.id.into()),
        ("organization", scope.organization.into()),
        ("partner", fact.partner.into()),
        ("kind", (&fact.kind).into()),
        ("key", (&fact.key).into()),
        ("person", fact.person.as_ref().into()),
        ("fields", serde_json::to_string(&fact.fields)?.into()),
        ("evidence", fact.evidence.as_ref().into()),
        ("state", fact.state.into()),
        ("valid_from", fact.valid_from.into()),
        ("valid_until", fact.valid_until.into()),
        ("submitted_at", fact.submitted_at.into()),
        ("submitted_by", (&fact.submitted_by).into()),
        ("submitted_by_name", (&fact.submitted_by_name).into()),
        ("recorded_at", fact.recorded_at.into()),
        ("ended_at", fact.ended_at.into()),
        ("ended_by_name", fact.ended_by_name.as_ref().into()),
        ("reason", fact.reason.as_ref().into()),
        ("corrects", fact.corrects.into()),
    ];
    tx.save("partner_fact", &columns).await
}
