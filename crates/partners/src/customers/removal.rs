//! Removing a customer that was added by mistake, as long as nothing depends on it.

use kernel::{Access, Cx, Error, Operation, Reason, Result, Route, delete};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operations::vendor_only;
use super::{Customer, CustomerId, store};

/// Remove a customer that was added by mistake. One that deals, opportunities or partners refer to stays.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RemoveCustomer {
    pub customer: CustomerId,
}

impl Operation for RemoveCustomer {
    const NAME: &'static str = "customers.remove";
    const ROUTE: Route = delete("/customers/{customer}");
    const ACCESS: Access = Access::Open;
    type Output = Customer;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("customer", self.customer.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Customer> {
        vendor_only(cx, Self::NAME)?;
        let scope = cx.scope;
        let customer = store::get(cx.tx, &scope, self.customer).await?;
        let id = customer.id.to_string();
        let found = imports::in_the_way(cx.tx, cx.app.registry(), scope, "customers", &id).await?;
        if !found.is_empty() {
            let reasons = found.into_iter().map(|sentence| Reason::new("in_use", sentence)).collect();
            let message = format!("{} is in use; correct it instead of removing it", customer.name);
            return Err(Error::refused("in_use", message, reasons));
        }
        cx.tx.delete("customer", customer.id).await?;
        // The event names it without its fields, so that no read model takes it for one that is there.
        let data = serde_json::json!({ "removed": customer.id });
        cx.emit("customer.removed", customer.id, None, format!("{} was removed", customer.name), &data);
        Ok(customer)
    }
}
