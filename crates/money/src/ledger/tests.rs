//! Books that balance, that nobody overdraws, and that show a changed byte; and exports that strict readers take.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use kernel::{Actor, Error, Money};
use proptest::prelude::*;
use trial::both_databases;

use super::export::{ExportFormat, Journaled, write};
use super::*;
use crate::stage::{self, install};

mod reader;

fn euros(text: &str) -> Money {
    format!("EUR {text}").parse().unwrap()
}

fn journal(key: &str, partner: Option<kernel::PartnerId>, sides: &[(&str, &str)]) -> Journal {
    let side = |(account, amount): &(&str, &str)| JournalEntry {
        account: account.parse().unwrap(),
        amount: amount.parse().unwrap(),
    };
    Journal {
        partner,
        key: key.to_owned(),
        day: None,
        summary: format!("Booked as {key}"),
        cause: None,
        pending: false,
        entries: sides.iter().map(side).collect(),
    }
}

async fn book(t: &trial::Trial, transfers: Vec<Journal>) -> kernel::Result<Vec<Posted>> {
    t.run(PostJournal { transfers }).await
}

async fn balances(t: &trial::Trial) -> BTreeMap<String, String> {
    let page = t.ask(ListBalances::default()).await.unwrap();
    page.items.into_iter().map(|item| (item.account.to_string(), item.balance.to_string())).collect()
}

both_databases! {
    install;

    // covers: B8.3
    async fn a_transfer_moves_balances_in_every_currency_and_names_its_cause(t: Trial) {
        stage::program(t, "northwind", &[]).await;
        let partner = stage::partner(t, "Brandt Systemhaus", "reseller").await;
        let exchange = journal("fx-1", Some(partner), &[
            ("clearing", "EUR 100.00"), ("fx", "EUR -100.00"), ("fx", "USD 108.50"), ("pending", "USD -108.50"),
        ]);
        let posted = book(t, vec![exchange]).await.unwrap();
        assert_eq!((posted[0].number, posted[0].previous.as_str()), (1, ""));
        assert!(posted[0].cause.starts_with("log_"), "without a cause of its own it names the entry of the log");
        let listed = t.ask(ListBalances { partner: Some(partner), ..ListBalances::default() }).await.unwrap().items;
        let shown: Vec<String> = listed.iter().map(|b| format!("{} {}", b.account, b.balance)).collect();
        assert_eq!(shown, ["clearing EUR 100.00", "fx EUR -100.00", "fx USD 108.50", "pending USD 108.50"]);
        let detail = t.ask(GetTransfer { transfer: posted[0].id }).await.unwrap();
        assert!(detail.intact && detail.entries.len() == 4 && detail.partner_name.as_deref() == Some("Brandt Systemhaus"));
    }

    async fn what_does_not_balance_is_refused_and_says_by_how_much(t: Trial) {
        let off = journal("off", None, &[("expense", "EUR 10.00"), ("clearing", "EUR -9.99"), ("fx", "USD 0.01")]);
        let refused = book(t, vec![off]).await.unwrap_err().to_string();
        assert!(refused.contains("EUR") && refused.contains("0.01"), "{refused}");
        for sides in [&[("expense", "EUR 1.00")][..], &[("expense", "EUR 0.00"), ("clearing", "EUR 0.00")]] {
            assert!(matches!(book(t, vec![journal("x", None, sides)]).await, Err(Error::Invalid { .. })));
        }
        assert!("budget:Nö".parse::<Account>().is_err() && "cash".parse::<Account>().is_err());
        assert_eq!(balances(t).await, BTreeMap::new());
    }

    /// I4: a key is posted once, in one request or in many.
    async fn a_repeat_posts_nothing(t: Trial) {
        let one = journal("once", None, &[("clearing", "EUR 5.00"), ("funding", "EUR -5.00")]);
        let first = book(t, vec![one.clone(), one.clone()]).await.unwrap();
        assert_eq!(first[0].id, first[1].id);
        assert_eq!(book(t, vec![one]).await.unwrap()[0].id, first[0].id);
        assert_eq!(balances(t).await["clearing"], "EUR 5.00");
    }

    /// I11: no budget goes below nothing, not even by what is pending.
    async fn a_budget_is_never_overdrawn(t: Trial) {
        let grant = |key: &str, amount: &str| GrantBudget {
            budget: "spring".to_owned(), amount: euros(amount), key: key.to_owned(), reason: "Spring campaign".to_owned(),
        };
        t.run(grant("1", "100.00")).await.unwrap();
        t.run(grant("1", "100.00")).await.unwrap();
        let draw = |key: &str, amount: &str, pending| {
            let (debit, credit) = (format!("EUR {amount}"), format!("EUR -{amount}"));
            let sides = [("spent:spring", debit.as_str()), ("budget:spring", credit.as_str())];
            Journal { pending, ..journal(key, None, &sides) }
        };
        let reserved = book(t, vec![draw("a", "70.00", true)]).await.unwrap();
        let refused = book(t, vec![draw("b", "30.01", false)]).await.unwrap_err();
        assert_eq!(refused.code(), "overdrawn");
        assert!(refused.to_string().contains("€30.00 left"), "{refused}");
        let void = ResolveTransfer { transfer: reserved[0].id, accept: false, reason: "Not needed".to_owned() };
        t.run(void.clone()).await.unwrap();
        assert_eq!(t.run(void).await.unwrap_err().code(), "resolved");
        let again = book(t, vec![draw("c", "100.00", true)]).await.unwrap();
        assert_eq!(t.run(grant("back", "-0.01")).await.unwrap_err().code(), "overdrawn");
        t.run(ResolveTransfer { transfer: again[0].id, accept: true, reason: "Proof seen".to_owned() }).await.unwrap();
        let now = balances(t).await;
        assert_eq!((now["budget:spring"].as_str(), now["spent:spring"].as_str()), ("EUR 0.00", "EUR 100.00"));
        assert_eq!(t.ask(VerifyBooks {}).await.unwrap().wrong, Vec::<String>::new());
    }

    /// I2: whoever changes the books behind Concord's back is found.
    async fn a_changed_byte_breaks_the_chain(t: Trial) {
        let some = (1..=5).map(|n| journal(&n.to_string(), None, &[("clearing", "EUR 5.00"), ("funding", "EUR -5.00")]));
        book(t, some.collect()).await.unwrap();
        let report = t.ask(VerifyBooks {}).await.unwrap();
        assert_eq!((report.books, report.transfers, report.entries, report.wrong.len()), (1, 5, 10, 0));
        for (change, says) in [
            ("UPDATE ledger_transfer SET summary = 'x' WHERE number = 3", "transfer 3"),
            ("UPDATE ledger_entry SET amount_minor = 2 * amount_minor", "transfer 1"),
            ("DELETE FROM ledger_transfer WHERE number = 2", "transfer 3"),
            ("UPDATE ledger_balance SET posted_minor = 2500000", "the balance of"),
        ] {
            let mut tx = t.app.db().write().await.unwrap();
            tx.run(change, &[]).await.unwrap();
            let actor = t.staff(&["*"], &[]);
            let mut cx = kernel::app::ReadCx { tx: &mut tx, now: t.now(), actor: &actor, scope: actor.scope(), app: &t.app };
            let found = cx.ask(VerifyBooks {}).await.unwrap().wrong;
            assert!(found.len() == 1 && found[0].contains(says), "{change}: {found:?}");
            tx.rollback().await.unwrap();
        }
    }

    // covers: C11
    async fn a_partner_sees_its_own_book_and_keeps_none(t: Trial) {
        stage::program(t, "northwind", &[]).await;
        let (one, other) = (stage::partner(t, "Brandt", "reseller").await, stage::partner(t, "Kranich", "reseller").await);
        let sides = [("expense", "EUR 5.00"), ("pending", "EUR -5.00")];
        let posted = book(t, vec![journal("1", Some(one), &sides), journal("2", None, &sides)]).await.unwrap();
        let (own, stranger): (Actor, Actor) = (t.partner_person(one), t.partner_person(other));
        assert_eq!(t.ask_as(&own, ListEntries::default()).await.unwrap().items.len(), 2);
        assert!(t.ask_as(&own, GetTransfer { transfer: posted[0].id }).await.is_ok());
        assert_eq!(t.ask_as(&own, ExportLedger::default()).await.unwrap().transfers, 1);
        for transfer in [posted[0].id, posted[1].id] {
            assert!(matches!(t.ask_as(&stranger, GetTransfer { transfer }).await, Err(Error::NotFound { .. })));
        }
        assert!(t.ask_as(&stranger, ListBalances::default()).await.unwrap().items.is_empty());
        assert!(t.ask_as(&stranger, ListTransfers::default()).await.unwrap().items.is_empty());
        let refused = t.run_as(&own, PostJournal { transfers: vec![journal("3", Some(one), &sides)] }).await.unwrap_err();
        assert_eq!(refused.code(), "forbidden");
    }

    async fn the_pages_show_accounts_entries_and_causes(t: Trial) {
        stage::program(t, "northwind", &[]).await;
        let partner = stage::partner(t, "Brandt Systemhaus", "reseller").await;
        let staff = t.staff(&["*"], &[]);
        let empty = stage::page(t, &staff, "/money/ledger", &[]).await;
        assert!(empty.contains("Nothing is booked yet"));
        let sides = [("expense", "EUR 1250.00"), ("pending", "EUR -1250.00")];
        let posted = book(t, vec![journal("1", Some(partner), &sides)]).await.unwrap();
        let accounts = stage::page(t, &staff, "/money/ledger", &[]).await;
        assert!(accounts.contains("Brandt Systemhaus") && accounts.contains("1,250.00") && accounts.contains("beancount"));
        let entries = stage::page(t, &staff, "/money/ledger/entries", &[("account", "pending")]).await;
        assert!(entries.contains("Booked as 1") && !entries.contains(">expense<"));
        let shown = stage::page(t, &staff, &format!("/money/ledger/transfers/{}", posted[0].id), &[]).await;
        assert!(shown.contains("Intact") && shown.contains("Log entry"), "{shown}");
        assert!(stage::page(t, &staff, "/money/ledger/verification", &[]).await.contains("The books are intact"));
    }
}

/// Balanced transfers over a few accounts, some pending that are posted or voided later.
fn moves() -> impl Strategy<Value = Vec<(usize, usize, i128, u8)>> {
    prop::collection::vec((0..AccountKind::ALL.len(), 0..AccountKind::ALL.len(), 1i128..100_000, 0u8..4), 1..40)
}

proptest! {
    /// I1 and I11: whatever is posted, a book sums to nothing and no guarded account lies on its other side.
    #[test]
    fn a_book_always_balances(moves in moves()) {
        let mut state = BookState::new();
        let mut pending: Vec<Vec<Entry>> = Vec::new();
        for (debit, credit, minor, kind) in moves {
            let (debit, credit) = (AccountKind::ALL[debit], AccountKind::ALL[credit]);
            let entries = Transfer::between(debit.into(), credit.into(), Money::new(minor, kernel::Currency::EUR));
            let before = state.clone();
            let done = match kind {
                0 => state.apply(Phase::Pending, false, &entries).map(|()| pending.push(entries)),
                1 if !pending.is_empty() => state.apply(Phase::Posted, true, &pending.remove(0)),
                2 if !pending.is_empty() => state.apply(Phase::Void, true, &pending.remove(0)),
                _ => state.apply(Phase::Posted, false, &entries),
            };
            if done.is_err() {
                prop_assert_eq!(&before, &state, "what is refused leaves nothing behind");
            }
            prop_assert_eq!(state.balances.values().map(|b| b.posted).sum::<i128>(), 0);
            for ((account, _), balance) in &state.balances {
                let left = balance.available(account.kind.normal());
                prop_assert!(!account.kind.is_guarded() || left >= 0, "{account}: {left}");
            }
        }
        for entries in pending {
            state.apply(Phase::Void, true, &entries).unwrap();
        }
        prop_assert!(state.balances.values().all(|b| b.pending_debit == 0 && b.pending_credit == 0));
    }

    /// What an export says reads back, in each format, as the same movements.
    #[test]
    fn exports_read_back(
        amounts in prop::collection::vec((1i128..10_000_000, 0usize..3, any::<bool>()), 1..12),
        summary in "[ -~]{0,40}"
    ) {
        let currencies = [kernel::Currency::EUR, "JPY".parse().unwrap(), "KWD".parse().unwrap()];
        let transfer = |(n, (minor, currency, pending)): (usize, (i128, usize, bool))| {
            let amount = Money::new(minor, currencies[currency]);
            Journaled {
                id: format!("ltx_{n}"),
                day: format!("2026-03-{:02}", n + 1).parse().unwrap(),
                kind: "journal".to_owned(),
                cause: "log_1".to_owned(),
                summary: format!("x{summary}"),
                pending,
                sides: vec![
                    ("Expenses:Program:Expense".to_owned(), amount),
                    ("Liabilities:Partners:P-Brandt-0123abcd:Pending".to_owned(), amount.negated()),
                ],
            }
        };
        let journal: Vec<Journaled> = amounts.into_iter().enumerate().map(transfer).collect();
        let told: Vec<reader::Movement> = journal.iter().flat_map(|transfer| {
            let state = if transfer.pending { "pending" } else { "posted" };
            transfer.sides.iter().map(move |(account, amount)| (transfer.day.to_string(), state.to_owned(), account.clone(), *amount))
        }).collect();
        for format in ExportFormat::ALL {
            prop_assert_eq!(reader::read(format, &write(format, &journal)).unwrap(), told.clone(), "{:?}", format);
        }
    }
}
