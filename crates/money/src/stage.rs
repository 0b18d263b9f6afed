//! The stage of this area's tests: a program in force, partners, customers, won deals.
#![allow(clippy::unwrap_used)]

use deals::registration::{EndCustomer, RegisterDeal, WinDeal};
use deals::{Deal, Role, Source};
use kernel::{Access, Actor, Cx, Operation, PartnerId, Registry, Result, Route, Timestamp, post};
use law::RevenueKind;
use partners::CustomerId;
use partners::customers::AddCustomer;
use programs::{ApplyProgram, GetProgram};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trial::Trial;
use ui::{PageCx, PageSpec};

use crate::intake::{IngestInvoices, Ingested, InvoiceEvent, InvoiceKind};
use crate::statements::Month;

/// Enter a partner that has everything it needs.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Enter {
    pub name: String,
    pub archetype: String,
}

impl Operation for Enter {
    const NAME: &'static str = "test.enter";
    const ROUTE: Route = post("/test/partners");
    const ACCESS: Access = Access::Open;
    type Output = PartnerId;

    async fn run(self, cx: &mut Cx<'_>) -> Result<PartnerId> {
        let id: PartnerId = cx.id();
        let columns = [
            ("id", id.into()),
            ("organization", cx.scope.organization.into()),
            ("name", (&self.name).into()),
            ("search_key", self.name.to_lowercase().into()),
            ("country", "DE".into()),
            ("status", "active".into()),
            ("archetype", (&self.archetype).into()),
            ("tier", "member".into()),
            ("time_zone", "Europe/Berlin".into()),
            ("applied_at", cx.now.into()),
            ("activated_at", cx.now.into()),
        ];
        cx.tx.insert("partner", &columns).await?;
        Ok(id)
    }
}

pub fn install(registry: &mut Registry) {
    programs::install(registry);
    scoring::install(registry);
    clocks::install(registry);
    controls::install(registry);
    findings::install(registry);
    documents::install(registry);
    partners::profile::install(registry);
    partners::customers::install(registry);
    deals::install(registry);
    crate::install(registry);
    registry.operation::<Enter>();
}

/// Puts a program that ships with the product in force, with changes to its `money.toml`.
pub async fn program(t: &Trial, key: &str, changes: &[(&str, &str)]) {
    let mut files = law::shipped().iter().find(|program| program.key == key).unwrap().files();
    let money = files.get_mut("money.toml").unwrap();
    for (old, new) in changes {
        assert!(money.contains(old), "{old}");
        *money = money.replace(old, new);
    }
    let apply = ApplyProgram { files, effective_from: None, note: "test".to_owned() };
    t.run_as(&t.staff(&["*"], &["head_of_partnerships"]), apply).await.unwrap();
}

pub async fn partner(t: &Trial, name: &str, archetype: &str) -> PartnerId {
    t.run(Enter { name: name.to_owned(), archetype: archetype.to_owned() }).await.unwrap()
}

/// A customer; Northwind's program is put in force if none is.
pub async fn customer(t: &Trial, name: &str) -> CustomerId {
    if t.ask(GetProgram {}).await.is_err() {
        program(t, "northwind", &[]).await;
    }
    t.run(AddCustomer { name: name.to_owned(), ..AddCustomer::default() }).await.unwrap().id
}

/// A deal that was registered and won with a customer of that name.
pub async fn won(t: &Trial, partner: PartnerId, customer: &str, value: &str) -> Deal {
    let customer = EndCustomer { name: customer.to_owned(), ..EndCustomer::default() };
    let register = RegisterDeal {
        partner: Some(partner),
        customer,
        title: "A deal".to_owned(),
        value: value.parse().unwrap(),
        products: Vec::new(),
        expected_close: None,
        source: Source::PartnerSourced,
        role: Role::Resale,
        relationship: None,
        qualification: Default::default(),
    };
    let deal = t.run(register).await.unwrap().deal;
    t.run(WinDeal { deal: deal.id, value: None }).await.unwrap()
}

pub fn month(text: &str) -> Month {
    text.parse().unwrap()
}

pub fn invoice(id: &str, customer: CustomerId, revenue: RevenueKind, amount: &str, at: Timestamp) -> InvoiceEvent {
    InvoiceEvent {
        id: id.to_owned(),
        kind: InvoiceKind::Invoice,
        invoice: None,
        customer: customer.to_string(),
        revenue: Some(revenue),
        amount: amount.parse().unwrap(),
        occurred_at: at,
        partner: None,
    }
}

pub fn refund(id: &str, of: &InvoiceEvent, amount: &str, at: Timestamp) -> InvoiceEvent {
    let (kind, invoice) = (InvoiceKind::Refund, Some(of.id.clone()));
    InvoiceEvent { id: id.to_owned(), kind, invoice, amount: amount.parse().unwrap(), occurred_at: at, ..of.clone() }
}

pub async fn bill(t: &Trial, events: Vec<InvoiceEvent>) -> Ingested {
    let report = t.run(IngestInvoices { source: "billing".to_owned(), events }).await.unwrap();
    assert_eq!(report.problems, vec![]);
    report
}

/// A page as that reader sees it.
pub async fn page(t: &Trial, actor: &Actor, path: &str, query: &[(&str, &str)]) -> String {
    let pages = t.app.registry().parts::<PageSpec>();
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |pattern: &str| {
        let wanted: Vec<&str> = pattern.split('/').collect();
        wanted.len() == parts.len() && wanted.iter().zip(&parts).all(|(w, p)| w.starts_with('{') || w == p)
    };
    let exact = pages.iter().find(|page| page.path == path);
    let spec = exact.or_else(|| pages.iter().find(|page| fits(page.path))).unwrap();
    let names = spec.path.split('/').zip(&parts);
    let params = names
        .filter_map(|(name, part)| Some((name.strip_prefix('{')?.strip_suffix('}')?.to_owned(), (*part).to_owned())))
        .collect();
    let cx = PageCx {
        app: t.app.clone(),
        actor: actor.clone(),
        now: t.now(),
        zone: jiff::tz::TimeZone::UTC,
        path: path.to_owned(),
        params,
        query: query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        csrf: "token".to_owned(),
        refilled: None,
    };
    let view = (spec.render)(&cx).await.unwrap();
    format!("{} {} {} {}", view.title, view.line.unwrap_or_default().0, view.actions.unwrap_or_default().0, view.body.0)
}
