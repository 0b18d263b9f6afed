//! Deal registration through its public surface, on both databases.

#![allow(clippy::unwrap_used)]

mod approving;
mod facts;
mod importing;
mod law_changes;
mod life;
mod merging;
mod pages;
mod precedence;
mod privacy;
mod racing;
mod rules;
mod windows;

use std::collections::BTreeMap;

use kernel::{Access, Actor, Cx, Error, Money, Operation, PartnerId, Registry, Result, Route, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trial::Trial;

pub(crate) use self::pages::page_at;
use super::*;

/// Enter a partner that has everything it needs.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Enter {
    name: String,
    tier: String,
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
            ("archetype", "reseller".into()),
            ("tier", (&self.tier).into()),
            ("time_zone", "Europe/Berlin".into()),
            ("applied_at", cx.now.into()),
            ("activated_at", cx.now.into()),
        ];
        cx.tx.insert("partner", &columns).await?;
        Ok(id)
    }
}

pub(crate) fn install(registry: &mut Registry) {
    programs::install(registry);
    clocks::install(registry);
    controls::install(registry);
    partners::profile::install(registry);
    partners::customers::install(registry);
    crate::install(registry);
    registry.operation::<Enter>().operation::<law_changes::Grant>();
}

/// Northwind's program with the texts of `deals.toml` changed.
async fn program(t: &Trial, changes: &[(&str, &str)]) {
    let northwind = law::shipped().iter().find(|program| program.key == "northwind").unwrap();
    let mut files: BTreeMap<String, String> = northwind.files();
    let deals = files.get_mut("deals.toml").unwrap();
    for (old, new) in changes {
        assert!(deals.contains(old), "{old}");
        *deals = deals.replace(old, new);
    }
    let apply = programs::ApplyProgram { files, effective_from: None, note: "test".to_owned() };
    t.run_as(&t.staff(&["*"], &["head_of_partnerships"]), apply).await.unwrap();
}

/// Northwind's program as it is shipped.
pub(crate) async fn program_as_shipped(t: &Trial) {
    program(t, &[]).await;
}

/// Northwind's program with the texts of several files changed: file, text that is there, what stands in its place.
pub(crate) async fn changed(t: &Trial, changes: &[(&str, &str, &str)]) {
    let northwind = law::shipped().iter().find(|program| program.key == "northwind").unwrap();
    let mut files: BTreeMap<String, String> = northwind.files();
    // What these tests state themselves.
    let deals = files.get_mut("deals.toml").unwrap();
    *deals = deals.replace("answer_within_days = 10\nforfeit_days = 14\n", "");
    let (approvals, matching) = (deals.find("[[approval]]").unwrap(), deals.find("[matching]").unwrap());
    deals.replace_range(approvals..matching, "");
    for (file, old, new) in changes {
        let text = files.get_mut(*file).unwrap();
        assert!(text.contains(old), "{file}: {old}");
        *text = text.replace(old, new);
    }
    let apply = programs::ApplyProgram { files, effective_from: None, note: "test".to_owned() };
    t.run_as(&t.staff(&["*"], &["head_of_partnerships"]), apply).await.unwrap();
}

pub(crate) async fn partner(t: &Trial, name: &str, tier: &str) -> (PartnerId, Actor) {
    let id = t.run(Enter { name: name.to_owned(), tier: tier.to_owned() }).await.unwrap();
    (id, t.partner_person(id))
}

pub(crate) fn customer(name: &str) -> EndCustomer {
    EndCustomer { name: name.to_owned(), country: Some("DE".to_owned()), ..EndCustomer::default() }
}

pub(crate) fn brandt() -> EndCustomer {
    EndCustomer { domain: Some("brandt-logistik.de".to_owned()), ..customer("Brandt Logistik GmbH") }
}

pub(crate) fn claim_to(customer: EndCustomer, value: &str) -> RegisterDeal {
    RegisterDeal {
        partner: None,
        customer,
        title: "40 trucks".to_owned(),
        value: value.parse::<Money>().unwrap(),
        products: vec!["Routing".to_owned()],
        expected_close: None,
        source: Source::PartnerSourced,
        role: Role::Resale,
        relationship: None,
        qualification: Qualification::default(),
    }
}

pub(crate) async fn register(t: &Trial, actor: &Actor, customer: EndCustomer) -> Registered {
    t.run_as(actor, claim_to(customer, "EUR 20000.00")).await.unwrap()
}

pub(crate) async fn show(t: &Trial, deal: DealId) -> DealInFull {
    t.ask(GetDeal { deal }).await.unwrap()
}

pub(crate) async fn state(t: &Trial, deal: DealId) -> State {
    show(t, deal).await.deal.state
}

/// Lets the clocks do what is due.
pub(crate) async fn tick(t: &Trial) -> clocks::Ticked {
    clocks::tick(&t.app, &t.system).await.unwrap()
}

pub(crate) fn head(t: &Trial) -> Actor {
    t.staff(&["*"], &["head_of_partnerships"])
}

pub(crate) fn codes(reasons: &[kernel::Reason]) -> Vec<&str> {
    reasons.iter().map(|reason| reason.code.as_str()).collect()
}

fn is_conflict<T: std::fmt::Debug>(result: Result<T>) -> bool {
    matches!(result, Err(Error::Conflict { .. }))
}
