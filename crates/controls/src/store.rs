//! Grants in the table `control_grant`.

use kernel::{PartnerId, Result, Row, Scope, Timestamp, Tx, params};

use crate::GrantId;
use crate::compose::{Compose, Source};
use crate::grants::Grant;

/// A grant as it is kept.
pub struct Stored {
    pub id: GrantId,
    pub control: String,
    /// The name of the control for people, as it was called when it was granted.
    pub title: String,
    pub compose: Compose,
    pub source: Source,
}

impl Stored {
    /// Whether it already says what would be granted; under which version of the law it was said does not matter.
    pub fn says(&self, reference: &str, grant: &Grant) -> bool {
        self.source.reference == reference && self.source.value == grant.value && self.source.cites == grant.cites
    }

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            control: row.get("control")?,
            title: row.get("title")?,
            compose: row.get::<String>("compose")?.parse()?,
            source: Source {
                source: row.get("source")?,
                reference: row.get("reference")?,
                value: row.json("value")?,
                cites: row.get("cites")?,
                law: row.get("law")?,
                since: row.get("valid_from")?,
                governs: false,
            },
        })
    }
}

/// Grants that have not ended, oldest first.
pub async fn open(tx: &mut Tx, scope: &Scope, partner: PartnerId) -> Result<Vec<Stored>> {
    let sql = "SELECT * FROM control_grant
               WHERE organization = $1 AND partner = $3 AND (partner = $2 OR CAST($2 AS TEXT) IS NULL)
                 AND valid_until IS NULL
               ORDER BY valid_from, id";
    tx.all(sql, params![scope.organization, scope.partner, partner], Stored::read).await
}

/// Grants of one control that have not ended, oldest first.
pub async fn open_of(tx: &mut Tx, scope: &Scope, partner: PartnerId, control: &str) -> Result<Vec<Stored>> {
    let sql = "SELECT * FROM control_grant
               WHERE organization = $1 AND partner = $3 AND (partner = $2 OR CAST($2 AS TEXT) IS NULL)
                 AND control = $4 AND valid_until IS NULL
               ORDER BY valid_from, id";
    tx.all(sql, params![scope.organization, scope.partner, partner, control], Stored::read).await
}

/// Grants that were in force at an instant, oldest first.
pub async fn valid_at(tx: &mut Tx, scope: &Scope, partner: PartnerId, at: Timestamp) -> Result<Vec<Stored>> {
    let sql = "SELECT * FROM control_grant
               WHERE organization = $1 AND partner = $3 AND (partner = $2 OR CAST($2 AS TEXT) IS NULL)
                 AND valid_from <= $4 AND (valid_until IS NULL OR valid_until > $4)
               ORDER BY valid_from, id";
    tx.all(sql, params![scope.organization, scope.partner, partner, at], Stored::read).await
}

pub async fn insert(tx: &mut Tx, scope: &Scope, partner: PartnerId, grant: &Stored) -> Result<()> {
    tx.insert(
        "control_grant",
        &[
            ("id", grant.id.into()),
            ("organization", scope.organization.into()),
            ("partner", partner.into()),
            ("control", (&grant.control).into()),
            ("title", (&grant.title).into()),
            ("compose", grant.compose.word().into()),
            ("value", serde_json::to_string(&grant.source.value)?.into()),
            ("source", (&grant.source.source).into()),
            ("reference", (&grant.source.reference).into()),
            ("cites", (&grant.source.cites).into()),
            ("law", (&grant.source.law).into()),
            ("valid_from", grant.source.since.into()),
        ],
    )
    .await
}

pub async fn end(tx: &mut Tx, grant: GrantId, at: Timestamp) -> Result<()> {
    tx.update("control_grant", &[("id", grant.into()), ("valid_until", at.into())]).await
}
