//! Sending events in.

use kernel::{Access, Cx, Operation, Result, Route, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::event::{InvoiceEvent, UsageEvent};
use super::record::{Ingested, Mode, identify, record};

/// Record usage events: up to 5,000 at once, each once for ever, whatever is sent twice.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IngestUsage {
    /// Where the events come from, such as `telemetry`; ids are unique within it.
    pub source: String,
    pub events: Vec<UsageEvent>,
}

impl Operation for IngestUsage {
    const NAME: &'static str = "usage.ingest";
    const ROUTE: Route = post("/usage-events");
    const ACCESS: Access = Access::Open;
    type Output = Ingested;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Ingested> {
        let arrived = identify(cx.scope.organization, &self.source, self.events);
        record(cx, &self.source, &arrived, Mode::Write).await
    }
}

/// Record invoices, payments, refunds and chargebacks: up to 5,000 at once, each once for ever.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IngestInvoices {
    /// Where the events come from, such as `billing`; ids are unique within it.
    pub source: String,
    pub events: Vec<InvoiceEvent>,
}

impl Operation for IngestInvoices {
    const NAME: &'static str = "invoices.ingest";
    const ROUTE: Route = post("/invoice-events");
    const ACCESS: Access = Access::Open;
    type Output = Ingested;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Ingested> {
        let arrived = identify(cx.scope.organization, &self.source, self.events);
        record(cx, &self.source, &arrived, Mode::Write).await
    }
}
