//! Bringing in customers, opportunities and deals from files, through the public surface of imports.

#![allow(clippy::unwrap_used)]

use imports::{
    CheckImport, Counts, CreateImport, GetImport, Import, ImportId, RefusedRows, RunImport, State, UndoImport, step,
};
use kernel::{Error, PageRequest, Registry};
use partners::customers::{ListCustomers, UpdateCustomer};
use trial::{Trial, both_databases};

use super::{partner, program_as_shipped};
use crate::opportunities::ListOpportunities;
use crate::registration::{EndCustomer, ListDeals, RegisterDeal};

fn stage(registry: &mut Registry) {
    super::install(registry);
    partners::intake::install(registry);
    partners::lifecycle::install(registry);
    imports::install(registry);
}

const ACCOUNTS: &str = "Account ID,Account Name,Website,Billing Country Code\n\
    001A,Brandt Logistik,https://www.brandt.example/,DE\n001B,Oceana,oceana.example,FR\n001C,Nowhere,not a domain,DE\n";
const SALES: &str = "Opportunity ID,Account ID,Opportunity Name,Stage,Opportunity Owner,Created Date\n\
    006A,001A,Fleet,Closed Won,Ana,1/31/2026\n006B,001Z,Ghost,Prospecting,Ana,1/31/2026\n";

async fn upload(t: &Trial, content: &str, target: Option<&str>, preset: Option<&str>) -> ImportId {
    let create = CreateImport {
        name: "file.csv".to_owned(),
        content: content.to_owned(),
        target: target.map(str::to_owned),
        preset: preset.map(str::to_owned),
        ..CreateImport::default()
    };
    t.run(create).await.unwrap().id
}

async fn worked(t: &Trial, import: ImportId) -> Import {
    while step(&t.app, &t.system, import).await.unwrap() {}
    t.ask(GetImport { import }).await.unwrap().import
}

async fn ran(t: &Trial, import: ImportId) -> Import {
    t.run(RunImport { import, all_or_nothing: false }).await.unwrap();
    worked(t, import).await
}

async fn customers(t: &Trial) -> Vec<partners::Customer> {
    t.ask(ListCustomers { page: PageRequest::default(), ..ListCustomers::default() }).await.unwrap().items
}

both_databases! { stage;
    async fn a_trial_says_what_would_happen_and_changes_nothing(t: Trial) {
        let import = upload(t, ACCOUNTS, None, Some("salesforce-accounts")).await;
        t.run(CheckImport { import }).await.unwrap();
        let checked = worked(t, import).await;
        assert_eq!(checked.state, State::Checked);
        assert_eq!(checked.counts, Counts { new: 2, refused: 1, ..Counts::default() });
        assert_eq!(customers(t).await, vec![]);
        let refused = t.ask(RefusedRows { import }).await.unwrap();
        assert_eq!(refused.rows, 1);
        let text = refused.text.as_str();
        assert!(text.contains("001C,Nowhere,not a domain,DE,4,"), "{text}");
        assert!(text.contains("Website: `not a domain` is not a domain"), "{text}");
    }

    async fn the_same_file_twice_changes_nothing_and_an_undo_leaves_what_was_before(t: Trial) {
        let first = upload(t, ACCOUNTS, None, Some("salesforce-accounts")).await;
        let done = ran(t, first).await;
        assert_eq!(done.counts, Counts { new: 2, refused: 1, ..Counts::default() });
        let there = customers(t).await;
        let second = upload(t, ACCOUNTS, None, Some("salesforce-accounts")).await;
        assert_eq!(ran(t, second).await.counts, Counts { unchanged: 2, refused: 1, ..Counts::default() });
        assert_eq!(customers(t).await, there);
        t.run(UndoImport { import: first }).await.unwrap();
        let undone = worked(t, first).await;
        assert_eq!((undone.state, undone.counts.undone), (State::Undone, 2));
        assert_eq!(customers(t).await, vec![]);
        // What was undone can be brought in again.
        let third = upload(t, ACCOUNTS, None, Some("salesforce-accounts")).await;
        assert_eq!(ran(t, third).await.counts.new, 2);
    }

    async fn what_later_depends_on_a_row_stands_in_the_way_of_an_undo(t: Trial) {
        let accounts = upload(t, ACCOUNTS, None, Some("salesforce-accounts")).await;
        ran(t, accounts).await;
        let sales = upload(t, SALES, None, Some("salesforce-opportunities")).await;
        assert_eq!(ran(t, sales).await.counts, Counts { new: 1, refused: 1, ..Counts::default() });
        let listed = t.ask(ListOpportunities::default()).await.unwrap().items;
        assert_eq!((listed.len(), listed[0].reference.as_str(), listed[0].stage.name()), (1, "006A", "won"));
        let Err(Error::Refused { reasons, .. }) = t.run(UndoImport { import: accounts }).await else { panic!("undone") };
        assert_eq!(reasons.len(), 1);
        assert!(reasons[0].text.contains("line 2") && reasons[0].text.contains("1 opportunities"), "{}", reasons[0].text);
        for import in [sales, accounts] {
            t.run(UndoImport { import }).await.unwrap();
            assert_eq!(worked(t, import).await.state, State::Undone);
        }
        assert_eq!(customers(t).await, vec![]);
    }

    async fn changes_are_written_once_and_taken_back(t: Trial) {
        let import = upload(t, ACCOUNTS, None, Some("salesforce-accounts")).await;
        ran(t, import).await;
        let before = customers(t).await;
        let renamed = ACCOUNTS.replace("Oceana,", "Oceana SA,");
        let again = upload(t, &renamed, None, Some("salesforce-accounts")).await;
        assert_eq!(ran(t, again).await.counts, Counts { changed: 1, unchanged: 1, refused: 1, ..Counts::default() });
        assert!(customers(t).await.iter().any(|customer| customer.name == "Oceana SA"));
        t.run(UndoImport { import: again }).await.unwrap();
        worked(t, again).await;
        assert_eq!(customers(t).await, before);
        // Somebody's later correction is not overwritten by an undo.
        let update = UpdateCustomer {
            customer: before[0].id, name: Some("Brandt SE".to_owned()), domain: None, country: None,
            vat_number: None, registration_number: None, account_owner: None,
        };
        t.run(update).await.unwrap();
        assert!(matches!(t.run(UndoImport { import }).await, Err(Error::Refused { .. })));
    }

    async fn all_or_nothing_writes_nothing_when_a_row_is_refused(t: Trial) {
        let import = upload(t, ACCOUNTS, None, Some("salesforce-accounts")).await;
        t.run(RunImport { import, all_or_nothing: true }).await.unwrap();
        assert_eq!(worked(t, import).await.state, State::Refused);
        assert_eq!(customers(t).await, vec![]);
    }

    async fn what_was_exported_comes_back_unchanged(t: Trial) {
        program_as_shipped(t).await;
        let (north, _) = partner(t, "North", "gold").await;
        let register = RegisterDeal {
            partner: Some(north),
            customer: EndCustomer { name: "Brandt".to_owned(), domain: Some("brandt.example".to_owned()), ..EndCustomer::default() },
            title: "Fleet".to_owned(), value: "EUR 50000".parse().unwrap(), products: vec![], expected_close: None,
            source: Default::default(), role: Default::default(), relationship: None, qualification: Default::default(),
        };
        t.run(register).await.unwrap();
        let lines = |items: Vec<serde_json::Value>| items.iter().map(|item| format!("{item}\n")).collect::<String>();
        for (list, target) in [("customers.list", "customers"), ("deals.list", "deals"), ("partners.list", "partners")] {
            let (page, _) = t.app.query_value(&t.system, list, serde_json::json!({})).await.unwrap();
            let items = page["items"].as_array().unwrap().clone();
            assert!(!items.is_empty(), "{list}");
            let rows = items.len() as u64;
            let import = upload(t, &lines(items), Some(target), None).await;
            let done = ran(t, import).await;
            assert_eq!(done.counts, Counts { unchanged: rows, ..Counts::default() }, "{target}: {}", done.mapping);
        }
        assert_eq!(t.ask(ListDeals::default()).await.unwrap().items.len(), 1);
    }
}
