//! Opportunities: what becomes of a claim on a customer that the vendor sells to itself.

#![allow(clippy::unwrap_used)]

use partners::customers::{AddCustomer, MergeCustomers};
use trial::both_databases;

use super::*;
use crate::registration::tests::{brandt, changed, codes, install, page_at as page, partner, register};
use crate::registration::{Source, State};

async fn talks(t: &trial::Trial, what: &str) -> RecordOpportunity {
    let terms = format!("reopen_role = \"head_of_partnerships\"\nexisting_opportunity = \"{what}\"");
    changed(t, &[("deals.toml", "reopen_role = \"head_of_partnerships\"", &terms)]).await;
    let customer = AddCustomer {
        name: "Brandt Logistik GmbH".into(),
        domain: Some("brandt-logistik.de".into()),
        country: Some("DE".into()),
        ..AddCustomer::default()
    };
    let record = RecordOpportunity {
        reference: "0065g00000ABCDE".into(),
        customer: t.run(customer).await.unwrap().id,
        title: "Fleet renewal 2026".into(),
        stage: Stage::Open,
        owner_name: Some("Vera Vendor".into()),
        opened_at: None,
    };
    t.run(record.clone()).await.unwrap();
    record
}

both_databases! { install;
    // covers: P19
    async fn a_claim_on_it_is_rejected_where_the_vendor_was_first(t: Trial) {
        let record = talks(t, "reject").await;
        t.clock.advance_days(1);
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let claim = register(t, &ada, brandt()).await;
        assert_eq!((claim.deal.state, codes(&claim.reasons)), (State::Rejected, vec!["own_sale"]));
        let told = serde_json::to_string(&claim).unwrap();
        assert!(!told.contains("Fleet renewal") && !told.contains("opp_"), "{told}");
        t.run(RecordOpportunity { stage: Stage::Lost, ..record }).await.unwrap();
        t.clock.advance_days(1);
        assert_eq!(register(t, &ada, brandt()).await.deal.state, State::Approved);
        assert_eq!(t.ask(ListOpportunities { stage: Some(Stage::Lost), ..Default::default() }).await.unwrap().items.len(), 1);
    }

    // covers: P19
    async fn a_claim_on_it_goes_to_a_person_or_is_sold_together(t: Trial) {
        talks(t, "review").await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let claim = register(t, &ada, brandt()).await.deal;
        assert_eq!(claim.state, State::PendingApproval);
        let approve = crate::registration::ApproveDeal { deal: claim.id, customer: None, new_customer: false };
        assert_eq!(t.run(approve).await.unwrap().state, State::Approved);
    }

    // covers: P19
    async fn both_sell_together_where_the_program_says_so(t: Trial) {
        talks(t, "co_sell").await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let claim = register(t, &ada, brandt()).await;
        assert_eq!((claim.deal.state, claim.deal.source), (State::Approved, Source::CoSell));
        assert!(codes(&claim.reasons).contains(&"co_sell"));
    }

    // covers: P20, C11
    async fn opportunities_have_pages_for_the_vendor_and_stay_hidden_from_partners(t: Trial) {
        let record = talks(t, "review").await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let deal = register(t, &ada, brandt()).await.deal;
        let one = t.ask(ListOpportunities::default()).await.unwrap().items.remove(0);
        let staff = t.staff(&["*"], &["head_of_partnerships"]);
        let list = page(t, &staff, "/deals/opportunities", &[]).await.unwrap();
        assert!(list.contains("Fleet renewal 2026") && list.contains("Vera Vendor"), "{list}");
        let lost = page(t, &staff, "/deals/opportunities", &[("stage", "lost")]).await.unwrap();
        assert!(!lost.contains("Fleet renewal 2026"), "{lost}");
        let path = format!("/deals/opportunities/{}", one.id);
        let shown = page(t, &staff, &path, &[]).await.unwrap();
        for told in [record.reference.as_str(), "Ada Systems", &deal.number, "Brandt Logistik GmbH"] {
            assert!(shown.contains(told), "{told} is missing: {shown}");
        }
        assert!(page(t, &staff, "/deals", &[]).await.unwrap().contains("/deals/opportunities"));
        assert!(!page(t, &ada, "/deals", &[]).await.unwrap().contains("/deals/opportunities"));
        assert_eq!(page(t, &ada, &path, &[]).await.unwrap_err().code(), "not_found");
        assert_eq!(page(t, &ada, "/deals/opportunities", &[]).await.unwrap_err().code(), "forbidden");
    }

    async fn the_other_lists_of_deals_have_pages(t: Trial) {
        let record = talks(t, "review").await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        register(t, &ada, brandt()).await;
        let staff = t.staff(&["*"], &["head_of_partnerships"]);
        let entries = page(t, &staff, "/deals/lists", &[]).await.unwrap();
        assert!(entries.contains("/do/deals.add_list_entry"), "{entries}");
        let conflicts = page(t, &staff, "/deals/conflicts", &[]).await.unwrap();
        assert!(conflicts.contains("No conflicts") && conflicts.contains("Open a conflict"), "{conflicts}");
        let inbox = page(t, &staff, "/deals/inbox", &[]).await.unwrap();
        assert!(inbox.contains("Ada Systems") && inbox.contains("Brandt Logistik GmbH"), "{inbox}");
        let of_customer = page(t, &staff, "/deals", &[("customer", &record.customer.to_string())]).await.unwrap();
        assert!(of_customer.contains("40 trucks"), "{of_customer}");
    }

    // covers: P19
    async fn the_page_of_a_customer_shows_what_the_areas_know_of_it_and_of_what_it_is_merged_with(t: Trial) {
        let record = talks(t, "review").await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        register(t, &ada, brandt()).await;
        let other = t.run(AddCustomer { name: "Kestrel".into(), ..AddCustomer::default() }).await.unwrap().id;
        let staff = t.staff(&["*"], &["head_of_partnerships"]);
        let path = format!("/customers/{other}");
        let before = page(t, &staff, &path, &[]).await.unwrap();
        for title in ["No deals", "No opportunities", "No conflicts", "No list names it"] {
            assert!(before.contains(title), "{title} is missing: {before}");
        }
        let merge = MergeCustomers { customer: other, folded: record.customer, reason: "one group".into() };
        t.run(merge).await.unwrap();
        let merged = page(t, &staff, &path, &[]).await.unwrap();
        for told in ["40 trucks", "Fleet renewal 2026", "Brandt Logistik GmbH was merged into Kestrel"] {
            assert!(merged.contains(told), "{told} is missing: {merged}");
        }
    }
}
