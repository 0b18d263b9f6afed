#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::Arc;

use kernel::{Reason, Verdict};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::authzen::*;
use super::*;
use crate::policy::{Answer, Dispatch};

fn question() -> Value {
    json!({
        "subject": { "type": "driver", "id": "drv_1" },
        "action": { "name": "dispatch.assign" },
        "resource": { "type": "order", "id": "ord_1", "properties": { "requires": ["medical"], "segment": "long_haul" } },
        "context": { "at": "2026-03-01T09:00:00Z" },
    })
}

fn one(body: &Value) -> Result<EvaluationRequest, BadRequest> {
    parse_evaluation(&serde_json::to_vec(body).unwrap())
}

fn many(body: &Value) -> Result<Evaluations, BadRequest> {
    parse_evaluations(&serde_json::to_vec(body).unwrap())
}

fn batch(body: &Value) -> Batch {
    match many(body).unwrap() {
        Evaluations::Batch(batch) => batch,
        Evaluations::Single(_) => panic!("it is a single evaluation"),
    }
}

/// The question with the value at a JSON pointer replaced, or removed.
fn with(pointer: &str, value: Option<Value>) -> Value {
    let mut body = question();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => parent.insert(name.into(), value),
        None => parent.remove(name),
    };
    body
}

#[test]
fn a_question_is_read_and_unknown_fields_are_ignored() {
    let mut body = question();
    body["extra"] = json!([1, 2]);
    body["subject"]["extra"] = json!({});
    let request = one(&body).unwrap();
    assert_eq!(request, one(&question()).unwrap());
    assert_eq!((request.subject.kind.as_str(), request.subject.id.as_str()), ("driver", "drv_1"));
    assert_eq!(request.action.name, "dispatch.assign");
    assert_eq!(request.resource.properties["segment"], "long_haul");
    assert_eq!(serde_json::to_value(&request).unwrap(), question());
    assert!(one(&with("/context", None)).unwrap().context.is_empty());
}

#[test]
fn a_missing_or_mistyped_field_is_named() {
    let cases = [
        ("/subject", None, "subject"),
        ("/subject", Some(json!("drv_1")), "subject"),
        ("/subject", Some(Value::Null), "subject"),
        ("/subject/type", None, "subject.type"),
        ("/subject/type", Some(json!(1)), "subject.type"),
        ("/subject/id", None, "subject.id"),
        ("/subject/id", Some(json!(1)), "subject.id"),
        ("/subject/properties", Some(json!([])), "subject.properties"),
        ("/action", None, "action"),
        ("/action", Some(json!("dispatch.assign")), "action"),
        ("/action/name", None, "action.name"),
        ("/action/name", Some(json!(["x"])), "action.name"),
        ("/action/properties", Some(json!("x")), "action.properties"),
        ("/resource", None, "resource"),
        ("/resource/type", Some(Value::Null), "resource.type"),
        ("/resource/id", None, "resource.id"),
        ("/resource/properties", Some(json!(1)), "resource.properties"),
        ("/context", Some(json!("now")), "context"),
    ];
    for (pointer, value, field) in cases {
        let body = with(pointer, value);
        assert_eq!(one(&body).unwrap_err().field, field, "{body}");
        assert_eq!(many(&body).unwrap_err().field, field, "{body}");
    }
    for body in [&b""[..], b"{", b"[]", b"null", b"{}x", b"\xff", &[b'['; 100_000]] {
        assert_eq!(parse_evaluation(body).unwrap_err().field, "body");
        assert_eq!(parse_evaluations(body).unwrap_err().field, "body");
    }
}

#[test]
fn without_evaluations_it_is_a_single_question() {
    for body in [question(), with("/evaluations", Some(json!([])))] {
        assert_eq!(many(&body).unwrap(), Evaluations::Single(Box::new(one(&question()).unwrap())));
    }
}

#[test]
fn a_batch_takes_whole_entities_from_its_defaults_and_denies_a_malformed_item_alone() {
    let body = json!({
        "subject": { "type": "driver", "id": "drv_1", "properties": { "depot": "north" } },
        "action": { "name": "dispatch.assign" },
        "evaluations": [
            { "resource": { "type": "order", "id": "1" } },
            { "resource": { "type": "order", "id": "2" }, "subject": { "type": "driver", "id": "drv_2" } },
            { "resource": { "type": "order" } },
            {},
            7,
            { "resource": { "type": "order", "id": "6" }, "context": { "rush": true } },
        ],
    });
    let batch = batch(&body);
    let answers = batch.answer(|_| EvaluationResponse::permit()).evaluations;
    let decisions: Vec<bool> = answers.iter().map(|answer| answer.decision).collect();
    assert_eq!(decisions, [true, true, false, false, false, true]);
    assert_eq!(
        answers[2].context,
        Some(json!({ "error": { "status": 400, "message": "`resource.id`: the field is required" } }))
    );
    let second = batch.items[1].as_ref().unwrap();
    assert_eq!(second.subject.id, "drv_2");
    assert!(second.subject.properties.is_empty(), "an entity is overridden whole");
    assert_eq!(batch.items[5].as_ref().unwrap().context["rush"], true);
}

#[test]
fn a_batch_stops_where_its_semantic_says() {
    let cases = [
        (json!({}), vec![true, false, true]),
        (json!({ "evaluations_semantic": "execute_all" }), vec![true, false, true]),
        (json!({ "evaluations_semantic": "deny_on_first_deny" }), vec![true, false]),
        (json!({ "evaluations_semantic": "permit_on_first_permit", "another": 1 }), vec![true]),
    ];
    for (options, expected) in cases {
        let mut body = question();
        body["options"] = options.clone();
        body["evaluations"] = json!([{}, { "subject": { "type": "driver", "id": "drv_2" } }, {}]);
        let answers = batch(&body)
            .answer(|request| EvaluationResponse { decision: request.subject.id == "drv_1", context: None });
        let decisions: Vec<bool> = answers.evaluations.iter().map(|answer| answer.decision).collect();
        assert_eq!(decisions, expected, "{options}");
    }
}

#[test]
fn a_batch_that_is_malformed_as_a_whole_is_refused() {
    let item = json!([{ "resource": { "type": "order", "id": "1" } }]);
    let cases = [
        ("/evaluations", json!({}), "evaluations"),
        ("/evaluations", json!(vec![json!({}); MAX_EVALUATIONS + 1]), "evaluations"),
        ("/options", json!([]), "options"),
        ("/options", json!({ "evaluations_semantic": "any" }), "options.evaluations_semantic"),
        ("/options", json!({ "evaluations_semantic": 1 }), "options.evaluations_semantic"),
        ("/resource", json!("ord_1"), "resource"),
        ("/context", json!(1), "context"),
    ];
    for (pointer, value, field) in cases {
        let mut body = with("/evaluations", Some(item.clone()));
        body[&pointer[1..]] = value;
        assert_eq!(many(&body).unwrap_err().field, field, "{pointer}");
    }
}

#[test]
fn an_evaluation_maps_to_an_assignment() {
    let found = assignment(&one(&question()).unwrap()).unwrap();
    assert_eq!((found.driver.as_str(), found.order.id.as_str()), ("drv_1", "ord_1"));
    assert_eq!((found.order.requires, found.order.segment.as_str()), (BTreeSet::from(["medical".into()]), "long_haul"));
    let bare = assignment(&one(&with("/resource/properties", None)).unwrap()).unwrap();
    assert!(bare.order.requires.is_empty() && bare.order.segment.is_empty());
}

#[test]
fn an_evaluation_about_something_else_is_denied_and_not_an_error() {
    for (pointer, value, word) in [
        ("/subject/type", json!("user"), "subject.type"),
        ("/action/name", json!("can_read"), "action.name"),
        ("/resource/type", json!("todo"), "resource.type"),
        ("/resource/properties", json!({ "requires": "medical" }), "resource.properties.requires"),
        ("/resource/properties", json!({ "requires": [1] }), "resource.properties.requires"),
        ("/resource/properties", json!({ "segment": 1 }), "resource.properties.segment"),
    ] {
        let refusal = assignment(&one(&with(pointer, Some(value))).unwrap()).unwrap_err().response();
        assert!(!refusal.decision);
        assert!(refusal.context.unwrap().to_string().contains(word), "{word}");
    }
}

#[test]
fn a_warning_permits_and_says_so_and_vendor_reasons_stay_inside() {
    let verdict = |answer| Verdict {
        outcome: Dispatch { answer, would_deny: true, fired: Vec::new(), parties: Arc::new([]) },
        reasons: vec![
            Reason::new("licence_valid", "The licence must be valid."),
            Reason::new("x", "secret").for_vendor(),
        ],
    };
    assert_eq!(response(&verdict(Answer::Allow)), EvaluationResponse::permit());
    for (answer, decision, mode) in [(Answer::Warn, true, "warn"), (Answer::Deny, false, "enforce")] {
        let response = response(&verdict(answer));
        assert_eq!(response.decision, decision);
        let said = &response.context.unwrap()["concord"];
        assert_eq!((said["mode"].as_str(), said["would_deny"].as_bool()), (Some(mode), Some(true)));
        assert_eq!(said["reasons"].as_array().unwrap().len(), 1);
        assert_eq!(said["reasons"][0]["code"], "licence_valid");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let names =
        || prop_oneof!["subject|action|resource|context|evaluations|options|type|id|name|properties", "[a-z]{0,3}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,5}".prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn bytes_of_any_kind_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_evaluation(&bytes);
        let _ = parse_evaluations(&bytes);
    }

    #[test]
    fn json_of_any_kind_is_answered_or_refused_by_name(body in any_json()) {
        match many(&body) {
            Ok(Evaluations::Single(request)) => prop_assert_eq!(one(&body).unwrap(), *request),
            Ok(Evaluations::Batch(batch)) => {
                let answers = batch.answer(|request| match assignment(request) {
                    Ok(_) => EvaluationResponse::permit(),
                    Err(other) => other.response(),
                });
                prop_assert!(!answers.evaluations.is_empty());
            }
            Err(fault) => prop_assert!(!fault.field.is_empty() && !fault.rule.is_empty()),
        }
    }
}
