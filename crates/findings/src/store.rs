//! Findings in the table `finding`. They are the vendor's own, so a partner's scope reaches none.

use kernel::db::minor;
use kernel::{Error, Filter, Listing, Money, Page, PageRequest, Result, Row, Scope, Tx, Value, params};

use crate::FindingId;
use crate::check::amount;
use crate::finding::{Finding, State};

impl Finding {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            check: row.get("check_key")?,
            subject: row.get("subject")?,
            partner: row.get("partner")?,
            title: row.get("title")?,
            severity: row.get("severity")?,
            state: row.get("state")?,
            amount: amount(row)?,
            first_seen: row.get("first_seen")?,
            last_seen: row.get("last_seen")?,
            owner: row.get("owner")?,
            note: row.get("note")?,
            disposed_by: row.get("disposed_by")?,
            accepted_until: row.get("accepted_until")?,
        })
    }
}

/// Refuses a partner, whatever its roles hold.
fn vendor_only(scope: &Scope) -> Result<()> {
    if scope.partner.is_none() {
        return Ok(());
    }
    Err(Error::Forbidden { permission: "findings.*".to_owned(), message: "findings are the vendor's own".to_owned() })
}

pub(crate) async fn save(tx: &mut Tx, scope: &Scope, finding: &Finding) -> Result<()> {
    tx.save(
        "finding",
        &[
            ("id", finding.id.into()),
            ("organization", scope.organization.into()),
            ("check_key", (&finding.check).into()),
            ("subject", (&finding.subject).into()),
            ("partner", finding.partner.into()),
            ("title", (&finding.title).into()),
            ("severity", finding.severity.into()),
            ("weight", finding.severity.weight().into()),
            ("state", finding.state.into()),
            ("amount_minor", finding.amount.map_or(Value::Null, minor)),
            ("currency", finding.amount.map(|amount| amount.currency).into()),
            ("first_seen", finding.first_seen.into()),
            ("last_seen", finding.last_seen.into()),
            ("owner", finding.owner.as_ref().into()),
            ("note", finding.note.as_ref().into()),
            ("disposed_by", finding.disposed_by.as_ref().into()),
            ("accepted_until", finding.accepted_until.into()),
        ],
    )
    .await
}

pub(crate) async fn get(tx: &mut Tx, scope: &Scope, id: FindingId) -> Result<Finding> {
    vendor_only(scope)?;
    let sql = "SELECT * FROM finding WHERE id = $1 AND organization = $2";
    let found = tx.one(sql, params![id, scope.organization], Finding::read).await?;
    found.ok_or_else(|| Error::not_found("finding", id))
}

/// The finding of a check about a thing, whatever its state.
pub(crate) async fn about(tx: &mut Tx, scope: &Scope, check: &str, subject: &str) -> Result<Option<Finding>> {
    vendor_only(scope)?;
    let sql = "SELECT * FROM finding WHERE organization = $1 AND check_key = $2 AND subject = $3";
    tx.one(sql, params![scope.organization, check, subject], Finding::read).await
}

/// What a check has found that is not resolved.
pub(crate) async fn unresolved(tx: &mut Tx, scope: &Scope, check: &str) -> Result<Vec<Finding>> {
    vendor_only(scope)?;
    let sql = "SELECT * FROM finding WHERE organization = $1 AND check_key = $2 AND state IN ('open', 'accepted')";
    tx.all(sql, params![scope.organization, check], Finding::read).await
}

/// How many findings of one check are in one state, and how much is at stake in one currency.
pub(crate) struct Tally {
    pub check: String,
    pub state: State,
    pub count: u64,
    pub amount: Option<Money>,
}

pub(crate) async fn tallies(tx: &mut Tx, scope: &Scope) -> Result<Vec<Tally>> {
    vendor_only(scope)?;
    let sql = "SELECT check_key, state, currency, COUNT(*) AS found, CAST(SUM(amount_minor) AS BIGINT) AS amount_minor
               FROM finding WHERE organization = $1 AND state IN ('open', 'accepted')
               GROUP BY check_key, state, currency ORDER BY check_key, state, currency";
    let read = |row: &Row| {
        Ok(Tally {
            check: row.get("check_key")?,
            state: row.get("state")?,
            count: row.get("found")?,
            amount: amount(row)?,
        })
    };
    tx.all(sql, params![scope.organization], read).await
}

const LISTING: Listing = Listing {
    from: "finding",
    select: "*",
    organization: "organization",
    partner: None,
    id: "id",
    sorts: &[
        ("first_seen", "first_seen"),
        ("last_seen", "last_seen"),
        ("amount", "COALESCE(amount_minor, 0)"),
        ("severity", "weight"),
    ],
    newest_first: true,
};

pub(crate) async fn page(
    tx: &mut Tx,
    scope: &Scope,
    request: &PageRequest,
    filters: Vec<Filter>,
) -> Result<Page<Finding>> {
    vendor_only(scope)?;
    LISTING.page(tx, scope, request, filters, Finding::read).await
}
