//! Sources in the table `webhook_source`; their secrets are sealed.

use kernel::{App, Error, Filter, Listing, Page, PageRequest, Result, Row, Scope, Timestamp, Tx, params};

use super::source::{Source, SourceState, path};
use crate::SourceId;
use crate::webhooks::WebhookKey;

const COLUMNS: &str = "id, partner, name, state, created_at, created_by, rotated_at, previous_until, disabled_at";

const LISTING: Listing = Listing {
    from: "webhook_source",
    select: COLUMNS,
    organization: "organization",
    partner: Some("partner"),
    id: "id",
    sorts: &[("name", "name"), ("created", "created_at")],
    newest_first: false,
};

fn read(row: &Row) -> Result<Source> {
    let id = row.get("id")?;
    Ok(Source {
        id,
        partner: row.get("partner")?,
        name: row.get("name")?,
        state: SourceState::parse(&row.get::<String>("state")?)?,
        path: path(id),
        created_at: row.get("created_at")?,
        created_by: row.get("created_by")?,
        rotated_at: row.get("rotated_at")?,
        previous_until: row.get("previous_until")?,
        disabled_at: row.get("disabled_at")?,
    })
}

pub async fn find(tx: &mut Tx, scope: &Scope, id: SourceId) -> Result<Option<Source>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM webhook_source
         WHERE organization = $1 AND id = $2 AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)"
    );
    tx.one(&sql, params![scope.organization, id, scope.partner], read).await
}

pub(super) async fn get(tx: &mut Tx, scope: &Scope, id: SourceId) -> Result<Source> {
    find(tx, scope, id).await?.ok_or_else(|| Error::not_found("source", id))
}

/// The keys that the source's signatures are checked with at `now`: the current one, and for a while the one before.
pub async fn keys(app: &App, tx: &mut Tx, scope: &Scope, id: SourceId, now: Timestamp) -> Result<Vec<WebhookKey>> {
    let sql = "SELECT secret, previous_secret, previous_until FROM webhook_source WHERE organization = $1 AND id = $2";
    let sealed = tx
        .one(sql, params![scope.organization, id], |row| {
            let previous_until: Option<Timestamp> = row.get("previous_until")?;
            let previous: Option<Vec<u8>> = row.get("previous_secret")?;
            let overlaps = previous_until.is_some_and(|until| now < until);
            Ok([Some(row.get::<Vec<u8>>("secret")?), previous.filter(|_| overlaps)])
        })
        .await?;
    let open = |sealed: Vec<u8>| {
        let secret = app.vault().open(&sealed)?;
        WebhookKey::parse(secret.expose()).map_err(|e| Error::internal(format!("the secret of {id}: {e}")))
    };
    sealed.into_iter().flatten().flatten().map(open).collect()
}

pub(super) async fn insert(tx: &mut Tx, scope: &Scope, source: &Source, secret: Vec<u8>) -> Result<()> {
    tx.insert(
        "webhook_source",
        &[
            ("id", source.id.into()),
            ("organization", scope.organization.into()),
            ("partner", source.partner.into()),
            ("name", (&source.name).into()),
            ("state", source.state.as_str().into()),
            ("secret", secret.into()),
            ("created_at", source.created_at.into()),
            ("created_by", (&source.created_by).into()),
        ],
    )
    .await
}

/// Puts a new secret in force and keeps the one before until the end of the overlap.
pub(super) async fn rotate(tx: &mut Tx, scope: &Scope, source: &Source, secret: Vec<u8>) -> Result<()> {
    let sql = "UPDATE webhook_source SET previous_secret = secret, secret = $1, rotated_at = $2, previous_until = $3
               WHERE organization = $4 AND id = $5";
    let params = params![secret, source.rotated_at, source.previous_until, scope.organization, source.id];
    tx.write("webhook_source", source.id, sql, params).await?;
    Ok(())
}

pub(super) async fn disable(tx: &mut Tx, source: &Source) -> Result<()> {
    let columns =
        [("id", source.id.into()), ("state", source.state.as_str().into()), ("disabled_at", source.disabled_at.into())];
    tx.update("webhook_source", &columns).await
}

pub(super) async fn list(
    tx: &mut Tx,
    scope: &Scope,
    page: &PageRequest,
    state: Option<SourceState>,
) -> Result<Page<Source>> {
    let filters = vec![Filter::Is("state", state.map(|state| state.as_str().into()))];
    LISTING.page(tx, scope, page, filters, read).await
}
