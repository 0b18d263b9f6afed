//! What follows from protection: its partner sees the customer, and clocks end it, early where nothing is done.

use clocks::NewClock;
use kernel::{Cx, Operation as _, Result, Scope, Timestamp, Tx};
use law::Registration;
use partners::{Partner, customers};
use programs::InForce;
use serde_json::json;

use super::claim::ClaimTerms;
use super::deal::Deal;
use super::hearing::{class_of, everywhere};
use super::protection::{Cause, ExpireDeal, WarnExpiry};

pub(crate) const PROTECTION: &str = "deals.protection";
pub(crate) const INACTIVITY: &str = "deals.inactivity";
pub(crate) const INTRODUCTION: &str = "deals.introduction";
/// How long before a claim lapses for lack of activity its partner is reminded.
const REMIND_DAYS: i64 = 7;

/// The terms that hold for a deal: those of its window, with its place in the program file.
pub(crate) async fn terms_of(
    tx: &mut Tx,
    scope: &Scope,
    deal: &Deal,
    law: &InForce,
) -> Result<(Registration, Option<usize>)> {
    let terms = ClaimTerms::of(&law.program);
    if terms.windows.is_empty() {
        return Ok((terms.registration, None));
    }
    let partner = partners::get(tx, scope, deal.partner).await?;
    Ok(terms.registration_of(&class_of(deal, &partner), deal.value))
}

/// Starts what follows from protection.
pub(crate) async fn protect(cx: &mut Cx<'_>, deal: &Deal, law: &InForce) -> Result<()> {
    if let Some(customer) = deal.customer {
        customers::share_with(cx, customer, deal.partner).await?;
    }
    let Some(until) = deal.protected_until else { return Ok(()) };
    let clock = NewClock {
        kind: PROTECTION,
        subject: deal.id.to_string(),
        partner: Some(deal.partner),
        title: format!("Protection of {} ends", deal.identity.name),
        due_at: until,
        warn_at: law
            .program
            .deals
            .registration
            .warn_days
            .iter()
            .map(|days| until.plus_days(-i64::from(*days)))
            .collect(),
        on_lapse: ExpireDeal::NAME,
        on_warn: Some(WarnExpiry::NAME),
        input: json!({ "deal": deal.id, "cause": Cause::Protection }),
    };
    clocks::start(cx, clock).await?;
    await_introduction(cx, deal, law).await?;
    await_activity(cx, deal, law).await
}

/// Starts the wait for activity anew, where the program expects some.
pub(crate) async fn await_activity(cx: &mut Cx<'_>, deal: &Deal, law: &InForce) -> Result<()> {
    let scope = everywhere(cx);
    let (registration, _) = terms_of(cx.tx, &scope, deal, law).await?;
    let Some(days) = registration.inactivity_days else { return Ok(()) };
    let due_at = deal.last_activity_at.plus_days(i64::from(days));
    if deal.protected_until.is_some_and(|until| until <= due_at) {
        // The protection itself ends first.
        return clocks::stop(cx, INACTIVITY, &deal.id.to_string()).await;
    }
    let clock = NewClock {
        kind: INACTIVITY,
        subject: deal.id.to_string(),
        partner: Some(deal.partner),
        title: format!("Activity on {} is due", deal.identity.name),
        due_at,
        warn_at: vec![due_at.plus_days(-REMIND_DAYS)],
        on_lapse: ExpireDeal::NAME,
        on_warn: None,
        input: json!({ "deal": deal.id, "cause": Cause::Inactivity }),
    };
    clocks::start(cx, clock).await.map(|_| ())
}

/// By when the partner has to introduce the vendor to the customer: business days of the partner's zone.
pub(crate) fn introduction_due(deal: &Deal, partner: &Partner, law: &InForce) -> Option<Timestamp> {
    let days = law.program.deals.registration.introduce_within_days?;
    let zone = zone_of(partner, law);
    Some(law.program.deals.calendar.end_of(days, deal.approved_at?, &zone))
}

/// The zone in which a partner's business days are counted.
pub(crate) fn zone_of(partner: &Partner, law: &InForce) -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get(&partner.time_zone).unwrap_or_else(|_| law.zone())
}

/// Starts the wait for the introduction, where the program wants one that has not been made.
async fn await_introduction(cx: &mut Cx<'_>, deal: &Deal, law: &InForce) -> Result<()> {
    let scope = everywhere(cx);
    let partner = partners::get(cx.tx, &scope, deal.partner).await?;
    let due = introduction_due(deal, &partner, law).filter(|_| deal.introduced_at.is_none());
    let Some(due_at) = due.filter(|due| *due > cx.now) else { return Ok(()) };
    let clock = NewClock {
        kind: INTRODUCTION,
        subject: deal.id.to_string(),
        partner: Some(deal.partner),
        title: format!("Introduction to {} is due", deal.identity.name),
        due_at,
        warn_at: vec![due_at.plus_days(-1)],
        on_lapse: ExpireDeal::NAME,
        on_warn: None,
        input: json!({ "deal": deal.id, "cause": Cause::NotIntroduced }),
    };
    clocks::start(cx, clock).await.map(|_| ())
}

/// Ends what protection started.
pub(crate) async fn release(cx: &mut Cx<'_>, deal: &Deal) -> Result<()> {
    for kind in [PROTECTION, INACTIVITY, INTRODUCTION] {
        clocks::stop(cx, kind, &deal.id.to_string()).await?;
    }
    Ok(())
}
