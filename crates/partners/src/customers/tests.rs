#![allow(clippy::unwrap_used)]

use kernel::{Access, Cx, Operation, PartnerId, Registry, Result, Route, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trial::{Trial, both_databases};

use super::*;
use crate::fixture::{self, enact, invited, northwind, page};

/// What a deal does when it is registered.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(super) struct Share {
    pub customer: CustomerId,
    pub partner: PartnerId,
}

impl Operation for Share {
    const NAME: &'static str = "test.share";
    const ROUTE: Route = post("/test/shares");
    const ACCESS: Access = Access::Open;
    type Output = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        share_with(cx, self.customer, self.partner).await
    }
}

fn install(registry: &mut Registry) {
    fixture::install(registry);
    registry.operation::<Share>();
}

async fn added(t: &Trial, name: &str, domain: &str) -> Customer {
    let add = AddCustomer {
        name: name.to_owned(),
        domain: Some(domain.to_owned()),
        country: Some("de".into()),
        ..AddCustomer::default()
    };
    t.run(add).await.unwrap()
}

fn named(list: &kernel::Page<Customer>) -> Vec<&str> {
    list.items.iter().map(|one| one.name.as_str()).collect()
}

both_databases! { install;
    async fn customers_are_kept_found_and_corrected(t: Trial) {
        let brandt = added(t, "Brandt Kühltransporte", "https://brandt.example/").await;
        added(t, "Adler", "adler.example").await;
        assert_eq!((brandt.domain.as_deref(), brandt.country.as_deref(), brandt.source.as_str()), (Some("brandt.example"), Some("DE"), "console"));
        let by = |q: &str| ListCustomers { q: Some(q.to_owned()), ..ListCustomers::default() };
        assert_eq!(named(&t.ask(by("kuhl")).await.unwrap()), ["Brandt Kühltransporte"]);
        let wrong = AddCustomer { name: String::new(), domain: Some("x".into()), ..AddCustomer::default() };
        assert_eq!(t.run(wrong).await.unwrap_err().code(), "invalid");

        let update = UpdateCustomer {
            customer: brandt.id, name: None, domain: None, country: None, vat_number: Some("DE123456789".into()),
            registration_number: None, account_owner: None,
        };
        t.run(update).await.unwrap();
        assert_eq!(named(&t.ask(by("de123456789")).await.unwrap()), ["Brandt Kühltransporte"]);
        let detail = t.ask(GetCustomer { customer: brandt.id }).await.unwrap();
        assert_eq!((detail.customer.domain.as_deref(), detail.timeline.len()), (Some("brandt.example"), 2));
    }

    // covers: C11
    async fn a_partner_sees_the_customers_that_it_has_a_deal_with_and_no_other_partner_of_them(t: Trial) {
        enact(t, northwind()).await;
        let (first, second) = (invited(t, "First", "reseller").await.id, invited(t, "Second", "reseller").await.id);
        let (brandt, adler) = (added(t, "Brandt", "brandt.example").await.id, added(t, "Adler", "adler.example").await.id);
        for (customer, partner) in [(brandt, first), (brandt, second), (adler, second), (brandt, first)] {
            t.run(Share { customer, partner }).await.unwrap();
        }
        let own = t.partner_person(first);
        assert_eq!(named(&t.ask_as(&own, ListCustomers::default()).await.unwrap()), ["Brandt"]);
        assert_eq!(t.ask_as(&own, GetCustomer { customer: adler }).await.unwrap_err().code(), "not_found");
        let detail = t.ask_as(&own, GetCustomer { customer: brandt }).await.unwrap();
        assert_eq!(detail.partners.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["First"]);
        let all = t.ask(GetCustomer { customer: brandt }).await.unwrap();
        assert_eq!(all.partners.len(), 2);

        let mut tx = t.app.db().read().await.unwrap();
        let within = names(&mut tx, &own.scope(), &[brandt, adler]).await.unwrap();
        assert_eq!(within.into_values().collect::<Vec<_>>(), ["Brandt"]);
        let ids = |found: Vec<Customer>| found.into_iter().map(|one| one.id).collect::<Vec<_>>();
        let everything = t.system.scope();
        assert_eq!(ids(page_after(&mut tx, &everything, None, 10).await.unwrap()), [brandt, adler]);
        assert_eq!(ids(page_after(&mut tx, &everything, Some(brandt), 10).await.unwrap()), [adler]);
        assert_eq!(ids(page_after(&mut tx, &own.scope(), None, 10).await.unwrap()), [brandt]);
        let add = AddCustomer { name: "Mine".into(), ..AddCustomer::default() };
        assert_eq!(t.run_as(&own, add).await.unwrap_err().code(), "forbidden");
    }

    async fn the_pages_of_customers_serve_both_sides(t: Trial) {
        enact(t, northwind()).await;
        let first = invited(t, "First", "reseller").await.id;
        let brandt = added(t, "Brandt", "brandt.example").await.id;
        t.run(Share { customer: brandt, partner: first }).await.unwrap();
        let vendor = t.staff(&["*"], &["owner"]);
        assert!(page(t, &vendor, "/customers", &[]).await.contains("/do/customers.add"));
        let shown = page(t, &vendor, &format!("/customers/{brandt}"), &[]).await;
        assert!(shown.contains("First") && shown.contains("/do/customers.update") && shown.contains("Brandt added as a customer"));
        let own = t.partner_person(first);
        assert!(!page(t, &own, "/customers", &[]).await.contains("/do/customers.add"));
        assert!(!page(t, &own, &format!("/customers/{brandt}"), &[]).await.contains("added as a customer"));
    }
}
