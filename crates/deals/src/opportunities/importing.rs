//! Opportunities from the CRM's exports, and removing one that was recorded by mistake.

use futures::future::BoxFuture;
use imports::{Dependent, Found, Target, Texts, Undo, Update, texts_of};
use kernel::{Access, Cx, Error, Operation, Registry, Result, Route, Scope, Tx, delete, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Opportunity, OpportunityId, store};
use crate::registration::vendor_only;

pub(super) fn install(registry: &mut Registry) {
    registry
        .operation::<RemoveOpportunity>()
        .add(Target {
            key: "opportunities",
            title: "Opportunities of the vendor's own sales",
            thing: "opportunity",
            create: "deals.record_opportunity",
            id: "/id",
            update: Some(Update {
                operation: "deals.record_opportunity",
                id: "reference",
                fields: &["customer", "title", "stage", "owner_name", "opened_at"],
            }),
            undo: Undo { operation: "deals.remove_opportunity", id: "opportunity", fixed: || serde_json::json!({}) },
            references: &[("customer", "customers")],
            aliases: &[("opportunity id", "reference"), ("record id", "reference"), ("owner", "owner_name")],
            current: |tx, scope, id| Box::pin(current(tx, scope, id)),
            find: |tx, scope, fields| find(tx, scope, fields),
            same,
        })
        .add(Dependent { target: "customers", find: |tx, scope, id| Box::pin(of_customer(tx, scope, id)) });
}

/// Remove an opportunity that was recorded by mistake. Decisions that rest on it stay as they are.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RemoveOpportunity {
    pub opportunity: OpportunityId,
}

impl Operation for RemoveOpportunity {
    const NAME: &'static str = "deals.remove_opportunity";
    const ROUTE: Route = delete("/opportunity-records/{opportunity}");
    const ACCESS: Access = Access::Open;
    type Output = Opportunity;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Opportunity> {
        vendor_only(&cx.scope, Self::NAME)?;
        let scope = cx.scope;
        let found = store::find(cx.tx, &scope, self.opportunity).await?;
        let opportunity = found.ok_or_else(|| Error::not_found("opportunity", self.opportunity))?;
        cx.tx.delete("vendor_opportunity", opportunity.id).await?;
        let summary = format!("Opportunity “{}” was removed", opportunity.title);
        cx.emit("opportunity.removed", opportunity.id, None, summary, &opportunity);
        Ok(opportunity)
    }
}

async fn current(tx: &mut Tx, scope: Scope, id: &str) -> Result<Option<Texts>> {
    let Ok(id) = id.parse() else { return Ok(None) };
    let Some(opportunity) = store::find(tx, &scope, id).await? else { return Ok(None) };
    let mut texts = texts_of(&opportunity)?;
    texts.retain(|field, _| {
        matches!(field.as_str(), "reference" | "customer" | "title" | "stage" | "owner_name" | "opened_at")
    });
    Ok(Some(texts))
}

/// The opportunity of the same reference.
fn find<'a>(tx: &'a mut Tx, scope: Scope, fields: &'a Texts) -> BoxFuture<'a, Result<Option<Found>>> {
    Box::pin(async move {
        let Some(reference) = fields.get("reference").filter(|text| !text.is_empty()) else { return Ok(None) };
        let found = store::by_reference(tx, &scope, reference.trim()).await?;
        Ok(found.map(|one| Found { id: one.id.to_string(), because: format!("{reference} is known") }))
    })
}

fn same(field: &str, given: &str, known: &str) -> bool {
    match field {
        "opened_at" => given.parse::<kernel::Timestamp>().ok() == known.parse::<kernel::Timestamp>().ok(),
        _ => given.trim() == known,
    }
}

/// What of deals and sales refers to a customer.
async fn of_customer(tx: &mut Tx, scope: Scope, id: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for (table, words) in [("deal", "deals"), ("vendor_opportunity", "opportunities"), ("deal_conflict", "conflicts")] {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE organization = $1 AND customer = $2");
        let count = tx.number(&sql, params![scope.organization, id]).await?;
        if count > 0 {
            found.push(format!("{count} {words} are about the customer"));
        }
    }
    Ok(found)
}
