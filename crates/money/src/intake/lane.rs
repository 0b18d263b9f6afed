//! The lane of events: requests are read and identified as they come, beside the transaction under way, and then wait for
//! the [`Batcher`](super::Batcher).

use std::sync::Arc;

use futures::future::BoxFuture;
use kernel::app::{Call, Lane, Outcome, Run};
use kernel::{Actor, App, Error, Operation, OrganizationId, Result};

use super::batcher::Batcher;
use super::event::{InvoiceEvent, UsageEvent};
use super::operations::{IngestInvoices, IngestUsage};
use super::record::{Booked, Mode, identify, record};

/// A request with events: what the two operations of intake have in common.
pub(crate) trait Delivery: Operation {
    type Event: Booked;
    fn parts(self) -> (String, Vec<Self::Event>);
    fn len(&self) -> usize;
}

impl Delivery for IngestUsage {
    type Event = UsageEvent;
    fn parts(self) -> (String, Vec<UsageEvent>) {
        (self.source, self.events)
    }
    fn len(&self) -> usize {
        self.events.len()
    }
}

impl Delivery for IngestInvoices {
    type Event = InvoiceEvent;
    fn parts(self) -> (String, Vec<InvoiceEvent>) {
        (self.source, self.events)
    }
    fn len(&self) -> usize {
        self.events.len()
    }
}

/// Where every surface sends the operation.
pub(crate) fn lane<D: Delivery>() -> Lane {
    Lane {
        operation: D::NAME,
        read: |app, actor, text| ready(actor.organization, parsed::<D>(app, text)?),
        run: |app, actor, run| Box::pin(wait(app, actor, run)),
    }
}

async fn wait(app: &App, actor: &Actor, run: Run) -> Result<Outcome> {
    app.registry().part::<Batcher>()?.commit(app, actor, run).await
}

/// Makes a request ready for its transaction: every event has its id and its digest.
pub(crate) fn ready<D: Delivery>(organization: OrganizationId, delivery: D) -> Result<Run> {
    let weight = delivery.len();
    let run = Run::prepared(delivery, |delivery: D| {
        let (source, events) = delivery.parts();
        let arrived = Arc::new((identify(organization, &source, events), source));
        let call: Call = Arc::new(move |cx| {
            let shared = arrived.clone();
            let run: BoxFuture<'_, _> = Box::pin(async move {
                let (arrived, source) = &*shared;
                Ok(serde_json::to_value(record(cx, source, arrived, Mode::Write).await?)?)
            });
            run
        });
        call
    })?;
    Ok(run.weighing(weight))
}

/// Reads the text straight into events. What is wrong with it, the slower way by the schema says field by field; it also
/// looks at texts that hold U+0000, which no column keeps.
fn parsed<D: Delivery>(app: &App, text: &[u8]) -> Result<D> {
    let may_hold_nul = text.contains(&b'\\') && text.windows(6).any(|six| six == b"\\u0000");
    if !may_hold_nul && let Ok(delivery) = serde_json::from_slice(text) {
        return Ok(delivery);
    }
    let input = serde_json::from_slice(text).map_err(|e| Error::invalid("body", format!("is not JSON: {e}")))?;
    let declaration = app.declaration(D::NAME).ok_or_else(|| Error::not_found("operation", D::NAME))?;
    kernel::input::check(&declaration.input, &input)?;
    kernel::input::read(input)
}

/// The lane of another operation that comes often and in small pieces: its runs share transactions like events do.
pub(crate) fn plain_lane<O: Operation>() -> Lane {
    Lane {
        operation: O::NAME,
        read: |app, _, text| {
            let input =
                serde_json::from_slice(text).map_err(|e| Error::invalid("body", format!("is not JSON: {e}")))?;
            let declaration = app.declaration(O::NAME).ok_or_else(|| Error::not_found("operation", O::NAME))?;
            kernel::input::check(&declaration.input, &input)?;
            plain::<O>(kernel::input::read(input)?)
        },
        run: |app, actor, run| Box::pin(wait(app, actor, run)),
    }
}

fn plain<O: Operation>(operation: O) -> Result<Run> {
    Run::prepared(operation, |operation: O| {
        let call: Call = Arc::new(move |cx| {
            let operation = operation.clone();
            let run: BoxFuture<'_, _> = Box::pin(async move { Ok(serde_json::to_value(operation.run(cx).await?)?) });
            run
        });
        call
    })
}
