//! The tables of customers and of who sees them.

use std::collections::{BTreeMap, BTreeSet};

use kernel::db::OF_ORGANIZATION;
use kernel::{
    Cx, Error, Filter, Listing, Page, PageRequest, PartnerId, Result, Row, Scope, Timestamp, Tx, Value, params,
};

use super::customer::{Customer, NewCustomer};
use super::{CustomerId, ShareId, merging};

const SORTS: &[(&str, &str)] = &[("name", "c.search_key"), ("created", "c.created_at")];

/// Where searches of the vendor look: a customer is found by everything that is merged into it, too.
pub(super) const KEYS_OF_ALL: &str = "(c.search_key || ' ' || COALESCE(c.merged_key, ''))";

const OF_THE_VENDOR: Listing = Listing {
    from: "customer c",
    select: "c.*",
    organization: "c.organization",
    partner: None,
    id: "c.id",
    sorts: SORTS,
    newest_first: false,
};

const OF_A_PARTNER: Listing = Listing {
    from: "customer_partner s JOIN customer c ON c.id = s.customer",
    select: "c.*",
    organization: "s.organization",
    partner: Some("s.partner"),
    id: "c.id",
    sorts: SORTS,
    newest_first: false,
};

/// Within the scope: the vendor's all, a partner's own.
const VISIBLE: &str = "(EXISTS (SELECT 1 FROM customer_partner s WHERE s.customer = c.id AND s.partner = $2)
    OR CAST($2 AS TEXT) IS NULL)";

fn read(row: &Row) -> Result<Customer> {
    Ok(Customer {
        id: row.get("id")?,
        name: row.get("name")?,
        domain: row.get("domain")?,
        country: row.get("country")?,
        vat_number: row.get("vat_number")?,
        registration_number: row.get("registration_number")?,
        source: row.get("source")?,
        account_owner: row.get("account_owner")?,
        created_at: row.get("created_at")?,
        merged_into: row.get("merged_into")?,
        root: row.get("root")?,
    })
}

/// The customer, if it is within the scope.
pub async fn find(tx: &mut Tx, scope: &Scope, id: CustomerId) -> Result<Option<Customer>> {
    let sql = format!("SELECT c.* FROM customer c WHERE c.organization = $1 AND {VISIBLE} AND c.id = $3");
    let found = tx.one(&sql, params![scope.organization, scope.partner, id], read).await?;
    Ok(found.map(|customer| customer.seen_by(scope)))
}

/// The customer; one outside of the scope is not found.
pub async fn get(tx: &mut Tx, scope: &Scope, id: CustomerId) -> Result<Customer> {
    find(tx, scope, id).await?.ok_or_else(|| Error::not_found("customer", id))
}

/// The names of those customers that are within the scope.
pub async fn names(tx: &mut Tx, scope: &Scope, ids: &[CustomerId]) -> Result<BTreeMap<CustomerId, String>> {
    let mut wanted: Vec<CustomerId> = ids.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let marks: Vec<String> = (0..50).map(|n| format!("${}", n + 3)).collect();
    let sql = format!(
        "SELECT c.id, c.name FROM customer c WHERE c.{OF_ORGANIZATION} AND {VISIBLE} AND c.id IN ({})",
        marks.join(", ")
    );
    let mut found = BTreeMap::new();
    for chunk in wanted.chunks(50) {
        let mut params: Vec<Value> = vec![scope.organization.into(), scope.partner.into()];
        params.extend((0..50).map(|n| Value::from(chunk.get(n))));
        found.extend(tx.all(&sql, &params, |row| Ok((row.get("id")?, row.get("name")?))).await?);
    }
    Ok(found)
}

/// The country of every customer within the scope that has one, for facts about many at once.
pub async fn countries(tx: &mut Tx, scope: &Scope) -> Result<BTreeMap<CustomerId, String>> {
    let sql = format!(
        "SELECT c.id, c.country FROM customer c WHERE c.{OF_ORGANIZATION} AND {VISIBLE} AND c.country IS NOT NULL"
    );
    let read = |row: &Row| Ok((row.get("id")?, row.get("country")?));
    let rows = tx.all(&sql, params![scope.organization, scope.partner], read).await?;
    Ok(rows.into_iter().collect())
}

/// Which of those customers are within the scope: many at once, for work in bulk.
pub async fn existing(tx: &mut Tx, scope: &Scope, ids: &[CustomerId]) -> Result<BTreeSet<CustomerId>> {
    const AT_ONCE: usize = 500;
    let mut wanted: Vec<CustomerId> = ids.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let marks: Vec<String> = (0..AT_ONCE).map(|n| format!("${}", n + 3)).collect();
    let sql = format!(
        "SELECT c.id FROM customer c WHERE c.{OF_ORGANIZATION} AND {VISIBLE} AND c.id IN ({})",
        marks.join(", ")
    );
    let mut found = BTreeSet::new();
    for chunk in wanted.chunks(AT_ONCE) {
        let mut params: Vec<Value> = vec![scope.organization.into(), scope.partner.into()];
        params.extend((0..AT_ONCE).map(|n| Value::from(chunk.get(n))));
        found.extend(tx.all(&sql, &params, |row| row.get::<CustomerId>("id")).await?);
    }
    Ok(found)
}

/// The customers behind `after` in the order of their ids, to fill indexes with.
pub async fn page_after(tx: &mut Tx, scope: &Scope, after: Option<CustomerId>, limit: u32) -> Result<Vec<Customer>> {
    let sql = format!(
        "SELECT c.* FROM customer c WHERE c.organization = $1 AND {VISIBLE} AND c.id > $3 ORDER BY c.id LIMIT $4"
    );
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    tx.all(&sql, params![scope.organization, scope.partner, after, limit], |row| Ok(read(row)?.seen_by(scope))).await
}

/// Adds a customer as it was written; whether it is known already, the caller has found out before.
pub async fn insert(cx: &mut Cx<'_>, new: &NewCustomer) -> Result<Customer> {
    let customer = Customer {
        id: cx.id(),
        name: new.name.clone(),
        domain: new.domain.clone(),
        country: new.country.clone(),
        vat_number: new.vat_number.clone(),
        registration_number: new.registration_number.clone(),
        source: new.source.clone(),
        account_owner: new.account_owner,
        created_at: cx.now,
        merged_into: None,
        root: None,
    };
    cx.tx
        .insert(
            "customer",
            &[
                ("id", customer.id.into()),
                ("organization", cx.scope.organization.into()),
                ("name", (&customer.name).into()),
                ("search_key", customer.search_key().into()),
                ("domain", customer.domain.as_ref().into()),
                ("country", customer.country.as_ref().into()),
                ("vat_number", customer.vat_number.as_ref().into()),
                ("registration_number", customer.registration_number.as_ref().into()),
                ("source", (&customer.source).into()),
                ("account_owner", customer.account_owner.into()),
                ("created_at", customer.created_at.into()),
            ],
        )
        .await?;
    cx.emit("customer.added", customer.id, None, format!("{} added as a customer", customer.name), &customer);
    Ok(customer)
}

/// Writes the fields of a customer that may change.
pub(crate) async fn update(tx: &mut Tx, scope: &Scope, customer: &Customer) -> Result<()> {
    tx.update(
        "customer",
        &[
            ("id", customer.id.into()),
            ("name", (&customer.name).into()),
            ("search_key", customer.search_key().into()),
            ("domain", customer.domain.as_ref().into()),
            ("country", customer.country.as_ref().into()),
            ("vat_number", customer.vat_number.as_ref().into()),
            ("registration_number", customer.registration_number.as_ref().into()),
            ("account_owner", customer.account_owner.into()),
        ],
    )
    .await?;
    merging::relabeled(tx, scope, customer.id).await
}

/// Lets the partner see the customer from now on.
pub async fn share_with(cx: &mut Cx<'_>, customer: CustomerId, partner: PartnerId) -> Result<()> {
    let sql = "SELECT COUNT(*) FROM customer_partner WHERE customer = $1 AND partner = $2 AND organization = $3";
    if cx.tx.number(sql, params![customer, partner, cx.scope.organization]).await? > 0 {
        return Ok(());
    }
    let id: ShareId = cx.id();
    cx.tx
        .insert(
            "customer_partner",
            &[
                ("id", id.into()),
                ("organization", cx.scope.organization.into()),
                ("customer", customer.into()),
                ("partner", partner.into()),
                ("since", cx.now.into()),
            ],
        )
        .await
}

/// The partners that see the customer, with since when. A partner sees itself alone.
pub(crate) async fn partners_of(tx: &mut Tx, scope: &Scope, id: CustomerId) -> Result<Vec<(PartnerId, Timestamp)>> {
    let sql = format!(
        "SELECT partner, since FROM customer_partner WHERE {OF_ORGANIZATION} AND customer = $2
         AND (partner = $3 OR CAST($3 AS TEXT) IS NULL) ORDER BY since, id"
    );
    let params = params![scope.organization, id, scope.partner];
    tx.all(&sql, params, |row| Ok((row.get("partner")?, row.get("since")?))).await
}

pub(crate) async fn page(
    tx: &mut Tx,
    scope: &Scope,
    request: &PageRequest,
    filters: Vec<Filter>,
) -> Result<Page<Customer>> {
    let listing = if scope.partner.is_some() { &OF_A_PARTNER } else { &OF_THE_VENDOR };
    listing.page(tx, scope, request, filters, |row| Ok(read(row)?.seen_by(scope))).await
}
