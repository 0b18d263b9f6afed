//! Asking for what came in.

use kernel::app::ReadCx;
use kernel::{
    Error, Filter, Listing, Money, Page, PageRequest, PartnerId, Query, Result, Route, Row, Scope, Timestamp, Tx,
    Value, get, params,
};
use law::RevenueKind;
use partners::CustomerId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::event::{InvoiceKind, Quantity, revenue_of, revenue_word};
use super::{BatchId, ConflictId, InvoiceEventId};

/// Intake is the vendor's; a partner sees what is attributed to it.
pub(crate) fn vendor_only(scope: &Scope, permission: &str) -> Result<()> {
    if scope.partner.is_none() {
        return Ok(());
    }
    let message = "only the vendor sees the intake of events".to_owned();
    Err(Error::Forbidden { permission: permission.to_owned(), message })
}

/// One request or chunk of a file, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Batch {
    pub id: BatchId,
    pub source: String,
    /// `usage` or `invoice`.
    pub kind: String,
    pub received: u64,
    pub recorded: u64,
    pub duplicates: u64,
    pub conflicts: u64,
    pub dead_letters: u64,
    pub first_occurred_at: Option<Timestamp>,
    pub last_occurred_at: Option<Timestamp>,
    pub recorded_at: Timestamp,
}

/// List batches of events, the newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListBatches {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// `usage` or `invoice`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(flatten)]
    pub page: PageRequest,
}

const BATCHES: Listing = Listing {
    from: "intake_batch",
    select: "*",
    organization: "organization",
    partner: None,
    id: "id",
    sorts: &[("recorded", "recorded_at")],
    newest_first: true,
};

impl Query for ListBatches {
    const NAME: &'static str = "intake.batches";
    const ROUTE: Route = get("/intake-batches");
    type Output = Page<Batch>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Batch>> {
        vendor_only(&cx.scope, Self::NAME)?;
        let filters =
            vec![Filter::Is("source", self.source.map(Value::from)), Filter::Is("kind", self.kind.map(Value::from))];
        let read = |row: &kernel::Row| {
            Ok(Batch {
                id: row.get("id")?,
                source: row.get("source")?,
                kind: row.get("kind")?,
                received: row.get("received")?,
                recorded: row.get("recorded")?,
                duplicates: row.get("duplicates")?,
                conflicts: row.get("conflicts")?,
                dead_letters: row.get("dead_letters")?,
                first_occurred_at: row.get("first_occurred_at")?,
                last_occurred_at: row.get("last_occurred_at")?,
                recorded_at: row.get("recorded_at")?,
            })
        };
        BATCHES.page(cx.tx, &cx.scope, &self.page, filters, read).await
    }
}

/// An event that came again with another content, beside the one that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Conflict {
    pub id: ConflictId,
    pub kind: String,
    pub source: String,
    pub external_id: String,
    /// The event that stands.
    pub event: String,
    /// The one that came later, as JSON.
    pub content: String,
    pub recorded_at: Timestamp,
}

/// List events that came again with another content.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListConflicts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(flatten)]
    pub page: PageRequest,
}

const CONFLICTS: Listing = Listing {
    from: "intake_conflict",
    select: "*",
    organization: "organization",
    partner: None,
    id: "id",
    sorts: &[("recorded", "recorded_at")],
    newest_first: true,
};

impl Query for ListConflicts {
    const NAME: &'static str = "intake.conflicts";
    const ROUTE: Route = get("/intake-conflicts");
    type Output = Page<Conflict>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Conflict>> {
        vendor_only(&cx.scope, Self::NAME)?;
        let read = |row: &kernel::Row| {
            Ok(Conflict {
                id: row.get("id")?,
                kind: row.get("kind")?,
                source: row.get("source")?,
                external_id: row.get("external_id")?,
                event: row.get("event")?,
                content: row.get("content")?,
                recorded_at: row.get("recorded_at")?,
            })
        };
        let filters = vec![Filter::Is("source", self.source.map(Value::from))];
        CONFLICTS.page(cx.tx, &cx.scope, &self.page, filters, read).await
    }
}

/// A recorded invoice event with the partner that it is attributed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvoiceRow {
    pub id: InvoiceEventId,
    pub kind: InvoiceKind,
    pub source: String,
    pub external_id: String,
    /// The event that this one pays or takes back.
    pub invoice: Option<InvoiceEventId>,
    pub customer: CustomerId,
    pub revenue: RevenueKind,
    pub amount: Money,
    pub partner: Option<PartnerId>,
    pub deal: Option<deals::DealId>,
    pub occurred_at: Timestamp,
    pub recorded_at: Timestamp,
}

/// List invoices, payments, refunds and chargebacks. A partner sees what is attributed to it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListInvoiceEvents {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<InvoiceKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue: Option<RevenueKind>,
    /// Occurred at or after this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Occurred before this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Timestamp>,
    #[serde(flatten)]
    pub page: PageRequest,
}

const INVOICES: Listing = Listing {
    from: "invoice_event e LEFT JOIN attribution a ON a.id = e.id",
    select: "e.*, a.partner, a.deal",
    organization: "e.organization",
    partner: Some("a.partner"),
    id: "e.id",
    sorts: &[("occurred", "e.occurred_at"), ("amount", "e.amount_minor")],
    newest_first: true,
};

impl Query for ListInvoiceEvents {
    const NAME: &'static str = "invoices.list";
    const ROUTE: Route = get("/invoice-events");
    type Output = Page<InvoiceRow>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<InvoiceRow>> {
        let scope = cx.scope;
        let customers = match self.customer {
            // What a customer is merged with is the vendor's to know.
            Some(customer) if scope.partner.is_none() => partners::customers::family(cx.tx, &scope, customer).await?,
            named => named.into_iter().collect(),
        };
        let filters = vec![
            Filter::OneOf("e.customer", customers.into_iter().map(Value::from).collect()),
            Filter::Is("a.partner", self.partner.map(Value::from)),
            Filter::Is("e.kind", self.kind.map(Value::from)),
            Filter::Is("e.revenue", self.revenue.map(|kind| Value::from(revenue_word(kind)))),
            Filter::From("e.occurred_at", self.from.map(Value::from)),
            Filter::Before("e.occurred_at", self.before.map(Value::from)),
        ];
        INVOICES.page(cx.tx, &cx.scope, &self.page, filters, read_invoice).await
    }
}

fn read_invoice(row: &Row) -> Result<InvoiceRow> {
    Ok(InvoiceRow {
        id: row.get("id")?,
        kind: row.get("kind")?,
        source: row.get("source")?,
        external_id: row.get("external_id")?,
        invoice: row.get("invoice")?,
        customer: row.get("customer")?,
        revenue: revenue_of(&row.get::<String>("revenue")?)?,
        amount: row.money("amount_minor")?,
        partner: row.get("partner")?,
        deal: row.get("deal")?,
        occurred_at: row.get("occurred_at")?,
        recorded_at: row.get("recorded_at")?,
    })
}

/// The event, if it is within the scope.
pub(crate) async fn find_invoice_event(tx: &mut Tx, scope: &Scope, id: InvoiceEventId) -> Result<Option<InvoiceRow>> {
    let sql = "SELECT e.*, a.partner, a.deal FROM invoice_event e LEFT JOIN attribution a ON a.id = e.id
               WHERE e.organization = $1 AND e.id = $2 AND (a.partner = $3 OR CAST($3 AS TEXT) IS NULL)";
    tx.one(sql, params![scope.organization, id, scope.partner], read_invoice).await
}

/// Something that was used, as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UsageRow {
    pub id: String,
    pub source: String,
    pub external_id: String,
    pub customer: CustomerId,
    pub quantity: Quantity,
    pub unit: String,
    pub integration: Option<String>,
    pub occurred_at: Timestamp,
    pub recorded_at: Timestamp,
}

/// List usage events, the newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListUsage {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What is counted, such as `driver`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Occurred at or after this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Occurred before this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Timestamp>,
    #[serde(flatten)]
    pub page: PageRequest,
}

const USAGE: Listing = Listing {
    from: "usage_event",
    select: "*",
    organization: "organization",
    partner: None,
    id: "id",
    sorts: &[("occurred", "occurred_at")],
    newest_first: true,
};

impl Query for ListUsage {
    const NAME: &'static str = "usage.list";
    const ROUTE: Route = get("/usage-events");
    type Output = Page<UsageRow>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<UsageRow>> {
        vendor_only(&cx.scope, Self::NAME)?;
        let filters = vec![
            Filter::Is("source", self.source.map(Value::from)),
            Filter::Is("unit", self.unit.map(Value::from)),
            Filter::From("occurred_at", self.from.map(Value::from)),
            Filter::Before("occurred_at", self.before.map(Value::from)),
        ];
        let read = |row: &Row| {
            Ok(UsageRow {
                id: row.get("id")?,
                source: row.get("source")?,
                external_id: row.get("external_id")?,
                customer: row.get("customer")?,
                quantity: Quantity { micros: row.get("quantity_micros")? },
                unit: row.get("unit")?,
                integration: row.get("integration")?,
                occurred_at: row.get("occurred_at")?,
                recorded_at: row.get("recorded_at")?,
            })
        };
        USAGE.page(cx.tx, &cx.scope, &self.page, filters, read).await
    }
}
