//! Deals from files: a row registers one for its partner, and the program decides about it as about any other.

use imports::{Target, Texts, Undo, texts_of};
use kernel::{Registry, Result, Scope, Tx};

use super::store;

pub(super) fn install(registry: &mut Registry) {
    registry.add(Target {
        key: "deals",
        title: "Deals of partners",
        thing: "deal",
        create: "deals.register",
        id: "/id",
        update: None,
        undo: Undo {
            operation: "deals.withdraw",
            id: "deal",
            fixed: || serde_json::json!({ "reason": "The import that brought this in was undone." }),
        },
        references: &[("partner", "partners")],
        aliases: &[
            ("identity.name", "customer.name"),
            ("identity.domain", "customer.domain"),
            ("identity.country", "customer.country"),
            ("identity.vat_number", "customer.vat_number"),
            ("identity.registration_number", "customer.registration_number"),
            ("company name", "customer.name"),
            ("account name", "customer.name"),
            ("deal name", "title"),
            ("amount", "value"),
            ("close date", "expected_close"),
        ],
        current: |tx, scope, id| Box::pin(current(tx, scope, id)),
        find: |_, _, _| Box::pin(async { Ok(None) }),
        same,
    });
}

async fn current(tx: &mut Tx, scope: Scope, id: &str) -> Result<Option<Texts>> {
    let Ok(id) = id.parse() else { return Ok(None) };
    let Some(deal) = store::find(tx, &scope, id).await? else { return Ok(None) };
    let known = texts_of(&deal)?.into_iter().filter_map(|(field, text)| {
        if let Some(part) = field.strip_prefix("identity.") {
            return Some((format!("customer.{part}"), text));
        }
        let kept = ["partner", "title", "value", "products", "expected_close", "source", "role", "state"];
        (kept.contains(&field.as_str()) || field == "relationship").then_some((field, text))
    });
    Ok(Some(known.collect()))
}

fn same(field: &str, given: &str, known: &str) -> bool {
    match field {
        "value" => given.parse::<kernel::Money>().ok() == known.parse::<kernel::Money>().ok(),
        _ => given.trim() == known,
    }
}
