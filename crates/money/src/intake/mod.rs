//! Intake: usage and invoice events, by API and by file, each recorded exactly once for ever.
//!
//! Every event is known by its source and its id there. A repeat is acknowledged and counted, the same id with another
//! content is kept as a conflict, and what cannot be rated yet waits as a dead letter to be repaired and replayed. Usage
//! only counts; money comes from invoices, so that nothing is ever paid for twice.

mod batcher;
mod event;
mod import;
mod invoices;
mod lane;
mod letters;
mod merging;
mod operations;
mod pages;
mod queries;
mod record;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod usage;

pub use batcher::Batcher;
pub(crate) use event::revenue_of;
pub use event::{InvoiceEvent, InvoiceKind, Quantity, REVENUE_KINDS, UsageEvent, revenue_word};

pub use import::{Format, Import, Imported, LineProblem, chunks};
use lane::lane;
pub(crate) use lane::plain_lane;
pub use letters::{DeadLetter, DiscardDeadLetter, GetDeadLetter, ListDeadLetters, ReplayDeadLetter, Replayed};
pub use operations::{IngestInvoices, IngestUsage};
pub(crate) use queries::find_invoice_event;
pub use queries::{Batch, Conflict, InvoiceRow, ListBatches, ListConflicts, ListInvoiceEvents, ListUsage, UsageRow};
pub use record::{Ingested, LARGEST_BATCH, RowProblem};

kernel::ids! {
    InvoiceEventId = InvoiceEventKind "inv",
    BatchId = BatchKind "batch",
    ConflictId = ConflictKind "icf",
    DeadLetterId = DeadLetterKind "dead",
}

pub fn install(registry: &mut kernel::Registry) {
    merging::install(registry);
    registry
        .migration("money/001", include_str!("../../migrations/001_intake.sql"))
        .sealed("usage_event", "batch")
        .sealed("invoice_event", "batch")
        .sealed("intake_batch", "id")
        .sealed("intake_conflict", "id")
        .sealed("dead_letter", "id")
        .add(Batcher::default())
        .add(lane::<IngestUsage>())
        .add(lane::<IngestInvoices>())
        .operation::<IngestUsage>()
        .operation::<IngestInvoices>()
        .operation::<Import>()
        .operation::<ReplayDeadLetter>()
        .operation::<DiscardDeadLetter>()
        .query::<ListBatches>()
        .query::<ListConflicts>()
        .query::<ListDeadLetters>()
        .query::<GetDeadLetter>()
        .query::<ListInvoiceEvents>()
        .query::<ListUsage>();
    pages::install(registry);
}
