//! The history of merges, and the labels on customers that follow from who is merged into whom.

use std::collections::BTreeMap;

use kernel::{Result, Row, Scope, Timestamp, Tx, Value, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::CustomerId;
use super::MergeId;
use super::family::{family, top};

/// A customer that was found to be another one, with the reason and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Merge {
    pub id: MergeId,
    /// The customer that is kept.
    pub survivor: CustomerId,
    /// The customer that counts as the kept one from then on.
    pub folded: CustomerId,
    pub reason: String,
    pub merged_by: String,
    pub merged_by_name: String,
    pub merged_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmerged_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmerged_by_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmerged_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmerge_reason: Option<String>,
}

fn read(row: &Row) -> Result<Merge> {
    Ok(Merge {
        id: row.get("id")?,
        survivor: row.get("survivor")?,
        folded: row.get("folded")?,
        reason: row.get("reason")?,
        merged_by: row.get("merged_by")?,
        merged_by_name: row.get("merged_by_name")?,
        merged_at: row.get("merged_at")?,
        unmerged_by: row.get("unmerged_by")?,
        unmerged_by_name: row.get("unmerged_by_name")?,
        unmerged_at: row.get("unmerged_at")?,
        unmerge_reason: row.get("unmerge_reason")?,
    })
}

/// The merges that folded a customer, the latest first.
pub(crate) async fn history(tx: &mut Tx, scope: &Scope, folded: CustomerId) -> Result<Vec<Merge>> {
    let sql = "SELECT * FROM customer_merge WHERE organization = $1 AND folded = $2 ORDER BY merged_at DESC, id DESC";
    tx.all(sql, params![scope.organization, folded], read).await
}

pub(super) async fn save(tx: &mut Tx, scope: &Scope, merge: &Merge) -> Result<()> {
    let columns: Vec<(&'static str, Value)> = vec![
        ("id", merge.id.into()),
        ("organization", scope.organization.into()),
        ("survivor", merge.survivor.into()),
        ("folded", merge.folded.into()),
        ("reason", (&merge.reason).into()),
        ("merged_by", (&merge.merged_by).into()),
        ("merged_by_name", (&merge.merged_by_name).into()),
        ("merged_at", merge.merged_at.into()),
        ("unmerged_by", merge.unmerged_by.as_ref().into()),
        ("unmerged_by_name", merge.unmerged_by_name.as_ref().into()),
        ("unmerged_at", merge.unmerged_at.into()),
        ("unmerge_reason", merge.unmerge_reason.as_ref().into()),
    ];
    tx.save("customer_merge", &columns).await
}

/// A customer with the labels that follow from merges.
struct Labeled {
    id: CustomerId,
    search_key: String,
    merged_into: Option<CustomerId>,
    root: Option<CustomerId>,
    merged_key: Option<String>,
}

async fn labels(tx: &mut Tx, scope: &Scope, id: CustomerId) -> Result<Option<Labeled>> {
    let sql = "SELECT id, search_key, merged_into, root, merged_key FROM customer WHERE organization = $1 AND id = $2";
    let read = |row: &Row| {
        Ok(Labeled {
            id: row.get("id")?,
            search_key: row.get("search_key")?,
            merged_into: row.get("merged_into")?,
            root: row.get("root")?,
            merged_key: row.get("merged_key")?,
        })
    };
    tx.one(sql, params![scope.organization, id], read).await
}

/// Points a customer at another one, or at nobody, and labels everyone anew whom that concerns.
pub(super) async fn point(tx: &mut Tx, scope: &Scope, folded: CustomerId, survivor: Option<CustomerId>) -> Result<()> {
    let mut concerned = family(tx, scope, folded).await?;
    if let Some(survivor) = survivor {
        concerned.extend(family(tx, scope, survivor).await?);
    }
    tx.update("customer", &[("id", folded.into()), ("merged_into", survivor.into())]).await?;
    relabel(tx, scope, &concerned).await
}

/// Labels anew who is merged with this customer, after something about it has changed that searches look at.
pub(crate) async fn relabeled(tx: &mut Tx, scope: &Scope, id: CustomerId) -> Result<()> {
    let concerned = family(tx, scope, id).await?;
    if concerned.len() > 1 { relabel(tx, scope, &concerned).await } else { Ok(()) }
}

/// Root and search key of each follow from who points at whom alone, so that un-merging leaves no trace in them.
async fn relabel(tx: &mut Tx, scope: &Scope, concerned: &[CustomerId]) -> Result<()> {
    let mut rows = Vec::new();
    for id in concerned {
        rows.extend(labels(tx, scope, *id).await?);
    }
    rows.sort_by_key(|row| row.id);
    let merged_into: BTreeMap<CustomerId, CustomerId> =
        rows.iter().filter_map(|row| Some((row.id, row.merged_into?))).collect();
    for row in &rows {
        let root = Some(top(&merged_into, row.id)).filter(|root| *root != row.id);
        let below = rows.iter().filter(|other| other.id != row.id && top(&merged_into, other.id) == row.id);
        let keys: Vec<&str> = below.map(|other| other.search_key.as_str()).collect();
        let merged_key = (!keys.is_empty()).then(|| keys.join(" "));
        if root != row.root || merged_key != row.merged_key {
            let columns: [(&'static str, Value); 3] =
                [("id", row.id.into()), ("root", root.into()), ("merged_key", merged_key.into())];
            tx.update("customer", &columns).await?;
        }
    }
    Ok(())
}
