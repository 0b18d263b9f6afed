#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use kernel::decision::recompute;
use kernel::{Rule as _, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::credentials::CredentialStatus;

const LICENCE: &str = r#"@id("licence_valid")
@reason("The driver's licence must be valid.")
@remedy("Have the licence verified again.")
forbid (principal, action == Action::"dispatch.assign", resource)
unless {
  principal.credentials has licence &&
  ["valid", "expiring"].contains(principal.credentials.licence.status) &&
  principal.credentials.licence.expires > context.now &&
  principal.credentials.licence.fresh
};"#;

const MEDICAL: &str = r#"@id("medical_on_long_haul")
@reason("Long-haul orders that ask for it need a medical certificate.")
forbid (principal, action == Action::"dispatch.assign", resource)
when { resource.segment == "long_haul" && resource.requires.contains("medical-card") }
unless { principal.credentials has "medical-card" && principal.credentials["medical-card"].status == "valid" };"#;

const NEVER: &str = r#"forbid (principal, action, resource) when { resource.segment == "nowhere" };"#;
const FAILING: &str = "forbid (principal, action, resource) when { 9223372036854775807 + 1 > 0 };";

fn now() -> Timestamp {
    "2026-03-01T09:00:00Z".parse().unwrap()
}

fn policy(key: &str, text: &str, mode: Mode) -> PolicySource {
    PolicySource {
        key: key.into(),
        title: format!("Policy {key}"),
        file: format!("policies/{key}.cedar"),
        text: text.into(),
        mode,
        owner: "Northwind Logistics".into(),
        attests: "VerifyCo".into(),
        freshness_days: Some(30),
    }
}

fn terms(policies: impl Into<Vec<PolicySource>>) -> GateTerms {
    let credential_types = ["licence", "insurance", "medical-card"].map(String::from).to_vec();
    GateTerms { credential_types, policies: policies.into() }
}

fn book(policies: impl Into<Vec<PolicySource>>) -> PolicyBook {
    PolicyBook::compile(&terms(policies)).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn held(credential_type: &str, status: CredentialStatus) -> HeldCredential {
    HeldCredential {
        credential_type: credential_type.into(),
        status,
        jurisdiction: "US-CA".into(),
        expires_at: Some(now().plus_days(100)),
        verified_at: now().plus_days(-3),
        source: "verifyco".into(),
        fact: format!("cred_{credential_type}"),
    }
}

fn question(credentials: impl Into<Vec<HeldCredential>>) -> Question {
    Question {
        driver: "drv_1".into(),
        credentials: credentials.into().into(),
        order: Order { id: "ord_1".into(), ..Order::default() },
        now: now(),
    }
}

fn rules(dispatch: &Dispatch) -> Vec<&str> {
    dispatch.fired.iter().map(|fired| fired.rule.as_str()).collect()
}

#[test]
fn situations_and_modes_give_the_answer_with_its_reason() {
    use CredentialStatus::{Expired, Expiring, Revoked, Suspended, Unknown, Valid};
    let licence = held("licence", Valid);
    let cases = [
        ("valid", vec![licence.clone()], None),
        ("expiring", vec![held("licence", Expiring)], None),
        ("without end", vec![HeldCredential { expires_at: None, ..licence.clone() }], None),
        ("verified 30 days ago", vec![HeldCredential { verified_at: now().plus_days(-30), ..licence.clone() }], None),
        ("ends in a second", vec![HeldCredential { expires_at: Some(now().plus_seconds(1)), ..licence.clone() }], None),
        ("none", vec![], Some("no licence")),
        ("another kind", vec![held("insurance", Valid)], Some("no licence")),
        ("unknown", vec![held("licence", Unknown)], Some("licence unknown")),
        ("expired", vec![held("licence", Expired)], Some("licence expired")),
        ("suspended", vec![held("licence", Suspended)], Some("licence suspended")),
        ("revoked", vec![held("licence", Revoked)], Some("licence revoked")),
        ("two that differ", vec![held("licence", Suspended), held("licence", Valid)], Some("licence suspended")),
        (
            "ended this instant",
            vec![HeldCredential { expires_at: Some(now()), ..licence.clone() }],
            Some("valid until 2026-03-01T09:00:00Z"),
        ),
        (
            "verified too long ago",
            vec![HeldCredential { verified_at: now().plus_days(-30).plus_seconds(-1), ..licence.clone() }],
            Some("verified 2026-01-30T08:59:59Z by verifyco"),
        ),
    ];
    for (name, credentials, said) in cases {
        for mode in Mode::ALL {
            let verdict = book([policy("licence", LICENCE, mode)]).decide(&question(credentials.clone()));
            let fires = said.is_some() && mode != Mode::Off;
            let answer = match mode {
                Mode::Enforce if fires => Answer::Deny,
                Mode::Warn if fires => Answer::Warn,
                _ => Answer::Allow,
            };
            let at = format!("{name}, {}", mode.as_str());
            assert_eq!((verdict.outcome.answer, verdict.outcome.would_deny), (answer, fires), "{at}");
            assert_eq!(rules(&verdict.outcome), if fires { vec!["licence_valid"] } else { vec![] }, "{at}");
            assert_eq!(verdict.reasons.len(), usize::from(fires && mode >= Mode::Warn), "{at}");
            for reason in &verdict.reasons {
                assert_eq!(reason.code, "licence_valid");
                assert!(reason.text.starts_with("The driver's licence must be valid. On record: "), "{}", reason.text);
                assert!(reason.text.contains(said.unwrap()), "{at}: {}", reason.text);
                assert_eq!(reason.cites.as_deref(), Some("gate.toml: policy licence (policies/licence.cedar)"));
                assert_eq!(reason.remedy.as_deref(), Some("Have the licence verified again."));
                let holds = credentials.iter().any(|held| held.credential_type == "licence");
                assert_eq!(reason.evidence, if holds { vec!["cred_licence"] } else { vec![] });
            }
        }
    }
}

#[test]
fn policies_of_all_modes_are_asked_at_once_and_the_strictest_answers() {
    let all = "forbid (principal, action, resource);";
    let shadow = policy("shadow", all, Mode::Shadow);
    let warn = policy("warn", all, Mode::Warn);
    let enforce = policy("enforce", all, Mode::Enforce);
    let cases = [
        (vec![policy("never", NEVER, Mode::Enforce)], Answer::Allow, vec![]),
        (vec![shadow.clone()], Answer::Allow, vec![]),
        (vec![warn.clone(), shadow.clone()], Answer::Warn, vec!["warn"]),
        (vec![shadow, warn, enforce, policy("off", all, Mode::Off)], Answer::Deny, vec!["enforce", "warn"]),
    ];
    for (policies, answer, told) in cases {
        let verdict = book(policies).decide(&question([]));
        assert_eq!(verdict.outcome.answer, answer);
        let codes: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code.as_str()).collect();
        assert_eq!(codes, told);
        assert!(!verdict.outcome.fired.iter().any(|fired| fired.policy == "off"));
    }
    assert_eq!(book([]).decide(&question([])).outcome.answer, Answer::Allow);
}

#[test]
fn a_policy_is_rolled_out_by_what_the_order_is() {
    let book = book([policy("medical", MEDICAL, Mode::Enforce)]);
    let ask = |segment: &str, requires: &[&str], credentials: Vec<HeldCredential>| {
        let order = Order {
            id: "ord_1".into(),
            requires: requires.iter().map(|each| (*each).to_owned()).collect(),
            segment: segment.into(),
        };
        book.decide(&Question { order, ..question(credentials) }).outcome.answer
    };
    assert_eq!(ask("long_haul", &["medical-card", "hazmat"], vec![]), Answer::Deny);
    assert_eq!(ask("long_haul", &["hazmat"], vec![]), Answer::Allow);
    assert_eq!(ask("city", &["medical-card"], vec![]), Answer::Allow);
    let card = held("medical-card", CredentialStatus::Valid);
    assert_eq!(ask("long_haul", &["medical-card"], vec![card]), Answer::Allow);
}

// covers: G4
#[test]
fn every_decision_names_who_defines_who_attests_and_who_enforces() {
    let mut insured = policy("insured", NEVER, Mode::Warn);
    insured.attests = "Harbor Insurance".into();
    let parties = |attests: &str| Parties {
        owner: "Northwind Logistics".into(),
        attests: attests.into(),
        enforcer: "platform".into(),
    };
    let book = book([policy("licence", LICENCE, Mode::Enforce), policy("other", MEDICAL, Mode::Warn), insured]);
    for credentials in [vec![], vec![held("licence", CredentialStatus::Valid)]] {
        let dispatch = book.decide(&question(credentials)).outcome;
        assert_eq!(*dispatch.parties, [parties("VerifyCo"), parties("Harbor Insurance")]);
        assert!(dispatch.fired.iter().all(|fired| fired.parties == parties("VerifyCo")));
        let stored = serde_json::to_value(&dispatch).unwrap();
        assert_eq!(stored["parties"][0]["owner"], "Northwind Logistics");
        assert_eq!(serde_json::from_value::<Dispatch>(stored).unwrap(), dispatch);
    }
}

#[test]
fn each_policy_sees_freshness_in_its_own_window() {
    let within = |key: &str, days: Option<u32>| PolicySource {
        freshness_days: days,
        text: LICENCE.replace("licence_valid", key),
        ..policy(key, "", Mode::Enforce)
    };
    let book = book([
        within("week", Some(7)),
        within("month", Some(30)),
        within("any", None),
        PolicySource { freshness_days: Some(1), ..policy("never", NEVER, Mode::Enforce) },
    ]);
    for (age, expected) in [(3, vec![]), (8, vec!["week"]), (31, vec!["week", "month"])] {
        let licence = HeldCredential { verified_at: now().plus_days(-age), ..held("licence", CredentialStatus::Valid) };
        assert_eq!(rules(&book.decide(&question([licence])).outcome), expected, "{age} days");
    }
}

#[test]
fn a_policy_that_fails_counts_as_a_prohibition() {
    for (mode, answer) in [(Mode::Enforce, Answer::Deny), (Mode::Warn, Answer::Warn), (Mode::Shadow, Answer::Allow)] {
        let verdict = book([policy("sum", FAILING, mode)]).decide(&question([]));
        assert_eq!((verdict.outcome.answer, verdict.outcome.would_deny), (answer, true));
        assert_eq!(verdict.outcome.fired[0].effect, Effect::Failed);
        assert!(verdict.outcome.fired[0].text.contains("overflow"), "{}", verdict.outcome.fired[0].text);
        assert_eq!(verdict.reasons.len(), usize::from(mode >= Mode::Warn));
    }
}

#[test]
fn a_guarded_policy_answers_as_it_would_without_its_guard() {
    let clauses = [
        r#"when { resource.segment == "city" }"#,
        r#"when { "city" == resource.segment && 9223372036854775807 + 1 > 0 }"#,
        r#"when { 9223372036854775807 + 1 > 0 && resource.segment == "city" }"#,
        r#"when { resource.requires.contains("hazmat") && !(principal.credentials has licence) }"#,
        r#"when { resource.segment == "city" || resource.segment == "long_haul" }"#,
        r#"unless { resource.segment == "city" && resource.requires.contains("hazmat") }"#,
        r#"when { !resource.requires.contains("hazmat") } when { resource.segment == "city" }"#,
        r#"when { resource.segment != "city" }"#,
    ];
    let rule = |clause: &str| format!("forbid (principal, action, resource) {clause};");
    // The same clause behind one that is always true is evaluated for every order.
    let open = |clause: &str| format!("forbid (principal, action, resource) when {{ 1 == 1 }} {clause};");
    for clause in clauses {
        let guarded = book([policy("p", &rule(clause), Mode::Enforce)]);
        let unguarded = book([policy("p", &open(clause), Mode::Enforce)]);
        for segment in ["city", "long_haul", ""] {
            for requires in [&["hazmat"][..], &["medical-card", "hazmat"], &[]] {
                let requires = requires.iter().map(|each| (*each).to_owned()).collect();
                let order = Order { id: "ord_1".into(), requires, segment: segment.into() };
                let question = Question { order, ..question([]) };
                assert_eq!(guarded.decide(&question), unguarded.decide(&question), "{clause} {question:?}");
            }
        }
    }
}

#[test]
fn rules_without_an_id_are_named_by_their_policy() {
    let two = format!("{NEVER}\nforbid (principal, action, resource);");
    let verdict =
        book([policy("pair", &two, Mode::Enforce), policy("one", "forbid (principal, action, resource);", Mode::Warn)])
            .decide(&question([]));
    assert_eq!(rules(&verdict.outcome), ["pair/2", "one"]);
    assert_eq!(verdict.reasons[0].text, "Policy pair");
}

#[test]
fn each_mistake_is_reported_at_its_place() {
    let cases = [
        ("forbid (principal, action, resource)\n  when { principal.age > 3 };", (2, 10), "age"),
        ("forbid (principal, action, resource)\nwhen {", (2, 7), "unexpected end"),
        ("forbid (principal, action == Action::\"dispatch.asign\", resource);", (1, 30), "dispatch.assign"),
        ("forbid (principal is Drivr, action, resource);", (1, 22), "Driver"),
        ("\nforbid (principal, action, resource) when { principal.credentials.licence.fresh };", (2, 45), "licence"),
        (
            "forbid (principal, action, resource) when { principal.credentials has licence && principal.credentials.licence.expires > datetime(\"soon\") };",
            (1, 122),
            "datetime",
        ),
        ("forbid (principal, action, resource) when { resource.segment == 3 };", (1, 45), "String"),
        ("forbid (principal, action, resource) when {\n  principal.credentials has lisence };", (2, 29), "`lisence`"),
        ("// one\npermit (principal, action, resource);", (2, 1), "`permit` has no effect"),
        ("forbid (principal == ?principal, action, resource);", (1, 1), "template"),
        ("forbid (principal is Order, action, resource);", (1, 1), "applicable"),
        ("// nothing", (1, 1), "no policy"),
    ];
    for (text, place, word) in cases {
        for mode in Mode::ALL {
            let faults = PolicyBook::compile(&terms([policy("p", text, mode)])).err().unwrap_or_default();
            let Some(first) = faults.first() else { panic!("`{text}` was taken") };
            assert!(first.message.contains(word), "`{text}`: {first}");
            assert_eq!((first.key.as_str(), first.line, first.column), ("p", place.0, place.1), "`{text}`: {first}");
        }
    }
}

#[test]
fn all_policies_are_checked_before_any_is_taken() {
    let faults = PolicyBook::compile(&terms([
        policy("a", "forbid", Mode::Enforce),
        policy("b", LICENCE, Mode::Enforce),
        policy("b", NEVER, Mode::Enforce),
        policy("c", LICENCE, Mode::Warn),
        policy("d", &"/".repeat(70_000), Mode::Off),
    ]));
    let faults = faults.err().unwrap();
    let keys: Vec<&str> = faults.iter().map(|fault| fault.key.as_str()).collect();
    assert_eq!(keys, ["a", "b", "d", "c"]);
    assert!(faults[3].message.contains("`licence_valid`"), "{}", faults[3]);
}

#[test]
fn the_schema_follows_the_credential_types_of_the_program() {
    let none = GateTerms { credential_types: vec![], policies: vec![policy("licence", LICENCE, Mode::Off)] };
    let faults = PolicyBook::compile(&none).err().unwrap();
    assert!(faults[0].message.contains("`licence`"), "{}", faults[0]);
    let text = schema_text(&["licence".into(), "forklift pass".into()]).unwrap();
    assert!(text.contains("licence") && text.contains("\"forklift pass\""), "{text}");
}

#[test]
fn a_stored_decision_comes_out_the_same() {
    let terms = terms([policy("licence", LICENCE, Mode::Enforce), policy("sum", FAILING, Mode::Warn)]);
    let question = question([held("licence", CredentialStatus::Expired)]);
    let verdict = PolicyBook::compile(&terms).unwrap_or_else(|faults| panic!("{faults:?}")).decide(&question);
    assert_eq!(verdict.reasons.len(), 2);
    let stored = (serde_json::to_value(&terms).unwrap(), serde_json::to_value(&question).unwrap());
    let again = recompute::<DispatchRule>(&stored.0, &stored.1).unwrap();
    assert_eq!(again, serde_json::to_value(&verdict).unwrap());
}

#[test]
fn terms_that_do_not_compile_deny() {
    let verdict = DispatchRule::decide(&terms([policy("licence", "forbid", Mode::Warn)]), &question([]));
    assert_eq!(verdict.outcome.answer, Answer::Deny);
    assert_eq!(verdict.reasons[0].code, "policy_malformed");
}

fn any_held() -> impl Strategy<Value = HeldCredential> {
    (
        prop::sample::select(vec!["licence", "insurance", "medical-card", "other"]),
        prop::sample::select(CredentialStatus::ALL.to_vec()),
        prop::option::of(-40_i64..40),
        -40_i64..2,
    )
        .prop_map(|(name, status, expires, verified)| HeldCredential {
            expires_at: expires.map(|days| now().plus_days(days)),
            verified_at: now().plus_days(verified),
            ..held(name, status)
        })
}

fn any_question() -> impl Strategy<Value = Question> {
    let segment = prop::sample::select(vec!["long_haul", "city", ""]);
    let requires =
        prop::collection::btree_set(prop::sample::select(vec!["medical-card".to_owned(), "hazmat".into()]), 0..3);
    (prop::collection::vec(any_held(), 0..5), segment, requires, ".{0,12}").prop_map(
        |(credentials, segment, requires, driver)| Question {
            driver,
            order: Order { id: "ord_1".into(), requires, segment: segment.into() },
            ..question(credentials)
        },
    )
}

fn in_mode(mode: Mode) -> Arc<PolicyBook> {
    use std::sync::LazyLock;
    static BOOKS: LazyLock<[Arc<PolicyBook>; 4]> = LazyLock::new(|| {
        Mode::ALL.map(|mode| {
            Arc::new(book([
                policy("licence", LICENCE, mode),
                policy("medical", MEDICAL, mode),
                policy("sum", NEVER, mode),
            ]))
        })
    });
    Arc::clone(&BOOKS[Mode::ALL.iter().position(|each| *each == mode).unwrap()])
}

proptest! {
    #[test]
    fn a_warning_foretells_exactly_what_enforcement_denies(question in any_question()) {
        let enforced = in_mode(Mode::Enforce).decide(&question);
        let warned = in_mode(Mode::Warn).decide(&question);
        let shadowed = in_mode(Mode::Shadow).decide(&question);
        let denied = enforced.outcome.answer == Answer::Deny;
        prop_assert_eq!(denied, warned.outcome.would_deny);
        prop_assert_eq!(denied, warned.outcome.answer == Answer::Warn);
        prop_assert_eq!(denied, shadowed.outcome.would_deny);
        prop_assert_eq!(shadowed.outcome.answer, Answer::Allow);
        prop_assert!(shadowed.reasons.is_empty());
        prop_assert_eq!(rules(&enforced.outcome), rules(&warned.outcome));
        prop_assert_eq!(&enforced.reasons, &warned.reasons);
        prop_assert!(!in_mode(Mode::Off).decide(&question).outcome.would_deny);
    }

    #[test]
    fn a_prepared_driver_gets_the_same_verdict_at_any_time(question in any_question(), after in -40_i64..80) {
        let (book, other) = (in_mode(Mode::Enforce), in_mode(Mode::Warn));
        let prepared = book.prepare(&question.driver, Arc::clone(&question.credentials), question.now);
        for now in [question.now, question.now.plus_days(after), question.now.plus_days(after).plus_micros(1)] {
            let (asked, verdict) = book.decide_prepared(&prepared, question.order.clone(), now);
            prop_assert_eq!(&asked, &Question { now, ..question.clone() });
            prop_assert_eq!(&verdict, &book.decide(&asked));
            prop_assert_eq!(other.decide_prepared(&prepared, question.order.clone(), now).1, other.decide(&asked));
        }
    }

    #[test]
    fn the_gate_agrees_with_the_policies_read_aloud(question in any_question()) {
        let holds = |name: &str, good: &dyn Fn(&HeldCredential) -> bool| {
            let of_type: Vec<_> = question.credentials.iter().filter(|held| held.credential_type == name).collect();
            of_type.iter().max_by_key(|held| held.status).is_some_and(|held| good(held))
        };
        let licensed = holds("licence", &|held| {
            held.status <= CredentialStatus::Expiring
                && held.expires_at.is_none_or(|at| at > now())
                && held.verified_at >= now().plus_days(-30)
        });
        let asked = question.order.segment == "long_haul" && question.order.requires.contains("medical-card");
        let examined = holds("medical-card", &|held| held.status == CredentialStatus::Valid);
        let allowed = licensed && (!asked || examined);
        prop_assert_eq!(in_mode(Mode::Enforce).decide(&question).outcome.answer.allows(), allowed);
    }

    #[test]
    fn a_text_of_any_kind_is_compiled_or_refused(text in ".{0,80}", when in "[a-z.()\"= 0-9&|]{0,30}") {
        let _ = PolicyBook::compile(&terms([policy("p", &text, Mode::Enforce)]));
        let clause = format!("forbid (principal, action, resource) when {{ {when} }};");
        let _ = PolicyBook::compile(&terms([policy("p", &clause, Mode::Enforce)]));
    }
}
