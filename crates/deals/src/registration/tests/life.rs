use kernel::PageRequest;
use trial::both_databases;

use super::*;

both_databases! { install;
    // covers: P5
    async fn the_first_valid_registration_is_protected_and_the_second_waits(t: Trial) {
        program(t, &[]).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let (_, bell) = partner(t, "Bell Partners", "platinum").await;
        let first = register(t, &ada, brandt()).await;
        assert_eq!(first.deal.state, State::Approved, "{:?}", first.reasons);
        assert_eq!(first.deal.protected_until, Some(t.now().plus_days(90)));
        t.clock.advance_days(1);
        // Another spelling, and a higher tier: protection is a promise, so it waits all the same.
        let mut other = brandt();
        other.name = "BRANDT Logistik".to_owned();
        let second = register(t, &bell, other).await;
        assert_eq!(second.deal.state, State::Submitted);
        assert_eq!(codes(&second.reasons), ["protected_elsewhere"]);
        let full = show(t, second.deal.id).await;
        assert_eq!((full.queue_place, full.deal.behind), (Some(1), Some(first.deal.id)));
        assert_eq!(show(t, first.deal.id).await.queue.len(), 1);
    }

    // covers: B1.5
    async fn a_protection_warns_renews_with_proof_expires_and_is_reopened_by_one_role(t: Trial) {
        program(t, &[("inactivity_days = 45\n", "")]).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let deal = register(t, &ada, brandt()).await.deal.id;
        let renew = |proof: Option<&str>| RenewDeal { deal, proof: proof.map(str::to_owned) };
        let Err(Error::Refused { reasons, .. }) = t.run_as(&ada, renew(None)).await else { panic!() };
        assert_eq!(codes(&reasons), ["too_early", "proof_missing"]);
        t.clock.advance_days(76);
        assert_eq!(tick(t).await.warned, 1);
        assert!(show(t, deal).await.timeline.iter().any(|event| event.kind == "deal.expiry_warned"));
        for end in [180, 270] {
            let renewed = t.run_as(&ada, renew(Some("offer of 1 May"))).await.unwrap();
            assert_eq!(renewed.protected_until, Some(t.now().plus_days(14 + 90)), "{end}");
            t.clock.advance_days(90);
        }
        let Err(Error::Refused { reasons, .. }) = t.run_as(&ada, renew(Some("again"))).await else { panic!() };
        assert_eq!(codes(&reasons), ["renewed_too_often"]);
        t.clock.advance_days(14);
        tick(t).await;
        assert_eq!(state(t, deal).await, State::Expired);
        let reopen = ReopenDeal { deal, reason: "the customer was on holiday".to_owned() };
        for roles in [vec!["sales"], vec!["owner"]] {
            let refused = t.run_as(&t.staff(&["*"], &roles), reopen.clone()).await;
            let Err(Error::Refused { reasons, .. }) = refused else { panic!() };
            assert_eq!(codes(&reasons), ["wrong_role"]);
        }
        let reopened = t.run_as(&head(t), reopen).await.unwrap();
        assert_eq!((reopened.state, reopened.protected_until), (State::Approved, Some(t.now().plus_days(90))));
    }

    // covers: B1.5
    async fn a_deal_without_activity_expires_early(t: Trial) {
        program(t, &[]).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let deal = register(t, &ada, brandt()).await.deal.id;
        t.clock.advance_days(40);
        t.run_as(&ada, RecordActivity { deal, note: "Demonstration".to_owned() }).await.unwrap();
        t.clock.advance_days(44);
        tick(t).await;
        assert_eq!(state(t, deal).await, State::Approved);
        t.clock.advance_days(1);
        tick(t).await;
        let expired = show(t, deal).await;
        assert_eq!((expired.deal.state, expired.deal.reason_code.as_deref()), (State::Expired, Some("inactivity")));
    }

    // covers: B1.4
    async fn the_queue_moves_up_by_tier_and_then_by_time(t: Trial) {
        program(t, &[]).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let first = register(t, &ada, brandt()).await.deal.id;
        let mut waiting = Vec::new();
        for (name, tier) in [("Early Silver", "silver"), ("Gold", "gold"), ("Late Silver", "silver")] {
            t.clock.advance_days(1);
            let (_, actor) = partner(t, name, tier).await;
            let registered = register(t, &actor, brandt()).await;
            assert_eq!(registered.deal.state, State::Submitted);
            waiting.push((registered.deal.id, actor));
        }
        let places = [waiting[0].0, waiting[1].0, waiting[2].0];
        t.run_as(&ada, WithdrawDeal { deal: first, reason: "no project".to_owned() }).await.unwrap();
        tick(t).await;
        let states = [state(t, places[0]).await, state(t, places[1]).await, state(t, places[2]).await];
        assert_eq!(states, [State::Submitted, State::Approved, State::Submitted]);
        t.run_as(&head(t), LoseDeal { deal: places[1], reason: LossReason::Price, text: None }).await.unwrap();
        assert_eq!((state(t, places[0]).await, state(t, places[2]).await), (State::Approved, State::Submitted));
        // Sold: who waited is told so.
        t.run_as(&head(t), WinDeal { deal: places[0], value: None }).await.unwrap();
        let told = show(t, places[2]).await.deal;
        assert_eq!((told.state, told.reason_code.as_deref()), (State::Rejected, Some("customer_won")));
    }

    // covers: B1.4
    async fn claims_that_wait_for_a_person_are_led_by_precedence_whatever_their_order(t: Trial) {
        program(t, &[("decision = \"automatic\"", "decision = \"manual\"")]).await;
        let (_, bronze) = partner(t, "Ada Systems", "bronze").await;
        let (_, gold) = partner(t, "Bell Partners", "gold").await;
        let first = register(t, &bronze, brandt()).await.deal;
        assert_eq!(first.state, State::PendingApproval);
        let second = register(t, &gold, brandt()).await.deal;
        tick(t).await;
        assert_eq!((state(t, first.id).await, state(t, second.id).await), (State::Submitted, State::PendingApproval));
        assert!(is_conflict(t.run(ApproveDeal { deal: first.id, customer: None, new_customer: false }).await));
        let approved = t.run(ApproveDeal { deal: second.id, customer: None, new_customer: false }).await.unwrap();
        assert_eq!(approved.state, State::Approved);
        assert_eq!(show(t, first.id).await.deal.behind, Some(second.id));
        // A later claim of a higher tier is the next in line, though it came last.
        let (_, silver) = partner(t, "Cody", "silver").await;
        let third = register(t, &silver, brandt()).await.deal;
        let places = [show(t, first.id).await.queue_place, show(t, third.id).await.queue_place];
        assert_eq!(places, [Some(2), Some(1)]);
        let line: Vec<DealId> = show(t, second.id).await.queue.iter().map(|waiting| waiting.deal).collect();
        assert_eq!(line, [third.id, first.id]);
    }

    async fn a_doubtful_customer_waits_for_a_comparison(t: Trial) {
        program(t, &[]).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let (_, bell) = partner(t, "Bell Partners", "gold").await;
        let first = register(t, &ada, brandt()).await.deal;
        let doubtful = register(t, &bell, customer("Brandt Logistik")).await;
        assert_eq!((doubtful.deal.state, codes(&doubtful.reasons)), (State::UnderReview, vec!["doubtful_match"]));
        let full = show(t, doubtful.deal.id).await;
        let account = full.resembles.iter().find_map(|one| one.found.customer).unwrap();
        let approve = |customer, new_customer| ApproveDeal { deal: doubtful.deal.id, customer, new_customer };
        assert!(matches!(t.run(approve(None, false)).await, Err(Error::Invalid(_))));
        let known = t.run(approve(Some(account), false)).await.unwrap();
        assert_eq!((known.state, known.behind), (State::Submitted, Some(first.id)));
        let (_, cody) = partner(t, "Cody", "gold").await;
        let another = register(t, &cody, customer("Brandt Logistik")).await.deal;
        let approve = ApproveDeal { deal: another.id, customer: None, new_customer: true };
        assert_eq!(t.run(approve).await.unwrap().state, State::Approved);
    }

    async fn a_returned_claim_counts_from_when_it_is_complete(t: Trial) {
        program(t, &[("decision = \"automatic\"", "decision = \"manual\"")]).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let (_, bell) = partner(t, "Bell Partners", "bronze").await;
        let first = register(t, &ada, brandt()).await.deal;
        t.run(ReturnDeal { deal: first.id, text: "Which site?".to_owned() }).await.unwrap();
        t.clock.advance_days(1);
        let second = register(t, &bell, brandt()).await.deal;
        assert_eq!(second.state, State::PendingApproval);
        t.clock.advance_days(1);
        let resubmit = ResubmitDeal {
            deal: first.id, customer: None, title: Some("Hamburg".into()), value: None, expected_close: None,
            answer: Some("Hamburg".into()),
        };
        let again = t.run_as(&ada, resubmit).await.unwrap();
        assert_eq!((again.deal.state, codes(&again.reasons)), (State::Submitted, vec!["another_leads"]));
        let reject = RejectDeal { deal: second.id, reason_code: RejectionCode::NotQualified, text: "No budget".into() };
        t.run(reject).await.unwrap();
        assert_eq!(state(t, first.id).await, State::PendingApproval);
    }

    async fn small_large_and_repeated_claims_are_treated_as_the_program_says(t: Trial) {
        program(t, &[]).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let small = t.run_as(&ada, claim_to(brandt(), "EUR 999.99")).await.unwrap();
        assert_eq!((small.deal.state, codes(&small.reasons)), (State::Rejected, vec!["below_minimum"]));
        let large = t.run_as(&ada, claim_to(brandt(), "EUR 250000.01")).await.unwrap();
        assert_eq!((large.deal.state, codes(&large.reasons)), (State::PendingApproval, vec!["approval_needed"]));
        let twice = register(t, &ada, brandt()).await;
        assert_eq!((twice.deal.state, codes(&twice.reasons)), (State::Rejected, vec!["already_registered"]));
        for wrong in ["USD 5000.00", "EUR 0.00", "EUR -1.00"] {
            assert!(matches!(t.run_as(&ada, claim_to(customer("Nord"), wrong)).await, Err(Error::Invalid(_))), "{wrong}");
        }
    }

    async fn a_sold_customer_gives_its_revenue_and_figures_to_its_partner(t: Trial) {
        program(t, &[]).await;
        let (id, ada) = partner(t, "Ada Systems", "bronze").await;
        let (_, bell) = partner(t, "Bell Partners", "bronze").await;
        let deal = register(t, &ada, brandt()).await.deal;
        let value = Some("EUR 21000.00".parse().unwrap());
        let won = t.run(WinDeal { deal: deal.id, value }).await.unwrap();
        let lost = register(t, &ada, customer("Nord Spedition")).await.deal;
        t.run(LoseDeal { deal: lost.id, reason: LossReason::Competitor, text: None }).await.unwrap();
        let mut tx = t.app.db().read().await.unwrap();
        let scope = t.system.scope();
        let owner = won_by_customer(&mut tx, &scope, won.customer.unwrap(), t.now()).await.unwrap().unwrap();
        assert_eq!((owner.id, owner.partner), (deal.id, id));
        let before = won_by_customer(&mut tx, &scope, won.customer.unwrap(), t.now().plus_seconds(-1)).await.unwrap();
        assert!(before.is_none());
        let measured = scoring::measure_all(&t.app, &mut tx, t.organization, t.now()).await.unwrap();
        let shown = |key: &str| measured[&id][key].to_string();
        assert_eq!([shown("won_deals_12m"), shown("open_deals")], ["1", "0"]);
        assert!(shown("won_value_12m").contains("21,000.00") || shown("won_value_12m").contains("21000.00"));
        // A rule can look into each of them.
        let rule = "deals.exists(d, d.state == \"closed_won\" and d.won_at in last(90d) and d.value == EUR 21000.00) \
                    and deals.count(d, has(d.lost_at)) == 1";
        let rule: law::Rule = rule.parse().unwrap();
        let basis = law::Basis::default();
        let needs = law::expr::Needs::of([rule.tree()], &basis);
        let cases = scoring::cases_of(&t.app, &mut tx, t.organization, &[id], (&needs, &basis), t.now()).await.unwrap();
        let seen = rule.explain(cases[&id].view(&basis));
        assert!(seen.holds(), "{:?}", seen.sentences());
        tx.rollback().await.unwrap();
        t.clock.advance_days(1);
        let later = register(t, &bell, brandt()).await;
        assert_eq!((later.deal.state, codes(&later.reasons)), (State::PendingApproval, vec!["existing_account"]));
    }

    async fn lists_filter_sort_and_page(t: Trial) {
        program(t, &[]).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        for (name, value) in [("Alpha Transport", 3000), ("Beta Spedition", 1000), ("Gamma Kurier", 2000)] {
            t.run_as(&ada, claim_to(customer(name), &format!("EUR {value}.00"))).await.unwrap();
        }
        let page = |sort: &str, cursor, text: Option<&str>| ListDeals {
            text: text.map(str::to_owned),
            page: PageRequest { sort: Some(sort.into()), limit: Some(2), cursor },
            ..ListDeals::default()
        };
        let first = t.ask(page("-value", None, None)).await.unwrap();
        let rest = t.ask(page("-value", first.next.clone(), None)).await.unwrap();
        let names = |page: &kernel::Page<DealListed>| -> Vec<String> {
            page.items.iter().map(|item| item.deal.identity.name.clone()).collect()
        };
        assert_eq!(names(&first), ["Alpha Transport", "Gamma Kurier"]);
        assert_eq!((names(&rest), rest.next), (vec!["Beta Spedition".to_owned()], None));
        assert_eq!(names(&t.ask(page("value", None, Some("SPED"))).await.unwrap()), ["Beta Spedition"]);
    }
}
