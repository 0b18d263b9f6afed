use trial::both_databases;

use super::*;

const STEPS: &str = "[[approval]]\nabove = \"EUR 50000.00\"\nroles = [\"partner_ops\"]\nwithin_days = 2\non_silence = \"escalate\"\n\n\
    [[approval]]\nabove = \"EUR 100000.00\"\nroles = [\"head_of_partnerships\"]\nwithin_days = 3\non_silence = \"SILENCE\"\n\n[matching]";

async fn steps(t: &Trial, silence: &str) {
    let answer = "reopen_role = \"head_of_partnerships\"\nanswer_within_days = 2";
    let steps = STEPS.replace("SILENCE", silence);
    changed(
        t,
        &[("deals.toml", "[matching]", &steps), ("deals.toml", "reopen_role = \"head_of_partnerships\"", answer)],
    )
    .await;
}

fn approve(deal: DealId) -> ApproveDeal {
    ApproveDeal { deal, customer: None, new_customer: false }
}

async fn claimed(t: &Trial, actor: &Actor, name: &str, value: &str) -> Deal {
    t.run_as(actor, claim_to(customer(name), value)).await.unwrap().deal
}

both_databases! { install;
    // covers: P19
    async fn a_large_deal_needs_each_step_by_its_own_role_and_person(t: Trial) {
        steps(t, "reject").await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        assert_eq!(claimed(t, &ada, "Alpha Transport", "EUR 50000.00").await.state, State::Approved);
        let deal = claimed(t, &ada, "Beta Spedition", "EUR 120000.00").await;
        let waiting = deal.approval.unwrap();
        assert_eq!((deal.state, waiting.step, waiting.of, waiting.roles.len()), (State::PendingApproval, 1, 2, 0));
        let head = t.staff(&["*"], &["head_of_partnerships"]);
        let Err(Error::Refused { code, reasons, .. }) = t.run_as(&head, approve(deal.id)).await else { panic!() };
        assert_eq!((code, codes(&reasons)), ("not_approver", vec!["wrong_role"]));
        let both = t.staff(&["*"], &["partner_ops", "head_of_partnerships"]);
        let given = t.run_as(&both, approve(deal.id)).await.unwrap();
        assert_eq!((given.state, given.approval.map(|waiting| waiting.step)), (State::PendingApproval, Some(2)));
        let Err(Error::Refused { reasons, .. }) = t.run_as(&both, approve(deal.id)).await else { panic!() };
        assert_eq!(codes(&reasons), ["same_person"]);
        assert_eq!(t.run_as(&head, approve(deal.id)).await.unwrap().state, State::Approved);
    }

    // covers: B1.6
    async fn a_late_approval_is_escalated_and_silence_means_what_the_program_says(t: Trial) {
        for (silence, expected) in [("approve", State::Approved), ("reject", State::Rejected)] {
            steps(t, silence).await;
            let (_, ada) = partner(t, &format!("Ada {silence}"), "bronze").await;
            let deal = claimed(t, &ada, &format!("Kutscher {silence} Transporte"), "EUR 120000.00").await.id;
            let late = t.staff(&["*"], &["head_of_partnerships"]);
            assert!(matches!(t.run_as(&late, approve(deal)).await, Err(Error::Refused { .. })));
            t.clock.advance_days(7);
            tick(t).await;
            let shown = show(t, deal).await;
            assert!(shown.deal.approval.unwrap().escalated);
            assert!(shown.timeline.iter().any(|event| event.kind == "deal.approval_escalated"));
            // Further up it may be given now.
            t.run_as(&late, approve(deal)).await.unwrap();
            t.clock.advance_days(7);
            tick(t).await;
            assert_eq!(state(t, deal).await, expected, "{silence}");
            for decision in show(t, deal).await.decisions {
                let mut tx = t.app.db().read().await.unwrap();
                assert!(kernel::log::explain(&t.app, &mut tx, decision).await.unwrap().reproduced);
            }
        }
    }

    // covers: B1.6
    async fn a_question_stops_the_clock_and_its_answer_is_due(t: Trial) {
        steps(t, "reject").await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let deal = claimed(t, &ada, "Beta Spedition", "EUR 60000.00").await.id;
        let due = |full: &DealInFull| full.clocks.iter().find(|clock| clock.kind == "deals.approval").cloned().unwrap();
        let before = due(&show(t, deal).await);
        t.clock.advance_days(1);
        t.run(ReturnDeal { deal, text: "Which site?".into() }).await.unwrap();
        assert_eq!(due(&show(t, deal).await).state, clocks::State::Paused);
        t.clock.advance_days(1);
        let answer = ResubmitDeal { deal, customer: None, title: None, value: None, expected_close: None, answer: Some("Bremen".into()) };
        assert_eq!(t.run_as(&ada, answer).await.unwrap().deal.state, State::PendingApproval);
        let after = due(&show(t, deal).await);
        assert_eq!((after.state, after.due_at), (clocks::State::Running, before.due_at.plus_days(1)));
        // A second question that nobody answers.
        t.run(ReturnDeal { deal, text: "Which fleet?".into() }).await.unwrap();
        t.clock.advance_days(6);
        tick(t).await;
        let gone = show(t, deal).await.deal;
        assert_eq!((gone.state, gone.reason_code.as_deref()), (State::Withdrawn, Some("no_answer")));
    }

    async fn several_are_decided_in_one_request_each_as_if_alone(t: Trial) {
        steps(t, "reject").await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let small = claimed(t, &ada, "Alpha Transport", "EUR 60000.00").await.id;
        let large = claimed(t, &ada, "Beta Spedition", "EUR 120000.00").await.id;
        let done = claimed(t, &ada, "Gamma Kurier", "EUR 2000.00").await.id;
        let ops = t.staff(&["*"], &["partner_ops"]);
        let each = |act, text: Option<&str>| DecideEach {
            deals: vec![small, large, done, small],
            act,
            reason_code: None,
            text: text.map(str::to_owned),
        };
        let results = t.run_as(&ops, each(Act::Approve, None)).await.unwrap();
        let states: Vec<Option<State>> = results.iter().map(|result| result.state).collect();
        assert_eq!(states, [Some(State::Approved), Some(State::PendingApproval), None]);
        assert_eq!(results[2].code.as_deref(), Some("wrong_state"));
        assert!(matches!(t.run_as(&ops, each(Act::Reject, None)).await, Err(Error::Invalid(_))));
        let results = t.run_as(&ops, each(Act::Reject, Some("No budget"))).await.unwrap();
        assert_eq!(results[1].state, Some(State::Rejected));
        assert!(matches!(t.run_as(&ada, each(Act::Approve, None)).await, Err(Error::Forbidden { .. })));
    }
}
