//! Statements in the ledger: what accrues is held, released, paid, taken back and carried, and nothing is lost on the way.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use kernel::{Actor, Error, Money, PageRequest, PartnerId};
use law::RevenueKind;
use partners::CustomerId;
use trial::{Trial, both_databases};

use super::*;
use crate::intake::InvoiceEvent;
use crate::ledger::{Account, EntryListed, ListBalances, ListEntries, VerifyBooks};
use crate::stage::{self, bill, install, invoice, month, refund};
use crate::statements::{ListStatements, Month, ProduceOne, State};

/// A partner with a won deal under Northwind's plans, with changes, and its customer, on 2 March 2026.
async fn sold(t: &Trial, changes: &[(&str, &str)]) -> (PartnerId, CustomerId) {
    stage::program(t, "northwind", changes).await;
    let partner = stage::partner(t, "Brandt Systemhaus", "reseller").await;
    let deal = stage::won(t, partner, "Spedition Alpha GmbH", "EUR 9000.00").await;
    (partner, deal.customer.unwrap())
}

async fn made(t: &Trial, partner: PartnerId, of: &str) -> Statement {
    t.run(ProduceOne { partner, month: month(of) }).await.unwrap().statement.unwrap()
}

/// The balances of a partner's book that are not nothing, and that book must be sound.
async fn book_of(t: &Trial, partner: PartnerId) -> BTreeMap<String, String> {
    assert_eq!(t.ask(VerifyBooks {}).await.unwrap().wrong, Vec::<String>::new());
    let page = t.ask(ListBalances { partner: Some(partner), ..ListBalances::default() }).await.unwrap();
    let held = page.items.into_iter().filter(|item| !item.balance.is_zero());
    held.map(|item| (item.account.to_string(), item.balance.amount())).collect()
}

fn balances<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(account, amount)| (account.to_owned(), amount.to_owned())).collect()
}

async fn entries(t: &Trial, partner: PartnerId, account: &str) -> Vec<EntryListed> {
    let account: Account = account.parse().unwrap();
    let page = PageRequest { limit: Some(500), ..PageRequest::default() };
    t.ask(ListEntries { partner: Some(partner), account: Some(account), page, ..ListEntries::default() })
        .await
        .unwrap()
        .items
}

async fn state(t: &Trial, statement: &Statement) -> SettlementState {
    t.ask(crate::statements::GetStatement { statement: statement.id }).await.unwrap().settlement.unwrap().state
}

both_databases! {
    install;

    // covers: B8.3
    async fn what_is_earned_rests_is_released_and_is_paid(t: Trial) {
        let (partner, customer) = sold(t, &[]).await;
        bill(t, vec![invoice("R-1", customer, RevenueKind::Subscription, "EUR 1000.00", t.now())]).await;
        t.clock.set("2026-04-05T08:00:00Z".parse().unwrap());
        let statement = made(t, partner, "2026-03").await;
        assert_eq!(book_of(t, partner).await, balances([("expense", "150.00"), ("held", "150.00")]));
        let early = RecordPayment { statement: statement.id, paid_on: None, reference: "E2E-1".to_owned() };
        assert_eq!(t.run(early.clone()).await.unwrap_err().code(), "wrong_state");
        assert_eq!(t.run(ReleaseDue {}).await.unwrap(), 0);
        t.clock.set("2026-04-15T08:00:00Z".parse().unwrap());
        assert_eq!((t.run(ReleaseDue {}).await.unwrap(), t.run(ReleaseDue {}).await.unwrap()), (1, 0));
        assert_eq!(book_of(t, partner).await, balances([("expense", "150.00"), ("payable", "150.00")]));
        let future = RecordPayment { paid_on: Some("2026-04-16".parse().unwrap()), ..early.clone() };
        assert!(matches!(t.run(future).await, Err(Error::Invalid { .. })));
        let paid = t.run(early.clone()).await.unwrap();
        assert_eq!((paid.state, paid.paid_on), (SettlementState::Paid, Some("2026-04-15".parse().unwrap())));
        assert_eq!(t.run(early).await.unwrap_err().code(), "wrong_state");
        assert_eq!(book_of(t, partner).await, balances([("clearing", "-150.00"), ("expense", "150.00")]));
        let lines = entries(t, partner, "pending").await;
        assert!(lines.iter().any(|listed| listed.entry.line.is_some() && listed.cause == statement.id.to_string()));
        let earned = t.ask_as(&t.partner_person(partner), GetEarnings::default()).await.unwrap();
        assert_eq!((earned[0].paid.to_string(), earned[0].payable.minor), ("EUR 150.00".to_owned(), 0));
        let page = stage::page(t, &t.partner_person(partner), "/money/earnings", &[]).await;
        assert!(page.contains("Payable") && page.contains("150.00") && page.contains("E2E-1"), "{page}");
    }

    async fn a_person_holds_a_statement_back_and_lets_it_go(t: Trial) {
        let (partner, customer) = sold(t, &[]).await;
        bill(t, vec![invoice("R-1", customer, RevenueKind::Subscription, "EUR 1000.00", t.now())]).await;
        t.clock.set("2026-04-20T08:00:00Z".parse().unwrap());
        let statement = made(t, partner, "2026-03").await;
        assert_eq!(state(t, &statement).await, SettlementState::Payable);
        for round in 0..2 {
            let hold = HoldStatement { statement: statement.id, reason: format!("Disputed, round {round}") };
            t.run(hold.clone()).await.unwrap();
            assert_eq!(t.run(hold).await.unwrap_err().code(), "wrong_state");
            assert_eq!(book_of(t, partner).await, balances([("expense", "150.00"), ("held", "150.00")]));
            let pay = RecordPayment { statement: statement.id, paid_on: None, reference: "E2E-1".to_owned() };
            assert_eq!(t.run(pay).await.unwrap_err().code(), "wrong_state");
            t.run(ReleaseStatement { statement: statement.id }).await.unwrap();
            assert_eq!(state(t, &statement).await, SettlementState::Payable);
        }
        let own: Actor = t.partner_person(partner);
        let page = stage::page(t, &own, &format!("/money/statements/{}", statement.id), &[]).await;
        assert!(page.contains("Payment") && !page.contains("Record the payment"), "{page}");
        let refused = t.run_as(&own, ReleaseStatement { statement: statement.id }).await.unwrap_err();
        assert_eq!(refused.code(), "forbidden");
    }

    // covers: B8.2
    async fn a_refund_after_issue_is_an_entry_that_names_line_and_month(t: Trial) {
        let (partner, customer) = sold(t, &[]).await;
        let first = invoice("R-1", customer, RevenueKind::Subscription, "EUR 1000.00", t.now());
        bill(t, vec![first.clone()]).await;
        t.clock.set("2026-04-05T08:00:00Z".parse().unwrap());
        let march = made(t, partner, "2026-03").await;
        bill(t, vec![refund("G-1", &first, "EUR 400.00", t.now())]).await;
        t.clock.set("2026-05-05T08:00:00Z".parse().unwrap());
        let april = made(t, partner, "2026-04").await;
        assert_eq!((april.total.to_string(), state(t, &april).await), ("EUR -60.00".to_owned(), SettlementState::Owed));
        let detail = t.ask(crate::statements::GetStatement { statement: march.id }).await.unwrap();
        let back = entries(t, partner, "expense").await.remove(0);
        assert_eq!((back.kind.as_str(), back.entry.amount.to_string()), ("clawback", "EUR -60.00".to_owned()));
        assert_eq!((back.entry.corrects, back.entry.period), (Some(detail.lines[0].id), Some(month("2026-03"))));
        t.run(RecordPayment { statement: april.id, paid_on: None, reference: "WIRE".to_owned() }).await.unwrap();
        t.run(ReleaseDue {}).await.unwrap();
        let now = book_of(t, partner).await;
        assert_eq!(now, balances([("clearing", "60.00"), ("expense", "90.00"), ("payable", "150.00")]));
    }

    // covers: B8.2
    async fn what_a_partner_owes_is_set_off_until_it_is_too_old(t: Trial) {
        let (partner, customer) = sold(t, &[("hold_days = 14", "hold_days = 0\ncarry_negative_months = 2")]).await;
        let line = |id: &str, amount: &str, at| invoice(id, customer, RevenueKind::Subscription, amount, at);
        let first = line("R-1", "EUR 1000.00", t.now());
        bill(t, vec![first.clone()]).await;
        t.clock.set("2026-04-05T08:00:00Z".parse().unwrap());
        made(t, partner, "2026-03").await;
        bill(t, vec![refund("G-1", &first, "EUR 1000.00", t.now())]).await;
        t.clock.set("2026-05-05T08:00:00Z".parse().unwrap());
        let april = made(t, partner, "2026-04").await;
        assert_eq!((april.state, april.carried_out.to_string()), (State::Carried, "EUR -150.00".to_owned()));
        assert_eq!(april.carried_since, Some(month("2026-04")));
        assert_eq!(book_of(t, partner).await, balances([("carry", "150.00"), ("payable", "150.00")]));
        bill(t, vec![line("R-2", "EUR 200.00", t.now())]).await;
        t.clock.set("2026-06-05T08:00:00Z".parse().unwrap());
        let may = made(t, partner, "2026-05").await;
        assert_eq!((may.carried_in.minor, may.carried_out.minor, may.carried_since), (-15_000, -12_000, april.carried_since));
        bill(t, vec![line("R-3", "EUR 100.00", t.now())]).await;
        t.clock.set("2026-07-05T08:00:00Z".parse().unwrap());
        let june = made(t, partner, "2026-06").await;
        assert_eq!((june.state, june.payable.to_string(), june.carried_since), (State::Final, "EUR -105.00".to_owned(), None));
        let now = book_of(t, partner).await;
        assert_eq!(now, balances([("expense", "45.00"), ("payable", "150.00"), ("receivable", "105.00")]));
    }

    async fn fees_that_the_partner_pays_are_income_and_net_in_one_statement(t: Trial) {
        stage::program(t, "commercial-models", &[]).await;
        let partner = stage::partner(t, "Brandt Systemhaus", "builder").await;
        let deal = stage::won(t, partner, "Spedition Alpha GmbH", "USD 9000.00").await;
        let customer = deal.customer.unwrap();
        bill(t, vec![
            invoice("P-1", customer, RevenueKind::Project, "USD 100000.00", t.now()),
            invoice("S-1", customer, RevenueKind::Subscription, "USD 5000.00", t.now()),
        ]).await;
        t.clock.set("2026-04-05T08:00:00Z".parse().unwrap());
        made(t, partner, "2026-03").await;
        let now = book_of(t, partner).await;
        assert_eq!(now, balances([("expense", "1250.00"), ("income", "20000.00"), ("receivable", "18750.00")]));
    }
}

/// A year of a partner from a seed: invoices late and twice, refunds in parts, payments, and a plan that changes.
async fn year(t: &Trial, seed: u64) {
    let mut dice = Dice(seed);
    let changes = [("hold_days = 14", "hold_days = 14\ncarry_negative_months = 3")];
    let (partner, customer) = sold(t, &changes).await;
    let mut billed: Vec<(InvoiceEvent, i128)> = Vec::new();
    for n in 0..8 {
        let at = t.now();
        let mut events = Vec::new();
        for k in 0..dice.roll(4) {
            let amount = Money::new(i128::from(1 + dice.roll(9_000_000)), kernel::Currency::EUR);
            let event = invoice(&format!("R-{n}-{k}"), customer, RevenueKind::Subscription, &amount.to_string(), at);
            billed.push((event.clone(), amount.minor));
            events.push(event);
        }
        for k in 0..dice.roll(3) {
            let place = dice.roll(billed.len() as u64 + 1) as usize;
            let Some((of, left)) = billed.get_mut(place).filter(|(_, left)| *left > 0) else { continue };
            let part = if dice.roll(2) == 0 { *left } else { 1 + *left / 3 };
            *left -= part;
            let amount = Money::new(part, kernel::Currency::EUR).to_string();
            events.push(refund(&format!("G-{n}-{k}"), of, &amount, at));
        }
        events.reverse();
        if !events.is_empty() {
            bill(t, events.clone()).await;
            bill(t, events).await;
        }
        if n == 4 {
            let rate = ("rate = \"15%\"", "rate = \"17.5%\"");
            stage::program(t, "northwind", &[changes[0], rate]).await;
        }
        t.clock.advance_days(31);
        let of = Month::of(t.now(), &jiff::tz::TimeZone::UTC).before();
        let made = t.run(ProduceOne { partner, month: of }).await.unwrap();
        t.run(ReleaseDue {}).await.unwrap();
        if let Some(statement) = made.statement.filter(|_| dice.roll(2) == 0) {
            let _ =
                t.run(RecordPayment { statement: statement.id, paid_on: None, reference: format!("E2E-{n}") }).await;
        }
        sound(t, partner).await;
    }
}

/// I1 to I4, I10 and I11, after each month.
async fn sound(t: &Trial, partner: PartnerId) {
    assert_eq!(t.ask(VerifyBooks {}).await.unwrap().wrong, Vec::<String>::new());
    let page = PageRequest { limit: Some(500), ..PageRequest::default() };
    let statements =
        t.ask(ListStatements { partner: Some(partner), page: page.clone(), ..ListStatements::default() }).await;
    let statements = statements.unwrap().items;
    let stated: i128 = statements.iter().map(|listed| listed.statement.total.minor).sum();
    let earned = t.ask(GetEarnings { partner: Some(partner) }).await.unwrap();
    let Some(earned) = earned.first() else { return assert_eq!(stated, 0) };
    let kept = [earned.pending, earned.held, earned.payable, earned.paid].iter().map(|m| m.minor).sum::<i128>();
    assert_eq!(kept - earned.owed.minor - earned.carried.minor, stated, "{earned:?}");
    let expense: i128 = entries(t, partner, "expense").await.iter().map(|listed| listed.entry.amount.minor).sum();
    assert_eq!(expense, stated, "every line is in the ledger once");
    for listed in &statements {
        let of = listed.statement.id.to_string();
        let paid = entries(t, partner, "clearing").await.into_iter().filter(|e| e.cause == of);
        let sums: Vec<i128> = paid.map(|e| -e.entry.amount.minor).collect();
        assert!(sums.is_empty() || sums == [listed.statement.payable.minor], "a payout is what its statement says");
        let lines: i128 = entries(t, partner, "pending")
            .await
            .into_iter()
            .filter(|e| e.cause == of && e.entry.line.is_some())
            .map(|e| -e.entry.amount.minor)
            .sum();
        assert_eq!(lines, listed.statement.total.minor, "a statement is the sum of its entries");
    }
}

/// Numbers from a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 31) % sides
    }
}

both_databases! {
    install;

    async fn a_year_loses_nothing_1(t: Trial) { year(t, 1).await; }
    async fn a_year_loses_nothing_2(t: Trial) { year(t, 2).await; }
    async fn a_year_loses_nothing_3(t: Trial) { year(t, 3).await; }
}
