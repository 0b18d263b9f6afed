#![allow(clippy::unwrap_used)]

use kernel::{Actor, ActorKind, Error, Grants};
use serde_json::{Value, json};
use trial::{Trial, both_databases};

use super::overview::EffectStats;
use super::{
    Assessed, CheckAssignment, EvaluateAssignment, GetGate, ListDecisions, RecordEffects, check_policy, evaluate,
    settle,
};
use crate::evaluation::Assignment;
use crate::policy::{Answer, Order};
use crate::scene::{apply, apply_northwind, deliver, dispatch, install, knock, licence, source};

fn assignment(requires: &[&str]) -> Assignment {
    let requires = requires.iter().map(|each| (*each).to_owned()).collect();
    Assignment { driver: "drv_1".into(), order: Order { id: "ord_1".into(), requires, segment: String::new() } }
}

async fn ask(t: &Trial, requires: &[&str]) -> Assessed {
    evaluate(&t.app, &dispatch(t), assignment(requires)).await.unwrap()
}

fn codes(assessed: &Assessed) -> Vec<&str> {
    assessed.verdict.reasons.iter().map(|reason| reason.code.as_str()).collect()
}

fn question() -> Value {
    json!({
        "subject": { "type": "driver", "id": "drv_1" },
        "action": { "name": "dispatch.assign" },
        "resource": { "type": "order", "id": "ord_1" },
    })
}

async fn http(t: &Trial, actor: Actor, path: &str, body: &str) -> (u16, Value, Vec<(&'static str, String)>) {
    let headers = vec![("content-type", "application/json; charset=utf-8".to_owned())];
    let answer = knock(t, path, actor, headers, vec![], body.to_owned()).await;
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default(), answer.headers)
}

both_databases! { install;
    // covers: G1, G2
    async fn a_signed_webhook_changes_the_answer_of_the_gate_at_once(t: Trial) {
        apply_northwind(t).await;
        let feed = source(t, None).await;
        let unknown = ask(t, &[]).await;
        assert_eq!((unknown.answer(), codes(&unknown)), (Answer::Deny, vec!["licence-missing"]));
        for (id, status, answer) in [
            ("msg_1", "valid", Answer::Allow),
            ("msg_2", "suspended", Answer::Deny),
            ("msg_3", "valid", Answer::Allow),
        ] {
            t.clock.advance(1_000_000);
            assert_eq!(deliver(t, &feed, id, &licence(status, t.now())).await.0, 200);
            assert_eq!(ask(t, &[]).await.answer(), answer, "{id}");
        }
        settle(&t.app).await.unwrap();
        let gate = t.ask(GetGate {}).await.unwrap();
        let decisions = gate.decisions.unwrap();
        assert_eq!((decisions.allowed, decisions.denied), (2, 2));
        assert_eq!((gate.effects.count, gate.effects.within_promise), (3, 3));
    }

    // covers: G3, G4
    async fn a_mode_decides_whether_a_policy_warns_or_denies_and_who_stands_behind_it_is_recorded(t: Trial) {
        apply_northwind(t).await;
        let feed = source(t, None).await;
        deliver(t, &feed, "msg_1", &licence("valid", t.now())).await;
        let warned = ask(t, &["medical"]).await;
        assert_eq!((warned.answer(), warned.verdict.outcome.would_deny), (Answer::Warn, true));
        let fired = &warned.verdict.outcome.fired[0];
        let parties = (fired.parties.owner.as_str(), fired.parties.attests.as_str(), fired.parties.enforcer.as_str());
        assert_eq!(parties, ("Fleet", "Credential provider", "platform"));

        // Enforcing the policy takes effect with the next question.
        apply(t, |text| *text = text.replace("mode = \"warn\"", "mode = \"enforce\"")).await;
        let denied = ask(t, &["medical"]).await;
        assert_eq!((denied.answer(), denied.law.as_str()), (Answer::Deny, "northwind/2"));
        settle(&t.app).await.unwrap();
        let week = t.ask(GetGate {}).await.unwrap().policies;
        let medical = week.iter().find(|policy| policy.key == "medical-valid").unwrap().last_week.clone().unwrap();
        assert_eq!((medical.firings, medical.would_deny, medical.drivers), (2, 1, 1));
    }

    async fn a_denial_is_on_record_when_it_is_answered_and_computes_the_same_again(t: Trial) {
        apply_northwind(t).await;
        let denied = ask(t, &["insurance"]).await;
        let id = denied.decision.unwrap();
        let mut tx = t.app.db().read().await.unwrap();
        let sql = "SELECT * FROM decision WHERE id = $1";
        let stored = tx.one(sql, kernel::params![id], kernel::log::read_decision).await.unwrap().unwrap();
        let explained = kernel::log::explain(&t.app, &mut tx, stored).await.unwrap();
        tx.rollback().await.unwrap();
        assert!(explained.reproduced);
        assert_eq!((explained.decision.subject.as_str(), explained.decision.law.as_str()), ("driver:drv_1", "northwind/1"));
        assert_eq!(explained.decision.reasons, denied.verdict.reasons);
    }

    async fn allowances_are_recorded_within_a_moment_and_together(t: Trial) {
        apply_northwind(t).await;
        let feed = source(t, None).await;
        deliver(t, &feed, "msg_1", &licence("valid", t.now())).await;
        for _ in 0..250 {
            assert_eq!(ask(t, &[]).await.answer(), Answer::Allow);
        }
        settle(&t.app).await.unwrap();
        assert_eq!(t.ask(GetGate {}).await.unwrap().decisions.unwrap().allowed, 250);
        let page = t.ask(ListDecisions { driver: Some("drv_1".into()), ..Default::default() }).await.unwrap();
        assert_eq!((page.items.len(), page.next.is_some()), (50, true));
        let mut tx = t.app.db().read().await.unwrap();
        let entries = tx.number("SELECT COUNT(*) FROM log_entry WHERE operation = 'gate.record'", &[]).await.unwrap();
        tx.rollback().await.unwrap();
        assert!(entries < 250, "{entries} transactions for 250 decisions");
    }

    // covers: G5
    async fn a_credential_that_is_not_verified_in_time_is_stale(t: Trial) {
        apply_northwind(t).await;
        let feed = source(t, None).await;
        deliver(t, &feed, "msg_1", &licence("valid", t.now())).await;
        assert_eq!(ask(t, &[]).await.answer(), Answer::Allow);
        t.clock.advance_days(31);
        let stale = ask(t, &[]).await;
        assert_eq!((stale.answer(), codes(&stale)), (Answer::Deny, vec!["licence-stale"]));
        deliver(t, &feed, "msg_2", &licence("valid", t.now())).await;
        assert_eq!(ask(t, &[]).await.answer(), Answer::Allow);
        settle(&t.app).await.unwrap();
    }

    async fn a_trial_leaves_nothing_behind_and_an_operation_says_the_same_on_record(t: Trial) {
        apply_northwind(t).await;
        let trial = CheckAssignment {
            driver: "drv_1".into(),
            order: String::new(),
            requires: "medical, insurance".into(),
            segment: String::new(),
        };
        let checked = t.ask(trial).await.unwrap();
        assert_eq!(checked.verdict.outcome.answer, Answer::Deny);
        assert!(t.ask(ListDecisions::default()).await.unwrap().items.is_empty());
        let asked = EvaluateAssignment {
            driver: "drv_1".into(),
            order: "ord_1".into(),
            requires: vec!["medical".into(), "insurance".into()],
            segment: String::new(),
        };
        let assessed = t.run(asked).await.unwrap();
        assert_eq!(assessed.verdict, checked.verdict);
        assert_eq!(t.ask(ListDecisions::default()).await.unwrap().items[0].id, assessed.decision.unwrap());
    }

    async fn the_evaluation_door_speaks_authzen(t: Trial) {
        apply_northwind(t).await;
        let path = "/access/v1/evaluation";
        let (status, body, _) = http(t, dispatch(t), path, &question().to_string()).await;
        assert_eq!((status, &body["decision"], &body["context"]["concord"]["mode"]), (200, &json!(false), &json!("enforce")));
        assert!(body["context"]["concord"]["decision"].as_str().unwrap().starts_with("dec_"));

        let nobody = Actor { kind: ActorKind::Anonymous, grants: Grants::default(), ..t.system.clone() };
        let (status, _, headers) = http(t, nobody, path, &question().to_string()).await;
        assert!(status == 401 && headers.iter().any(|(name, _)| *name == "www-authenticate"));
        let (status, ..) = http(t, t.staff(&["deals.*"], &[]), path, &question().to_string()).await;
        assert_eq!(status, 403);
        let partner = t.partner_person(t.app.new_id(t.now()));
        assert_eq!(http(t, partner, path, &question().to_string()).await.0, 403);
        for body in ["", "{", "[]", r#"{"subject":{"type":"driver"}}"#] {
            assert_eq!(http(t, dispatch(t), path, body).await.0, 400, "{body}");
        }
        let untyped = knock(t, path, dispatch(t), vec![], vec![], question().to_string()).await;
        assert_eq!(untyped.status, 400);
        let mut other = question();
        other["action"]["name"] = json!("fly");
        let (status, body, _) = http(t, dispatch(t), path, &other.to_string()).await;
        assert_eq!((status, &body["decision"]), (200, &json!(false)));
    }

    async fn a_batch_is_answered_in_order_and_recorded(t: Trial) {
        apply_northwind(t).await;
        let feed = source(t, None).await;
        deliver(t, &feed, "msg_1", &licence("valid", t.now())).await;
        let mut batch = question();
        batch["evaluations"] = json!([
            {},
            { "subject": { "type": "driver", "id": "drv_2" } },
            { "subject": { "type": "driver", "id": "" } },
            { "resource": { "type": "order", "id": "ord_2" } },
        ]);
        let (status, body, _) = http(t, dispatch(t), "/access/v1/evaluations", &batch.to_string()).await;
        let decisions: Vec<bool> =
            body["evaluations"].as_array().unwrap().iter().map(|each| each["decision"] == json!(true)).collect();
        assert_eq!((status, decisions), (200, vec![true, false, false, true]));
        settle(&t.app).await.unwrap();
        assert_eq!(t.ask(ListDecisions::default()).await.unwrap().items.len(), 3);
    }

    async fn the_doors_are_found_through_discovery(t: Trial) {
        let path = "/.well-known/authzen-configuration";
        for (host, base) in [("gate.example.com", "https://gate.example.com"), ("localhost:8080", "http://localhost:8080")] {
            let headers = vec![("host", host.to_owned())];
            let answer = knock(t, path, dispatch(t), headers, vec![], String::new()).await;
            let found: Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(found["policy_decision_point"], json!(base));
            assert_eq!(found["access_evaluation_endpoint"], json!(format!("{base}/access/v1/evaluation")));
        }
    }

    async fn what_the_gate_records_is_written_by_the_gate_alone(t: Trial) {
        let security = t.staff(&["gate.*"], &["security"]);
        let refused = t.run_as(&security, RecordEffects { effects: vec![] }).await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })));
    }

    async fn a_driver_whom_a_warning_let_through_without_a_valid_credential_is_found(t: Trial) {
        apply(t, |text| *text = text.replace("mode = \"enforce\"", "mode = \"warn\"")).await;
        let feed = source(t, None).await;
        deliver(t, &feed, "msg_1", &licence("suspended", t.now())).await;
        assert_eq!(ask(t, &[]).await.answer(), Answer::Warn);
        t.clock.advance(60_000_000);
        t.run(findings::RunChecks {}).await.unwrap();
        let found = t.ask(findings::ListFindings::default()).await.unwrap().items;
        assert_eq!((found.len(), found[0].subject.as_str()), (1, "driver:drv_1"));
    }
}

#[test]
fn shipped_policies_pass_the_check_and_mistakes_are_placed() {
    for program in law::shipped() {
        for (file, text) in program.files().iter().filter(|(file, _)| file.ends_with(".cedar")) {
            assert_eq!(check_policy(file, text), [], "{file}");
        }
    }
    let text = "// first\nforbid (principal, action, resource)\nwhen { principal.licenze };";
    let found = &check_policy("policies/x.cedar", text)[0];
    assert_eq!((found.file.as_str(), found.line), ("policies/x.cedar", 3));
    assert!(!check_policy("policies/y.cedar", "nonsense").is_empty());
}

#[test]
fn percentiles_are_values_that_were_measured() {
    let stats = EffectStats::of(&(1..=100).map(|n| n * 1_000).collect::<Vec<_>>());
    assert_eq!((stats.p50_micros, stats.p95_micros, stats.p99_micros), (50_000, 95_000, 99_000));
    assert_eq!(stats.histogram.iter().map(|(_, count)| count).sum::<usize>(), 100);
    assert_eq!(EffectStats::of(&[]).p99_micros, 0);
    assert_eq!(EffectStats::of(&[61_000_000]).within_promise, 0);
}
