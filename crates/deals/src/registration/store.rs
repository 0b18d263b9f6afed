//! The table of deals.

use kernel::db::minor;
use kernel::{
    Error, Filter, Listing, Page, PageRequest, PartnerId, Rate, Result, Row, Scope, Timestamp, Tx, Value, params,
};
use partners::{CustomerId, customers};

use super::DealId;
use super::approvals::Awaited;
use super::deal::{Deal, Qualification};
use crate::matching::{CustomerIdentity, Normalized};

/// Sorts behind every protected deal.
const NEVER: i64 = i64::MAX;

pub(crate) const LISTING: Listing = Listing {
    from: "deal",
    select: "*",
    organization: "organization",
    partner: Some("partner"),
    id: "id",
    sorts: &[
        ("submitted_at", "submitted_at"),
        ("value", "value_minor"),
        ("protected_until", "protected_key"),
        ("customer", "name_key"),
    ],
    newest_first: true,
};

/// The scope at the front of every statement here.
const WITHIN: &str = "SELECT * FROM deal WHERE organization = $1 AND (partner = $2 OR CAST($2 AS TEXT) IS NULL)";

pub(crate) fn read(row: &Row) -> Result<Deal> {
    Ok(Deal {
        id: row.get("id")?,
        number: row.get("number")?,
        partner: row.get("partner")?,
        customer: row.get("customer")?,
        identity: CustomerIdentity {
            name: row.get("customer_name")?,
            domain: row.get("customer_domain")?,
            email: row.get("customer_email")?,
            country: row.get("customer_country")?,
            vat_number: row.get("customer_vat_number")?,
            registration_number: row.get("customer_registration_number")?,
        },
        title: row.get("title")?,
        value: row.money("value_minor")?,
        products: row.json("products")?,
        expected_close: row.get("expected_close")?,
        source: row.get("source")?,
        role: row.get("role")?,
        relationship: row.get("relationship")?,
        state: row.get("state")?,
        behind: row.get("behind")?,
        submitted_at: row.get("submitted_at")?,
        valid_at: row.get("valid_at")?,
        approved_at: row.get("approved_at")?,
        protected_until: row.get("protected_until")?,
        renewals: row.get("renewals")?,
        last_activity_at: row.get("last_activity_at")?,
        closed_at: row.get("closed_at")?,
        reason_code: row.get("reason_code")?,
        reason_text: row.get("reason_text")?,
        qualification: written::<Qualification>(row, "qualification")?.unwrap_or_default(),
        introduced_at: row.get("introduced_at")?,
        forfeit_until: row.get("forfeit_until")?,
        approval: written::<Awaited>(row, "approval")?,
        share: row.get::<Option<String>>("share")?.map(|text| text.parse::<Rate>()).transpose()?,
    })
}

/// JSON in a column that may be empty.
fn written<T: serde::de::DeserializeOwned>(row: &Row, column: &str) -> Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// The deal as it is stored, if it is within the scope.
pub(crate) async fn find(tx: &mut Tx, scope: &Scope, id: DealId) -> Result<Option<Deal>> {
    let sql = format!("{WITHIN} AND id = $3");
    tx.one(&sql, params![scope.organization, scope.partner, id], read).await
}

/// The deal as it is stored; one outside of the scope is not found.
pub(crate) async fn stored(tx: &mut Tx, scope: &Scope, id: DealId) -> Result<Deal> {
    find(tx, scope, id).await?.ok_or_else(|| Error::not_found("deal", id))
}

/// The deal as somebody in that scope may see it.
pub async fn get(tx: &mut Tx, scope: &Scope, id: DealId) -> Result<Deal> {
    Ok(stored(tx, scope, id).await?.seen_by(scope))
}

/// Deals as somebody in that scope may see them, page by page.
pub async fn list(tx: &mut Tx, scope: &Scope, request: &PageRequest, filters: Vec<Filter>) -> Result<Page<Deal>> {
    LISTING.page(tx, scope, request, filters, |row| Ok(read(row)?.seen_by(scope))).await
}

/// The won deal whose partner gets this customer's revenue of an instant: the one that was won last by then, with any of the
/// records that the customer is merged with.
pub async fn won_by_customer(tx: &mut Tx, scope: &Scope, customer: CustomerId, at: Timestamp) -> Result<Option<Deal>> {
    // `+ 0` keeps the embedded database from walking all won deals in the order of time: a customer has few.
    let sql = format!(
        "{WITHIN} AND customer = $3 AND state = 'closed_won' AND closed_at + 0 <= $4
         ORDER BY closed_at + 0 DESC, id DESC LIMIT 1"
    );
    let mut last: Option<Deal> = None;
    for one in customers::family(tx, scope, customer).await? {
        let won = tx.one(&sql, params![scope.organization, scope.partner, one, at], read).await?;
        last = last.into_iter().chain(won).max_by_key(|deal| (deal.closed_at, deal.id));
    }
    Ok(last)
}

/// The deal that this partner won last with that customer, by then.
pub(crate) async fn won_of_partner(
    tx: &mut Tx,
    scope: &Scope,
    partner: PartnerId,
    customer: CustomerId,
    at: Timestamp,
) -> Result<Option<DealId>> {
    let sql = "SELECT id, closed_at FROM deal WHERE organization = $1 AND customer = $2 AND state = 'closed_won'
               AND partner = $3 AND closed_at <= $4 ORDER BY closed_at DESC, id DESC LIMIT 1";
    let mut last: Option<(Timestamp, DealId)> = None;
    for one in customers::family(tx, scope, customer).await? {
        let read = |row: &Row| Ok((row.get("closed_at")?, row.get("id")?));
        last = last.max(tx.one(sql, params![scope.organization, one, partner, at], read).await?);
    }
    Ok(last.map(|(_, deal)| deal))
}

/// Who gave the approvals of a deal since its claim is valid, in their order.
pub(crate) async fn approvals(tx: &mut Tx, scope: &Scope, deal: &Deal) -> Result<Vec<String>> {
    let sql = "SELECT given_by FROM deal_approval WHERE organization = $1 AND deal = $2 AND given_at >= $3
               ORDER BY given_at, step, id";
    tx.all(sql, params![scope.organization, deal.id, deal.valid_at], |row| row.get("given_by")).await
}

/// What is open on a customer, or on what it is merged with, or was won there, oldest claim first.
pub(crate) async fn claims_on(tx: &mut Tx, scope: &Scope, customer: CustomerId) -> Result<Vec<Deal>> {
    let sql = format!(
        "{WITHIN} AND customer = $3
         AND state IN ('submitted', 'pending_approval', 'under_review', 'returned', 'approved', 'closed_won')
         ORDER BY valid_at, id"
    );
    let mut claims = Vec::new();
    for one in customers::family(tx, scope, customer).await? {
        claims.extend(tx.all(&sql, params![scope.organization, scope.partner, one], read).await?);
    }
    claims.sort_by_key(|deal| (deal.valid_at, deal.id));
    Ok(claims)
}

/// Open deals that share an exact key with an identity: what no index in memory has to be fresh for.
pub(crate) async fn open_by_keys(tx: &mut Tx, scope: &Scope, keys: &Normalized) -> Result<Vec<Deal>> {
    const OPEN: &str = "state IN ('submitted', 'pending_approval', 'under_review', 'returned', 'approved')";
    let mut found: Vec<Deal> = Vec::new();
    let mut add = |deals: Vec<Deal>| {
        for deal in deals {
            if !found.iter().any(|known| known.id == deal.id) {
                found.push(deal);
            }
        }
    };
    let by = |condition: &str| format!("{WITHIN} AND {condition} AND {OPEN} ORDER BY valid_at, id LIMIT 50");
    if let Some(vat) = &keys.vat_number {
        add(tx.all(&by("vat_key = $3"), params![scope.organization, scope.partner, vat], read).await?);
    }
    if let (Some(country), Some(number)) = (&keys.country, &keys.registration_number) {
        let sql = by("registration_key = $3 AND country_key = $4");
        add(tx.all(&sql, params![scope.organization, scope.partner, number, country], read).await?);
    }
    if let Some(domain) = &keys.domain {
        add(tx.all(&by("domain_key = $3"), params![scope.organization, scope.partner, domain], read).await?);
    }
    if !keys.name.is_empty() {
        add(tx.all(&by("name_key = $3"), params![scope.organization, scope.partner, &keys.name], read).await?);
    }
    found.sort_by_key(|deal| (deal.valid_at, deal.id));
    Ok(found)
}

/// The open deals behind `after` in the order of their ids, to fill indexes with.
pub(crate) async fn open_after(tx: &mut Tx, scope: &Scope, after: Option<DealId>, limit: u32) -> Result<Vec<Deal>> {
    let sql = format!(
        "{WITHIN} AND state IN ('submitted', 'pending_approval', 'under_review', 'returned', 'approved')
         AND id > $3 ORDER BY id LIMIT $4"
    );
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    tx.all(&sql, params![scope.organization, scope.partner, after, limit], read).await
}

/// The claims that wait for that one, oldest first.
pub(crate) async fn waiting_for(tx: &mut Tx, scope: &Scope, deal: DealId) -> Result<Vec<Deal>> {
    let sql = format!("{WITHIN} AND behind = $3 AND state = 'submitted' ORDER BY valid_at, id");
    tx.all(&sql, params![scope.organization, scope.partner, deal], read).await
}

/// How many slots of a partner are taken.
pub(crate) async fn open_of_partner(tx: &mut Tx, scope: &Scope, partner: PartnerId) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM deal WHERE organization = $1 AND partner = $2
               AND state IN ('submitted', 'pending_approval', 'under_review', 'returned', 'approved')";
    tx.number(sql, params![scope.organization, partner]).await
}

/// How many slots of a partner are forfeited at that instant, and until when the first of them is.
pub(crate) async fn forfeited(
    tx: &mut Tx,
    scope: &Scope,
    partner: PartnerId,
    now: Timestamp,
) -> Result<(i64, Option<Timestamp>)> {
    let sql = "SELECT COUNT(*) AS slots, MIN(forfeit_until) AS first FROM deal
               WHERE organization = $1 AND partner = $2 AND forfeit_until > $3 AND state = 'expired'";
    let read = |row: &Row| Ok((row.get("slots")?, row.get("first")?));
    Ok(tx.one(sql, params![scope.organization, partner, now], read).await?.unwrap_or((0, None)))
}

fn columns(deal: &Deal, keys: &Normalized, scope: &Scope) -> Vec<(&'static str, Value)> {
    let identity = &deal.identity;
    vec![
        ("id", deal.id.into()),
        ("organization", scope.organization.into()),
        ("number", (&deal.number).into()),
        ("partner", deal.partner.into()),
        ("customer", deal.customer.into()),
        ("customer_name", (&identity.name).into()),
        ("customer_domain", identity.domain.as_ref().into()),
        ("customer_email", identity.email.as_ref().into()),
        ("customer_country", identity.country.as_ref().into()),
        ("customer_vat_number", identity.vat_number.as_ref().into()),
        ("customer_registration_number", identity.registration_number.as_ref().into()),
        ("name_key", (&keys.name).into()),
        ("domain_key", keys.domain.as_ref().into()),
        ("country_key", keys.country.as_ref().into()),
        ("vat_key", keys.vat_number.as_ref().into()),
        ("registration_key", keys.registration_number.as_ref().into()),
        ("search_key", search_key(deal).into()),
        ("title", (&deal.title).into()),
        ("value_minor", minor(deal.value)),
        ("currency", deal.value.currency.into()),
        ("products", serde_json::json!(deal.products).to_string().into()),
        ("expected_close", deal.expected_close.into()),
        ("source", deal.source.name().into()),
        ("role", deal.role.name().into()),
        ("relationship", deal.relationship.as_ref().into()),
        ("state", deal.state.into()),
        ("behind", deal.behind.into()),
        ("submitted_at", deal.submitted_at.into()),
        ("valid_at", deal.valid_at.into()),
        ("approved_at", deal.approved_at.into()),
        ("protected_until", deal.protected_until.into()),
        ("protected_key", deal.protected_until.map_or(NEVER, Timestamp::micros).into()),
        ("renewals", deal.renewals.into()),
        ("last_activity_at", deal.last_activity_at.into()),
        ("closed_at", deal.closed_at.into()),
        ("reason_code", deal.reason_code.as_ref().into()),
        ("reason_text", deal.reason_text.as_ref().into()),
        ("qualification", json_of(&deal.qualification)),
        ("introduced_at", deal.introduced_at.into()),
        ("forfeit_until", deal.forfeit_until.into()),
        ("approval", deal.approval.as_ref().map(|waiting| serde_json::json!(waiting).to_string()).into()),
        ("share", deal.share.map(|share| share.to_string()).into()),
    ]
}

/// Nothing where nothing is given, so that the digest of older rows stays.
fn json_of(qualification: &Qualification) -> Value {
    let given = *qualification != Qualification::default();
    given.then(|| serde_json::json!(qualification).to_string()).into()
}

/// Where searches look: number, title, and the customer as it was written.
fn search_key(deal: &Deal) -> String {
    let domain = deal.identity.domain.as_deref().unwrap_or_default();
    format!("{} {} {} {domain}", deal.number, deal.title, deal.identity.name).to_lowercase()
}

/// Writes the deal, new or changed, with the keys of its customer.
pub(crate) async fn save(tx: &mut Tx, scope: &Scope, deal: &Deal) -> Result<()> {
    tx.save("deal", &columns(deal, &deal.identity.normalized(), scope)).await
}
