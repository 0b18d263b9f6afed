//! Issued documents in the table `document`.

use kernel::{Filter, Listing, Page, PageRequest, PartnerId, Result, Row, Scope, Timestamp, Tx, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::Document;
use crate::{DocumentId, Number};

/// A document that was issued, without what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stored {
    pub id: DocumentId,
    /// The partner that may read it; absent for the vendor's own.
    pub partner: Option<PartnerId>,
    /// The template that wrote it, such as `statement`.
    pub kind: String,
    /// The number that it is quoted under, such as `NW-STM-2026-00042`.
    pub number: Number,
    pub title: String,
    /// SHA-256 of what it says.
    pub sha256: String,
    pub issued_at: Timestamp,
}

impl Stored {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            partner: row.get("partner")?,
            kind: row.get("kind")?,
            number: row.get::<String>("number")?.parse()?,
            title: row.get("title")?,
            sha256: row.get("sha256")?,
            issued_at: row.get("issued_at")?,
        })
    }
}

/// The next number of a series and year. Two transactions that take the same one cannot both commit.
pub async fn next_sequence(tx: &mut Tx, scope: &Scope, series: &str, year: u16) -> Result<i64> {
    let sql = "SELECT MAX(sequence) FROM document WHERE organization = $1 AND series = $2 AND year = $3";
    Ok(tx.number(sql, params![scope.organization, series, i64::from(year)]).await? + 1)
}

pub async fn insert(tx: &mut Tx, scope: &Scope, stored: &Stored, body: &Document) -> Result<()> {
    tx.insert(
        "document",
        &[
            ("id", stored.id.into()),
            ("organization", scope.organization.into()),
            ("partner", stored.partner.into()),
            ("kind", (&stored.kind).into()),
            ("series", stored.number.series().into()),
            ("year", i64::from(stored.number.year()).into()),
            ("sequence", i64::from(stored.number.sequence()).into()),
            ("number", stored.number.to_string().into()),
            ("title", (&stored.title).into()),
            ("sha256", (&stored.sha256).into()),
            ("body", body.canonical_json().into()),
            ("issued_at", stored.issued_at.into()),
        ],
    )
    .await
}

pub async fn get(tx: &mut Tx, scope: &Scope, document: DocumentId) -> Result<Option<(Stored, Document)>> {
    let sql = "SELECT * FROM document
               WHERE organization = $1 AND (partner = $2 OR CAST($2 AS TEXT) IS NULL) AND id = $3";
    let parameters = params![scope.organization, scope.partner, document];
    tx.one(sql, parameters, |row| Ok((Stored::read(row)?, row.json("body")?))).await
}

pub async fn page(
    tx: &mut Tx,
    scope: &Scope,
    request: &PageRequest,
    partner: Option<PartnerId>,
    kind: Option<String>,
) -> Result<Page<Stored>> {
    let listing = Listing {
        from: "document",
        select: "id, partner, kind, number, title, sha256, issued_at",
        organization: "organization",
        partner: Some("partner"),
        id: "id",
        sorts: &[("issued_at", "issued_at"), ("number", "number"), ("title", "title")],
        newest_first: true,
    };
    let filters = vec![Filter::Is("partner", partner.map(Into::into)), Filter::Is("kind", kind.map(Into::into))];
    listing.page(tx, scope, request, filters, Stored::read).await
}
