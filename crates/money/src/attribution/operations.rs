//! Naming the partner of revenue that belongs to nobody yet.

use kernel::{Access, Cx, Error, Operation, PartnerId, Result, Route, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Revenue, attribute, store};
use crate::intake::{self, InvoiceEventId};

/// Attribute revenue that belongs to no partner yet: by the deals that are known now, else to the partner named here.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AttributeRevenue {
    /// The invoice.
    pub event: InvoiceEventId,
    /// The partner that brought the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PartnerId>,
}

/// Whose revenue it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RevenueAttributed {
    pub event: InvoiceEventId,
    pub partner: PartnerId,
    pub deal: Option<deals::DealId>,
    pub decision: kernel::DecisionId,
}

impl Operation for AttributeRevenue {
    const NAME: &'static str = "revenue.attribute";
    const ROUTE: Route = post("/invoice-events/{event}/attribution");
    const ACCESS: Access = Access::Open;
    type Output = RevenueAttributed;

    async fn run(self, cx: &mut Cx<'_>) -> Result<RevenueAttributed> {
        intake::store::vendor_writes(cx, Self::NAME)?;
        let found = intake::store::revenue(cx.tx, &cx.scope, self.event).await?;
        let mut events = found.ok_or_else(|| Error::not_found("invoice", self.event))?;
        if let Some(known) = store::of_event(cx.tx, &cx.scope, self.event).await? {
            let message = format!("the revenue is attributed to {} already", known.partner);
            return Err(Error::conflict("attributed", message));
        }
        if let Some(partner) = self.to {
            let partner = partners::get(cx.tx, &cx.scope, partner).await?;
            events.iter_mut().for_each(|revenue: &mut Revenue| revenue.hint = Some(partner.id));
        }
        attribute(cx, cx.id(), events.into_iter()).await?;
        let row = store::of_event(cx.tx, &cx.scope, self.event).await?.ok_or_else(|| {
            Error::conflict("nothing_speaks", "no won deal explains this revenue; name the partner in `to`")
        })?;
        let summary = "Revenue was attributed to the partner";
        cx.emit("revenue.attributed", self.event, Some(row.partner), summary, &serde_json::json!({ "deal": row.deal }));
        Ok(RevenueAttributed { event: row.event, partner: row.partner, deal: row.deal, decision: row.decision })
    }
}
