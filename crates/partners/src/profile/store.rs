//! The table of partners. A partner's own scope reaches the row whose id it is.

use std::collections::BTreeMap;

use kernel::db::OF_ORGANIZATION;
use kernel::{
    DecisionId, Error, Filter, Listing, OrganizationId, Page, PageRequest, PartnerId, PersonId, Result, Row, Scope,
    Timestamp, Tx, Value, params,
};

use super::partner::{AcceptedTerms, Contact, Note, Partner, Status};

const PARTNERS: Listing = Listing {
    from: "partner",
    select: "*",
    organization: "organization",
    partner: Some("id"),
    id: "id",
    sorts: &[
        ("name", "search_key"),
        ("tier", "COALESCE(tier_rank, -1)"),
        ("activated", "COALESCE(activated_at, 0)"),
        ("applied", "applied_at"),
    ],
    newest_first: false,
};

pub(crate) fn read(row: &Row) -> Result<Partner> {
    let terms = match row.get::<Option<String>>("terms_key")? {
        None => None,
        Some(key) => Some(AcceptedTerms {
            key,
            version: row.get("terms_version")?,
            accepted_at: row.get("terms_accepted_at")?,
            accepted_by: row.get("terms_accepted_by")?,
        }),
    };
    let note = match row.get::<Option<String>>("note_code")? {
        None => None,
        Some(code) => Some(Note {
            code,
            text: row.get::<Option<String>>("note_text")?.unwrap_or_default(),
            contact: row.get("note_contact")?,
        }),
    };
    let contact = match (row.get("contact_name")?, row.get("contact_email")?) {
        (Some(name), Some(email)) => Some(Contact { name, email }),
        _ => None,
    };
    Ok(Partner {
        id: row.get("id")?,
        name: row.get("name")?,
        legal_name: row.get("legal_name")?,
        domain: row.get("domain")?,
        country: row.get("country")?,
        vat_number: row.get("vat_number")?,
        registration_number: row.get("registration_number")?,
        status: row.get("status")?,
        note,
        wanted: row.get("wanted")?,
        archetype: row.get("archetype")?,
        tier: row.get("tier")?,
        tier_since: row.get("tier_since")?,
        segment: row.get("segment")?,
        segment_since: row.get("segment_since")?,
        terms,
        manager: row.get("manager")?,
        contact,
        message: row.get("message")?,
        time_zone: row.get("time_zone")?,
        applied_at: row.get("applied_at")?,
        activated_at: row.get("activated_at")?,
        ended_at: row.get("ended_at")?,
    })
}

/// The partner, if it is within the scope.
pub async fn find(tx: &mut Tx, scope: &Scope, id: PartnerId) -> Result<Option<Partner>> {
    let sql = "SELECT * FROM partner WHERE organization = $1 AND id = $2 AND (id = $3 OR CAST($3 AS TEXT) IS NULL)";
    tx.one(sql, params![scope.organization, id, scope.partner], read).await
}

/// The partner; one outside of the scope is not found.
pub async fn get(tx: &mut Tx, scope: &Scope, id: PartnerId) -> Result<Partner> {
    find(tx, scope, id).await?.ok_or_else(|| Error::not_found("partner", id))
}

/// The names of those partners that are within the scope.
pub async fn names(tx: &mut Tx, scope: &Scope, ids: &[PartnerId]) -> Result<BTreeMap<PartnerId, String>> {
    let mut wanted: Vec<PartnerId> = ids.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    wanted.retain(|id| scope.partner.is_none_or(|own| own == *id));
    let mut found = BTreeMap::new();
    // A page of a list names few partners, and statements with 50 marks stay in the cache of statements.
    for chunk in wanted.chunks(50) {
        let marks: Vec<String> = (0..50).map(|n| format!("${}", n + 2)).collect();
        let sql = format!("SELECT id, name FROM partner WHERE {OF_ORGANIZATION} AND id IN ({})", marks.join(", "));
        let mut params: Vec<Value> = vec![scope.organization.into()];
        params.extend((0..50).map(|n| Value::from(chunk.get(n))));
        found.extend(tx.all(&sql, &params, |row| Ok((row.get("id")?, row.get("name")?))).await?);
    }
    Ok(found)
}

pub(crate) async fn page(
    tx: &mut Tx,
    scope: &Scope,
    request: &PageRequest,
    filters: Vec<Filter>,
) -> Result<Page<Partner>> {
    PARTNERS.page(tx, scope, request, filters, read).await
}

/// Every partner of that status, by id.
pub(crate) async fn of_status(tx: &mut Tx, scope: &Scope, status: Status) -> Result<Vec<Partner>> {
    let sql = "SELECT * FROM partner WHERE organization = $1 AND status = $2
               AND (id = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY id";
    tx.all(sql, params![scope.organization, status, scope.partner], read).await
}

/// Whoever was in the program at `$2`; those who were suspended for a while count as being in it.
const IN_PROGRAM: &str = "organization = $1 AND COALESCE(activated_at, 0) > 0 AND COALESCE(activated_at, 0) <= $2
                          AND (ended_at IS NULL OR ended_at > $2)";

/// When each partner that was in the program at an instant was activated.
pub(crate) async fn activations(
    tx: &mut Tx,
    organization: OrganizationId,
    at: Timestamp,
) -> Result<Vec<(PartnerId, Timestamp)>> {
    let sql = format!("SELECT id, activated_at FROM partner WHERE {IN_PROGRAM} ORDER BY id");
    tx.all(&sql, params![organization, at], |row| Ok((row.get("id")?, row.get("activated_at")?))).await
}

/// In which country each partner is that was in the program at an instant.
pub(crate) async fn countries(
    tx: &mut Tx,
    organization: OrganizationId,
    at: Timestamp,
) -> Result<Vec<(PartnerId, String)>> {
    let sql = format!("SELECT id, country FROM partner WHERE {IN_PROGRAM} ORDER BY id");
    tx.all(&sql, params![organization, at], |row| Ok((row.get("id")?, row.get("country")?))).await
}

/// The kind of each partner that was in the program at an instant. Changes of it are not kept apart: it is the one of now.
pub(crate) async fn archetypes(
    tx: &mut Tx,
    organization: OrganizationId,
    at: Timestamp,
) -> Result<Vec<(PartnerId, String)>> {
    let sql = format!("SELECT id, archetype FROM partner WHERE {IN_PROGRAM} AND archetype IS NOT NULL ORDER BY id");
    tx.all(&sql, params![organization, at], |row| Ok((row.get("id")?, row.get("archetype")?))).await
}

/// The partners within the scope that were in the program at an instant.
pub(crate) async fn active_at(tx: &mut Tx, scope: &Scope, at: Timestamp) -> Result<Vec<Partner>> {
    let sql = format!("SELECT * FROM partner WHERE {IN_PROGRAM} AND (id = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY id");
    tx.all(&sql, params![scope.organization, at, scope.partner], read).await
}

/// How long a partner took from the application to the activation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenIn {
    pub partner: PartnerId,
    pub archetype: Option<String>,
    pub applied_at: Timestamp,
    pub activated_at: Timestamp,
}

/// Every partner that was activated at that instant or later.
pub async fn taken_in_since(tx: &mut Tx, scope: &Scope, since: Timestamp) -> Result<Vec<TakenIn>> {
    let sql = "SELECT id, archetype, applied_at, activated_at FROM partner
               WHERE organization = $1 AND COALESCE(activated_at, 0) >= $2 AND activated_at IS NOT NULL
               AND (id = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY id";
    tx.all(sql, params![scope.organization, since, scope.partner], |row| {
        Ok(TakenIn {
            partner: row.get("id")?,
            archetype: row.get("archetype")?,
            applied_at: row.get("applied_at")?,
            activated_at: row.get("activated_at")?,
        })
    })
    .await
}

/// Whether a company of that domain is in the program, or on its way into it.
pub(crate) async fn domain_taken(tx: &mut Tx, scope: &Scope, domain: &str) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM partner WHERE organization = $1 AND domain = $2
               AND status <> 'rejected' AND status <> 'ended'";
    Ok(tx.number(sql, params![scope.organization, domain]).await? > 0)
}

pub(crate) async fn insert(tx: &mut Tx, scope: &Scope, partner: &Partner) -> Result<()> {
    let contact = partner.contact.as_ref();
    tx.insert(
        "partner",
        &[
            ("id", partner.id.into()),
            ("organization", scope.organization.into()),
            ("name", (&partner.name).into()),
            ("search_key", partner.search_key().into()),
            ("legal_name", partner.legal_name.as_ref().into()),
            ("domain", partner.domain.as_ref().into()),
            ("country", (&partner.country).into()),
            ("vat_number", partner.vat_number.as_ref().into()),
            ("registration_number", partner.registration_number.as_ref().into()),
            ("status", partner.status.into()),
            ("wanted", partner.wanted.as_ref().into()),
            ("archetype", partner.archetype.as_ref().into()),
            ("manager", partner.manager.into()),
            ("contact_name", contact.map(|contact| &contact.name).into()),
            ("contact_email", contact.map(|contact| &contact.email).into()),
            ("message", partner.message.as_ref().into()),
            ("time_zone", (&partner.time_zone).into()),
            ("applied_at", partner.applied_at.into()),
        ],
    )
    .await
}

/// What the company says about itself.
pub(crate) async fn set_profile(tx: &mut Tx, partner: &Partner) -> Result<()> {
    tx.update(
        "partner",
        &[
            ("id", partner.id.into()),
            ("name", (&partner.name).into()),
            ("search_key", partner.search_key().into()),
            ("legal_name", partner.legal_name.as_ref().into()),
            ("domain", partner.domain.as_ref().into()),
            ("country", (&partner.country).into()),
            ("vat_number", partner.vat_number.as_ref().into()),
            ("registration_number", partner.registration_number.as_ref().into()),
            ("time_zone", (&partner.time_zone).into()),
        ],
    )
    .await
}

/// Where it stands, with the note that belongs to it.
pub(crate) async fn set_status(tx: &mut Tx, partner: &Partner) -> Result<()> {
    let note = partner.note.as_ref();
    tx.update(
        "partner",
        &[
            ("id", partner.id.into()),
            ("status", partner.status.into()),
            ("note_code", note.map(|note| &note.code).into()),
            ("note_text", note.map(|note| &note.text).into()),
            ("note_contact", note.and_then(|note| note.contact.as_ref()).into()),
            ("archetype", partner.archetype.as_ref().into()),
            ("activated_at", partner.activated_at.into()),
            ("ended_at", partner.ended_at.into()),
        ],
    )
    .await
}

/// The tier with its place on the ladder, by which lists sort.
pub(crate) async fn set_tier(tx: &mut Tx, id: PartnerId, tier: &str, rank: u32, since: Timestamp) -> Result<()> {
    let columns = [("id", id.into()), ("tier", tier.into()), ("tier_rank", rank.into()), ("tier_since", since.into())];
    tx.update("partner", &columns).await
}

/// The segment, which tells what is invested in it.
pub(crate) async fn set_segment(tx: &mut Tx, id: PartnerId, segment: &str, since: Timestamp) -> Result<()> {
    tx.update("partner", &[("id", id.into()), ("segment", segment.into()), ("segment_since", since.into())]).await
}

/// The decision that its tier rests on.
pub(crate) async fn set_tier_decision(tx: &mut Tx, id: PartnerId, decision: DecisionId) -> Result<()> {
    tx.update("partner", &[("id", id.into()), ("tier_decision", decision.into())]).await
}

/// Partners in the program by id, each with whether its tier was ever decided.
pub(crate) async fn active_with_decision(tx: &mut Tx, scope: &Scope) -> Result<Vec<(Partner, bool)>> {
    let sql = "SELECT * FROM partner WHERE organization = $1 AND status = 'active'
               AND (id = $2 OR CAST($2 AS TEXT) IS NULL) ORDER BY id";
    let params = params![scope.organization, scope.partner];
    tx.all(sql, params, |row| Ok((read(row)?, row.get::<Option<DecisionId>>("tier_decision")?.is_some()))).await
}

pub(crate) async fn set_terms(tx: &mut Tx, id: PartnerId, terms: &AcceptedTerms) -> Result<()> {
    tx.update(
        "partner",
        &[
            ("id", id.into()),
            ("terms_key", (&terms.key).into()),
            ("terms_version", (&terms.version).into()),
            ("terms_accepted_at", terms.accepted_at.into()),
            ("terms_accepted_by", (&terms.accepted_by).into()),
        ],
    )
    .await
}

pub(crate) async fn set_manager(tx: &mut Tx, id: PartnerId, manager: Option<PersonId>) -> Result<()> {
    tx.update("partner", &[("id", id.into()), ("manager", manager.into())]).await
}
