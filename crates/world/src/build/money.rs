//! What the vendor's billing system delivers every week, the statements that follow on their day, and the meter whose
//! usage comes last.

use std::collections::BTreeSet;
use std::sync::Arc;

use deals::State;
use kernel::{Actor, ActorKind, Money, Result};
use law::RevenueKind;
use money::intake::{IngestInvoices, InvoiceEvent};
use money::settlement::{ListSettlements, RecordPayment, ReleaseDue, SettlementState};
use money::statements::{ListDue, Month, ProduceOne};
use people::tokens::CreateToken;

use super::Stage;
use crate::meter::Meter;
use crate::script::{Invoice, InvoiceKind};

/// The program that delivers invoices, and how far it is.
#[derive(Default)]
pub(crate) struct Systems {
    billing: Option<Arc<Actor>>,
    /// The first invoice event that was not delivered yet.
    next: usize,
    delivered: BTreeSet<String>,
    /// Events of the last delivery, which a careless retry sends again.
    last: Vec<InvoiceEvent>,
}

/// The meter with the usage of every customer that exists by now.
pub(super) async fn meter(stage: &mut Stage<'_>, days: i64) -> Result<Meter> {
    let actor = token(stage, "Usage meter", "usage.ingest").await?;
    let accounts = stage.script.accounts.iter().enumerate();
    let customers = accounts.filter_map(|(number, account)| Some((number, stage.accounts[number]?, account.clone())));
    Ok(Meter::new(actor, stage.script.calendar, customers.collect(), days))
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

/// The statements of the month before, one by one; those that have rested long enough are paid.
pub(super) async fn statements(stage: &mut Stage<'_>) -> Result<()> {
    let finance = stage.of_staff("finance", 0);
    let month = Month::of(stage.app.now(), &stage.program.settings.zone()).before();
    for partner in stage.ask(&finance, ListDue { month }).await? {
        stage.run(&finance, ProduceOne { partner, month }).await?;
    }
    stage.run(&finance, ReleaseDue {}).await?;
    let due = ListSettlements { state: Some(SettlementState::Payable), ..ListSettlements::default() };
    for payable in stage.ask(&finance, due).await?.items {
        let statement = payable.statement;
        let reference = format!("SEPA-{}-{}", payable.month, &statement.to_string()[22..]).to_uppercase();
        stage.run(&finance, RecordPayment { statement, paid_on: None, reference }).await?;
    }
    Ok(())
}
