//! Who is one: the customers that are merged with each other, now or as it was known at an instant.

use std::collections::{BTreeMap, BTreeSet};

use kernel::db::OF_ORGANIZATION;
use kernel::{PartnerId, Result, Row, Scope, Timestamp, Tx, Value, params};

use super::super::CustomerId;
use super::super::store as customers;

/// Customers looked up by one statement.
const AT_ONCE: usize = 50;

/// The customer and all that are merged with it, in the order of their ids. One that nobody knows is alone.
pub async fn family(tx: &mut Tx, scope: &Scope, id: CustomerId) -> Result<Vec<CustomerId>> {
    let sql = "SELECT m.id FROM customer m WHERE m.organization = $1 AND COALESCE(m.root, m.id) =
                 (SELECT COALESCE(c.root, c.id) FROM customer c WHERE c.organization = $1 AND c.id = $2)";
    let mut found: Vec<CustomerId> = tx.all(sql, params![scope.organization, id], |row| row.get("id")).await?;
    // Sorted here: told to sort, SQLite walks all customers by their ids.
    found.sort_unstable();
    Ok(if found.is_empty() { vec![id] } else { found })
}

/// Whom those of these customers that are merged away stand for now; the others are left out.
pub async fn resolved(
    tx: &mut Tx,
    scope: &Scope,
    ids: impl IntoIterator<Item = CustomerId>,
) -> Result<BTreeMap<CustomerId, CustomerId>> {
    let wanted: Vec<CustomerId> = ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let marks: Vec<String> = (0..AT_ONCE).map(|n| format!("${}", n + 2)).collect();
    let sql = format!(
        "SELECT id, root FROM customer WHERE {OF_ORGANIZATION} AND root IS NOT NULL AND id IN ({})",
        marks.join(", ")
    );
    let mut found = BTreeMap::new();
    for chunk in wanted.chunks(AT_ONCE) {
        let mut params: Vec<Value> = vec![scope.organization.into()];
        params.extend((0..AT_ONCE).map(|n| Value::from(chunk.get(n))));
        let pairs: Vec<(CustomerId, CustomerId)> =
            tx.all(&sql, &params, |row| Ok((row.get("id")?, row.get("root")?))).await?;
        found.extend(pairs);
    }
    Ok(found)
}

/// Whom each customer that was merged away at that instant stood for then, for facts about many at once.
pub async fn roots_at(tx: &mut Tx, scope: &Scope, at: Timestamp) -> Result<BTreeMap<CustomerId, CustomerId>> {
    let sql = "SELECT folded, survivor FROM customer_merge WHERE organization = $1 AND merged_at <= $2
               AND (unmerged_at IS NULL OR unmerged_at > $2) ORDER BY merged_at, id";
    let read = |row: &Row| Ok((row.get("folded")?, row.get("survivor")?));
    let pairs: BTreeMap<CustomerId, CustomerId> =
        tx.all(sql, params![scope.organization, at], read).await?.into_iter().collect();
    Ok(pairs.keys().map(|folded| (*folded, top(&pairs, *folded))).collect())
}

/// The end of the chain of merges that starts at a customer.
pub(super) fn top(merged_into: &BTreeMap<CustomerId, CustomerId>, id: CustomerId) -> CustomerId {
    let mut at = id;
    // A merge never closes a circle; the bound makes sure that a damaged database cannot hold anybody up.
    for _ in 0..=merged_into.len() {
        match merged_into.get(&at) {
            Some(next) => at = *next,
            None => break,
        }
    }
    at
}

/// The names of those customers as a partner may read them, in words of the vendor's documents: a customer that is merged
/// goes by the record that the partner has a deal with, so that it never reads what another partner called it.
pub async fn names_told_to(
    tx: &mut Tx,
    scope: &Scope,
    partner: PartnerId,
    ids: &[CustomerId],
) -> Result<BTreeMap<CustomerId, String>> {
    let mut names = customers::names(tx, &Scope { partner: None, ..*scope }, ids).await?;
    let own = Scope { partner: Some(partner), ..*scope };
    let seen = customers::names(tx, &own, ids).await?;
    let hidden: Vec<CustomerId> = names.keys().copied().filter(|id| !seen.contains_key(id)).collect();
    for id in hidden {
        let family = family(tx, scope, id).await?;
        if family.len() > 1
            && let Some(known) = customers::names(tx, &own, &family).await?.into_values().next()
        {
            names.insert(id, known);
        }
    }
    Ok(names)
}
