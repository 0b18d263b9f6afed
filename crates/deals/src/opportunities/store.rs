//! The table of the vendor's own opportunities.

use kernel::{Filter, FromValue, Listing, Page, PageRequest, Result, Row, Scope, Timestamp, Tx, Value, params};
use partners::customers::merging::Pair;
use partners::{CustomerId, customers};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OpportunityId;

/// Where an opportunity stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Open,
    Won,
    Lost,
}

impl Stage {
    pub const ALL: [Self; 3] = [Self::Open, Self::Won, Self::Lost];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }
}

impl From<Stage> for Value {
    fn from(stage: Stage) -> Self {
        Self::from(stage.name())
    }
}

impl FromValue for Stage {
    fn from_value(value: &Value) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|stage| *value == Value::from(*stage));
        found.ok_or_else(|| format!("{value:?} is no stage of an opportunity"))
    }
}

/// An opportunity of the vendor's own sales.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Opportunity {
    pub id: OpportunityId,
    /// The id in the CRM.
    pub reference: String,
    pub customer: CustomerId,
    pub title: String,
    pub stage: Stage,
    /// The person of the vendor who sells, as the CRM names it.
    pub owner_name: Option<String>,
    pub opened_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub recorded_at: Timestamp,
}

const LISTING: Listing = Listing {
    from: "vendor_opportunity",
    select: "*",
    organization: "organization",
    partner: None,
    id: "id",
    sorts: &[("opened_at", "opened_at")],
    newest_first: true,
};

fn read(row: &Row) -> Result<Opportunity> {
    Ok(Opportunity {
        id: row.get("id")?,
        reference: row.get("reference")?,
        customer: row.get("customer")?,
        title: row.get("title")?,
        stage: row.get("stage")?,
        owner_name: row.get("owner_name")?,
        opened_at: row.get("opened_at")?,
        closed_at: row.get("closed_at")?,
        recorded_at: row.get("recorded_at")?,
    })
}

pub(super) async fn find(tx: &mut Tx, scope: &Scope, id: super::OpportunityId) -> Result<Option<Opportunity>> {
    let sql = "SELECT * FROM vendor_opportunity WHERE organization = $1 AND id = $2";
    tx.one(sql, params![scope.organization, id], read).await
}

pub(super) async fn by_reference(tx: &mut Tx, scope: &Scope, reference: &str) -> Result<Option<Opportunity>> {
    let sql = "SELECT * FROM vendor_opportunity WHERE organization = $1 AND reference = $2";
    tx.one(sql, params![scope.organization, reference], read).await
}

/// The oldest opportunity with that customer, or with what it is merged with, that was open at that instant and still is at `now`.
pub(crate) async fn open_at(
    tx: &mut Tx,
    scope: &Scope,
    customer: CustomerId,
    at: Timestamp,
    now: Timestamp,
) -> Result<Option<Opportunity>> {
    let sql = "SELECT * FROM vendor_opportunity WHERE organization = $1 AND customer = $2 AND opened_at <= $3
               AND (closed_at > $4 OR closed_at IS NULL) ORDER BY opened_at, id LIMIT 1";
    let mut oldest: Option<Opportunity> = None;
    for one in customers::family(tx, scope, customer).await? {
        let found = tx.one(sql, params![scope.organization, one, at, now], read).await?;
        oldest = oldest.into_iter().chain(found).min_by_key(|one| (one.opened_at, one.id));
    }
    Ok(oldest)
}

pub(super) async fn page(
    tx: &mut Tx,
    scope: &Scope,
    request: &PageRequest,
    filters: Vec<Filter>,
) -> Result<Page<Opportunity>> {
    LISTING.page(tx, scope, request, filters, read).await
}

pub(super) async fn save(tx: &mut Tx, scope: &Scope, one: &Opportunity) -> Result<()> {
    let columns: Vec<(&'static str, Value)> = vec![
        ("id", one.id.into()),
        ("organization", scope.organization.into()),
        ("reference", (&one.reference).into()),
        ("customer", one.customer.into()),
        ("title", (&one.title).into()),
        ("stage", one.stage.into()),
        ("owner_name", one.owner_name.as_ref().into()),
        ("opened_at", one.opened_at.into()),
        ("closed_at", one.closed_at.into()),
        ("recorded_at", one.recorded_at.into()),
    ];
    tx.save("vendor_opportunity", &columns).await
}

/// The opportunities with a customer that go along with a merge, in sentences.
pub(super) async fn moved(tx: &mut Tx, scope: Scope, pair: Pair) -> Result<Vec<String>> {
    let sql =
        "SELECT title, stage FROM vendor_opportunity WHERE organization = $1 AND customer = $2 ORDER BY opened_at, id";
    let mut found = Vec::new();
    for one in customers::family(tx, &scope, pair.folded).await? {
        let read =
            |row: &Row| Ok(format!("“{}” is {}", row.get::<String>("title")?, row.get::<Stage>("stage")?.name()));
        found.extend(tx.all(sql, params![scope.organization, one], read).await?);
    }
    Ok(found)
}
