#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use kernel::{PartnerId, Registry, Scope};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use trial::{Trial, both_databases};

use super::super::tests::Share;
use super::super::{AddCustomer, Customer, GetCustomer, ListCustomers, RemoveCustomer, UpdateCustomer};
use super::*;
use crate::fixture::{self, enact, invited, northwind, page};

fn install(registry: &mut Registry) {
    fixture::install(registry);
    registry.operation::<Share>();
}

async fn added(t: &Trial, name: &str) -> CustomerId {
    let domain = format!("{}.example", name.to_lowercase());
    let add = AddCustomer { name: name.to_owned(), domain: Some(domain), ..AddCustomer::default() };
    t.run(add).await.unwrap().id
}

async fn merge(t: &Trial, kept: CustomerId, folded: CustomerId) -> kernel::Result<Merge> {
    t.run(MergeCustomers { customer: kept, folded, reason: "one VAT number".into() }).await
}

async fn unmerge(t: &Trial, folded: CustomerId) -> kernel::Result<Merge> {
    t.run(UnmergeCustomer { customer: folded, reason: "two companies after all".into() }).await
}

/// The digests of the rows, which tell apart any two states of them.
async fn digests(t: &Trial, ids: &[CustomerId]) -> Vec<String> {
    let mut tx = t.app.db().read().await.unwrap();
    let mut found = Vec::new();
    for id in ids {
        found.push(tx.digest("customer", "id", &id.to_string()).await.unwrap());
    }
    found
}

async fn family_of(t: &Trial, scope: &Scope, id: CustomerId) -> BTreeSet<CustomerId> {
    let mut tx = t.app.db().read().await.unwrap();
    family(&mut tx, scope, id).await.unwrap().into_iter().collect()
}

async fn listed(t: &Trial, actor: &kernel::Actor, q: &str) -> Vec<CustomerId> {
    let list = ListCustomers { q: Some(q.to_owned()), ..ListCustomers::default() };
    t.ask_as(actor, list).await.unwrap().items.iter().map(|one: &Customer| one.id).collect()
}

/// Who stands for whom, as plainly as it can be said: each points at another one or at nobody.
#[derive(Default)]
struct Model(BTreeMap<CustomerId, CustomerId>);

impl Model {
    fn root(&self, id: CustomerId) -> CustomerId {
        self.0.get(&id).map_or(id, |next| self.root(*next))
    }

    fn family(&self, all: &[CustomerId], id: CustomerId) -> BTreeSet<CustomerId> {
        all.iter().copied().filter(|other| self.root(*other) == self.root(id)).collect()
    }
}

both_databases! { install;
    // covers: P19
    async fn any_merges_and_unmerges_are_undone_without_a_trace_by_unmerging_all(t: Trial) {
        let mut all = Vec::new();
        for name in ["Ada", "Bell", "Cole", "Dorn", "Egge"] {
            all.push(added(t, name).await);
        }
        let before = digests(t, &all).await;
        let scope = t.system.scope();
        let steps = prop::collection::vec((any::<bool>(), 0_usize..5, 0_usize..5), 4..14);
        let mut runner = TestRunner::deterministic();
        for _ in 0..6 {
            let mut model = Model::default();
            for (merges, kept, folded) in steps.new_tree(&mut runner).unwrap().current() {
                let (kept, folded) = (all[kept], all[folded]);
                if merges {
                    let allowed = kept != folded && !model.0.contains_key(&kept) && !model.0.contains_key(&folded);
                    assert_eq!(merge(t, kept, folded).await.is_ok(), allowed);
                    if allowed {
                        model.0.insert(folded, kept);
                    }
                } else {
                    assert_eq!(unmerge(t, folded).await.is_ok(), model.0.remove(&folded).is_some());
                }
                for id in &all {
                    assert_eq!(family_of(t, &scope, *id).await, model.family(&all, *id));
                }
                let expected: BTreeMap<_, _> = model.0.keys().map(|id| (*id, model.root(*id))).collect();
                let mut tx = t.app.db().read().await.unwrap();
                assert_eq!(resolved(&mut tx, &scope, all.iter().copied()).await.unwrap(), expected);
                assert_eq!(roots_at(&mut tx, &scope, t.now()).await.unwrap(), expected);
            }
            for folded in model.0.into_keys() {
                unmerge(t, folded).await.unwrap();
            }
            assert_eq!(digests(t, &all).await, before);
        }
    }

    // covers: P19
    async fn merged_customers_are_found_listed_and_shown_as_one(t: Trial) {
        let (kept, folded) = (added(t, "Brandt").await, added(t, "Kestrel").await);
        let vendor = t.staff(&["*"], &["owner"]);
        merge(t, kept, folded).await.unwrap();
        assert_eq!(listed(t, &vendor, "kestrel").await, [kept]);
        assert_eq!(listed(t, &vendor, "").await, [kept]);
        let rename = UpdateCustomer {
            customer: folded, name: Some("Merlin".into()), domain: None, country: None, vat_number: None,
            registration_number: None, account_owner: None,
        };
        t.run(rename).await.unwrap();
        assert_eq!(listed(t, &vendor, "merlin").await, [kept]);
        let detail = t.ask(GetCustomer { customer: kept }).await.unwrap();
        assert_eq!(detail.merged.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Merlin"]);
        assert!(detail.timeline.iter().any(|event| event.summary == "Kestrel was merged into Brandt: one VAT number"));
        let shown = page(t, &vendor, &format!("/customers/{kept}"), &[]).await;
        assert!(shown.contains("Merlin") && shown.contains("/do/customers.unmerge") && shown.contains("one VAT number"));
        let shown = page(t, &vendor, &format!("/customers/{folded}"), &[]).await;
        assert!(shown.contains("Merged into") && shown.contains(&kept.to_string()));

        unmerge(t, folded).await.unwrap();
        assert_eq!(listed(t, &vendor, "merlin").await, [folded]);
        assert_eq!(listed(t, &vendor, "").await.len(), 2);
        assert!(t.ask(GetCustomer { customer: kept }).await.unwrap().merged.is_empty());
    }

    // covers: P19
    async fn a_merge_that_makes_no_sense_is_refused_with_what_to_do(t: Trial) {
        let (ada, bell, cole) = (added(t, "Ada").await, added(t, "Bell").await, added(t, "Cole").await);
        assert_eq!(merge(t, ada, ada).await.unwrap_err().code(), "invalid");
        assert_eq!(unmerge(t, ada).await.unwrap_err().code(), "not_merged");
        let blank = MergeCustomers { customer: ada, folded: bell, reason: " ".into() };
        assert_eq!(t.run(blank).await.unwrap_err().code(), "invalid");
        merge(t, ada, bell).await.unwrap();
        let twice = merge(t, cole, bell).await.unwrap_err();
        assert_eq!(twice.code(), "already_merged");
        assert!(twice.to_string().contains("Bell is merged into Ada"), "{twice}");
        let into_folded = merge(t, bell, cole).await.unwrap_err();
        assert_eq!(into_folded.code(), "merged_away");
        assert!(into_folded.to_string().contains(&ada.to_string()), "{into_folded}");
        for one in [ada, bell] {
            assert_eq!(t.run(RemoveCustomer { customer: one }).await.unwrap_err().code(), "in_use");
        }
        t.run(RemoveCustomer { customer: cole }).await.unwrap();
    }

    // covers: P19, C11
    async fn a_partner_learns_neither_of_a_merge_nor_of_the_other_name(t: Trial) {
        enact(t, northwind()).await;
        let (first, second) = (invited(t, "First", "reseller").await.id, invited(t, "Second", "reseller").await.id);
        let (kept, folded) = (added(t, "Brandt").await, added(t, "Kestrel").await);
        for (customer, partner) in [(kept, first), (folded, second)] {
            t.run(Share { customer, partner }).await.unwrap();
        }
        merge(t, kept, folded).await.unwrap();
        let preview = t.ask(PreviewMerge { customer: kept, folded }).await.unwrap_err();
        assert_eq!(preview.code(), "already_merged");
        let all = t.ask(GetCustomer { customer: kept }).await.unwrap();
        assert_eq!(all.partners.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["First", "Second"]);
        let sees: [(PartnerId, CustomerId, CustomerId, &str); 2] =
            [(first, kept, folded, "Kestrel"), (second, folded, kept, "Brandt")];
        for (partner, own, others, secret) in sees {
            let person = t.partner_person(partner);
            assert_eq!(listed(t, &person, "").await, [own]);
            assert!(listed(t, &person, secret).await.is_empty());
            let detail = t.ask_as(&person, GetCustomer { customer: own }).await.unwrap();
            let told = serde_json::to_string(&detail).unwrap();
            assert!(!told.contains(secret) && !told.contains(&others.to_string()), "{told}");
            assert_eq!(t.ask_as(&person, GetCustomer { customer: others }).await.unwrap_err().code(), "not_found");
            assert!(!page(t, &person, &format!("/customers/{own}"), &[]).await.contains(secret));
            let merges = MergeCustomers { customer: own, folded: others, reason: "mine".into() };
            assert_eq!(t.run_as(&person, merges).await.unwrap_err().code(), "forbidden");
            let mut tx = t.app.db().read().await.unwrap();
            let names = names_told_to(&mut tx, &t.system.scope(), partner, &[kept, folded]).await.unwrap();
            assert!(names.values().all(|name| name != secret), "{names:?}");
        }
    }

    async fn the_preview_says_what_a_merge_brings_together_and_changes_nothing(t: Trial) {
        enact(t, northwind()).await;
        let first = invited(t, "First", "reseller").await.id;
        let (kept, folded) = (added(t, "Brandt").await, added(t, "Kestrel").await);
        t.run(Share { customer: folded, partner: first }).await.unwrap();
        let before = digests(t, &[kept, folded]).await;
        let preview = t.ask(PreviewMerge { customer: kept, folded }).await.unwrap();
        assert_eq!((preview.kept.name.as_str(), preview.folded.name.as_str()), ("Brandt", "Kestrel"));
        let said: Vec<&str> = preview.moves.iter().map(|moved| moved.title.as_str()).collect();
        assert_eq!(said, ["Partners"]);
        assert!(preview.moves[0].sentences[0].starts_with("First see"));
        assert_eq!(digests(t, &[kept, folded]).await, before);
        let vendor = t.staff(&["*"], &["owner"]);
        let path = format!("/customers/{kept}/merge");
        assert!(page(t, &vendor, &path, &[("folded", &folded.to_string())]).await.contains("/do/customers.merge"));
        assert!(page(t, &vendor, &path, &[("q", "kest")]).await.contains("Kestrel"));
    }
}
