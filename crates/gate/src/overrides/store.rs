//! Overrides in the table `gate_override`.

use kernel::{Filter, Listing, Page, PageRequest, Result, Row, Scope, Timestamp, Tx, params};

use super::grant::Override;
use crate::OverrideId;

/// Overrides of one driver at one time; more would be a policy of its own.
const MOST: u32 = 50;

fn read(row: &Row) -> Result<Override> {
    Ok(Override {
        id: row.get("id")?,
        driver: row.get("driver")?,
        order: row.get("order_id")?,
        policy: row.get("policy")?,
        reason: row.get("reason")?,
        granted_by: row.get("granted_by")?,
        granted_by_name: row.get("granted_by_name")?,
        granted_at: row.get("granted_at")?,
        expires_at: row.get("expires_at")?,
    })
}

/// The overrides of a driver that have not ended at `now`.
pub async fn in_force(tx: &mut Tx, scope: &Scope, driver: &str, now: Timestamp) -> Result<Vec<Override>> {
    let sql = "SELECT * FROM gate_override WHERE organization = $1 AND driver = $2 AND expires_at > $3
               ORDER BY expires_at, id LIMIT $4";
    tx.all(sql, params![scope.organization, driver, now, MOST], read).await
}

pub(super) async fn find(tx: &mut Tx, scope: &Scope, id: OverrideId) -> Result<Option<Override>> {
    let sql = "SELECT * FROM gate_override WHERE organization = $1 AND id = $2";
    tx.one(sql, params![scope.organization, id], read).await
}

pub(super) async fn insert(tx: &mut Tx, scope: &Scope, granted: &Override) -> Result<()> {
    tx.insert(
        "gate_override",
        &[
            ("id", granted.id.into()),
            ("organization", scope.organization.into()),
            ("driver", (&granted.driver).into()),
            ("order_id", granted.order.clone().into()),
            ("policy", (&granted.policy).into()),
            ("reason", (&granted.reason).into()),
            ("granted_by", (&granted.granted_by).into()),
            ("granted_by_name", (&granted.granted_by_name).into()),
            ("granted_at", granted.granted_at.into()),
            ("expires_at", granted.expires_at.into()),
        ],
    )
    .await
}

pub(super) async fn end(tx: &mut Tx, id: OverrideId, at: Timestamp) -> Result<()> {
    tx.update("gate_override", &[("id", id.into()), ("expires_at", at.into())]).await
}

const LISTING: Listing = Listing {
    from: "gate_override",
    select: "*",
    organization: "organization",
    partner: None,
    id: "id",
    sorts: &[("expires", "expires_at")],
    newest_first: true,
};

pub(super) async fn list(
    tx: &mut Tx,
    scope: &Scope,
    page: &PageRequest,
    driver: Option<String>,
    ending_after: Option<Timestamp>,
) -> Result<Page<Override>> {
    let filters = vec![
        Filter::Is("driver", driver.map(Into::into)),
        Filter::From("expires_at", ending_after.map(|at| at.plus_micros(1).into())),
    ];
    LISTING.page(tx, scope, page, filters, read).await
}
