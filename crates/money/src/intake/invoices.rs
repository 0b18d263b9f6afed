//! Booking invoice events: an invoice stands for itself; payments, refunds and chargebacks belong to an invoice.

use std::collections::HashMap;

use kernel::{Cx, Money, PartnerId, Result, Timestamp};
use law::RevenueKind;

use super::event::{InvoiceEvent, InvoiceKind, Problem, Short, identity};
use super::record::{Arrived, Flawed, Intake, Mode};
use super::{InvoiceEventId, store};
use crate::attribution;

/// An invoice as later events refer to it.
#[derive(Debug, Clone)]
pub(crate) struct Original {
    pub id: InvoiceEventId,
    pub customer: String,
    pub revenue: RevenueKind,
    pub amount: Money,
    pub occurred_at: Timestamp,
    /// What was taken back so far.
    pub reversed_minor: i128,
}

/// An event with what its invoice adds to it.
pub(crate) struct Booking<'e> {
    pub arrived: &'e Arrived<InvoiceEvent>,
    pub invoice: Option<InvoiceEventId>,
    pub revenue: RevenueKind,
}

pub(crate) async fn book<'e>(
    cx: &mut Cx<'_>,
    intake: &Intake<'_>,
    mut fresh: Vec<&'e Arrived<InvoiceEvent>>,
) -> Result<Flawed<'e, InvoiceEvent>> {
    let known = store::known_customers(cx.tx, &cx.scope, &fresh).await?;
    // What refers to an invoice comes behind it, whatever the order in the request.
    fresh.sort_by_key(|a| (a.event.kind, a.event.occurred_at, a.short));
    let invoice_of = |event: &InvoiceEvent| -> Option<Short> {
        let invoice = event.invoice.as_deref().filter(|_| event.kind != InvoiceKind::Invoice)?;
        Some(identity(cx.scope.organization, "invoice", intake.source, invoice))
    };
    let wanted: Vec<Short> = fresh.iter().filter_map(|a| invoice_of(&a.event)).collect();
    let invoices: Vec<Option<Short>> = fresh.iter().map(|a| invoice_of(&a.event)).collect();
    let mut originals = store::originals(cx.tx, &cx.scope, &wanted).await?;
    let (mut bookings, mut problems) = (Vec::new(), Vec::new());
    for (arrived, invoice) in fresh.into_iter().zip(invoices) {
        if !known.contains(&arrived.event.customer) {
            problems.push(store::with_unknown_customer(arrived));
            continue;
        }
        match place(arrived, invoice, &mut originals) {
            Ok((invoice, revenue)) => bookings.push(Booking { arrived, invoice, revenue }),
            Err(problem) => problems.push((arrived, problem)),
        }
    }
    if intake.mode == Mode::Write {
        bookings.sort_by(|a, b| a.arrived.key.cmp(&b.arrived.key));
        store::insert_invoices(cx.tx, &cx.scope, intake, &bookings, cx.now).await?;
        attribution::attribute(cx, intake.batch, bookings.iter().filter_map(revenue)).await?;
    }
    Ok(problems)
}

/// Finds the invoice that an event belongs to, and remembers what it does to it.
fn place(
    arrived: &Arrived<InvoiceEvent>,
    invoice: Option<Short>,
    originals: &mut HashMap<Short, Original>,
) -> Result<(Option<InvoiceEventId>, RevenueKind), Problem> {
    let event = &arrived.event;
    let Some(invoice) = invoice else {
        let revenue = event.revenue.unwrap_or(RevenueKind::Subscription);
        let original = Original {
            id: InvoiceEventId::from_bytes(arrived.short),
            customer: event.customer.clone(),
            revenue,
            amount: event.amount,
            occurred_at: event.occurred_at,
            reversed_minor: 0,
        };
        originals.insert(arrived.short, original);
        return Ok((None, revenue));
    };
    let name = event.invoice.as_deref().unwrap_or_default();
    let Some(original) = originals.get_mut(&invoice) else {
        let text = format!("the invoice `{name}` is not known from this source; send it, then replay this event");
        return Err(Problem::new("unknown_invoice", text));
    };
    if original.customer != event.customer {
        let text = format!("the invoice `{name}` is of the customer {}", original.customer);
        return Err(Problem::new("another_customer", text));
    }
    if event.occurred_at < original.occurred_at {
        let text = format!("it occurred before its invoice `{name}` of {}", original.occurred_at);
        return Err(Problem::new("before_invoice", text));
    }
    if event.kind.reverses() {
        let reversed = original.reversed_minor + event.amount.minor;
        if reversed > original.amount.minor {
            let left = Money::new(original.amount.minor - original.reversed_minor, original.amount.currency);
            let text = format!("only {left} of the invoice `{name}` is left to take back");
            return Err(Problem::new("exceeds_invoice", text));
        }
        original.reversed_minor = reversed;
    }
    Ok((Some(original.id), original.revenue))
}

/// What attribution needs to know of a revenue event; payments are none.
fn revenue(booking: &Booking<'_>) -> Option<attribution::Revenue> {
    let event = &booking.arrived.event;
    let customer = event.customer.parse().ok().filter(|_| event.kind.is_revenue())?;
    Some(attribution::Revenue {
        event: InvoiceEventId::from_bytes(booking.arrived.short),
        customer,
        kind: event.kind,
        reverses: booking.invoice,
        occurred_at: event.occurred_at,
        hint: event.partner.as_deref().and_then(|text| text.parse::<PartnerId>().ok()),
    })
}
