//! Statements from events to documents, on both databases.
#![allow(clippy::unwrap_used)]

use kernel::{Actor, Error, PartnerId, Rule, Timestamp};
use law::RevenueKind;
use partners::CustomerId;
use trial::both_databases;

use super::*;
use crate::intake::{IngestUsage, InvoiceEvent, Quantity, UsageEvent};
use crate::stage::{self, bill, install, invoice, month, refund};

async fn made(t: &trial::Trial, partner: PartnerId, month: Month) -> Statement {
    t.run(ProduceOne { partner, month }).await.unwrap().statement.unwrap()
}

async fn detail(t: &trial::Trial, statement: &Statement) -> StatementDetail {
    t.ask(GetStatement { statement: statement.id }).await.unwrap()
}

/// A partner with a won deal, and its customer, on 2 March 2026.
async fn sold(t: &trial::Trial, program: &str, archetype: &str) -> (PartnerId, CustomerId) {
    stage::program(t, program, &[]).await;
    let partner = stage::partner(t, "Brandt Systemhaus", archetype).await;
    let value = if program == "northwind" { "EUR 9000.00" } else { "USD 9000.00" };
    let deal = stage::won(t, partner, "Spedition Alpha GmbH", value).await;
    (partner, deal.customer.unwrap())
}

fn days(t: &trial::Trial, days: i64) -> Timestamp {
    t.now().plus_days(days)
}

async fn explained(t: &trial::Trial, decision: &kernel::DecisionRecord) -> bool {
    let mut tx = t.app.db().read().await.unwrap();
    kernel::log::explain(&t.app, &mut tx, decision.clone()).await.unwrap().reproduced
}

both_databases! {
    install;

    // covers: B8.3
    async fn every_amount_of_a_statement_leads_to_its_inputs_and_rule(t: Trial) {
        let (partner, customer) = sold(t, "northwind", "reseller").await;
        let bill_1 = invoice("R-1", customer, RevenueKind::Subscription, "EUR 120000.00", days(t, 1));
        t.clock.advance_days(40);
        bill(t, vec![bill_1]).await;
        let statement = made(t, partner, month("2026-03")).await;
        assert_eq!((statement.total.to_string(), statement.state), ("EUR 19000.00".to_owned(), State::Final));
        assert_eq!(statement.payable_from.to_string(), "2026-04-15");
        let detail = detail(t, &statement).await;
        assert_eq!(detail.lines.len(), 1);
        assert!(explained(t, &detail.decisions[0]).await, "the statement is computed again to the cent");
        let line = t.ask(GetLine { line: detail.lines[0].id }).await.unwrap();
        assert_eq!(line.line.line.parts.len(), 2);
        assert_eq!(line.event.unwrap().external_id, "R-1");
        assert_eq!(line.basis, Some(crate::attribution::Basis::WonDeal));
        assert_eq!(line.statement.id, statement.id);
        let document = t.ask(documents::GetDocument { document: statement.document }).await.unwrap();
        let text = serde_json::to_string(&document.body).unwrap();
        assert!(text.contains(&format!("/money/lines/{}", detail.lines[0].id)), "the paper links every amount");
        assert!(document.intact && document.body.number.to_string() == statement.number);
    }

    // covers: C8
    async fn the_partner_led_model_nets_fee_and_share_in_one_statement(t: Trial) {
        let (partner, customer) = sold(t, "commercial-models", "builder").await;
        let start = t.now();
        t.clock.advance_days(95);
        let mut events = vec![invoice("P-1", customer, RevenueKind::Project, "USD 100000.00", start.plus_days(1))];
        events.extend((0..3).map(|n| {
            invoice(&format!("S-{n}"), customer, RevenueKind::Subscription, "USD 5000.00", start.plus_days(2 + 31 * n))
        }));
        bill(t, events).await;
        let totals = [("2026-03", "USD -18750.00"), ("2026-04", "USD 1250.00"), ("2026-05", "USD 1250.00")];
        for (name, total) in totals {
            assert_eq!(made(t, partner, month(name)).await.total.to_string(), total);
        }
    }

    async fn a_month_is_stated_once_and_late_events_come_with_the_next(t: Trial) {
        let (partner, customer) = sold(t, "northwind", "reseller").await;
        let start = t.now();
        let first = invoice("R-1", customer, RevenueKind::Subscription, "EUR 100000.00", start.plus_days(1));
        t.clock.advance_days(40);
        bill(t, vec![first.clone()]).await;
        assert_eq!(made(t, partner, month("2026-03")).await.total.to_string(), "EUR 15000.00");
        let late = invoice("R-2", customer, RevenueKind::Subscription, "EUR 1000.00", start.plus_days(2));
        bill(t, vec![late.clone(), first.clone()]).await;
        let again = t.run(ProduceOne { partner, month: month("2026-03") }).await.unwrap();
        assert!(!again.made && again.statement.unwrap().total.to_string() == "EUR 15000.00");
        t.clock.advance_days(30);
        let back = refund("G-1", &first, "EUR 50000.00", start.plus_days(35));
        bill(t, vec![back]).await;
        // 1,000 at 20 %, then 50,000 back: the topmost 1,000 at 20 % and 49,000 at 15 %.
        let next = made(t, partner, month("2026-04")).await;
        assert_eq!(next.total.to_string(), "EUR -7350.00");
        let of_march = t.run(ProduceOne { partner, month: month("2026-02") }).await.unwrap_err();
        assert_eq!(of_march.code(), "later_statement");
        let open = t.run(ProduceOne { partner, month: month("2026-05") }).await.unwrap_err();
        assert_eq!(open.code(), "month_open");
    }

    async fn a_refund_in_another_statement_gives_back_its_part_and_never_more(t: Trial) {
        let (partner, customer) = sold(t, "northwind", "si").await;
        let start = t.now();
        let first = invoice("R-1", customer, RevenueKind::Subscription, "EUR 1000.05", start.plus_days(1));
        t.clock.advance_days(40);
        bill(t, vec![first.clone()]).await;
        assert_eq!(made(t, partner, month("2026-03")).await.total.to_string(), "EUR 100.01");
        let mut total = 10_001;
        for (n, (amount, of)) in [("333.35", "2026-04"), ("333.35", "2026-05"), ("333.35", "2026-06")].into_iter().enumerate() {
            let at = t.now().plus_days(-1);
            bill(t, vec![refund(&format!("G-{n}"), &first, &format!("EUR {amount}"), at)]).await;
            t.clock.advance_days(31);
            total += made(t, partner, month(of)).await.total.minor;
        }
        assert_eq!(total, 0, "three parts take back exactly what the whole earned");
    }

    async fn too_little_is_carried_until_it_is_enough(t: Trial) {
        let (partner, customer) = sold(t, "northwind", "reseller").await;
        let start = t.now();
        t.clock.advance_days(95);
        let line = |id: &str, day| invoice(id, customer, RevenueKind::Subscription, "EUR 200.00", start.plus_days(day));
        bill(t, vec![line("a", 1), line("b", 40)]).await;
        let march = made(t, partner, month("2026-03")).await;
        assert_eq!((march.state, march.payable.minor, march.carried_out.minor), (State::Carried, 0, 3_000));
        let april = made(t, partner, month("2026-04")).await;
        assert_eq!((april.state, april.carried_in.minor, april.payable.minor), (State::Final, 3_000, 6_000));
        for statement in [march, april] {
            let lines = detail(t, &statement).await.lines;
            assert_eq!(lines.iter().map(|l| l.line.amount.minor).sum::<i128>(), statement.total.minor);
            let kept = statement.payable.minor + statement.carried_out.minor;
            assert_eq!(statement.total.minor + statement.carried_in.minor, kept, "nothing is lost on the way");
        }
    }

    async fn all_statements_of_a_month_are_made_once_its_day_has_come(t: Trial) {
        let (partner, customer) = sold(t, "northwind", "reseller").await;
        bill(t, vec![invoice("R-1", customer, RevenueKind::Subscription, "EUR 1000.00", t.now())]).await;
        let early = t.run(ProduceStatements::default()).await.unwrap();
        assert_eq!((early.month, early.statements), (month("2026-02"), 0));
        t.clock.set("2026-04-02T00:00:00Z".parse().unwrap());
        assert!(t.run(ProduceStatements::default()).await.unwrap().waits_until.is_some());
        t.clock.set("2026-04-05T00:00:00Z".parse().unwrap());
        let done = t.run(ProduceStatements::default()).await.unwrap();
        assert_eq!((done.month, done.statements, done.more), (month("2026-03"), 1, false));
        assert_eq!(t.run(ProduceStatements::default()).await.unwrap().statements, 0);
        assert_eq!(produce_month(&t.app, &t.system, month("2026-03")).await.unwrap(), 0);
        let listed = t.ask(ListStatements { partner: Some(partner), ..ListStatements::default() }).await.unwrap();
        assert_eq!(listed.items[0].partner_name, "Brandt Systemhaus");
        let totals = t.ask(TotalStatements::default()).await.unwrap();
        assert_eq!((totals[0].statements, totals[0].payable.to_string()), (1, "EUR 150.00".to_owned()));
    }

    // covers: B8.3
    async fn a_statement_proves_itself_offline_and_names_the_first_wrong_line(t: Trial) {
        let (partner, customer) = sold(t, "northwind", "reseller").await;
        let line = |id: &str, amount: &str| invoice(id, customer, RevenueKind::Subscription, amount, t.now());
        let first = line("R-1", "EUR 1000.00");
        bill(t, vec![first.clone(), line("R-2", "EUR 500.00"), refund("G-1", &first, "EUR 10.00", t.now())]).await;
        t.clock.advance_days(40);
        let statement = made(t, partner, month("2026-03")).await;
        let asked = GetStatementProof { statement: statement.id };
        assert_eq!(t.ask(GetStatementProof { statement: statement.id }).await.unwrap_err().code(), "not_in_log_yet");
        t.app.sequence().await.unwrap();
        let proof = t.ask_as(&t.partner_person(partner), asked).await.unwrap();
        let text = serde_json::to_string(&proof).unwrap();
        let proof: StatementProof = serde_json::from_str(&text).unwrap();
        let key = t.app.log_key().verifier().to_string();
        let verified = verify(&proof, Some(&key)).unwrap();
        assert_eq!((verified.lines, verified.payable.as_str(), verified.own_key), (3, "€223.50", false));
        assert!(verify(&proof, None).unwrap().own_key);
        let altered = |change: &dyn Fn(&mut StatementProof)| {
            let mut altered = proof.clone();
            change(&mut altered);
            verify(&altered, Some(&key)).unwrap_err()
        };
        let raise = |row: &mut serde_json::Map<String, serde_json::Value>, column: &str| {
            row.insert(column.to_owned(), 9_999_999.into());
        };
        let wrong = altered(&|p| raise(&mut p.lines[1], "amount_minor"));
        assert!(wrong.contains("line 2") && wrong.contains("R-2") && wrong.contains("EUR 75.00"), "{wrong}");
        assert!(altered(&|p| raise(&mut p.statement, "payable_minor")).contains("`payable`"));
        assert!(altered(&|p| { p.lines.remove(2); }).contains("line 3 is missing"));
        assert!(altered(&|p| p.lines[0]["cites"] = "elsewhere".into()).contains("line 1"));
        assert!(altered(&|p| p.statement["number"] = "X-1".into()).contains("as it was written in the log"));
        let facts = proof.decision["facts"].as_str().unwrap().replace("1000.00", "2000.00");
        assert!(altered(&|p| p.decision["facts"] = facts.clone().into()).contains("the decision is not as it was"));
        assert!(altered(&|p| p.terms = p.terms.replace("15%", "16%")).contains("the plan is not the one"));
        assert!(altered(&|p| p.log.entries[0].body.push(' ')).contains("is not in the signed log"));
        // The second line of a head is the size of the log.
        let longer = |head: &str| head.replacen('\n', "\n9", 1);
        assert!(altered(&|p| p.log.checkpoint = longer(&p.log.checkpoint)).contains("signed head"));
        let stranger = stage::partner(t, "Kranich IT", "reseller").await;
        let refused = t.ask_as(&t.partner_person(stranger), GetStatementProof { statement: statement.id }).await;
        assert!(matches!(refused, Err(Error::NotFound { .. })));
    }

    async fn a_partner_sees_its_own_statements_and_lines_only(t: Trial) {
        let (partner, customer) = sold(t, "northwind", "reseller").await;
        bill(t, vec![invoice("R-1", customer, RevenueKind::Subscription, "EUR 1000.00", t.now())]).await;
        t.clock.advance_days(40);
        let statement = made(t, partner, month("2026-03")).await;
        let line = detail(t, &statement).await.lines[0].id;
        let other = stage::partner(t, "Kranich IT", "reseller").await;
        let (own, stranger): (Actor, Actor) = (t.partner_person(partner), t.partner_person(other));
        let seen = t.ask_as(&own, GetStatement { statement: statement.id }).await.unwrap();
        assert_eq!(seen.decisions[0].facts, serde_json::Value::Null);
        assert!(t.ask_as(&own, GetLine { line }).await.unwrap().event.is_some());
        for error in [
            t.ask_as(&stranger, GetStatement { statement: statement.id }).await.map(|_| ()).unwrap_err(),
            t.ask_as(&stranger, GetLine { line }).await.map(|_| ()).unwrap_err(),
        ] {
            assert!(matches!(error, Error::NotFound { .. }), "{error}");
        }
        assert!(t.ask_as(&stranger, ListStatements::default()).await.unwrap().items.is_empty());
        assert!(t.ask_as(&stranger, ListLines::default()).await.unwrap().items.is_empty());
        assert!(t.ask_as(&stranger, TotalStatements::default()).await.unwrap().is_empty());
        let refused = t.run_as(&own, ProduceOne { partner, month: month("2026-03") }).await.unwrap_err();
        assert_eq!(refused.code(), "forbidden");
    }

    async fn use_is_paid_by_the_unit_and_corrected_later(t: Trial) {
        let each = r#"how = { each = "EUR 1.50", unit = "driver" }"#;
        stage::program(t, "northwind", &[("how = { rate = \"30%\" }", each)]).await;
        let partner = stage::partner(t, "Ausweis AG", "data").await;
        let deal = stage::won(t, partner, "Spedition Alpha GmbH", "EUR 9000.00").await;
        let (customer, start) = (deal.customer.unwrap(), t.now());
        let used = |id: &str, quantity, at| UsageEvent {
            id: id.to_owned(),
            customer: customer.to_string(),
            quantity: Quantity::whole(quantity),
            unit: "driver".to_owned(),
            occurred_at: at,
            integration: None,
        };
        t.clock.advance_days(70);
        let events = vec![used("a", 40, start.plus_days(1)), used("b", 60, start.plus_days(35)), used("old", 9, start.plus_days(-1))];
        t.run(IngestUsage { source: "telemetry".to_owned(), events }).await.unwrap();
        assert_eq!(produce_month(&t.app, &t.system, month("2026-03")).await.unwrap(), 1);
        t.run(IngestUsage { source: "telemetry".to_owned(), events: vec![used("late", 10, start.plus_days(2))] }).await.unwrap();
        let april = made(t, partner, month("2026-04")).await;
        assert_eq!(april.total.to_string(), "EUR 105.00", "60 in April and 10 late ones of March");
        let march = t.ask(ListStatements { month: Some(month("2026-03")), ..ListStatements::default() }).await.unwrap();
        assert_eq!(march.items[0].statement.total.to_string(), "EUR 60.00");
    }

    /// I4: whatever arrives twice, in whatever order, pays once; I9: statements add up to rating with full knowledge.
    async fn no_event_pays_twice_under_repeats_and_late_arrival(t: Trial) {
        let (partner, customer) = sold(t, "northwind", "reseller").await;
        let start = t.now();
        t.clock.advance_days(30);
        let invoices: Vec<InvoiceEvent> = (0..24)
            .map(|n| invoice(&format!("R-{n}"), customer, RevenueKind::Subscription, &format!("EUR {}.{:02}", 9_000 + 777 * n, n), start.plus_days(n)))
            .collect();
        // A stride that is prime to the count visits all in another order; every third comes again.
        for (step, n) in (0..24).map(|n| n * 7 % 24).enumerate() {
            let mut events = vec![invoices[n].clone()];
            if step % 3 == 0 {
                events.push(invoices[(n + 7) % 24].clone());
            }
            bill(t, events.clone()).await;
            bill(t, events).await;
            if step % 8 == 7 {
                t.clock.advance_days(31);
                let month = Month::of(t.now(), &jiff::tz::TimeZone::UTC).before();
                t.run(ProduceOne { partner, month }).await.unwrap();
            }
        }
        t.clock.advance_days(31);
        let month = Month::of(t.now(), &jiff::tz::TimeZone::UTC).before();
        t.run(ProduceOne { partner, month }).await.unwrap();
        let paid: i128 = t.ask(TotalStatements::default()).await.unwrap().iter().map(|s| s.total.minor).sum();
        let revenue: i128 = invoices.iter().map(|event| event.amount.minor).sum();
        let marginal = |minor: i128| kernel::money::divide_half_away(minor.min(10_000_000) * 15 + (minor - 10_000_000).max(0) * 20, 100);
        assert_eq!(paid, marginal(revenue));
    }

    async fn a_change_of_plan_shows_what_last_month_would_have_paid(t: Trial) {
        let (_, customer) = sold(t, "northwind", "reseller").await;
        bill(t, vec![invoice("R-1", customer, RevenueKind::Subscription, "EUR 1000.00", t.now())]).await;
        t.clock.advance_days(40);
        produce_month(&t.app, &t.system, month("2026-03")).await.unwrap();
        let mut files = law::shipped()[0].files();
        let money = files.get_mut("money.toml").unwrap();
        *money = money.replace("rate = \"15%\"", "rate = \"18%\"");
        let plan = t.ask(programs::PlanProgram { files, ..programs::PlanProgram::default() }).await.unwrap();
        let text = serde_json::to_string(&plan).unwrap();
        assert!(text.contains("€150.00") && text.contains("€180.00"), "{text}");
        assert_eq!((plan.costs.len(), plan.costs[0].cost.to_string()), (1, "EUR 30.00".to_owned()));
        let impact = plan.impacts.iter().find(|one| one.title.starts_with("Statements")).unwrap();
        assert_eq!((impact.cost, impact.counts.len()), (Some(plan.costs[0].cost), 1));
    }
}

// I5: the same input writes the same document, byte for byte.
#[test]
fn a_rule_decides_alike_every_time() {
    let program = law::Program::load(&law::shipped()[0].files()).unwrap();
    let terms = StatementTerms::of(&program, "reseller").unwrap();
    let facts = StatementFacts {
        partner: kernel::Id::from_bytes([3; 16]),
        month: month("2026-03"),
        rating: crate::commission::RatingFacts::default(),
        carried_in: kernel::Money::new(4_999, kernel::Currency::EUR),
        carried_since: None,
    };
    let decided = || serde_json::to_string(&StatementRule::decide(&terms, &facts)).unwrap();
    assert_eq!(decided(), decided());
    assert_eq!(StatementRule::decide(&terms, &facts).outcome.state, State::Carried);
}
