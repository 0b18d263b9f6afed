//! Numbers, hashes and the stored form.

use super::sample::*;
use crate::*;

#[test]
fn numbers_read_as_they_are_written() {
    for (series, year, sequence, text) in [
        ("NW-STM", 2026, 42, "NW-STM-2026-00042"),
        ("A", 1999, 1, "A-1999-00001"),
        ("2B-X9", 2026, 1_234_567, "2B-X9-2026-1234567"),
    ] {
        let number = Number::new(series, year, sequence).unwrap();
        assert_eq!(number.to_string(), text);
        assert_eq!(text.parse::<Number>().unwrap(), number);
    }
}

#[test]
fn malformed_numbers_are_refused_with_the_rule() {
    for text in [
        "",
        "2026-00042",
        "NW-2026-42",
        "NW-2026-000042",
        "nw-2026-00042",
        "NW-26-00042",
        "NW--2026-0000x",
        "-NW-2026-00042",
        "NW-2026-00000",
        "NW STM-2026-00042",
    ] {
        let error = text.parse::<Number>().unwrap_err();
        assert!(format!("{error}").contains("NW-STM-2026-00042"), "{text}: {error}");
    }
    for (series, year, sequence, field) in
        [("nw", 2026, 1, "series"), ("NW", 26, 1, "year"), ("NW", 2026, 0, "sequence")]
    {
        let error = Number::new(series, year, sequence).unwrap_err();
        assert!(format!("{error:?}").contains(field), "{error:?}");
    }
}

#[test]
fn the_stored_form_comes_back_as_it_was() {
    let document = statement(30);
    let stored = serde_json::to_string(&document).unwrap();
    assert_eq!(serde_json::from_str::<Document>(&stored).unwrap(), document);
    assert!(stored.contains(r#""number":"NW-STM-2026-00042""#));
    let schema = serde_json::to_string(&schemars::schema_for!(Document)).unwrap();
    assert!(schema.contains("signatures"));
}

#[test]
fn the_hash_depends_on_what_is_said_and_not_on_the_order_of_fields() {
    let document = statement(5);
    let hash = document.hash();
    assert_eq!(hash.len(), 64);

    let stored = serde_json::to_value(&document).unwrap();
    let reversed: serde_json::Map<_, _> =
        stored.as_object().unwrap().iter().rev().map(|(name, value)| (name.clone(), value.clone())).collect();
    let again: Document = serde_json::from_value(reversed.into()).unwrap();
    assert_eq!(again.hash(), hash);

    let mut changed = document;
    changed.footer.push('.');
    assert_ne!(changed.hash(), hash);
}

#[test]
fn the_canonical_form_is_sorted_and_tight() {
    assert_eq!(
        blank().canonical_json(),
        r#"{"blocks":[],"issued_on":"2026-03-03","issuer":{"name":"Northwind Cloud GmbH"},"kind":"statement","language":"en","number":"NW-STM-2026-00042","title":"Commission statement"}"#
    );
    assert_eq!(
        blank().hash(),
        "056a68a690b556a50c90d5f012f9afd754b3f6ab346c9379c4603244dd48f097",
        "the hash of stored documents must not change with a new version of the program"
    );
}
