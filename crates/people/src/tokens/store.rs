//! The tables of service tokens and of their last use.

use kernel::{Filter, Listing, Page, PageRequest, PersonId, Result, Row, Scope, Timestamp, TokenId, Tx, params};

use super::token::ServiceToken;

const TOKENS: Listing = Listing {
    from: "service_token t LEFT JOIN service_token_use u ON u.token = t.id",
    select: "t.*, u.last_used_at AS last_used_at",
    organization: "t.organization",
    partner: Some("t.partner"),
    id: "t.id",
    sorts: &[("created", "t.created_at"), ("expires", "t.expires_at"), ("name", "t.name")],
    newest_first: true,
};

pub fn read(row: &Row) -> Result<ServiceToken> {
    Ok(ServiceToken {
        id: row.get("id")?,
        organization: row.get("organization")?,
        partner: row.get("partner")?,
        person: row.get("person")?,
        name: row.get("name")?,
        scopes: row.json("scopes")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        revoked_at: row.get("revoked_at")?,
        revoked_by: row.get("revoked_by")?,
        last_used_at: row.get("last_used_at")?,
    })
}

pub async fn insert(tx: &mut Tx, token: &ServiceToken, hash: &str) -> Result<()> {
    tx.insert(
        "service_token",
        &[
            ("id", token.id.into()),
            ("organization", token.organization.into()),
            ("partner", token.partner.into()),
            ("person", token.person.into()),
            ("name", (&token.name).into()),
            ("scopes", serde_json::to_string(&token.scopes)?.into()),
            ("token_hash", hash.into()),
            ("created_at", token.created_at.into()),
            ("expires_at", token.expires_at.into()),
        ],
    )
    .await
}

pub async fn end(tx: &mut Tx, token: &ServiceToken) -> Result<()> {
    tx.update(
        "service_token",
        &[
            ("id", token.id.into()),
            ("revoked_at", token.revoked_at.into()),
            ("revoked_by", token.revoked_by.clone().into()),
        ],
    )
    .await
}

pub async fn by_id(tx: &mut Tx, scope: &Scope, id: TokenId) -> Result<Option<ServiceToken>> {
    let sql = "SELECT t.*, u.last_used_at AS last_used_at
               FROM service_token t LEFT JOIN service_token_use u ON u.token = t.id
               WHERE t.organization = $1 AND t.id = $2 AND (t.partner = $3 OR CAST($3 AS TEXT) IS NULL)";
    tx.one(sql, params![scope.organization, id, scope.partner], read).await
}

pub async fn in_use_of(tx: &mut Tx, scope: &Scope, person: PersonId, now: Timestamp) -> Result<Vec<ServiceToken>> {
    let sql = "SELECT t.*, u.last_used_at AS last_used_at
               FROM service_token t LEFT JOIN service_token_use u ON u.token = t.id
               WHERE t.organization = $1 AND t.person = $2 AND t.revoked_at IS NULL AND t.expires_at > $3";
    tx.all(sql, params![scope.organization, person, now], read).await
}

pub async fn used(tx: &mut Tx, id: TokenId, now: Timestamp) -> Result<()> {
    let sql = "INSERT INTO service_token_use (token, last_used_at) VALUES ($1, $2)
               ON CONFLICT (token) DO UPDATE SET last_used_at = excluded.last_used_at
               WHERE service_token_use.last_used_at < excluded.last_used_at";
    tx.run(sql, params![id, now]).await?;
    Ok(())
}

pub async fn page(
    tx: &mut Tx,
    scope: &Scope,
    request: &PageRequest,
    filters: Vec<Filter>,
) -> Result<Page<ServiceToken>> {
    TOKENS.page(tx, scope, request, filters, read).await
}
