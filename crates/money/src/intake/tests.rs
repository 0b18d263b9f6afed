//! What goes in is recorded once, whatever is sent twice, and what cannot be rated is not lost.
#![allow(clippy::unwrap_used)]

use kernel::{PageRequest, Timestamp};
use trial::both_databases;

use super::*;
use crate::stage::{self, install};

fn used(id: &str, customer: impl ToString, quantity: i64) -> UsageEvent {
    UsageEvent {
        id: id.to_owned(),
        customer: customer.to_string(),
        quantity: Quantity::whole(quantity),
        unit: "driver".to_owned(),
        occurred_at: "2026-02-10T08:00:00Z".parse().unwrap(),
        integration: None,
    }
}

fn invoice(id: &str, customer: impl ToString, amount: &str) -> InvoiceEvent {
    InvoiceEvent {
        id: id.to_owned(),
        kind: InvoiceKind::Invoice,
        invoice: None,
        customer: customer.to_string(),
        revenue: Some(law::RevenueKind::Subscription),
        amount: amount.parse().unwrap(),
        occurred_at: "2026-02-10T08:00:00Z".parse().unwrap(),
        partner: None,
    }
}

fn refund(id: &str, of: &InvoiceEvent, amount: &str) -> InvoiceEvent {
    InvoiceEvent {
        id: id.to_owned(),
        kind: InvoiceKind::Refund,
        invoice: Some(of.id.clone()),
        revenue: None,
        amount: amount.parse().unwrap(),
        occurred_at: of.occurred_at.plus_days(3),
        ..of.clone()
    }
}

fn usage(events: Vec<UsageEvent>) -> IngestUsage {
    IngestUsage { source: "telemetry".to_owned(), events }
}

fn invoices(events: Vec<InvoiceEvent>) -> IngestInvoices {
    IngestInvoices { source: "billing".to_owned(), events }
}

fn import(kind: &str, format: Format, text: &str) -> Import {
    let kind = serde_json::from_value(kind.into()).unwrap();
    Import { source: "file".to_owned(), kind, format, text: text.to_owned(), dry_run: false }
}

fn codes(report: &Ingested) -> Vec<(usize, &str)> {
    report.problems.iter().map(|p| (p.row, p.code.as_str())).collect()
}

both_databases! {
    install;

    async fn an_event_is_recorded_once_and_repeats_are_acknowledged(t: Trial) {
        let customer = stage::customer(t, "Spedition Alpha").await;
        let first = t.run(usage(vec![used("a", customer, 1), used("b", customer, 2), used("a", customer, 1)])).await.unwrap();
        assert_eq!((first.recorded, first.duplicates, first.conflicts), (2, 1, 0));
        t.clock.advance_days(400);
        let again = t.run(usage(vec![used("b", customer, 2), used("c", customer, 3)])).await.unwrap();
        assert_eq!((again.recorded, again.duplicates, again.conflicts), (1, 1, 0));
        let elsewhere = IngestUsage { source: "other".to_owned(), events: vec![used("a", customer, 9)] };
        assert_eq!(t.run(elsewhere).await.unwrap().recorded, 1, "ids are unique within their source only");
    }

    async fn another_content_under_a_known_id_is_a_conflict_that_is_kept(t: Trial) {
        let customer = stage::customer(t, "Spedition Alpha").await;
        t.run(usage(vec![used("a", customer, 1)])).await.unwrap();
        for _ in 0..2 {
            let report = t.run(usage(vec![used("x", customer, 1), used("a", customer, 7)])).await.unwrap();
            assert_eq!(codes(&report), [(2, "conflict")]);
        }
        let kept = t.ask(ListConflicts::default()).await.unwrap().items;
        assert_eq!(kept.len(), 1, "the same conflict again says nothing new");
        assert!(kept[0].content.contains("\"quantity\":7"));
    }

    async fn what_cannot_be_rated_waits_to_be_repaired_and_replayed(t: Trial) {
        let customer = stage::customer(t, "Spedition Alpha").await;
        let mut early = invoice("early", customer, "EUR 10.00");
        early.occurred_at = t.now().plus_days(1);
        let events = vec![
            invoice("ok", customer, "EUR 10.00"),
            invoice("who", "cus_00000000000000000000000000", "EUR 10.00"),
            invoice("money", customer, "USD 10.00"),
            early,
        ];
        let report = t.run(invoices(events.clone())).await.unwrap();
        assert_eq!(codes(&report), [(2, "unknown_customer"), (3, "wrong_currency"), (4, "future_time")]);
        assert_eq!((report.recorded, report.dead_letters), (1, 3));
        assert_eq!(t.run(invoices(events)).await.unwrap().dead_letters, 3);
        let waiting = t.ask(ListDeadLetters::default()).await.unwrap().items;
        assert_eq!(waiting.len(), 3);

        t.clock.advance_days(2);
        let all = t.run(ReplayDeadLetter::default()).await.unwrap();
        assert_eq!((all.tried, all.recorded), (3, 1), "time alone repairs the early one");
        let wrong = waiting.iter().find(|l| l.reason == "wrong_currency").unwrap();
        let corrected = wrong.content.replace("USD", "EUR");
        let one = t.run(ReplayDeadLetter { letter: Some(wrong.id), corrected: Some(corrected) }).await.unwrap();
        assert_eq!(one.recorded, 1);
        let unknown = waiting.iter().find(|l| l.reason == "unknown_customer").unwrap();
        t.run(DiscardDeadLetter { letter: unknown.id, note: "a test customer".to_owned() }).await.unwrap();
        let open = ListDeadLetters { state: Some("open".to_owned()), ..ListDeadLetters::default() };
        assert_eq!(t.ask(open).await.unwrap().items, vec![]);
        let again = ReplayDeadLetter { letter: Some(unknown.id), corrected: None };
        assert_eq!(t.run(again).await.unwrap_err().code(), "dead_letter_closed");
    }

    async fn a_refund_belongs_to_its_invoice_and_never_exceeds_it(t: Trial) {
        let customer = stage::customer(t, "Spedition Alpha").await;
        let bill = invoice("R-1", customer, "EUR 100.00");
        let events = vec![
            refund("G-1", &bill, "EUR 60.00"),
            bill.clone(),
            refund("G-2", &bill, "EUR 60.00"),
            refund("G-3", &invoice("R-0", customer, "EUR 1.00"), "EUR 1.00"),
        ];
        let report = t.run(invoices(events)).await.unwrap();
        assert_eq!((report.recorded, report.dead_letters), (2, 2));
        let reasons: Vec<&str> = report.problems.iter().map(|p| p.code.as_str()).collect();
        assert!(reasons.contains(&"exceeds_invoice") && reasons.contains(&"unknown_invoice"), "{reasons:?}");
        let report = t.run(invoices(vec![refund("G-4", &bill, "EUR 40.00")])).await.unwrap();
        assert_eq!(report.recorded, 1);
        let report = t.run(invoices(vec![refund("G-5", &bill, "EUR 0.01")])).await.unwrap();
        assert_eq!(codes(&report), [(1, "exceeds_invoice")]);
    }

    async fn files_are_read_with_mistakes_named_by_line_and_column(t: Trial) {
        let customer = stage::customer(t, "Spedition Alpha").await;
        let text = format!(
            "\u{feff}id,customer,quantity,unit,occurred_at\n\
             1,{customer},2.5,driver,2026-02-01T00:00:00Z\n\
             2,{customer},many,driver,2026-02-01T00:00:00Z\n\
             3,cus_nobody,1,driver,2026-02-01T00:00:00Z\n\
             4,{customer},1,driver\n\
             5,{customer},1,driver,2026-02-30\n"
        );
        let mut trial_run = import("usage", Format::Csv, &text);
        trial_run.dry_run = true;
        let expected = [(3, Some("quantity")), (4, Some("customer")), (5, None), (6, Some("occurred_at"))];
        for import in [trial_run, import("usage", Format::Csv, &text)] {
            let done = t.run(import).await.unwrap();
            let places: Vec<_> = done.problems.iter().map(|p| (p.line as i32, p.column.as_deref())).collect();
            assert_eq!(places, expected);
            assert_eq!((done.rows, done.recorded, done.unreadable, done.dead_letters), (5, 1, 3, 1));
        }
        assert_eq!(t.ask(ListBatches::default()).await.unwrap().items.len(), 1, "a dry run leaves nothing behind");
        let lines = format!(
            "{{\"id\":\"R-1\",\"kind\":\"invoice\",\"customer\":\"{customer}\",\"revenue\":\"usage\",\"amount\":\"EUR 5.00\",\"occurred_at\":\"2026-02-01T00:00:00Z\"}}\n\n\
             {{\"id\":\"R-2\",\"kind\":\"invoice\",\"customer\":\"{customer}\",\"revenue\":\"usage\",\"amount\":\"5 EUR\",\"occurred_at\":\"2026-02-01T00:00:00Z\"}}\n"
        );
        let done = t.run(import("invoices", Format::Jsonl, &lines)).await.unwrap();
        assert_eq!((done.recorded, done.problems[0].line, done.problems[0].column.as_deref()), (1, 3, Some("amount")));
        let refused = t.run(import("usage", Format::Csv, "id,customers\n")).await.unwrap_err();
        assert!(refused.to_string().contains("no column `customers`"), "{refused}");
    }

    async fn small_requests_share_a_transaction_and_keep_their_own_answers(t: Trial) {
        let customer = stage::customer(t, "Spedition Alpha").await;
        let batcher = t.app.registry().part::<Batcher>().unwrap();
        let calls = (0..60).map(|n| {
            let event = used(&format!("e{}", n % 50), customer, 1);
            batcher.ingest(&t.app, &t.system, usage(vec![event]))
        });
        let reports: Vec<Ingested> = futures::future::try_join_all(calls).await.unwrap();
        let count = |of: fn(&Ingested) -> usize| reports.iter().map(of).sum::<usize>();
        assert_eq!((count(|r| r.recorded), count(|r| r.duplicates)), (50, 10));
        let outsider = t.staff(&[], &[]);
        let refused = batcher.ingest(&t.app, &outsider, usage(vec![used("z", customer, 1)])).await.unwrap_err();
        assert_eq!(refused.code(), "forbidden");
    }

    async fn partners_cannot_send_events_or_see_the_intake(t: Trial) {
        let customer = stage::customer(t, "Spedition Alpha").await;
        let partner = t.partner_person(t.app.new_id(t.now()));
        let refused = t.run_as(&partner, usage(vec![used("a", customer, 1)])).await.unwrap_err();
        assert_eq!(refused.code(), "forbidden");
        assert_eq!(t.ask_as(&partner, ListBatches::default()).await.unwrap_err().code(), "forbidden");
        assert_eq!(t.ask_as(&partner, ListInvoiceEvents { page: PageRequest::default(), ..Default::default() }).await.unwrap().items, vec![]);
    }

    async fn requests_have_a_largest_size_and_name_their_source(t: Trial) {
        let customer = stage::customer(t, "Spedition Alpha").await;
        let many = (0..5001).map(|n| used(&n.to_string(), customer, 1)).collect();
        assert_eq!(t.run(usage(many)).await.unwrap_err().code(), "invalid");
        let nameless = IngestUsage { source: " ".to_owned(), events: vec![used("a", customer, 1)] };
        assert!(t.run(nameless).await.unwrap_err().to_string().starts_with("source"));
    }
}

#[test]
fn quantities_are_exact() {
    for (text, micros) in [("1", 1_000_000), ("0.000001", 1), ("-2.5", -2_500_000), ("100.5", 100_500_000)] {
        let quantity: Quantity = text.parse().unwrap();
        assert_eq!((quantity.micros, quantity.to_string().as_str()), (micros, text));
        let json = serde_json::to_string(&quantity).unwrap();
        assert_eq!(serde_json::from_str::<Quantity>(&json).unwrap(), quantity);
    }
    assert_eq!(serde_json::from_str::<Quantity>("2.5").unwrap().micros, 2_500_000);
    for text in ["", "1e3", "0.0000001", "many"] {
        assert!(text.parse::<Quantity>().is_err(), "{text}");
    }
}

#[test]
fn a_file_splits_at_line_ends_and_keeps_its_header() {
    let text = "id,unit\n1,a\n2,\"b\nb\"\n3,c";
    let chunks = chunks(text, Format::Csv, 17);
    let expected = [(0, "id,unit\n1,a\n"), (1, "id,unit\n2,\"b\nb\"\n"), (3, "id,unit\n3,c")];
    assert_eq!(chunks.iter().map(|(n, t)| (*n, t.as_str())).collect::<Vec<_>>(), expected);
}

#[test]
fn times_are_read_as_they_are_written() {
    let event = invoice("a", "cus_x", "EUR 1.00");
    let text = serde_json::to_string(&event).unwrap();
    assert_eq!(serde_json::from_str::<InvoiceEvent>(&text).unwrap(), event);
    assert!(event.occurred_at < Timestamp::from_micros(i64::MAX));
}

proptest::proptest! {
    /// One index tells repeats only if different events never share an id, and grows at its end only if ids keep the order.
    #[test]
    fn ids_of_usage_tell_events_apart_and_keep_their_order(a in ".{0,12}", b in ".{0,12}") {
        let key = |text: &str| event::ordered_key(kernel::Id::from_bytes([1; 16]), "telemetry", text);
        proptest::prop_assert_eq!(key(&a).cmp(&key(&b)), a.as_bytes().cmp(b.as_bytes()));
    }
}
