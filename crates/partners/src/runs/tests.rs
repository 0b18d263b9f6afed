#![allow(clippy::unwrap_used)]

use kernel::{Actor, PageRequest, PartnerId, Query as _};
use law::BenefitValue;
use programs::Files;
use trial::{Trial, both_databases};

use super::*;
use crate::fixture::{self, active, enact, install_winning, northwind, wins};
use crate::profile::GetPartner;
use crate::tiers::{Direction, PreviewTiers, RecalculateTiers};

/// Northwind moving its partners by runs, with two segments.
fn by_runs(lines: &str, segments: &str) -> Files {
    let mut files = northwind();
    let tiers = files.get_mut("tiers.toml").unwrap();
    *tiers = format!("[runs]\nroles = [\"head_of_partnerships\"]\n{lines}\n{tiers}\n{segments}");
    files
}

const SEGMENTS: &str = "[[segment]]\nkey = \"invest\"\ntitle = \"Invest\"\nrequires = \"won_value_12m >= EUR 40000.00\"\n\
    invests = { co_sell_days = 12 }\n\
    [[segment]]\nkey = \"maintain\"\ntitle = \"Maintain\"\n\
    [benefit.co_sell_days]\ntitle = \"Co-sell days\"\nkind = \"count\"\n";

async fn tier_of(t: &Trial, partner: PartnerId) -> String {
    t.ask(GetPartner { partner }).await.unwrap().partner.tier.unwrap()
}

async fn control(t: &Trial, partner: PartnerId, key: &str) -> Option<BenefitValue> {
    let detail = t.ask(GetPartner { partner }).await.unwrap();
    detail.controls.iter().find(|control| control.control == key).map(|control| control.value.clone())
}

async fn proposed(t: &Trial) -> TierRun {
    t.run(ProposeTierRun { note: "Autumn".into() }).await.unwrap()
}

async fn moves(t: &Trial, run: RunId) -> Vec<Move> {
    t.ask(all_of(run)).await.unwrap().items
}

fn all_of(run: RunId) -> ListMoves {
    ListMoves {
        run,
        q: None,
        kind: None,
        direction: None,
        from: None,
        to: None,
        state: None,
        appeal: None,
        page: PageRequest::default(),
    }
}

fn head(t: &Trial) -> Actor {
    t.staff(&["*"], &["head_of_partnerships"])
}

/// A winner in Silver that has lost what it won since.
async fn demoted(t: &Trial, lines: &str) -> (PartnerId, TierRun, Actor) {
    enact(t, northwind()).await;
    let partner = active(t, "Winner", "reseller").await.id;
    wins(t, partner, 60_000).await;
    t.run(RecalculateTiers {}).await.unwrap();
    enact(t, by_runs(lines, "")).await;
    wins(t, partner, 1_000).await;
    let vera = head(t);
    let run = proposed(t).await;
    let run = t.run_as(&vera, ApproveTierRun { run: run.id }).await.unwrap();
    assert_eq!(run.state, RunState::Applied);
    (partner, run, vera)
}

both_databases! { install_winning;
    // covers: B1.2, B10.1
    async fn nobody_moves_before_a_run_is_approved_and_what_was_left_out_stays(t: Trial) {
        enact(t, by_runs("", "")).await;
        let winner = active(t, "Winner", "reseller").await.id;
        let other = active(t, "Other", "reseller").await.id;
        wins(t, winner, 60_000).await;
        wins(t, other, 70_000).await;
        let weekly = t.run(RecalculateTiers {}).await.unwrap();
        assert_eq!((weekly.promoted, weekly.waiting), (0, 2));
        assert_eq!(tier_of(t, winner).await, "bronze");

        let run = proposed(t).await;
        assert_eq!((run.state, run.moves, run.partners), (RunState::Draft, 2, 2));
        let planned = moves(t, run.id).await;
        assert_eq!(planned.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Other", "Winner"]);
        assert_eq!(planned[0].cost.unwrap().to_string(), "EUR 2500.00");
        assert_eq!(planned[0].reasons[0].code, "promoted");
        let narrow = ListMoves { q: Some("winn".into()), ..all_of(run.id) };
        assert_eq!(t.ask(narrow).await.unwrap().items.len(), 1);
        let down = ListMoves { direction: Some(Direction::Down), ..all_of(run.id) };
        assert_eq!(t.ask(down).await.unwrap().items.len(), 0);
        let again = t.run(ProposeTierRun::default()).await.unwrap_err();
        assert_eq!(again.code(), "run_open");

        let reason = "A merger is under way.".to_owned();
        let nothing = t.run(ExcludeFromRun { of: planned[0].id, reason: " ".into() }).await.unwrap_err();
        assert!(nothing.to_string().contains("reason"), "{nothing}");
        let out = t.run(ExcludeFromRun { of: planned[0].id, reason: reason.clone() }).await.unwrap();
        assert_eq!((out.state, out.because), (Fate::Excluded, reason.clone()));
        t.run(IncludeInRun { of: planned[0].id }).await.unwrap();
        t.run(ExcludeFromRun { of: planned[0].id, reason }).await.unwrap();
        let page = fixture::page(t, &t.system, &format!("/tiers/runs/{}", run.id), &[]).await;
        assert!(page.contains("Winner") && page.contains("Left out"), "{page}");

        let nobody = t.staff(&["*"], &["finance"]);
        assert_eq!(t.run_as(&nobody, ApproveTierRun { run: run.id }).await.unwrap_err().code(), "not_an_approver");
        let done = t.run_as(&head(t), ApproveTierRun { run: run.id }).await.unwrap();
        assert_eq!(done.state, RunState::Applied);
        assert_eq!((tier_of(t, winner).await.as_str(), tier_of(t, other).await.as_str()), ("silver", "bronze"));
        assert_eq!(control(t, winner, "deal_slots").await, Some(BenefitValue::Count(25)));
        let made = moves(t, run.id).await.remove(1);
        assert_eq!((made.state, made.decision.is_some()), (Fate::Applied, true));
        let decision = t.ask(GetPartner { partner: winner }).await.unwrap().decisions.remove(0);
        let mut tx = t.app.db().read().await.unwrap();
        assert!(kernel::log::explain(&t.app, &mut tx, decision).await.unwrap().reproduced);
        tx.rollback().await.unwrap();
        // It has been approved, so that it cannot be changed any more.
        let late = t.run(ExcludeFromRun { of: made.id, reason: "late".into() }).await.unwrap_err();
        assert_eq!(late.code(), "wrong_state");
    }

    // covers: B1.2
    async fn where_much_is_at_stake_a_second_person_must_agree(t: Trial) {
        enact(t, by_runs("second_above_moves = 5\nsecond_above_amount = \"EUR 2000.00\"", "")).await;
        let winner = active(t, "Winner", "reseller").await.id;
        wins(t, winner, 60_000).await;
        let run = proposed(t).await;
        let (vera, otto) = (head(t), head(t));
        let first = t.run_as(&vera, ApproveTierRun { run: run.id }).await.unwrap();
        assert_eq!(first.state, RunState::AwaitingSecond);
        let detail = t.ask(GetTierRun { run: run.id }).await.unwrap();
        let second = detail.second.unwrap().text;
        assert!(second.contains("2,500.00"), "{second}");
        assert_eq!(t.run_as(&vera, ApproveTierRun { run: run.id }).await.unwrap_err().code(), "same_person");
        assert_eq!(tier_of(t, winner).await, "bronze");
        let second = t.run_as(&otto, ApproveTierRun { run: run.id }).await.unwrap();
        assert_eq!((second.state, second.second.unwrap().by), (RunState::Applied, otto.reference()));
        assert_eq!(tier_of(t, winner).await, "silver");
    }

    // covers: B1.2
    async fn a_granted_appeal_returns_the_partner_whose_benefits_were_held(t: Trial) {
        let (partner, run, vera) = demoted(t, "appeal_days = 14\nhold_benefits = true").await;
        assert_eq!(tier_of(t, partner).await, "bronze");
        assert_eq!(control(t, partner, "deal_slots").await, Some(BenefitValue::Count(25)), "held");
        let paula = t.partner_person(partner);
        let standing = t.ask_as(&paula, GetStanding { partner }).await.unwrap();
        let made = standing.moves[0].made.clone();
        assert!((made.held, made.cost, made.done) == (true, None, None));
        assert!(t.ask(GetPartner { partner }).await.unwrap().timeline.iter().any(|event| event.summary.contains("An appeal is possible until")));
        let stranger = t.partner_person(active(t, "Stranger", "reseller").await.id);
        assert_eq!(t.ask_as(&stranger, GetMove { of: made.id }).await.unwrap_err().code(), "not_found");
        assert_eq!(t.run_as(&stranger, AppealMove { of: made.id, text: "no".into() }).await.unwrap_err().code(), "not_found");

        let appeal = AppealMove { of: made.id, text: "A deal was booked too late.".into() };
        let appeal = t.run_as(&paula, appeal).await.unwrap();
        let page = fixture::page(t, &paula, &format!("/tiers/moves/{}", made.id), &[]).await;
        assert!(page.contains("A deal was booked too late.") && !page.contains("Answer the appeal"), "{page}");
        let found = ListMoves { appeal: Some(AppealState::Open), ..all_of(run.id) };
        assert_eq!(t.ask(found).await.unwrap().items.len(), 1);
        // The benefits are kept for as long as the appeal is open.
        t.clock.advance_days(15);
        clocks::tick(&t.app, &t.system).await.unwrap();
        assert_eq!(control(t, partner, "deal_slots").await, Some(BenefitValue::Count(25)));
        let answer = DecideAppeal { appeal: appeal.id, granted: true, answer: "It was.".into() };
        assert_eq!(t.run_as(&vera, answer.clone()).await.unwrap_err().code(), "same_person");
        let decided = t.run_as(&head(t), answer).await.unwrap();
        assert_eq!(decided.state, AppealState::Granted);
        assert_eq!(tier_of(t, partner).await, "silver");
        assert_eq!(control(t, partner, "deal_slots").await, Some(BenefitValue::Count(25)));
        let decision = t.ask(GetPartner { partner }).await.unwrap().decisions.remove(0);
        assert_eq!(decision.kind, "tiers.return");
        let mut tx = t.app.db().read().await.unwrap();
        assert!(kernel::log::explain(&t.app, &mut tx, decision).await.unwrap().reproduced);
    }

    // covers: B1.2
    async fn without_an_appeal_the_benefits_end_with_the_time_for_one(t: Trial) {
        let (partner, _, _) = demoted(t, "appeal_days = 14\nhold_benefits = true").await;
        t.clock.advance_days(15);
        clocks::tick(&t.app, &t.system).await.unwrap();
        assert_eq!(control(t, partner, "deal_slots").await, Some(BenefitValue::Count(10)));
        let paula = t.partner_person(partner);
        let made = t.ask_as(&paula, GetStanding { partner }).await.unwrap().moves.remove(0).made;
        assert!(!made.held);
        assert_eq!(t.run_as(&paula, AppealMove { of: made.id, text: "Late.".into() }).await.unwrap_err().code(), "too_late");
    }

    // covers: B1.2
    async fn a_run_is_taken_back_by_another_run(t: Trial) {
        let (partner, run, vera) = demoted(t, "").await;
        assert_eq!(control(t, partner, "deal_slots").await, Some(BenefitValue::Count(10)));
        let back = RollBackTierRun { run: run.id, reason: "The figures were wrong.".into() };
        let back = t.run_as(&vera, back).await.unwrap();
        assert_eq!((back.kind, back.state, back.reverses), (RunKind::Rollback, RunState::Applied, Some(run.id)));
        assert_eq!(tier_of(t, partner).await, "silver");
        assert_eq!(control(t, partner, "deal_slots").await, Some(BenefitValue::Count(25)));
        let twice = RollBackTierRun { run: run.id, reason: "again".into() };
        assert_eq!(t.run_as(&vera, twice).await.unwrap_err().code(), "taken_back");
        assert_eq!(t.ask(GetTierRun { run: run.id }).await.unwrap().reversed_by, Some(back.id));
    }

    // covers: B10.1
    async fn a_run_is_proposed_once_in_each_period_and_not_under_an_old_version(t: Trial) {
        enact(t, by_runs("every = \"monthly\"", "")).await;
        let winner = active(t, "Winner", "reseller").await.id;
        wins(t, winner, 60_000).await;
        let run = t.run(ProposeDueRun {}).await.unwrap().unwrap();
        assert_eq!(run.moves, 1);
        assert!(t.run(ProposeDueRun {}).await.unwrap().is_none());
        enact(t, by_runs("every = \"monthly\"\nappeal_days = 3", "")).await;
        let late = t.run_as(&head(t), ApproveTierRun { run: run.id }).await.unwrap_err();
        assert_eq!(late.code(), "law_changed");
        t.run(DiscardTierRun { run: run.id, reason: "The law has changed.".into() }).await.unwrap();
        assert!(t.run(ProposeDueRun {}).await.unwrap().is_none(), "this month has had its run");
        t.clock.advance_days(31);
        assert_eq!(t.run(ProposeDueRun {}).await.unwrap().unwrap().moves, 1);
        enact(t, northwind()).await;
        assert_eq!(t.run(ProposeTierRun::default()).await.unwrap_err().code(), "no_runs");
    }

    // covers: B10.1
    async fn a_large_run_goes_on_by_itself_and_skips_who_has_changed(t: Trial) {
        enact(t, northwind()).await;
        let mut files = by_runs("", "");
        files.remove("partnership.toml");
        files.insert("procedures.toml".to_owned(), "[procedure.onboarding]\ntitle = \"Short\"\n[[procedure.onboarding.stage]]\nkey = \"terms\"\ntitle = \"Terms\"\n\
            moved_by = \"partner\"\nevidence = [{ key = \"terms\", title = \"Terms\", kind = \"terms\" }]\n\
            on_complete = [\"partners.activate\"]\n".to_owned());
        enact(t, files).await;
        let mut ids = Vec::new();
        for number in 0..45 {
            let company = fixture::company(&format!("Partner {number}"));
            let id = t.run(crate::intake::Invite { company, archetype: "oem".into(), manager: None }).await.unwrap().id;
            fixture::accept_terms(t, id).await;
            wins(t, id, 60_000).await;
            let run = fixture::run_of(t, id).await;
            t.run(procedures::CompleteStage { run, stage: None }).await.unwrap();
            ids.push(id);
        }
        let run = proposed(t).await;
        assert_eq!(run.moves, 45);
        let reason = crate::lifecycle::SuspendPartner { partner: ids[44], reason_code: Default::default(), text: "Overdue.".into(), contact: None, run: None };
        t.run(reason).await.unwrap();
        let first = t.run_as(&head(t), ApproveTierRun { run: run.id }).await.unwrap();
        assert_eq!(first.state, RunState::Applying);
        clocks::tick(&t.app, &t.system).await.unwrap();
        let detail = t.ask(GetTierRun { run: run.id }).await.unwrap();
        assert_eq!((detail.run.state, detail.weight.applied, detail.weight.skipped), (RunState::Applied, 44, 1));
        assert_eq!(t.ask(PreviewTiers {}).await.unwrap().len(), 0);
    }

    // covers: B1.7
    async fn segments_are_moved_by_the_run_and_published_each_quarter(t: Trial) {
        enact(t, by_runs("", SEGMENTS)).await;
        let winner = active(t, "Winner", "reseller").await.id;
        let other = active(t, "Other", "reseller").await.id;
        wins(t, winner, 45_000).await;
        assert_eq!(t.run(PublishSegments {}).await.unwrap_err().code(), "no_run_applied");
        let run = proposed(t).await;
        assert_eq!(run.moves, 2, "each gets its first segment");
        t.run_as(&head(t), ApproveTierRun { run: run.id }).await.unwrap();
        assert_eq!(control(t, winner, "co_sell_days").await, Some(BenefitValue::Count(12)));
        let paula = t.partner_person(winner);
        let standing = t.ask_as(&paula, GetStanding { partner: winner }).await.unwrap();
        assert_eq!((standing.segment.as_deref(), standing.invests.as_slice()), (Some("invest"), ["co sell days: 12".to_owned()].as_slice()));
        let page = fixture::page(t, &paula, "/standing", &[]).await;
        assert!(page.contains("Invest") && page.contains("Value won in 12 months") && !page.contains("Other"), "{page}");
        assert_eq!(t.ask_as(&paula, ListSegmentLists::default()).await.unwrap_err().code(), "forbidden");

        t.clock.advance_days(100);
        clocks::tick(&t.app, &t.system).await.unwrap();
        let first = t.ask(ListSegmentLists::default()).await.unwrap().items.remove(0);
        assert_eq!((first.partners, first.changes), (2, 2));
        assert!(first.number.starts_with("NORTHWIND-SEG"), "{}", first.number);
        let text = serde_json::to_string(&t.ask(documents::GetDocument { document: first.document }).await.unwrap().body).unwrap();
        assert!(text.contains("Winner") && text.contains("Maintain") && text.contains("Value won in 12 months is"), "{text}");
        assert!(t.ask_as(&paula, documents::GetDocument { document: first.document }).await.is_err(), "for inside only");
        t.clock.advance_days(100);
        clocks::tick(&t.app, &t.system).await.unwrap();
        let lists = t.ask(ListSegmentLists::default()).await.unwrap().items;
        assert_eq!((lists.len(), lists[0].changes, lists[1].number == first.number), (2, 0, true), "past lists stay");
        wins(t, other, 41_000).await;
        let run = proposed(t).await;
        let planned = moves(t, run.id).await;
        assert_eq!((planned.len(), planned[0].direction, planned[0].kind), (1, Direction::Up, MoveKind::Segment));
    }

    async fn runs_are_the_vendors(t: Trial) {
        enact(t, by_runs("", "")).await;
        let paula = t.partner_person(active(t, "Brandt", "reseller").await.id);
        assert_eq!(t.run_as(&paula, ProposeTierRun::default()).await.unwrap_err().code(), "forbidden");
        assert_eq!(t.ask_as(&paula, ListTierRuns::default()).await.unwrap_err().code(), "forbidden");
        assert_eq!(ListTierRuns::NAME, "tiers.list_runs");
    }
}

#[test]
fn a_second_person_is_needed_above_the_thresholds_of_the_program() {
    let runs = |moves: Option<u32>, amount: Option<&str>| law::TierRuns {
        every: law::Rhythm::Quarterly,
        roles: vec!["owner".into()],
        second_above_moves: moves,
        second_above_amount: amount.map(|text| text.parse().unwrap()),
        appeal_days: None,
        hold_benefits: false,
    };
    for (moves, cost, limits, needed) in [
        (5, None, (Some(5), None), false),
        (6, None, (Some(5), None), true),
        (900, None, (None, None), false),
        (1, Some("EUR 100.00"), (None, Some("EUR 100.00")), false),
        (1, Some("EUR 100.01"), (None, Some("EUR 100.00")), true),
        (1, Some("EUR -100.01"), (None, Some("EUR 100.00")), true),
        (1, None, (None, Some("EUR 0.00")), false),
    ] {
        let weight = Weight { moves, cost: cost.map(|text| text.parse().unwrap()), ..Weight::default() };
        let second = super::run::second_because(&runs(limits.0, limits.1), &weight);
        assert_eq!(second.is_some(), needed, "{moves} {cost:?} {limits:?}");
    }
}
