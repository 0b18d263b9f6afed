//! Customers from files: how a row finds the account that it is about, and what keeps one from being taken back.

use futures::future::BoxFuture;
use imports::{Dependent, Found, Target, Texts, Undo, Update, texts_of};
use kernel::{Registry, Result, Row, Scope, Tx, params};

use super::store;
use crate::company;

const FIELDS: &[&str] = &["name", "domain", "country", "vat_number", "registration_number", "account_owner"];

pub(super) fn install(registry: &mut Registry) {
    registry
        .add(Target {
            key: "customers",
            title: "Customers (accounts)",
            thing: "customer",
            create: "customers.add",
            id: "/id",
            update: Some(Update { operation: "customers.update", id: "customer", fields: FIELDS }),
            undo: Undo { operation: "customers.remove", id: "customer", fixed: || serde_json::json!({}) },
            references: &[],
            aliases: &[],
            current: |tx, scope, id| Box::pin(current(tx, scope, id)),
            find: |tx, scope, fields| find(tx, scope, fields),
            same,
        })
        .add(Dependent { target: "customers", find: |tx, scope, id| Box::pin(shared(tx, scope, id)) });
}

async fn current(tx: &mut Tx, scope: Scope, id: &str) -> Result<Option<Texts>> {
    let Ok(id) = id.parse() else { return Ok(None) };
    let Some(customer) = store::find(tx, &scope, id).await? else { return Ok(None) };
    let mut texts = texts_of(&customer)?;
    texts.retain(|field, _| FIELDS.contains(&field.as_str()));
    Ok(Some(texts))
}

/// The account with the same VAT number, the same domain, or else the very same name.
fn find<'a>(tx: &'a mut Tx, scope: Scope, fields: &'a Texts) -> BoxFuture<'a, Result<Option<Found>>> {
    Box::pin(async move {
        let text = |field: &str| fields.get(field).map(|text| text.trim()).filter(|text| !text.is_empty());
        let domain = text("domain").and_then(|text| company::domain(text).ok());
        let keys = [
            ("vat_number", "VAT number", text("vat_number").map(str::to_owned)),
            ("domain", "domain", domain),
            ("name", "name", text("name").map(str::to_owned)),
        ];
        for (column, word, key) in keys {
            let Some(key) = key else { continue };
            let sql = format!("SELECT id FROM customer WHERE organization = $1 AND {column} = $2 ORDER BY id LIMIT 1");
            let read = |row: &Row| row.get::<String>("id");
            if let Some(id) = tx.one(&sql, params![scope.organization, &key], read).await? {
                return Ok(Some(Found { id, because: format!("a known customer has the {word} {key}") }));
            }
        }
        Ok(None)
    })
}

fn same(field: &str, given: &str, known: &str) -> bool {
    match field {
        "domain" => company::domain(given).is_ok_and(|domain| domain == known),
        "country" => given.trim().eq_ignore_ascii_case(known),
        _ => given.trim() == known,
    }
}

async fn shared(tx: &mut Tx, scope: Scope, id: &str) -> Result<Vec<String>> {
    let sql = "SELECT COUNT(*) FROM customer_partner WHERE customer = $1 AND organization = $2";
    let partners = tx.number(sql, params![id, scope.organization]).await?;
    Ok(if partners > 0 { vec![format!("{partners} partners see the customer because of a deal")] } else { Vec::new() })
}
