use kernel::Timestamp;
use law::{Registration, Window};
use trial::both_databases;

use super::rules::{claim, facts, terms};
use super::*;

// covers: B1.5
#[test]
fn windows_of_30_60_90_and_120_days_go_by_archetype_tier_segment_and_product() {
    let window = |days: u32| Window { protection_days: Some(days), ..Window::default() };
    let text = |text: &str| Some(text.to_owned());
    let mut terms = terms(vec![law::TieBreak::Tier]);
    terms.windows = vec![
        Window { product: text("Maps"), ..window(30) },
        Window { tier: text("gold"), segment: text("enterprise"), ..window(120) },
        Window { archetype: text("si"), ..window(60) },
    ];
    terms.segments = vec![
        law::Segment { key: "small".into(), title: "Small".into(), from: None },
        law::Segment { key: "enterprise".into(), title: "Large".into(), from: Some("EUR 150000.00".parse().unwrap()) },
    ];
    for (archetype, tier, value, product, days, place) in [
        ("reseller", "bronze", "EUR 5000.00", "Routing", 90, "registration"),
        ("reseller", "gold", "EUR 5000.00", "maps ", 30, "window[0]"),
        ("reseller", "gold", "EUR 150000.00", "Routing", 120, "window[1]"),
        ("reseller", "gold", "EUR 149999.99", "Routing", 90, "registration"),
        ("si", "silver", "EUR 5000.00", "Routing", 60, "window[2]"),
        ("si", "gold", "EUR 200000.00", "Routing", 120, "window[1]"),
    ] {
        let class = Class { archetype: text(archetype), tier: text(tier), products: vec![product.to_owned()] };
        let mut facts = facts(claim(1, tier, 0), Vec::new());
        facts.value = value.parse().unwrap();
        facts.class = Some(class);
        let verdict = <ClaimRule as kernel::Rule>::decide(&terms, &facts);
        let until = facts.now.plus_days(days);
        assert_eq!(
            verdict.outcome,
            Outcome::Approved { protected_until: until },
            "{archetype} {tier} {value} {product}"
        );
        let cited = verdict.reasons.last().unwrap().cites.clone().unwrap();
        assert_eq!(cited, format!("deals.toml: {place}.protection_days"));
    }
}

#[test]
fn a_window_leaves_what_it_does_not_say() {
    let registration = Registration { inactivity_days: Some(45), ..Registration::default() };
    let window = Window { renewals_max: Some(0), renewal_days: Some(30), ..Window::default() };
    let (terms, place) = registration.within(&[window], &law::ClaimClass::default());
    assert_eq!((terms.protection_days, terms.renewal_days, terms.renewals_max), (90, 30, 0));
    assert_eq!((terms.inactivity_days, place), (Some(45), Some(0)));
}

// covers: B1.5
#[test]
fn business_days_leave_out_weekends_and_holidays_of_the_zone() {
    let calendar = law::Calendar { holidays: vec!["2026-04-06".parse().unwrap()] };
    for (zone, from, days, until) in [
        ("Europe/Berlin", "2026-03-02T09:00:00Z", 2, "2026-03-04T23:00:00Z"),
        ("Europe/Berlin", "2026-03-06T09:00:00Z", 1, "2026-03-09T23:00:00Z"),
        // Easter Monday does not count.
        ("Europe/Berlin", "2026-04-03T09:00:00Z", 1, "2026-04-07T22:00:00Z"),
        // It is still Sunday in New York.
        ("America/New_York", "2026-03-02T03:00:00Z", 1, "2026-03-03T05:00:00Z"),
        ("Asia/Tokyo", "2026-03-02T20:00:00Z", 1, "2026-03-04T15:00:00Z"),
    ] {
        let zone = jiff::tz::TimeZone::get(zone).unwrap();
        let due = calendar.end_of(days, from.parse().unwrap(), &zone);
        assert_eq!(due, until.parse::<Timestamp>().unwrap(), "{from} + {days}");
    }
}

both_databases! { install;
    // covers: B1.5
    async fn a_window_of_30_days_renews_by_its_own_terms(t: Trial) {
        let windows = "[[window]]\nproduct = \"Maps\"\nprotection_days = 30\nrenewal_days = 30\nrenewals_max = 1\n\n[matching]";
        changed(t, &[("deals.toml", "[matching]", windows)]).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let claim = RegisterDeal { products: vec!["Maps".into()], ..claim_to(brandt(), "EUR 20000.00") };
        let deal = t.run_as(&ada, claim).await.unwrap().deal;
        assert_eq!(deal.protected_until, Some(t.now().plus_days(30)));
        t.clock.advance_days(10);
        let renew = RenewDeal { deal: deal.id, proof: Some("offer".into()) };
        let renewed = t.run_as(&ada, renew.clone()).await.unwrap();
        assert_eq!(renewed.protected_until, deal.protected_until.map(|until| until.plus_days(30)));
        t.clock.advance_days(25);
        let Err(Error::Refused { reasons, .. }) = t.run_as(&ada, renew).await else { panic!() };
        assert_eq!(reasons[0].cites.as_deref(), Some("deals.toml: window[0].renewals_max"));
        let other = register(t, &ada, customer("Alpha Transport")).await.deal;
        assert_eq!(other.protected_until, Some(t.now().plus_days(90)));
    }

    // covers: B1.5
    async fn ninety_days_and_thirty_with_proof(t: Trial) {
        program(t, &[("renewal_days = 90", "renewal_days = 30"), ("renewals_max = 2", "renewals_max = 1"), ("inactivity_days = 45\n", "")]).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let deal = register(t, &ada, brandt()).await.deal;
        t.clock.advance_days(70);
        let without = RenewDeal { deal: deal.id, proof: None };
        assert!(matches!(t.run_as(&ada, without).await, Err(Error::Refused { .. })));
        let renewed = t.run_as(&ada, RenewDeal { deal: deal.id, proof: Some("offer".into()) }).await.unwrap();
        assert_eq!(renewed.protected_until, Some(deal.submitted_at.plus_days(120)));
    }

    // covers: B1.5
    async fn who_does_not_introduce_loses_the_claim_and_the_slot_for_a_while(t: Trial) {
        let terms = "reopen_role = \"head_of_partnerships\"\nintroduce_within_days = 3\nforfeit_days = 30";
        changed(t, &[("deals.toml", "reopen_role = \"head_of_partnerships\"", terms)]).await;
        let (id, ada) = partner(t, "Ada Systems", "bronze").await;
        t.run(super::law_changes::Grant::of(id, 1)).await.unwrap();
        let deal = register(t, &ada, brandt()).await.deal.id;
        assert!(show(t, deal).await.introduction_wanted);
        // Monday; three business days end with Thursday.
        t.clock.advance_days(3);
        tick(t).await;
        assert_eq!(state(t, deal).await, State::Approved);
        t.clock.advance_days(1);
        tick(t).await;
        let lapsed = show(t, deal).await.deal;
        assert_eq!((lapsed.state, lapsed.reason_code.as_deref()), (State::Expired, Some("not_introduced")));
        let next = || claim_to(customer("Alpha Transport"), "EUR 20000.00");
        let Err(Error::Refused { reasons, .. }) = t.run_as(&ada, next()).await else { panic!() };
        assert_eq!(codes(&reasons), ["no_free_slot", "forfeited_slots"]);
        t.clock.advance_days(30);
        let second = t.run_as(&ada, next()).await.unwrap().deal.id;
        let introduce = IntroduceCustomer { deal: second, note: "Call with the fleet manager".into() };
        t.run_as(&ada, introduce.clone()).await.unwrap();
        assert!(is_conflict(t.run_as(&ada, introduce).await));
        t.clock.advance_days(10);
        tick(t).await;
        assert_eq!(state(t, second).await, State::Approved);
    }

    // covers: P5
    async fn the_second_registrant_earns_the_share_that_the_program_states(t: Trial) {
        let terms = "reopen_role = \"head_of_partnerships\"\nsecond_registrant = \"50%\"";
        changed(t, &[("deals.toml", "reopen_role = \"head_of_partnerships\"", terms)]).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let (_, bell) = partner(t, "Bell Partners", "silver").await;
        let (_, cody) = partner(t, "Cody", "bronze").await;
        let first = register(t, &ada, brandt()).await.deal.id;
        t.clock.advance_days(1);
        let third = register(t, &cody, brandt()).await.deal.id;
        let second = register(t, &bell, brandt()).await.deal.id;
        t.run(WinDeal { deal: first, value: None }).await.unwrap();
        let own = t.ask_as(&bell, GetDeal { deal: second }).await.unwrap();
        assert_eq!((own.deal.state, own.deal.share), (State::Rejected, Some("50%".parse().unwrap())));
        let told = serde_json::to_string(&own).unwrap();
        assert!(told.contains("second valid registration") && !told.contains("Ada Systems"), "{told}");
        assert_eq!(show(t, third).await.deal.share, None);
        for decision in show(t, second).await.decisions {
            let mut tx = t.app.db().read().await.unwrap();
            assert!(kernel::log::explain(&t.app, &mut tx, decision).await.unwrap().reproduced);
        }
    }
}
