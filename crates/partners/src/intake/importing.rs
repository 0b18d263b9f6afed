//! Partners from files: a row invites a company, or corrects one that is known.

use futures::future::BoxFuture;
use imports::{Found, Target, Texts, Undo, Update, texts_of};
use kernel::{Registry, Result, Row, Scope, Tx, params};

use crate::{company, profile};

/// What a file may say about a partner that is there already.
const KNOWN: &[&str] = &[
    "name",
    "legal_name",
    "domain",
    "country",
    "vat_number",
    "registration_number",
    "time_zone",
    "archetype",
    "manager",
    "status",
];

pub(super) fn install(registry: &mut Registry) {
    registry.add(Target {
        key: "partners",
        title: "Partners",
        thing: "partner",
        create: "partners.invite",
        id: "/id",
        update: Some(Update {
            operation: "partners.update_profile",
            id: "partner",
            fields: &["name", "legal_name", "country", "vat_number", "registration_number", "time_zone"],
        }),
        undo: Undo {
            operation: "partners.end",
            id: "partner",
            fixed: || serde_json::json!({ "reason_code": "other", "text": "The import that brought this in was undone." }),
        },
        references: &[],
        aliases: &[("e-mail", "contact_email"), ("email", "contact_email"), ("contact", "contact_name")],
        current: |tx, scope, id| Box::pin(current(tx, scope, id)),
        find: |tx, scope, fields| find(tx, scope, fields),
        same,
    });
}

async fn current(tx: &mut Tx, scope: Scope, id: &str) -> Result<Option<Texts>> {
    let Ok(id) = id.parse() else { return Ok(None) };
    let Some(partner) = profile::find(tx, &scope, id).await? else { return Ok(None) };
    let mut texts = texts_of(&partner)?;
    texts.retain(|field, _| KNOWN.contains(&field.as_str()));
    Ok(Some(texts))
}

/// The partner with the same domain, or else the very same name.
fn find<'a>(tx: &'a mut Tx, scope: Scope, fields: &'a Texts) -> BoxFuture<'a, Result<Option<Found>>> {
    Box::pin(async move {
        let text = |field: &str| fields.get(field).map(|text| text.trim()).filter(|text| !text.is_empty());
        let domain = text("domain").and_then(|text| company::domain(text).ok());
        for (column, key) in [("domain", domain), ("name", text("name").map(str::to_owned))] {
            let Some(key) = key else { continue };
            let sql = format!(
                "SELECT id FROM partner WHERE organization = $1 AND {column} = $2
                 AND status IN ('onboarding', 'active', 'suspended', 'applied') ORDER BY id LIMIT 1"
            );
            let read = |row: &Row| row.get::<String>("id");
            if let Some(id) = tx.one(&sql, params![scope.organization, &key], read).await? {
                return Ok(Some(Found { id, because: format!("a known partner has the {column} {key}") }));
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
