#![allow(clippy::unwrap_used)]

use findings::{ListFindings, RunChecks};
use kernel::{Error, PartnerId};
use procedures::GetRun;
use trial::{Trial, both_databases};

use super::{
    AnswerAppeal, AppealAnswer, AppealExit, BeginRemediation, Case, CloseExit, Closing, DetectExits, GetExit,
    ListExits, State,
};
use crate::fixture::{active, complete_stage, enact, install, northwind, page};
use crate::lifecycle::{EndPartnership, EndReason};
use crate::profile::{GetPartner, Status};

/// Northwind with a criterion over what this area itself measures.
async fn begin(t: &Trial) -> PartnerId {
    let mut files = northwind();
    let text = files.get_mut("partnership.toml").unwrap();
    *text = text.replace("months_in_program >= 12 and won_deals_12m < 1 and open_deals < 1", "months_in_program >= 12");
    enact(t, files).await;
    active(t, "Brandt", "reseller").await.id
}

async fn warned(t: &Trial, partner: PartnerId) -> Case {
    t.run(BeginRemediation { partner, text: "Nothing was sold for a year.".into() }).await.unwrap()
}

both_databases! { install;
    // covers: B1.9
    async fn a_partnership_in_question_is_detected_with_its_reason_and_found_until_it_is_answered(t: Trial) {
        let partner = begin(t).await;
        assert_eq!(t.run(DetectExits {}).await.unwrap().opened, 0);
        t.clock.advance_days(366);
        assert_eq!(t.run(DetectExits {}).await.unwrap().opened, 1);
        assert_eq!(t.run(DetectExits {}).await.unwrap().opened, 0, "a case is opened once");
        let case = t.ask(ListExits::default()).await.unwrap().items.remove(0);
        assert_eq!((case.state, case.grounds[0].key.as_str()), (State::Detected, "low-return"));
        assert!(case.grounds[0].text.contains("Months in the program"), "{}", case.grounds[0].text);
        let decisions = t.ask(GetPartner { partner }).await.unwrap().decisions;
        let decision = decisions.into_iter().find(|decision| decision.kind == "partners.exit").unwrap();
        let mut tx = t.app.db().read().await.unwrap();
        assert!(kernel::log::explain(&t.app, &mut tx, decision).await.unwrap().reproduced);
        tx.rollback().await.unwrap();
        t.run(RunChecks {}).await.unwrap();
        let found = t.ask(ListFindings::default()).await.unwrap().items;
        assert!(found.iter().any(|finding| finding.check == "partners.exit_unanswered"));
        let paula = t.partner_person(partner);
        assert!(matches!(t.ask_as(&paula, GetExit { case: case.id }).await, Err(Error::NotFound { .. })));
        assert_eq!(t.ask_as(&paula, ListExits::default()).await.unwrap().items.len(), 0);
    }

    // covers: B1.9
    async fn nobody_leaves_for_bad_results_before_the_ladder_was_gone_through(t: Trial) {
        let partner = begin(t).await;
        let end = |reason_code| EndPartnership { partner, reason_code, text: "It did not work.".into(), run: None };
        let refused = t.run(end(EndReason::TermsBroken)).await;
        assert!(matches!(refused, Err(Error::Refused { code: "ladder_first", .. })), "{refused:?}");
        let case = warned(t, partner).await;
        let run = case.run.unwrap();
        assert!(matches!(t.run(end(EndReason::Inactive)).await, Err(Error::Refused { code: "ladder_first", .. })));
        for _ in 0..4 {
            complete_stage(t, run).await;
        }
        let ended = t.ask(GetPartner { partner }).await.unwrap().partner;
        assert_eq!((ended.status, ended.note.unwrap().code.as_str()), (Status::Ended, "remediation"));
        let case = t.ask(GetExit { case: case.id }).await.unwrap();
        assert_eq!((case.state, case.closed_at), (State::Ended, Some(t.now())));
    }

    // covers: B1.9
    async fn an_appeal_holds_the_ladder_until_it_is_answered(t: Trial) {
        let partner = begin(t).await;
        let case = warned(t, partner).await;
        let (case, run) = (case.id, case.run.unwrap());
        let paula = t.partner_person(partner);
        let appeal = AppealExit { case, text: "Two deals close this month.".into() };
        let other = t.partner_person(t.app.new_id(t.now()));
        assert!(matches!(t.run_as(&other, appeal.clone()).await, Err(Error::NotFound { .. })));
        let due = t.ask(GetRun { run }).await.unwrap().run.due_at.unwrap();
        t.clock.advance_days(3);
        assert_eq!(t.run_as(&paula, appeal.clone()).await.unwrap().state, State::Appealed);
        let held = t.run(procedures::CompleteStage { run, stage: None }).await;
        assert!(matches!(held, Err(Error::Conflict { code: "held", .. })), "{held:?}");
        t.clock.advance_days(10);
        let answer = AnswerAppeal { case, answer: AppealAnswer::Turned, text: "They did not close last month either.".into() };
        assert!(matches!(t.run_as(&paula, answer.clone()).await, Err(Error::Forbidden { .. })));
        assert_eq!(t.run(answer).await.unwrap().state, State::Remediation);
        let resumed = t.ask(GetRun { run }).await.unwrap();
        assert_eq!(resumed.run.due_at, Some(due.plus_days(10)), "the time of the appeal is not the partner's loss");
        assert_eq!(resumed.clocks[0].due_at, due.plus_days(10));
        let again = t.run_as(&paula, appeal).await;
        assert!(matches!(again, Err(Error::Conflict { code: "appealed_before", .. })), "{again:?}");
        let shown = page(t, &paula, &format!("/exits/{case}"), &[]).await;
        assert!(shown.contains("Two deals close this month.") && shown.contains("terms/standard.md"), "{shown}");
    }

    async fn an_appeal_that_is_upheld_or_a_recovery_closes_the_case_and_its_run(t: Trial) {
        let partner = begin(t).await;
        let first = warned(t, partner).await;
        let again = t.run(BeginRemediation { partner, text: "Again.".into() }).await;
        assert!(matches!(again, Err(Error::Conflict { code: "already_running", .. })), "{again:?}");
        let text = "The plan has worked.".to_owned();
        let closed = t.run(CloseExit { case: first.id, closing: Closing::Recovered, text }).await.unwrap();
        assert_eq!(closed.state, State::Recovered);
        assert_eq!(t.ask(GetRun { run: first.run.unwrap() }).await.unwrap().run.state, procedures::State::Closed);
        let second = warned(t, partner).await;
        t.clock.advance_days(15);
        let paula = t.partner_person(partner);
        let late = t.run_as(&paula, AppealExit { case: second.id, text: "Too late?".into() }).await;
        assert!(matches!(late, Err(Error::Conflict { code: "too_late", .. })), "{late:?}");
    }
}
