//! Customers that are merged are one to matching, claims, conflicts and lists, and two again after that.

use findings::{ListFindings, RunChecks};
use partners::CustomerId;
use partners::customers::merging::PreviewMerge;
use partners::customers::{MergeCustomers, UnmergeCustomer};
use trial::both_databases;

use super::*;
use crate::conflicts::OpenConflict;
use crate::opportunities::{ListOpportunities, RecordOpportunity, Stage};

fn with_findings(registry: &mut Registry) {
    findings::install(registry);
    procedures::install(registry);
    install(registry);
}

fn kestrel() -> EndCustomer {
    EndCustomer { domain: Some("kestrel-fracht.de".to_owned()), ..customer("Kestrel Fracht AG") }
}

async fn customer_of(t: &Trial, deal: DealId) -> CustomerId {
    show(t, deal).await.deal.customer.unwrap()
}

async fn listed(t: &Trial, customer: CustomerId) -> Vec<DealId> {
    let list = ListDeals { customer: Some(customer), ..ListDeals::default() };
    let mut found: Vec<DealId> = t.ask(list).await.unwrap().items.into_iter().map(|one| one.deal.id).collect();
    found.sort_unstable();
    found
}

async fn won(t: &Trial, customer: CustomerId) -> Option<DealId> {
    let mut tx = t.app.db().read().await.unwrap();
    won_by_customer(&mut tx, &t.system.scope(), customer, t.now()).await.unwrap().map(|deal| deal.id)
}

both_databases! { with_findings;
    // covers: P19, P20
    async fn claims_on_merged_customers_compete_until_they_are_two_again(t: Trial) {
        program_as_shipped(t).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let (_, bell) = partner(t, "Bell Partners", "gold").await;
        let (_, cole) = partner(t, "Cole Consult", "bronze").await;
        let first = register(t, &ada, brandt()).await.deal.id;
        let second = register(t, &bell, kestrel()).await.deal.id;
        let (kept, folded) = (customer_of(t, first).await, customer_of(t, second).await);
        let opportunity = RecordOpportunity {
            reference: "0065g".into(), customer: folded, title: "Fleet".into(), stage: Stage::Open, owner_name: None, opened_at: None,
        };
        t.run(opportunity).await.unwrap();
        let open = OpenConflict { deals: vec![first, second], why: "one group".into() };
        assert!(matches!(t.run(open.clone()).await, Err(Error::Invalid(_))));

        let preview = t.ask(PreviewMerge { customer: kept, folded }).await.unwrap();
        let said: BTreeMap<&str, String> =
            preview.moves.iter().map(|moved| (moved.title.as_str(), moved.sentences.join("; "))).collect();
        assert_eq!(said["Deals"], "1 deals are with it");
        assert!(said["Claims in conflict"].contains("of Bell Partners competes with"), "{said:?}");
        assert_eq!(said["Opportunities"], "“Fleet” is open");
        assert!(said["How alike they are"].contains("of 1000 points"), "{said:?}");

        let merge = MergeCustomers { customer: kept, folded, reason: "Kestrel is a brand of Brandt".into() };
        t.run_as(&head(t), merge).await.unwrap();
        for one in [kept, folded] {
            assert_eq!(listed(t, one).await, [first, second]);
        }
        let list = ListOpportunities { customer: Some(kept), ..ListOpportunities::default() };
        assert_eq!(t.ask(list.clone()).await.unwrap().items.len(), 1);
        // Whoever writes the folded name means the kept customer, and waits behind what is there.
        let third = register(t, &cole, kestrel()).await.deal.id;
        assert_eq!(customer_of(t, third).await, kept);
        assert_eq!(state(t, third).await, State::Submitted);
        let conflict = t.run(open.clone()).await.unwrap();
        assert_eq!(conflict.customer, kept);
        assert!(matches!(t.run(open).await, Err(Error::Conflict { code: "conflict_open", .. })));
        for (person, deal, secrets) in [(&ada, first, ["Kestrel", "Bell"]), (&bell, second, ["Brandt", "Ada"])] {
            let full = serde_json::to_string(&t.ask_as(person, GetDeal { deal }).await.unwrap()).unwrap();
            assert!(secrets.iter().all(|secret| !full.contains(secret)), "{full}");
        }
        t.clock.advance_days(1);
        t.run_as(&head(t), WinDeal { deal: second, value: None }).await.unwrap();
        assert_eq!((won(t, kept).await, won(t, folded).await), (Some(second), Some(second)));

        t.run(UnmergeCustomer { customer: folded, reason: "two companies".into() }).await.unwrap();
        assert_eq!((won(t, kept).await, won(t, folded).await), (None, Some(second)));
        let mut stayed = vec![first, third];
        stayed.sort_unstable();
        assert_eq!((listed(t, kept).await, listed(t, folded).await), (stayed, vec![second]));
        assert!(t.ask(list).await.unwrap().items.is_empty());
    }

    // covers: P19
    async fn customers_that_look_like_one_are_found_until_they_are_merged(t: Trial) {
        program_as_shipped(t).await;
        let add = |name: &str, domain: &str| partners::customers::AddCustomer {
            name: name.to_owned(), domain: Some(domain.to_owned()), ..Default::default()
        };
        let kept = t.run(add("Brandt Logistik GmbH", "brandt-logistik.de")).await.unwrap().id;
        t.run(add("Kestrel", "kestrel.de")).await.unwrap();
        let folded = t.run(add("Brandt Kontraktlogistik", "brandt-logistik.de")).await.unwrap().id;
        let open = async || {
            t.run(RunChecks {}).await.unwrap();
            let list = ListFindings { check: Some("deals.customers_look_like_one".into()), ..ListFindings::default() };
            let found = t.ask(list).await.unwrap().items;
            let open = found.into_iter().filter(|one| one.state != findings::State::Resolved);
            open.map(|one| (one.subject, one.title)).collect::<Vec<_>>()
        };
        let found = open().await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, folded.to_string());
        assert!(found[0].1.contains("Brandt Logistik GmbH") && found[0].1.contains("domain"), "{found:?}");
        t.run(MergeCustomers { customer: kept, folded, reason: "one domain".into() }).await.unwrap();
        assert!(open().await.is_empty());
        t.run(UnmergeCustomer { customer: folded, reason: "a shared site".into() }).await.unwrap();
        assert_eq!(open().await.len(), 1);
    }
}
