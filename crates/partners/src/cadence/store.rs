//! The tables of contacts and of when the next one is due.

use kernel::{Filter, Listing, Page, PageRequest, PartnerId, Result, Row, Scope, Timestamp, Tx, Value, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contact::Contacted;

/// How often a partner is spoken with, and when next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rhythm {
    pub partner: PartnerId,
    /// The longest time between two contacts.
    pub days: u32,
    /// The entry of the program that says so.
    pub cites: String,
    pub last_contact_at: Option<Timestamp>,
    /// When the next contact is due.
    pub due_at: Timestamp,
}

fn read(row: &Row) -> Result<Rhythm> {
    Ok(Rhythm {
        partner: row.get("id")?,
        days: row.get("days")?,
        cites: row.get("cites")?,
        last_contact_at: row.get("last_contact_at")?,
        due_at: row.get("due_at")?,
    })
}

pub async fn rhythm(tx: &mut Tx, scope: &Scope, partner: PartnerId) -> Result<Option<Rhythm>> {
    let sql = "SELECT * FROM partner_cadence WHERE organization = $1 AND id = $2";
    tx.one(sql, params![scope.organization, partner], read).await
}

pub async fn save(tx: &mut Tx, scope: &Scope, rhythm: &Rhythm) -> Result<()> {
    tx.save(
        "partner_cadence",
        &[
            ("id", rhythm.partner.into()),
            ("organization", scope.organization.into()),
            ("days", rhythm.days.into()),
            ("cites", (&rhythm.cites).into()),
            ("last_contact_at", rhythm.last_contact_at.into()),
            ("due_at", rhythm.due_at.into()),
        ],
    )
    .await
}

pub async fn insert(tx: &mut Tx, scope: &Scope, contact: &Contacted) -> Result<()> {
    tx.insert(
        "partner_contact",
        &[
            ("id", contact.id.into()),
            ("organization", scope.organization.into()),
            ("partner", contact.partner.into()),
            ("channel", contact.channel.into()),
            ("with_whom", (&contact.with).into()),
            ("note", (&contact.note).into()),
            ("contacted_at", contact.contacted_at.into()),
            ("logged_by", (&contact.logged_by).into()),
            ("logged_by_name", (&contact.logged_by_name).into()),
        ],
    )
    .await
}

const CONTACTS: Listing = Listing {
    from: "partner_contact",
    select: "*",
    organization: "organization",
    partner: Some("partner"),
    id: "id",
    sorts: &[("contacted_at", "contacted_at")],
    newest_first: true,
};

pub async fn contacts(
    tx: &mut Tx,
    scope: &Scope,
    request: &PageRequest,
    partner: PartnerId,
) -> Result<Page<Contacted>> {
    let filters = vec![Filter::Is("partner", Some(partner.into()))];
    CONTACTS
        .page(tx, scope, request, filters, |row| {
            Ok(Contacted {
                id: row.get("id")?,
                partner: row.get("partner")?,
                channel: row.get("channel")?,
                with: row.get("with_whom")?,
                note: row.get("note")?,
                contacted_at: row.get("contacted_at")?,
                logged_by: row.get("logged_by")?,
                logged_by_name: row.get("logged_by_name")?,
            })
        })
        .await
}

const RHYTHMS: Listing = Listing {
    from: "partner_cadence",
    select: "*",
    organization: "organization",
    partner: Some("id"),
    id: "id",
    sorts: &[("due_at", "due_at")],
    newest_first: false,
};

pub async fn rhythms(
    tx: &mut Tx,
    scope: &Scope,
    request: &PageRequest,
    due_before: Option<Timestamp>,
) -> Result<Page<Rhythm>> {
    let filters = vec![Filter::Before("due_at", due_before.map(Value::from))];
    RHYTHMS.page(tx, scope, request, filters, read).await
}

/// A partner that has left is not spoken with any more.
pub async fn remove(tx: &mut Tx, partner: PartnerId) -> Result<()> {
    tx.delete("partner_cadence", partner).await.map(|_| ())
}
