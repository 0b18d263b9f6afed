//! A slow life after the year: every few seconds somebody does something small, so that pages move while one looks.
//!
//! Everything goes through the same operations and doors on the machine's clock. A thing that cannot be done at the moment
//! is left; the next one comes soon.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use deals::registration::{
    DealListed, EndCustomer, ListDeals, LoseDeal, LossReason, RecordActivity, RegisterDeal, WinDeal,
};
use deals::{Role, Source, State};
use gate::drivers::ListDrivers;
use gate::sources::CreateSource;
use gate::webhooks::{WebhookKey, signed_headers};
use kernel::{Actor, App, Endpoint, Error, Money, OrganizationId, PageRequest, PartnerId, Query, RawRequest, Result};
use law::RevenueKind;
use money::intake::{Batcher, IngestInvoices, IngestUsage, InvoiceEvent, InvoiceKind, Quantity, UsageEvent};
use people::members::ListPeople;
use serde_json::json;

use crate::dice::Dice;
use crate::names::{COUNTRIES, Names};

/// Shortest and longest pause between two things, in milliseconds.
const PAUSE: (i64, i64) = (1_500, 5_000);
/// The door that takes webhooks.
const DOOR: &str = "/hooks/credentials/{source}";

/// Lives until it is dropped or aborted.
pub async fn live(app: App, organization: OrganizationId, seed: u64) {
    let mut life = Life::new(app, organization, seed);
    loop {
        let pause = life.dice.between(PAUSE.0, PAUSE.1);
        tokio::time::sleep(Duration::from_millis(pause.unsigned_abs())).await;
        if let Err(error) = life.moment().await {
            tracing::debug!(%error, "a moment of the demo came to nothing");
        }
    }
}

/// The source that the demo reports as, with its key.
struct Roadside {
    id: gate::SourceId,
    key: WebhookKey,
}

struct Life {
    app: App,
    organization: OrganizationId,
    system: Actor,
    dice: Dice,
    names: Names,
    roadside: Option<Roadside>,
    count: u64,
}

impl Life {
    fn new(app: App, organization: OrganizationId, seed: u64) -> Self {
        // Other dice than the year's: nobody is met twice.
        let seed = seed.wrapping_add(0x11fe);
        Self {
            system: Actor::system(organization, "demo"),
            app,
            organization,
            dice: Dice::new(seed, "life"),
            names: Names::new(seed),
            roadside: None,
            count: 0,
        }
    }

    /// One small thing.
    async fn moment(&mut self) -> Result<()> {
        self.count += 1;
        match self.dice.below(100) {
            0..26 => self.usage().await,
            26..46 => self.dispatch().await,
            46..62 => self.activity().await,
            62..76 => self.registration().await,
            76..90 => self.credential().await,
            _ => self.closing().await,
        }
    }

    async fn ask<Q: Query>(&self, query: Q) -> Result<Q::Output> {
        self.app.query(&self.system, query).await
    }

    /// Somebody with that role, of that partner or of the vendor.
    async fn somebody(&mut self, role: &str, partner: Option<PartnerId>) -> Result<Actor> {
        let found = self
            .ask(ListPeople { role: Some(role.to_owned()), status: None, q: None, partner, page: first(50) })
            .await?;
        let fitting: Vec<_> = found.items.into_iter().filter(|person| person.partner == partner).collect();
        if fitting.is_empty() {
            return Err(Error::not_found("person", role));
        }
        let person = self.dice.pick(&fitting).id;
        let actor = people::person_actor(&self.app, person).await?;
        actor.ok_or_else(|| Error::not_found("person", person))
    }

    /// One of the newest deals in that state.
    async fn deal(&mut self, state: State) -> Result<DealListed> {
        let query = ListDeals {
            state: Some(state),
            partner: None,
            customer: None,
            text: None,
            closes_from: None,
            closes_before: None,
            page: first(100),
        };
        let deals = self.ask(query).await?.items;
        if deals.is_empty() {
            return Err(Error::not_found("deal", state.name()));
        }
        Ok(self.dice.pick(&deals).clone())
    }

    async fn activity(&mut self) -> Result<()> {
        let deal = self.deal(State::Approved).await?.deal;
        let actor = self.somebody("partner_seller", Some(deal.partner)).await?;
        let note = *self.dice.pick(&["Call with the head of fleet", "Demonstration for the dispatchers", "Offer sent"]);
        self.app.run(&actor, RecordActivity { deal: deal.id, note: note.to_owned() }).await.map(|_| ())
    }

    /// A new registration; one in four is for a customer that somebody else holds.
    async fn registration(&mut self) -> Result<()> {
        let holder = self.deal(State::Approved).await?.deal;
        let page = first(100);
        let active = partners::ListPartners { status: Some(partners::Status::Active), page, ..Default::default() };
        let active = self.ask(active).await?.items;
        let others: Vec<PartnerId> = active.iter().map(|one| one.id).filter(|id| *id != holder.partner).collect();
        if others.is_empty() {
            return Err(Error::not_found("partner", "active"));
        }
        let partner = *self.dice.pick(&others);
        let actor = self.somebody("partner_seller", Some(partner)).await?;
        let customer = if self.dice.happens(250) {
            EndCustomer {
                name: holder.identity.name.clone(),
                domain: holder.identity.domain.clone(),
                country: holder.identity.country.clone(),
                vat_number: holder.identity.vat_number.clone(),
                registration_number: holder.identity.registration_number.clone(),
            }
        } else {
            let company = self.names.customer();
            EndCustomer {
                name: company.legal_name,
                domain: Some(company.domain),
                country: Some(COUNTRIES[company.country].code.to_owned()),
                vat_number: company.vat_number,
                registration_number: Some(company.registration_number),
            }
        };
        let register = RegisterDeal {
            partner: None,
            customer,
            title: "Dispatch for the whole fleet".to_owned(),
            value: Money::new(i128::from(self.dice.between(40, 1_200)) * 5_000, holder.value.currency),
            products: vec!["Dispatch".to_owned()],
            expected_close: None,
            source: Source::PartnerSourced,
            role: Role::Resale,
            relationship: None,
            qualification: Default::default(),
        };
        self.app.run(&actor, register).await.map(|_| ())
    }

    /// A deal is won, and invoiced at once; or it is lost.
    async fn closing(&mut self) -> Result<()> {
        let deal = self.deal(State::Approved).await?.deal;
        let sales = self.somebody("sales", None).await?;
        if self.dice.happens(450) {
            let reason = *self.dice.pick(&[LossReason::Competitor, LossReason::NoBudget, LossReason::Price]);
            return self.app.run(&sales, LoseDeal { deal: deal.id, reason, text: None }).await.map(|_| ());
        }
        let won = self.app.run(&sales, WinDeal { deal: deal.id, value: None }).await?;
        let Some(customer) = won.customer else { return Ok(()) };
        let event = InvoiceEvent {
            id: format!("LIVE-{}", won.number),
            kind: InvoiceKind::Invoice,
            invoice: None,
            customer: customer.to_string(),
            revenue: Some(RevenueKind::Subscription),
            amount: won.value,
            occurred_at: self.app.now(),
            partner: None,
        };
        let request = IngestInvoices { source: "billing".to_owned(), events: vec![event] };
        let finance = self.somebody("finance", None).await?;
        self.batcher()?.ingest(&self.app, &finance, request).await.map(|_| ())
    }

    fn batcher(&self) -> Result<Arc<Batcher>> {
        self.app.registry().part::<Batcher>()
    }

    /// A handful of usage of customers that are live.
    async fn usage(&mut self) -> Result<()> {
        let deal = self.deal(State::ClosedWon).await?.deal;
        let Some(customer) = deal.customer else { return Ok(()) };
        let now = self.app.now();
        let events = (0..self.dice.between(1, 20))
            .map(|place| UsageEvent {
                id: format!("live-{}-{place}", now.micros()),
                customer: customer.to_string(),
                quantity: Quantity::whole(1 + place % 7),
                unit: "dispatch".to_owned(),
                occurred_at: now.plus_seconds(-place),
                integration: None,
            })
            .collect();
        let engineering = self.somebody("engineering", None).await?;
        let request = IngestUsage { source: "meter".to_owned(), events };
        self.batcher()?.ingest(&self.app, &engineering, request).await.map(|_| ())
    }

    async fn driver(&mut self) -> Result<String> {
        let drivers = self.ask(ListDrivers { status: None, text: None, page: first(500) }).await?.items;
        if drivers.is_empty() {
            return Err(Error::not_found("driver", "any"));
        }
        Ok(self.dice.pick(&drivers).driver.clone())
    }

    /// A dispatcher asks the gate.
    async fn dispatch(&mut self) -> Result<()> {
        let driver = self.driver().await?;
        let actor = self.somebody("engineering", None).await?;
        let requires = if self.dice.happens(250) { ["medical".to_owned()].into() } else { Default::default() };
        let order =
            gate::policy::Order { id: format!("ORD-L{}", self.count), requires, segment: "regional".to_owned() };
        let assignment = gate::evaluation::Assignment { driver, order };
        gate::evaluate(&self.app, &actor, assignment).await.map(|_| ())
    }

    /// A roadside check suspends a licence, or says that it is valid again: a signed webhook through the real door.
    async fn credential(&mut self) -> Result<()> {
        let driver = self.driver().await?;
        if self.roadside.is_none() {
            let security = self.somebody("security", None).await?;
            let create = CreateSource { name: "Roadside checks".to_owned(), partner: None };
            let issued = self.app.run(&security, create).await?;
            let key = WebhookKey::parse(&issued.secret).map_err(|e| Error::internal(e.to_string()))?;
            self.roadside = Some(Roadside { id: issued.id, key });
        }
        let Some(roadside) = &self.roadside else { return Ok(()) };
        let now = self.app.now();
        let status = if self.dice.happens(350) { "suspended" } else { "valid" };
        let ends = now.day_in(&jiff::tz::TimeZone::UTC).plus_months(14);
        let body = json!({ "type": "credential.updated", "timestamp": now, "data": {
            "subject": driver, "credential_type": "licence", "jurisdiction": "DE", "class": "CE", "status": status,
            "expires_on": ends, "verified_at": now, "source": "roadside", "source_as_of": now,
            "evidence_kind": "mvr",
        }});
        let body = body.to_string().into_bytes();
        let message = format!("msg_roadside_{}", now.micros());
        let signed = signed_headers(&roadside.key, &message, now, &body).map_err(|e| Error::internal(e.to_string()))?;
        let request = RawRequest {
            app: self.app.clone(),
            actor: people::anonymous(self.organization),
            headers: signed.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            params: BTreeMap::from([("source".to_owned(), roadside.id.to_string())]),
            body,
        };
        let doors = self.app.registry().parts::<Endpoint>();
        let door = doors.iter().find(|door| door.route.path == DOOR);
        let door = door.ok_or_else(|| Error::internal(format!("there is no door {DOOR}")))?;
        let answer = (door.answer)(request).await;
        if answer.status != 200 {
            return Err(Error::internal(String::from_utf8_lossy(&answer.body).into_owned()));
        }
        Ok(())
    }
}

fn first(limit: u32) -> PageRequest {
    PageRequest { limit: Some(limit), ..PageRequest::default() }
}

/// Lives through so many moments without pausing.
#[cfg(test)]
pub(crate) async fn moments(app: &App, organization: OrganizationId, seed: u64, count: usize) -> Vec<Result<()>> {
    let mut life = Life::new(app.clone(), organization, seed);
    let mut outcomes = Vec::new();
    for _ in 0..count {
        outcomes.push(life.moment().await);
    }
    outcomes
}
