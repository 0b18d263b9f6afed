//! Revenue by month, the metric, the leaks that the checks find, and the pages of the area.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use deals::registration::{EndCustomer, RegisterDeal, WithdrawDeal};
use findings::{ListFindings, RunChecks};
use kernel::{Actor, Money};
use law::RevenueKind;
use partners::CustomerId;
use partners::customers::merging::PreviewMerge;
use partners::customers::{MergeCustomers, UnmergeCustomer};
use trial::{Trial, both_databases};

use super::*;
use crate::attribution::AttributeRevenue;
use crate::intake::{IngestInvoices, Ingested, InvoiceEvent, InvoiceKind, ListInvoiceEvents};
use crate::stage::{self, install};
use crate::statements::{ListStatements, produce_month};

fn invoice(t: &Trial, id: &str, customer: CustomerId, amount: &str) -> InvoiceEvent {
    InvoiceEvent {
        id: id.to_owned(),
        kind: InvoiceKind::Invoice,
        invoice: None,
        customer: customer.to_string(),
        revenue: Some(RevenueKind::Subscription),
        amount: amount.parse().unwrap(),
        occurred_at: t.now(),
        partner: None,
    }
}

async fn bill(t: &Trial, events: Vec<InvoiceEvent>) -> Ingested {
    t.run(IngestInvoices { source: "billing".to_owned(), events }).await.unwrap()
}

async fn open_findings(t: &Trial) -> BTreeSet<(String, String, Option<String>)> {
    t.run(RunChecks::default()).await.unwrap();
    let found = t.ask(ListFindings::default()).await.unwrap().items;
    found
        .into_iter()
        .filter(|f| f.state.name() == "open")
        .map(|f| (f.check, f.title, f.amount.map(|amount| amount.to_string())))
        .collect()
}

both_databases! {
    install;

    // covers: B0.1
    async fn attributed_revenue_is_a_fact_with_its_sign_and_both_times(t: Trial) {
        stage::program(t, "northwind", &[]).await;
        let partner = stage::partner(t, "Brandt", "reseller").await;
        let customer = stage::won(t, partner, "Spedition Alpha GmbH", "EUR 9000.00").await.customer.unwrap();
        t.clock.advance_days(1);
        let sold = t.now();
        t.clock.advance_days(5);
        let late = InvoiceEvent { occurred_at: sold, ..invoice(t, "one", customer, "EUR 100.00") };
        bill(t, vec![late]).await;
        let refund = InvoiceEvent { kind: InvoiceKind::Refund, invoice: Some("one".into()), revenue: None, ..invoice(t, "two", customer, "EUR 30.00") };
        bill(t, vec![refund]).await;
        let known = t.now();
        let sets = t.app.registry().parts::<scoring::FactSet>();
        let set = sets.iter().find(|set| set.key == "revenue").unwrap();
        let place = |name: &str| set.fields.iter().position(|field| field.key == name).unwrap();
        let mut tx = t.app.db().read().await.unwrap();
        let times = scoring::Times { at: known, known_at: known };
        let rows = (set.load)(&t.app, &mut tx, t.organization, times).await.unwrap();
        let told: Vec<(PartnerId, String, String)> = rows
            .iter()
            .map(|(whose, row)| (*whose, row[place("kind")].pretty().trim_matches(['“', '”']).to_owned(), row[place("amount")].pretty()))
            .collect();
        let of = |kind: &str, amount: &str| (partner, kind.to_owned(), amount.to_owned());
        assert_eq!(told, [of("invoice", "EUR 100.00"), of("refund", "EUR -30.00")]);
        assert_eq!((&rows[0].1[place("at")], &rows[0].1[place("known_at")]), (&Value::Instant(sold), &Value::Instant(known)));
        // The invoice had been written by then, but nobody knew of it.
        let unaware = scoring::Times { at: known, known_at: sold };
        assert!((set.load)(&t.app, &mut tx, t.organization, unaware).await.unwrap().is_empty());
        assert!(revenue(&mut tx, t.organization, sold).await.unwrap().is_empty());
        assert_eq!(revenue(&mut tx, t.organization, known).await.unwrap()[0].1.pretty(), "EUR 70.00");
        tx.rollback().await.unwrap();
    }

    async fn revenue_goes_to_the_won_deal_then_to_the_named_partner_then_to_nobody(t: Trial) {
        stage::program(t, "northwind", &[]).await;
        let (own, other) = (stage::partner(t, "Brandt", "reseller").await, stage::partner(t, "Kranich", "reseller").await);
        let customer = stage::won(t, own, "Spedition Alpha GmbH", "EUR 9000.00").await.customer.unwrap();
        let stranger = stage::customer(t, "Direktkunde KG").await;
        t.clock.advance_days(1);
        let named = |event: InvoiceEvent| InvoiceEvent { partner: Some(other.to_string()), ..event };
        let events = vec![
            invoice(t, "deal", customer, "EUR 1.00"),
            named(invoice(t, "both", customer, "EUR 2.00")),
            named(invoice(t, "named", stranger, "EUR 3.00")),
            invoice(t, "direct", stranger, "EUR 4.00"),
            invoice(t, "again", customer, "EUR 5.00"),
        ];
        bill(t, events).await;
        let listed = t.ask(ListInvoiceEvents::default()).await.unwrap().items;
        let whose = |id: &str| listed.iter().find(|row| row.external_id == id).unwrap().partner;
        let all = ["deal", "both", "named", "direct", "again"].map(whose);
        assert_eq!(all, [Some(own), Some(own), Some(other), None, Some(own)]);
        let mut tx = t.app.db().read().await.unwrap();
        let sql = "SELECT COUNT(*) FROM decision WHERE organization = $1 AND kind = 'money.attribution'";
        let decisions = tx.number(sql, params![t.organization]).await.unwrap();
        assert_eq!(decisions, 3, "one that stands for the deal, one for each special event");
    }

    // covers: P19
    async fn revenue_of_a_merged_customer_goes_to_the_deal_of_either(t: Trial) {
        stage::program(t, "northwind", &[]).await;
        let own = stage::partner(t, "Brandt", "reseller").await;
        let kept = stage::won(t, own, "Spedition Alpha GmbH", "EUR 9000.00").await.customer.unwrap();
        let folded = stage::customer(t, "Kestrel AG").await;
        t.clock.advance_days(1);
        bill(t, vec![invoice(t, "before", folded, "EUR 1.00")]).await;
        let reason = "one group".to_owned();
        t.run(MergeCustomers { customer: kept, folded, reason: reason.clone() }).await.unwrap();
        let preview = t.ask(PreviewMerge { customer: kept, folded }).await.unwrap_err();
        assert_eq!(preview.code(), "already_merged");
        bill(t, vec![invoice(t, "between", folded, "EUR 2.00")]).await;
        let (merged, known) = (t.now(), t.now());
        let of_kept = ListInvoiceEvents { customer: Some(kept), ..ListInvoiceEvents::default() };
        assert_eq!(t.ask(of_kept.clone()).await.unwrap().items.len(), 2);
        t.clock.advance_days(1);
        t.run(UnmergeCustomer { customer: folded, reason }).await.unwrap();
        bill(t, vec![invoice(t, "after", folded, "EUR 4.00")]).await;
        assert!(t.ask(of_kept).await.unwrap().items.is_empty());
        let listed = t.ask(ListInvoiceEvents::default()).await.unwrap().items;
        let whose = |id: &str| listed.iter().find(|row| row.external_id == id).unwrap().partner;
        assert_eq!(["before", "between", "after"].map(whose), [None, Some(own), None]);

        // The facts say whose customer it was as it was known then.
        let sets = t.app.registry().parts::<scoring::FactSet>();
        let set = sets.iter().find(|set| set.key == "revenue").unwrap();
        let place = set.fields.iter().position(|field| field.key == "customer").unwrap();
        let mut tx = t.app.db().read().await.unwrap();
        for (known_at, customer) in [(known, kept), (t.now(), folded)] {
            let times = scoring::Times { at: merged, known_at };
            let rows = (set.load)(&t.app, &mut tx, t.organization, times).await.unwrap();
            assert_eq!(rows.iter().map(|(_, row)| row[place].clone()).collect::<Vec<_>>(), [Value::text(customer.to_string())]);
        }
        tx.rollback().await.unwrap();
        let preview = t.ask(PreviewMerge { customer: kept, folded }).await.unwrap();
        let revenue = preview.moves.iter().find(|moved| moved.title == "Revenue").unwrap();
        assert_eq!(revenue.sentences, ["3 invoices over EUR 7.00 are of it"]);
    }

    async fn leaks_between_deals_and_revenue_are_found_and_closed(t: Trial) {
        stage::program(t, "northwind", &[]).await;
        let partner = stage::partner(t, "Brandt", "reseller").await;
        let won = stage::won(t, partner, "Spedition Alpha GmbH", "EUR 9000.00").await;
        let lost = stage::won(t, partner, "Fracht Beta AG", "EUR 7000.00").await;
        let claim = RegisterDeal {
            partner: Some(partner),
            customer: EndCustomer { name: "Kutscher Gamma oHG".to_owned(), ..EndCustomer::default() },
            title: "Lost".to_owned(),
            value: "EUR 6000.00".parse().unwrap(),
            products: vec![],
            expected_close: None,
            source: deals::Source::default(),
            role: deals::Role::default(),
            relationship: None,
            qualification: Default::default(),
        };
        let claim = t.run(claim).await.unwrap().deal;
        let account = claim.customer.unwrap();
        t.run(WithdrawDeal { deal: claim.id, reason: "no budget".to_owned() }).await.unwrap();
        t.clock.advance_days(46);
        bill(t, vec![invoice(t, "R-1", won.customer.unwrap(), "EUR 10.00"), invoice(t, "R-2", account, "EUR 55.00")]).await;
        let found = open_findings(t).await;
        let expected = [
            ("money.revenue_without_partner".to_owned(), "R-2 from billing".to_owned(), Some("EUR 55.00".to_owned())),
            ("money.won_deal_without_revenue".to_owned(), format!("{} Fracht Beta AG", lost.number), Some(lost.value.to_string())),
        ];
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
        let rows = t.ask(ListInvoiceEvents { customer: Some(account), ..ListInvoiceEvents::default() }).await.unwrap().items;
        t.run(AttributeRevenue { event: rows[0].id, to: Some(partner) }).await.unwrap();
        let twice = t.run(AttributeRevenue { event: rows[0].id, to: Some(partner) }).await.unwrap_err();
        assert_eq!(twice.code(), "attributed");
        assert_eq!(open_findings(t).await.len(), 1);
    }

    async fn revenue_is_measured_without_what_was_refunded(t: Trial) {
        stage::program(t, "northwind", &[]).await;
        let partner = stage::partner(t, "Brandt", "reseller").await;
        let customer = stage::won(t, partner, "Spedition Alpha GmbH", "EUR 9000.00").await.customer.unwrap();
        let bill_1 = invoice(t, "R-1", customer, "EUR 1000.00");
        let back = InvoiceEvent { id: "G-1".to_owned(), kind: InvoiceKind::Chargeback, invoice: Some("R-1".to_owned()), amount: "EUR 400.00".parse().unwrap(), ..bill_1.clone() };
        bill(t, vec![bill_1, back]).await;
        let mut tx = t.app.db().read().await.unwrap();
        let measured = revenue(&mut tx, t.organization, t.now()).await.unwrap();
        assert_eq!(measured, [(partner, "EUR 600.00".parse::<Money>().unwrap().into())]);
        drop(tx);
        let months = t.ask(RevenueByMonth::default()).await.unwrap();
        assert_eq!((months.len(), months[11].attributed.to_string()), (12, "EUR 600.00".to_owned()));
        let other = t.partner_person(stage::partner(t, "Kranich", "reseller").await);
        assert!(t.ask_as(&other, RevenueByMonth { partner: Some(partner) }).await.unwrap().iter().all(|m| m.attributed.is_zero() && m.all.is_none()));
    }

    async fn pages_show_money_to_both_sides(t: Trial) {
        stage::program(t, "northwind", &[]).await;
        let partner = stage::partner(t, "Brandt Systemhaus", "reseller").await;
        let customer = stage::won(t, partner, "Spedition Alpha GmbH", "EUR 9000.00").await.customer.unwrap();
        let bad = InvoiceEvent { amount: "USD 5.00".parse().unwrap(), ..invoice(t, "R-9", customer, "EUR 1.00") };
        bill(t, vec![invoice(t, "R-1", customer, "EUR 120000.00"), bad]).await;
        t.clock.advance_days(40);
        produce_month(&t.app, &t.system, "2026-03".parse().unwrap()).await.unwrap();
        let statement = t.ask(ListStatements::default()).await.unwrap().items[0].statement.clone();
        let line = t.ask(crate::statements::GetStatement { statement: statement.id }).await.unwrap().lines[0].id;
        let letter = t.ask(crate::intake::ListDeadLetters::default()).await.unwrap().items[0].id;
        let (vendor, own) = (t.staff(&["*"], &["finance"]), t.partner_person(partner));
        let shown = async |who: &Actor, path: &str, words: &[&str]| {
            let text = stage::page(t, who, path, &[]).await;
            for word in words {
                assert!(text.contains(word), "{path} lacks {word}: {text}");
            }
            text
        };
        for who in [&vendor, &own] {
            shown(who, "/money/statements", &["March 2026", "€19,000.00"]).await;
            let own_statement = format!("/money/statements/{}", statement.id);
            shown(who, &own_statement, &[&format!("/money/lines/{line}"), "€19,000.00", "/pdf"]).await;
            shown(who, &format!("/money/lines/{line}"), &["R-1", "15%", "20%", "€15,000.00", "€4,000.00", "/decisions/"]).await;
            shown(who, "/money/revenue", &["<svg", "€120,000.00"]).await;
            shown(who, "/money/events", &["R-1"]).await;
        }
        shown(&vendor, "/money/events/usage", &["No usage"]).await;
        shown(&vendor, "/money/events/batches", &["billing"]).await;
        shown(&vendor, "/money/events/dead-letters", &["R-9", "USD"]).await;
        shown(&vendor, &format!("/money/events/dead-letters/{letter}"), &["Send in again"]).await;
        shown(&vendor, "/money/events/conflicts", &["No conflicts"]).await;
        shown(&vendor, "/money/events/import", &["dry_run"]).await;
        assert!(!stage::page(t, &own, "/money/events", &[]).await.contains("Dead letters"));
    }
}
