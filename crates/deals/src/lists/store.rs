//! The table of recorded entries.

use kernel::{Error, Filter, Listing, Page, PageRequest, PartnerId, Result, Row, Scope, Timestamp, Tx, Value, params};
use law::{Otherwise, Program};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::EntryId;
use super::entry::{Entry, List, Who};
use crate::matching::Normalized;

/// An entry that was recorded in the console or over the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recorded {
    pub id: EntryId,
    pub list: List,
    pub title: String,
    /// The key of the program's territory.
    pub territory: Option<String>,
    /// The key of the customer's domain.
    pub domain: Option<String>,
    /// The key of the customer's VAT number.
    pub vat_number: Option<String>,
    pub partner: Option<PartnerId>,
    pub otherwise: Otherwise,
    pub valid_from: Timestamp,
    /// The instant from which it no longer holds.
    pub valid_until: Option<Timestamp>,
    pub reason: String,
    pub decided_by: String,
    pub decided_by_name: String,
    pub recorded_at: Timestamp,
    pub ended_by: Option<String>,
    pub ended_at: Option<Timestamp>,
}

impl Recorded {
    pub fn holds(&self, at: Timestamp) -> bool {
        self.valid_from <= at && self.valid_until.is_none_or(|until| at < until)
    }

    /// The entry as the rule reads it; an assignment to a territory that the program no longer has says nothing.
    pub(super) fn entry(self, program: &Program) -> Option<Entry> {
        let territory = match (&self.territory, self.list) {
            (Some(key), List::Territory) => Some(program.engagement.territories.iter().find(|one| one.key == *key)?),
            _ => None,
        };
        Some(Entry {
            list: self.list,
            cites: self.id.to_string(),
            title: self.title,
            domain: self.domain,
            vat_number: self.vat_number,
            countries: territory.map(|one| one.countries.clone()).unwrap_or_default(),
            partners: self.partner.into_iter().map(Who::Id).collect(),
            archetypes: Vec::new(),
            tiers: Vec::new(),
            otherwise: self.otherwise,
            from: Some(self.valid_from),
            until: self.valid_until,
        })
    }
}

const LISTING: Listing = Listing {
    from: "deal_list_entry",
    select: "*",
    organization: "organization",
    partner: None,
    id: "id",
    sorts: &[("recorded_at", "recorded_at")],
    newest_first: true,
};

fn read(row: &Row) -> Result<Recorded> {
    let otherwise: String = row.get("otherwise")?;
    Ok(Recorded {
        id: row.get("id")?,
        list: row.get("list")?,
        title: row.get("title")?,
        territory: row.get("territory")?,
        domain: row.get("domain_key")?,
        vat_number: row.get("vat_key")?,
        partner: row.get("partner")?,
        otherwise: if otherwise == name_of(Otherwise::Review) { Otherwise::Review } else { Otherwise::Reject },
        valid_from: row.get("valid_from")?,
        valid_until: row.get("valid_until")?,
        reason: row.get("reason")?,
        decided_by: row.get("decided_by")?,
        decided_by_name: row.get("decided_by_name")?,
        recorded_at: row.get("recorded_at")?,
        ended_by: row.get("ended_by")?,
        ended_at: row.get("ended_at")?,
    })
}

const fn name_of(otherwise: Otherwise) -> &'static str {
    match otherwise {
        Otherwise::Reject => "reject",
        Otherwise::Review => "review",
    }
}

pub(super) async fn get(tx: &mut Tx, scope: &Scope, id: EntryId) -> Result<Recorded> {
    let sql = "SELECT * FROM deal_list_entry WHERE organization = $1 AND id = $2";
    let found = tx.one(sql, params![scope.organization, id], read).await?;
    found.ok_or_else(|| Error::not_found("entry", id))
}

pub(super) async fn page(
    tx: &mut Tx,
    scope: &Scope,
    request: &PageRequest,
    filters: Vec<Filter>,
) -> Result<Page<Recorded>> {
    LISTING.page(tx, scope, request, filters, read).await
}

/// The entries about that customer, and the territories of that partner.
pub(super) async fn about(
    tx: &mut Tx,
    scope: &Scope,
    partner: PartnerId,
    customer: &[Normalized],
) -> Result<Vec<Recorded>> {
    let of_partner = "SELECT * FROM deal_list_entry WHERE organization = $1 AND partner = $2 AND list = 'territory'
                      ORDER BY recorded_at, id";
    let mut found = tx.all(of_partner, params![scope.organization, partner], read).await?;
    for entry in naming(tx, scope, customer).await? {
        if found.iter().all(|known| known.id != entry.id) {
            found.push(entry);
        }
    }
    Ok(found)
}

/// The entries about that customer.
pub(super) async fn naming(tx: &mut Tx, scope: &Scope, customer: &[Normalized]) -> Result<Vec<Recorded>> {
    let mut found: Vec<Recorded> = Vec::new();
    for keys in customer {
        for (column, key) in [("domain_key", &keys.domain), ("vat_key", &keys.vat_number)] {
            let Some(key) = key else { continue };
            let sql = format!(
                "SELECT * FROM deal_list_entry WHERE organization = $1 AND {column} = $2 ORDER BY recorded_at, id"
            );
            for entry in tx.all(&sql, params![scope.organization, key], read).await? {
                if found.iter().all(|known| known.id != entry.id) {
                    found.push(entry);
                }
            }
        }
    }
    Ok(found)
}

pub(super) async fn save(tx: &mut Tx, scope: &Scope, entry: &Recorded) -> Result<()> {
    let columns: Vec<(&'static str, Value)> = vec![
        ("id", entry.id.into()),
        ("organization", scope.organization.into()),
        ("list", entry.list.into()),
        ("title", (&entry.title).into()),
        ("territory", entry.territory.as_ref().into()),
        ("domain_key", entry.domain.as_ref().into()),
        ("vat_key", entry.vat_number.as_ref().into()),
        ("partner", entry.partner.into()),
        ("otherwise", name_of(entry.otherwise).into()),
        ("valid_from", entry.valid_from.into()),
        ("valid_until", entry.valid_until.into()),
        ("reason", (&entry.reason).into()),
        ("decided_by", (&entry.decided_by).into()),
        ("decided_by_name", (&entry.decided_by_name).into()),
        ("recorded_at", entry.recorded_at.into()),
        ("ended_by", entry.ended_by.as_ref().into()),
        ("ended_at", entry.ended_at.into()),
    ];
    tx.save("deal_list_entry", &columns).await
}
