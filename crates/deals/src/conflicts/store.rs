//! The table of conflicts.

use kernel::{Error, Filter, Listing, Page, PageRequest, Result, Row, Scope, Tx, Value, params};
use partners::customers::merging::Pair;
use partners::{CustomerId, customers};

use super::ConflictId;
use super::conflict::Conflict;

const LISTING: Listing = Listing {
    from: "deal_conflict",
    select: "*",
    organization: "organization",
    partner: None,
    id: "id",
    sorts: &[("opened_at", "opened_at")],
    newest_first: true,
};

fn read(row: &Row) -> Result<Conflict> {
    Ok(Conflict {
        id: row.get("id")?,
        number: row.get("number")?,
        customer: row.get("customer")?,
        customer_name: row.get("customer_name")?,
        deals: row.json("deals")?,
        issue: row.get("issue")?,
        why: row.get("why")?,
        opened_by: row.get("opened_by")?,
        opened_by_name: row.get("opened_by_name")?,
        opened_at: row.get("opened_at")?,
        run: row.get("run")?,
        winner: row.get("winner")?,
        follows: row.get("follows")?,
        reason: row.get("reason")?,
        decided_by_name: row.get("decided_by_name")?,
        decided_at: row.get("decided_at")?,
        proposal: row.get("proposal")?,
        proposed_at: row.get("proposed_at")?,
    })
}

pub(super) async fn get(tx: &mut Tx, scope: &Scope, id: ConflictId) -> Result<Conflict> {
    let sql = "SELECT * FROM deal_conflict WHERE organization = $1 AND id = $2";
    let found = tx.one(sql, params![scope.organization, id], read).await?;
    found.ok_or_else(|| Error::not_found("conflict", id))
}

/// The conflict over a customer, or over what it is merged with, that nobody has decided yet.
pub(super) async fn open_about(tx: &mut Tx, scope: &Scope, customer: CustomerId) -> Result<Option<Conflict>> {
    let sql = "SELECT * FROM deal_conflict WHERE organization = $1 AND customer = $2 AND decided_at IS NULL LIMIT 1";
    for one in customers::family(tx, scope, customer).await? {
        if let Some(open) = tx.one(sql, params![scope.organization, one], read).await? {
            return Ok(Some(open));
        }
    }
    Ok(None)
}

/// How conflicts about the same question were decided before, the latest first.
pub(super) async fn precedents(tx: &mut Tx, scope: &Scope, conflict: &Conflict) -> Result<Vec<Conflict>> {
    let sql =
        "SELECT * FROM deal_conflict WHERE organization = $1 AND issue = $2 AND decided_at IS NOT NULL AND id <> $3
               ORDER BY decided_at DESC, id DESC LIMIT 20";
    tx.all(sql, params![scope.organization, &conflict.issue, conflict.id], read).await
}

pub(super) async fn page(
    tx: &mut Tx,
    scope: &Scope,
    request: &PageRequest,
    filters: Vec<Filter>,
) -> Result<Page<Conflict>> {
    LISTING.page(tx, scope, request, filters, read).await
}

pub(super) async fn save(tx: &mut Tx, scope: &Scope, one: &Conflict) -> Result<()> {
    let columns: Vec<(&'static str, Value)> = vec![
        ("id", one.id.into()),
        ("organization", scope.organization.into()),
        ("number", (&one.number).into()),
        ("customer", one.customer.into()),
        ("customer_name", (&one.customer_name).into()),
        ("deals", serde_json::json!(one.deals).to_string().into()),
        ("issue", (&one.issue).into()),
        ("why", (&one.why).into()),
        ("opened_by", (&one.opened_by).into()),
        ("opened_by_name", (&one.opened_by_name).into()),
        ("opened_at", one.opened_at.into()),
        ("run", one.run.as_ref().into()),
        ("winner", one.winner.into()),
        ("follows", one.follows.into()),
        ("reason", one.reason.as_ref().into()),
        ("decided_by_name", one.decided_by_name.as_ref().into()),
        ("decided_at", one.decided_at.into()),
        ("proposal", one.proposal.as_ref().into()),
        ("proposed_at", one.proposed_at.into()),
    ];
    tx.save("deal_conflict", &columns).await
}

/// The conflicts over a customer that goes along with a merge, in sentences.
pub(super) async fn moved(tx: &mut Tx, scope: Scope, pair: Pair) -> Result<Vec<String>> {
    let sql =
        "SELECT number, decided_at FROM deal_conflict WHERE organization = $1 AND customer = $2 ORDER BY opened_at, id";
    let mut found = Vec::new();
    for one in customers::family(tx, &scope, pair.folded).await? {
        let read = |row: &Row| {
            let decided = row.get::<Option<kernel::Timestamp>>("decided_at")?.is_some();
            Ok(format!("{} is {}", row.get::<String>("number")?, if decided { "decided" } else { "open" }))
        };
        found.extend(tx.all(sql, params![scope.organization, one], read).await?);
    }
    Ok(found)
}
