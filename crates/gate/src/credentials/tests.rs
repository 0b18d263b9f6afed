#![allow(clippy::unwrap_used)]

use jiff::tz::TimeZone;
use kernel::{Day, Error, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-03-01T09:00:00Z")
}

fn body() -> Value {
    json!({
        "type": "credential.updated",
        "timestamp": "2026-03-01T09:00:00Z",
        "data": {
            "subject": "drv_1042", "credential_type": "licence", "jurisdiction": "US-CA", "class": "CDL-A",
            "status": "suspended", "issued_on": "2023-06-01", "expires_on": "2027-05-31",
            "verified_at": "2026-03-01T08:59:58Z", "source": "checkr", "source_as_of": "2026-03-01T08:59:00Z",
            "source_sequence": 7, "evidence_kind": "mvr",
            "evidence_digest": "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        },
    })
}

fn read(body: &Value) -> kernel::Result<CredentialUpdate> {
    parse_update(&serde_json::to_vec(body).unwrap(), now())
}

fn fact() -> CredentialFact {
    read(&body()).unwrap().fact
}

#[test]
fn an_event_is_read_and_written_back_unchanged() {
    let update = read(&body()).unwrap();
    assert_eq!(update.timestamp, now());
    assert_eq!(update.unexpected, Vec::<String>::new());
    assert_eq!(update.fact.status, CredentialStatus::Suspended);
    assert_eq!(serde_json::to_value(&update.fact).unwrap(), body()["data"]);
    assert_eq!(serde_json::from_value::<CredentialFact>(body()["data"].clone()).unwrap(), update.fact);
}

#[test]
fn optional_fields_may_be_missing_or_null() {
    let mut body = body();
    for name in ["class", "issued_on", "source_sequence", "evidence_digest"] {
        body["data"].as_object_mut().unwrap().remove(name);
    }
    body["data"]["expires_on"] = Value::Null;
    let fact = read(&body).unwrap().fact;
    assert_eq!((fact.class, fact.expires_on, fact.source_sequence), (None, None, None));
}

#[test]
fn fields_outside_the_contract_are_named_and_their_values_are_gone() {
    let mut body = body();
    body["data"]["date_of_birth"] = json!("1984-02-29");
    body["data"]["number"] = json!("D1234567");
    body["signature"] = json!("x");
    let update = read(&body).unwrap();
    assert_eq!(update.unexpected, ["signature", "data.date_of_birth", "data.number"]);
    let kept = format!("{update:?}");
    assert!(!kept.contains("1984-02-29") && !kept.contains("D1234567"));
}

#[test]
fn each_broken_field_is_named() {
    let cases = [
        ("subject", json!("")),
        ("subject", json!("a\nb")),
        ("subject", json!(12)),
        ("subject", Value::Null),
        ("credential_type", json!("Driving Licence")),
        ("jurisdiction", json!("California")),
        ("jurisdiction", json!("US-")),
        ("class", json!(["A"])),
        ("status", json!("ok")),
        ("issued_on", json!("01.06.2023")),
        ("expires_on", json!("2023-02-30")),
        ("expires_on", json!("2022-01-01")),
        ("verified_at", json!("2026-03-01")),
        ("verified_at", json!("2026-03-01T09:05:01Z")),
        ("source", json!(" checkr")),
        ("source_as_of", json!("2999-01-01T00:00:00Z")),
        ("source_sequence", json!(-1)),
        ("source_sequence", json!(1.5)),
        ("source_sequence", json!(u64::MAX)),
        ("evidence_kind", json!("MVR")),
        ("evidence_digest", json!("abc")),
    ];
    for (name, value) in cases {
        let mut body = body();
        body["data"][name] = value.clone();
        let Err(Error::Invalid(faults)) = read(&body) else { panic!("{name}: {value} was taken") };
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, [format!("data.{name}")], "{value}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let Err(Error::Invalid(faults)) = read(&json!({ "type": "driver.updated", "data": { "status": "?" } })) else {
        panic!("it was taken")
    };
    let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "type",
            "timestamp",
            "data.subject",
            "data.credential_type",
            "data.jurisdiction",
            "data.status",
            "data.verified_at",
            "data.source",
            "data.source_as_of",
            "data.evidence_kind",
        ]
    );
    for body in [json!([]), json!(null), json!({ "type": "credential.updated", "timestamp": "2026-03-01T09:00:00Z" })] {
        assert!(read(&body).is_err());
    }
}

#[test]
fn a_credential_is_valid_through_its_last_day_where_it_is_used() {
    let fact = fact();
    assert_eq!(fact.expires_at(&TimeZone::UTC), Some(at("2027-06-01T00:00:00Z")));
    let west = TimeZone::get("America/Los_Angeles").unwrap();
    assert_eq!(fact.expires_at(&west), Some(at("2027-06-01T07:00:00Z")));
    assert_eq!(CredentialFact { expires_on: None, ..fact }.expires_at(&west), None);
}

#[test]
fn later_news_apply_late_news_do_not_and_ties_go_to_the_stricter() {
    let told = |as_of: &str, sequence: Option<u64>, status: CredentialStatus| CredentialFact {
        source_as_of: at(as_of),
        source_sequence: sequence,
        status,
        ..fact()
    };
    use CredentialStatus::{Expired, Revoked, Suspended, Valid};
    let (nine, ten) = ("2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z");
    let cases = [
        ("newer", told(nine, None, Suspended), told(ten, None, Valid), Arrival::Applied),
        ("older, stricter", told(ten, None, Valid), told(nine, None, Revoked), Arrival::Stale),
        ("same time, later count", told(nine, Some(1), Suspended), told(nine, Some(2), Valid), Arrival::Applied),
        ("same time, earlier count", told(nine, Some(2), Valid), told(nine, Some(1), Suspended), Arrival::Stale),
        ("later time, earlier count", told(nine, Some(9), Valid), told(ten, Some(1), Valid), Arrival::Applied),
        ("tie, stricter", told(nine, Some(1), Valid), told(nine, Some(1), Suspended), Arrival::TieApplied),
        ("tie, milder", told(nine, None, Suspended), told(nine, None, Expired), Arrival::TieKept),
        ("the same again", told(nine, Some(1), Valid), told(nine, Some(1), Valid), Arrival::Duplicate),
    ];
    for (name, current, incoming, expected) in cases {
        assert_eq!(supersedes(Some(&current), &incoming), expected, "{name}");
    }
    assert_eq!(supersedes(None, &fact()), Arrival::Applied);
}

#[test]
fn the_latest_source_governs_and_ties_go_to_the_stricter() {
    let from = |source: &str, as_of: &str, status| CredentialFact {
        source: source.into(),
        source_as_of: at(as_of),
        status,
        ..fact()
    };
    let old = from("a", "2026-02-01T00:00:00Z", CredentialStatus::Revoked);
    let valid = from("b", "2026-02-02T00:00:00Z", CredentialStatus::Valid);
    let expired = from("c", "2026-02-02T00:00:00Z", CredentialStatus::Expired);
    assert_eq!(governing([&old, &valid, &expired]), Some(&expired));
    assert_eq!(governing([&expired, &valid, &old]), Some(&expired));
    assert_eq!(governing([&old, &valid]), Some(&valid));
    assert_eq!(governing([]), None);
}

fn any_fact() -> impl Strategy<Value = CredentialFact> {
    // Few values for each field, so that ties and duplicates are frequent.
    (0_i64..3, prop::option::of(0_u64..3), 0..6_usize, prop::option::of(1_i8..4), 0_i64..2, 0..3_usize).prop_map(
        |(hour, source_sequence, status, expires, verified, evidence)| CredentialFact {
            source_as_of: at("2026-02-01T00:00:00Z").plus_hours(hour),
            source_sequence,
            status: CredentialStatus::ALL[status],
            expires_on: expires.map(|day| Day::new(2027, 1, day).unwrap()),
            verified_at: at("2026-02-01T00:00:00Z").plus_hours(verified),
            evidence_kind: EvidenceKind::ALL[evidence],
            ..fact()
        },
    )
}

fn after_all<'f>(facts: impl IntoIterator<Item = &'f CredentialFact>) -> Option<&'f CredentialFact> {
    facts.into_iter().fold(None, |held, next| if supersedes(held, next).applies() { Some(next) } else { held })
}

proptest! {
    #[test]
    fn what_holds_does_not_depend_on_order_or_repetition(
        (facts, shuffled) in prop::collection::vec(any_fact(), 1..12).prop_flat_map(|facts| {
            let twice: Vec<_> = facts.iter().chain(&facts).cloned().collect();
            (Just(facts), Just(twice).prop_shuffle())
        }),
    ) {
        let held = after_all(&facts).unwrap();
        prop_assert_eq!(held, after_all(&shuffled).unwrap());
        let told = |fact: &CredentialFact| (fact.source_as_of, fact.source_sequence);
        let latest = facts.iter().map(told).max().unwrap();
        prop_assert_eq!(told(held), latest);
        let strictest = facts.iter().filter(|fact| told(fact) == latest).map(|fact| fact.status).max().unwrap();
        prop_assert_eq!(held.status, strictest);
    }

    #[test]
    fn a_body_of_any_kind_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), now in any::<i64>()) {
        let _ = parse_update(&bytes, Timestamp::from_micros(now));
    }

    #[test]
    fn a_field_of_any_kind_never_panics(
        field in prop::sample::select(vec!["subject", "status", "expires_on", "verified_at", "jurisdiction", "source_sequence"]),
        text in any::<String>(),
    ) {
        let mut body = body();
        body["data"][field] = json!(text);
        let _ = read(&body);
    }
}
