#![allow(clippy::unwrap_used)]

use kernel::{PartnerId, Timestamp};
use law::BenefitValue;
use programs::{Affected, Files, PlanProgram};
use proptest::prelude::*;
use trial::{Trial, both_databases};

use super::moves::whole_months;
use super::*;
use crate::fixture::{self, active, company, enact, install_winning, invited, northwind, wins};
use crate::intake::Invite;
use crate::profile::GetPartner;

async fn tier_of(t: &Trial, partner: PartnerId) -> String {
    t.ask(GetPartner { partner }).await.unwrap().partner.tier.unwrap()
}

async fn recalculated(t: &Trial) -> Recalculated {
    t.run(RecalculateTiers {}).await.unwrap()
}

/// Northwind with a silver tier that asks for another value.
fn silver_from(euros: u32) -> Files {
    let mut files = northwind();
    let tiers = files.get_mut("tiers.toml").unwrap();
    *tiers = tiers.replace("EUR 50000.00", &format!("EUR {euros}.00")).replace("deal_slots = 10", "deal_slots = 12");
    files
}

both_databases! { install_winning;
    // covers: B1.1, P18
    async fn a_partner_moves_up_and_down_with_what_is_measured_and_its_controls_follow(t: Trial) {
        enact(t, northwind()).await;
        let partner = active(t, "Winner", "reseller").await.id;
        let newcomer = active(t, "Newcomer", "reseller").await.id;
        wins(t, partner, 60_000).await;

        let preview = t.ask(PreviewTiers {}).await.unwrap();
        assert_eq!(preview.iter().map(|m| (m.partner, m.to.as_str())).collect::<Vec<_>>(), [(partner, "silver")]);
        assert_eq!(tier_of(t, partner).await, "bronze");

        let first = recalculated(t).await;
        assert_eq!(first, Recalculated { partners: 2, decided: 2, promoted: 1, demoted: 0, remaining: 0, waiting: 0 });
        let detail = t.ask(GetPartner { partner }).await.unwrap();
        let slots = detail.controls.iter().find(|control| control.control == "deal_slots").unwrap();
        assert_eq!((detail.partner.tier.as_deref(), &slots.value), (Some("silver"), &BenefitValue::Count(25)));
        assert_eq!(detail.timeline[0].kind, "controls.changed");
        assert_eq!((detail.timeline[1].kind.as_str(), detail.timeline[1].summary.as_str()), ("partner.promoted", "Winner is Silver now"));
        assert_eq!((detail.decisions.len(), detail.decisions[0].reasons[0].code.as_str()), (1, "promoted"));
        assert_eq!(tier_of(t, newcomer).await, "bronze");

        wins(t, partner, 10_000).await;
        let second = recalculated(t).await;
        assert_eq!((second.decided, second.demoted), (1, 1));
        assert_eq!(tier_of(t, partner).await, "bronze");
    }

    // covers: B0.1
    async fn a_partner_has_time_to_cure_and_promotions_keep_their_rhythm(t: Trial) {
        let mut files = northwind();
        let tiers = files.get_mut("tiers.toml").unwrap();
        *tiers = format!("[movement]\npromotion = \"monthly\"\ncure_days = 90\n\n{tiers}");
        enact(t, files).await;
        let partner = active(t, "Winner", "reseller").await.id;
        assert_eq!(recalculated(t).await.decided, 1);
        wins(t, partner, 60_000).await;
        // This month has had its turn.
        t.clock.advance_days(7);
        assert_eq!(recalculated(t).await.promoted, 0);
        t.clock.advance_days(31);
        assert_eq!(recalculated(t).await.promoted, 1);

        wins(t, partner, 10_000).await;
        t.clock.advance_days(7);
        assert_eq!((recalculated(t).await.demoted, tier_of(t, partner).await.as_str()), (0, "silver"));
        let held = t.ask(GetPartner { partner }).await.unwrap().decisions.remove(0);
        assert_eq!((held.reasons[0].code.as_str(), held.reasons[1].code.as_str()), ("kept", "cure"));
        let mut tx = t.app.db().read().await.unwrap();
        assert!(kernel::log::explain(&t.app, &mut tx, held).await.unwrap().reproduced);
        tx.rollback().await.unwrap();
        // Nothing new is decided while the time runs, and whoever recovers starts anew.
        t.clock.advance_days(60);
        assert_eq!(recalculated(t).await.decided, 0);
        wins(t, partner, 60_000).await;
        recalculated(t).await;
        wins(t, partner, 10_000).await;
        recalculated(t).await;
        t.clock.advance_days(60);
        assert_eq!((recalculated(t).await.demoted, tier_of(t, partner).await.as_str()), (0, "silver"));
        t.clock.advance_days(31);
        assert_eq!((recalculated(t).await.demoted, tier_of(t, partner).await.as_str()), (1, "bronze"));
    }

    // covers: P18
    async fn thresholds_follow_the_market_and_the_top_share_compares_active_partners(t: Trial) {
        let mut files = northwind();
        files.remove("partnership.toml");
        files.insert("markets.toml".to_owned(), "[market.emerging]\ntitle = \"Emerging\"\ncountries = [\"DE\"]\nmultiplier = \"60%\"\n\
            [market.rest]\ntitle = \"Elsewhere\"\n".to_owned());
        files.insert("tiers.toml".to_owned(), "[[tier]]\nkey = \"bronze\"\ntitle = \"Bronze\"\n\
            [[tier]]\nkey = \"silver\"\ntitle = \"Silver\"\n\
            requires = \"won_value_12m >= EUR 50000.00 * market.multiplier\"\n\
            [[tier]]\nkey = \"gold\"\ntitle = \"Gold\"\n\
            requires = \"top_share(won_value_12m) <= 50% and won_value_12m >= EUR 1.00\"\n".to_owned());
        enact(t, files).await;
        let ids = [active(t, "One", "reseller").await.id, active(t, "Two", "reseller").await.id, active(t, "Three", "reseller").await.id];
        for (id, euros) in ids.iter().zip([30_000, 40_000, 29_000]) {
            wins(t, *id, euros).await;
        }
        recalculated(t).await;
        let mut tiers = Vec::new();
        for id in ids {
            tiers.push(tier_of(t, id).await);
        }
        assert_eq!(tiers, ["silver", "gold", "bronze"]);
        let decision = t.ask(GetPartner { partner: ids[1] }).await.unwrap().decisions.remove(0);
        let mut tx = t.app.db().read().await.unwrap();
        assert!(kernel::log::explain(&t.app, &mut tx, decision).await.unwrap().reproduced);
    }

    async fn an_unchanged_tier_is_decided_once_and_explained_from_what_is_stored(t: Trial) {
        enact(t, northwind()).await;
        let partner = active(t, "Brandt", "reseller").await.id;
        assert_eq!(recalculated(t).await.decided, 1);
        t.clock.advance_days(7);
        assert_eq!(recalculated(t).await.decided, 0);
        let decision = t.ask(GetPartner { partner }).await.unwrap().decisions.remove(0);
        let mut tx = t.app.db().read().await.unwrap();
        assert!(kernel::log::explain(&t.app, &mut tx, decision).await.unwrap().reproduced);
    }

    async fn a_large_recalculation_goes_on_by_itself(t: Trial) {
        enact(t, northwind()).await;
        let mut files = northwind();
        files.remove("partnership.toml");
        let stages = files.get_mut("procedures.toml").unwrap();
        *stages = "[procedure.onboarding]\ntitle = \"Short\"\n[[procedure.onboarding.stage]]\nkey = \"terms\"\ntitle = \"Terms\"\n\
            moved_by = \"partner\"\nevidence = [{ key = \"terms\", title = \"Terms\", kind = \"terms\" }]\n\
            on_complete = [\"partners.activate\"]\n".to_owned();
        enact(t, files).await;
        for number in 0..70 {
            let company = company(&format!("Partner {number}"));
            let id = t.run(Invite { company, archetype: "oem".into(), manager: None }).await.unwrap().id;
            fixture::accept_terms(t, id).await;
            wins(t, id, 60_000).await;
            let run = fixture::run_of(t, id).await;
            t.run(procedures::CompleteStage { run, stage: None }).await.unwrap();
        }
        let first = recalculated(t).await;
        assert_eq!((first.promoted, first.remaining), (60, 10));
        let ticked = clocks::tick(&t.app, &t.system).await.unwrap();
        assert_eq!(ticked.lapsed, 1);
        assert_eq!(t.ask(PreviewTiers {}).await.unwrap().len(), 0);
        assert_eq!(recalculated(t).await.decided, 0);
    }

    // covers: B1.1
    async fn a_plan_names_the_partners_whose_tier_benefits_or_terms_would_change(t: Trial) {
        enact(t, northwind()).await;
        let partner = active(t, "Winner", "reseller").await.id;
        let newcomer = active(t, "Newcomer", "reseller").await.id;
        let coming = invited(t, "Coming", "data").await.id;
        wins(t, partner, 60_000).await;
        recalculated(t).await;
        let mut files = silver_from(80_000);
        files.get_mut("terms/data.md").unwrap().push_str("\nOne more sentence.\n");
        let plan = t.ask(PlanProgram { files, effective_from: None }).await.unwrap();
        let impact = plan.impacts.iter().find(|impact| impact.title == "Partners").unwrap();
        let of = |id: PartnerId, what: &str| -> Option<&Affected> {
            impact.affected.iter().find(|one| one.subject == id.to_string() && one.what == what)
        };
        let change = |one: &Affected| (one.before.clone().unwrap_or_default(), one.after.clone().unwrap_or_default());
        assert_eq!(change(of(partner, "tier").unwrap()), ("silver".into(), "bronze".into()));
        assert_eq!(change(of(partner, "deal_slots").unwrap()), ("25".into(), "12".into()));
        assert_eq!(change(of(newcomer, "deal_slots").unwrap()), ("10".into(), "12".into()));
        assert!(of(newcomer, "tier").is_none() && of(newcomer, "terms to accept").is_none());
        assert!(of(coming, "terms to accept").is_some());
    }

    // covers: B1.2
    async fn a_plan_says_who_is_held_in_a_tier_and_what_it_costs(t: Trial) {
        let held = |files: Files| {
            let mut files = files;
            let tiers = files.get_mut("tiers.toml").unwrap();
            *tiers = format!("[movement]\ncure_days = 90\n\n{tiers}");
            files
        };
        enact(t, held(northwind())).await;
        let partner = active(t, "Winner", "reseller").await.id;
        let other = active(t, "Other", "reseller").await.id;
        wins(t, partner, 60_000).await;
        wins(t, other, 40_000).await;
        recalculated(t).await;
        let planned = async |files: Files| {
            let plan = t.ask(PlanProgram { files, effective_from: None }).await.unwrap();
            plan.impacts.into_iter().find(|impact| impact.title == "Partners").unwrap()
        };
        // A harder Silver: the partner has time to cure, so that nothing is taken from it now.
        let harder = planned(held(silver_from(80_000))).await;
        let tier = harder.affected.iter().find(|one| one.subject == partner.to_string() && one.what == "tier").unwrap();
        assert_eq!((tier.before.as_deref(), tier.after.as_deref()), (Some("silver"), Some("silver")));
        let note = tier.note.as_deref().unwrap();
        assert!(note.starts_with("the figures give Bronze. ") && note.contains("90 days to cure"), "{note}");
        assert!(harder.affected.iter().all(|one| one.what != "mdf_budget") && harder.cost.is_none());
        // An easier one promotes at once, which costs the budget of Silver.
        let easier = planned(held(silver_from(30_000))).await;
        let budget = easier.affected.iter().find(|one| one.subject == other.to_string() && one.what == "mdf_budget").unwrap();
        assert_eq!(budget.cost.map(|cost| cost.to_string()).as_deref(), Some("EUR 2500.00"));
        assert_eq!(easier.cost, budget.cost);
        // Without time to cure, the same is saved at once.
        let saved = planned(silver_from(80_000)).await;
        assert_eq!(saved.cost.map(|cost| cost.to_string()).as_deref(), Some("EUR -2500.00"));
    }

    // covers: B0.1
    async fn tiers_are_shown_as_they_were_known_at_one_time_under_the_rules_of_another(t: Trial) {
        let ladder = |months: u32| {
            let mut files = northwind();
            files.remove("partnership.toml");
            files.insert("tiers.toml".to_owned(), format!(
                "[[tier]]\nkey = \"bronze\"\ntitle = \"Bronze\"\n\
                 [[tier]]\nkey = \"silver\"\ntitle = \"Silver\"\nrequires = \"months_in_program >= {months}\"\n"
            ));
            files
        };
        enact(t, ladder(6)).await;
        let first = t.now();
        let early = active(t, "Early", "reseller").await.id;
        t.clock.advance_days(70);
        let spring = t.now();
        enact(t, ladder(2)).await;
        t.clock.advance_days(1);
        let late = active(t, "Late", "reseller").await.id;
        t.clock.advance_days(200);
        let of = async |known_at, law_at| {
            let then = t.ask(TiersAsOf { known_at, law_at }).await.unwrap();
            let tiers: Vec<(PartnerId, String)> = then.partners.into_iter().map(|one| (one.partner, one.tier)).collect();
            (then.law, tiers)
        };
        let named = |partner: PartnerId, tier: &str| (partner, tier.to_owned());
        assert_eq!(of(spring, Some(first)).await, ("northwind/1".into(), vec![named(early, "bronze")]));
        assert_eq!(of(spring, Some(t.now())).await, ("northwind/2".into(), vec![named(early, "silver")]));
        let today = vec![named(early, "silver"), named(late, "silver")];
        assert_eq!(of(t.now(), Some(first)).await, ("northwind/1".into(), today.clone()));
        assert_eq!(of(t.now(), None).await, ("northwind/2".into(), today));

        let ahead = t.ask(TiersAsOf { known_at: t.now().plus_days(1), law_at: None }).await.unwrap_err();
        assert!(ahead.to_string().contains("known_at"), "{ahead}");
        let before = TiersAsOf { known_at: first.plus_days(-30), law_at: None };
        assert_eq!(t.ask(before.clone()).await.unwrap_err().code(), "no_program");
        let own = t.partner_person(early);
        assert_eq!(t.ask_as(&own, before).await.unwrap_err().code(), "forbidden");
        let (known, rules) = (spring.day_in(&jiff::tz::TimeZone::UTC).to_string(), first.day_in(&jiff::tz::TimeZone::UTC).to_string());
        let page = fixture::page(t, &t.system, "/tiers/as-of", &[("known_at", &known), ("law_at", &rules)]).await;
        assert!(page.contains("under northwind/1") && page.contains("Early") && !page.contains("Late"), "{page}");
        let empty = fixture::page(t, &t.system, "/tiers/as-of", &[("known_at", "2001-01-01")]).await;
        assert!(empty.contains("No program was in force"), "{empty}");
    }

    async fn tiers_are_the_vendors_to_recalculate(t: Trial) {
        enact(t, northwind()).await;
        let own = t.partner_person(active(t, "Brandt", "reseller").await.id);
        assert_eq!(t.run_as(&own, RecalculateTiers {}).await.unwrap_err().code(), "forbidden");
        assert_eq!(t.ask_as(&own, PreviewTiers {}).await.unwrap_err().code(), "forbidden");
    }
}

#[test]
fn months_are_whole_months_of_the_calendar() {
    for (from, to, months) in [
        ("2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z", 0),
        ("2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z", 2),
        ("2026-01-15T12:00:00Z", "2026-02-15T11:59:59Z", 0),
        ("2026-01-15T12:00:00Z", "2026-02-15T12:00:00Z", 1),
        ("2024-02-29T00:00:00Z", "2026-03-01T00:00:00Z", 24),
        ("2026-03-01T00:00:00Z", "2026-01-01T00:00:00Z", 0),
    ] {
        assert_eq!(whole_months(from.parse().unwrap(), to.parse().unwrap()), months, "{from} {to}");
    }
}

proptest! {
    #[test]
    fn months_never_go_back(from in 0i64..4_000_000_000, one in 0i64..2_000_000_000, more in 0i64..2_000_000_000) {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        prop_assert!(whole_months(at(from), at(from + one)) <= whole_months(at(from), at(from + one + more)));
    }
}
