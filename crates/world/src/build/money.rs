//! What the vendor's own systems deliver: usage by the meter every night, invoices by billing every week; and the
//! statements that follow on their day.

use std::collections::BTreeSet;
use std::sync::Arc;

use deals::State;
use kernel::{Actor, ActorKind, Money, Result};
use law::RevenueKind;
use money::intake::{IngestInvoices, IngestUsage, InvoiceEvent, Quantity, UsageEvent};
use money::statements::{ListDue, Month, ProduceOne};
use people::tokens::CreateToken;

use super::Stage;
use crate::script::{Invoice, InvoiceKind};

/// Events in one request of the meter.
const AT_ONCE: usize = 5_000;

/// The programs that deliver events, and how far they are.
#[derive(Default)]
pub(crate) struct Systems {
    meter: Option<Arc<Actor>>,
    billing: Option<Arc<Actor>>,
    /// The first invoice event that was not delivered yet.
    next: usize,
    delivered: BTreeSet<String>,
    /// Events of the last delivery, which a careless retry sends again.
    last: Vec<InvoiceEvent>,
}

/// The usage of one day, of every customer that is live.
pub(super) async fn meter(stage: &mut Stage<'_>, day: usize) -> Result<()> {
    let actor = match stage.systems.meter.clone() {
        Some(actor) => actor,
        None => {
            let actor = token(stage, "Usage meter", "usage.ingest").await?;
            stage.systems.meter.insert(actor).clone()
        }
    };
    let midnight = stage.script.calendar.at(day as i64, 0);
    let mut events = Vec::new();
    for number in 0..stage.script.accounts.len() {
        let Some(customer) = stage.accounts[number] else { continue };
        let account = &stage.script.accounts[number];
        let count = account.usage_on(day as i64);
        if count == 0 {
            continue;
        }
        let customer = customer.to_string();
        for place in 0..count {
            let minutes = 300 + (number as i64 * 7 + place as i64 * 1_021 / count as i64) % 1_020;
            events.push(UsageEvent {
                id: format!("{day}-{number}-{place}"),
                customer: customer.clone(),
                quantity: Quantity::whole(1 + (number + place * 3 + day) as i64 % 9),
                unit: "dispatch".to_owned(),
                occurred_at: midnight.plus_seconds(minutes * 60),
                integration: None,
            });
        }
    }
    stage.metered += events.len();
    while !events.is_empty() {
        let rest = events.split_off(events.len().min(AT_ONCE));
        let source = "meter".to_owned();
        stage.run(&actor, IngestUsage { source, events }).await?;
        events = rest;
    }
    Ok(())
}

/// The invoice events since the last delivery.
pub(super) async fn bill(stage: &mut Stage<'_>) -> Result<()> {
    let actor = match stage.systems.billing.clone() {
        Some(actor) => actor,
        None => {
            let actor = token(stage, "Billing system", "invoices.ingest").await?;
            stage.systems.billing.insert(actor).clone()
        }
    };
    let now = stage.app.now();
    let mut events = Vec::new();
    while let Some(invoice) = stage.script.invoices.get(stage.systems.next).filter(|invoice| invoice.at < now) {
        stage.systems.next += 1;
        if let Some(event) = event(stage, invoice) {
            events.push(event);
            stage.systems.delivered.insert(invoice.id.clone());
        }
    }
    let week = stage.script.calendar.day_of(now) / 7;
    if week % 9 == 4 {
        // A delivery that is repeated in part: known events change nothing.
        events.extend(stage.systems.last.iter().rev().take(3).cloned());
    }
    if week % 16 == 11
        && let Some(stray) = events.first().cloned()
    {
        // Billing knows a customer under a number that nobody else knows.
        let id = format!("{}-X", stray.id);
        events.push(InvoiceEvent { id, customer: "KD-20417".to_owned(), ..stray });
    }
    if events.is_empty() {
        return Ok(());
    }
    stage.systems.last = events.clone();
    stage.run(&actor, IngestInvoices { source: "billing".to_owned(), events }).await.map(|_| ())
}

/// The event as billing sends it, if what it follows from has really happened.
fn event(stage: &Stage<'_>, invoice: &Invoice) -> Option<InvoiceEvent> {
    let won = |claim: usize| stage.deals[claim].is_some_and(|(_, state)| state == State::ClosedWon);
    let customer = stage.accounts[invoice.account]?;
    let known = invoice.of.as_ref().is_none_or(|of| stage.systems.delivered.contains(of));
    if !known || !invoice.claim.is_none_or(won) {
        return None;
    }
    let is_invoice = invoice.kind == InvoiceKind::Invoice;
    Some(InvoiceEvent {
        id: invoice.id.clone(),
        kind: match invoice.kind {
            InvoiceKind::Invoice => money::intake::InvoiceKind::Invoice,
            InvoiceKind::Payment => money::intake::InvoiceKind::Payment,
            InvoiceKind::Refund => money::intake::InvoiceKind::Refund,
            InvoiceKind::Chargeback => money::intake::InvoiceKind::Chargeback,
        },
        invoice: invoice.of.clone(),
        customer: customer.to_string(),
        revenue: is_invoice.then_some(match invoice.revenue {
            "license" => RevenueKind::License,
            "project" => RevenueKind::Project,
            "usage" => RevenueKind::Usage,
            _ => RevenueKind::Subscription,
        }),
        amount: Money::new(i128::from(invoice.minor), stage.program.settings.currency),
        occurred_at: invoice.at,
        partner: None,
    })
}

/// A service token of the vendor with one scope, and the program that acts with it.
pub(super) async fn token(stage: &mut Stage<'_>, name: &str, scope: &str) -> Result<Arc<Actor>> {
    let owner = stage.of_staff("owner", 0);
    let scopes = vec![scope.to_owned()];
    let create = CreateToken { name: name.to_owned(), scopes, expires_after_days: 365, person: None };
    let created = stage.run(&owner, create).await?;
    Ok(Arc::new(Actor {
        kind: ActorKind::Token(created.id),
        name: format!("{name} ({})", owner.name),
        scopes: Some(kernel::Grants::of(&[scope])),
        roles: Vec::new(),
        ..Actor::clone(&owner)
    }))
}

/// The statements of the month before, one by one.
pub(super) async fn statements(stage: &mut Stage<'_>) -> Result<()> {
    let finance = stage.of_staff("finance", 0);
    let month = Month::of(stage.app.now(), &stage.program.settings.zone()).before();
    for partner in stage.ask(&finance, ListDue { month }).await? {
        stage.run(&finance, ProduceOne { partner, month }).await?;
    }
    Ok(())
}
