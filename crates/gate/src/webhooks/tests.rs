#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use kernel::Timestamp;
use proptest::prelude::*;

use super::*;

const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const OTHER: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PRIVATE: &str = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
const PUBLIC: &str = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const AT: i64 = 1_614_265_330;
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const GOOD: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const GOOD_ED25519: &str =
    "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";

fn key(text: &str) -> WebhookKey {
    WebhookKey::parse(text).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

fn headers(id: &str, timestamp: &str, signature: &str) -> BTreeMap<String, String> {
    [("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", signature)]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn check(keys: &[WebhookKey], headers: &BTreeMap<String, String>, body: &[u8], now: i64) -> Result<Verified, Refusal> {
    verify(keys, |name| headers.get(name).map(String::as_str), body, at(now))
}

/// A well-signed message of now, changed in one place.
fn changed(change: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<Verified, Refusal> {
    let mut headers = headers(ID, &AT.to_string(), GOOD);
    change(&mut headers);
    check(&[key(OTHER)], &headers, BODY, AT)
}

fn with_signature(signature: &str) -> Result<Verified, Refusal> {
    changed(|headers| drop(headers.insert("webhook-signature".into(), signature.into())))
}

#[test]
fn published_vectors_are_signed_and_verified() {
    let cases = [
        (
            SECRET,
            SECRET,
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            1_649_367_553,
            &br#"{"email":"test@example.com","username":"test_user"}"#[..],
            "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
        ),
        (OTHER, OTHER, ID, AT, BODY, GOOD),
        (PRIVATE, PUBLIC, ID, AT, BODY, GOOD_ED25519),
        (PRIVATE, PRIVATE, ID, AT, BODY, GOOD_ED25519),
    ];
    for (signing, verifying, id, seconds, body, signature) in cases {
        assert_eq!(sign(&key(signing), id, at(seconds), body).unwrap(), signature);
        let verified = check(&[key(verifying)], &headers(id, &seconds.to_string(), signature), body, seconds).unwrap();
        assert_eq!(verified, Verified { id: id.into(), timestamp: at(seconds) });
    }
}

#[test]
fn a_good_signature_among_others_is_enough() {
    let wrong = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";
    for signatures in [
        format!("{wrong} {GOOD}"),
        format!("v2,unknown {wrong} v1, garbage {GOOD} {wrong}"),
        format!("{GOOD_ED25519} {GOOD}"),
    ] {
        assert!(with_signature(&signatures).is_ok(), "{signatures}");
    }
    let rotated = [key(SECRET), key(PUBLIC), key(OTHER)];
    assert!(check(&rotated, &headers(ID, &AT.to_string(), GOOD), BODY, AT).is_ok());
}

#[test]
fn each_defect_is_refused_by_name() {
    let wrong = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        assert_eq!(changed(|h| drop(h.remove(name))), Err(Refusal::HeaderMissing(name)));
        assert_eq!(changed(|h| drop(h.insert(name.into(), String::new()))), Err(Refusal::HeaderMissing(name)));
    }
    for text in ["hello", "-1", "+1614265330", "1614265330.0", " 1614265330", "99999999999999999999", "١٢٣"] {
        let refusal = changed(|h| drop(h.insert("webhook-timestamp".into(), text.into())));
        assert_eq!(refusal, Err(Refusal::TimestampMalformed), "{text}");
    }
    for text in ["msg.1", "msg 1", "msg\n1", &"m".repeat(257)] {
        let refusal = changed(|h| drop(h.insert("webhook-id".into(), text.into())));
        assert_eq!(refusal, Err(Refusal::IdMalformed), "{text}");
    }
    for signature in ["v1,", wrong, &format!("{wrong} {wrong}"), &GOOD[..GOOD.len() - 8], "v1,!!!", "v1,g0hM"] {
        assert_eq!(with_signature(signature), Err(Refusal::SignatureWrong), "{signature}");
    }
    for signature in ["v1", GOOD_ED25519, "v2,abc", ",", &GOOD.replace("v1,", "V1,")] {
        assert_eq!(with_signature(signature), Err(Refusal::VersionUnknown), "{signature}");
    }
    let many = vec![wrong; MAX_SIGNATURES + 1].join(" ");
    assert_eq!(with_signature(&many), Err(Refusal::TooManySignatures { signatures: MAX_SIGNATURES + 1 }));
    assert_eq!(check(&[], &headers(ID, &AT.to_string(), GOOD), BODY, AT), Err(Refusal::NoKey));
    assert_eq!(
        check(&[key(PUBLIC)], &headers(ID, &AT.to_string(), "v1a,AAAA"), BODY, AT),
        Err(Refusal::SignatureWrong)
    );
}

#[test]
fn the_tolerance_is_300_seconds_both_ways() {
    let headers = headers(ID, &AT.to_string(), GOOD);
    for now in [AT - 300, AT, AT + 300] {
        assert!(check(&[key(OTHER)], &headers, BODY, now).is_ok(), "{now}");
    }
    assert_eq!(check(&[key(OTHER)], &headers, BODY, AT + 301), Err(Refusal::TooOld { seconds: 301 }));
    assert_eq!(check(&[key(OTHER)], &headers, BODY, AT - 301), Err(Refusal::TooNew { seconds: 301 }));
}

#[test]
fn headers_of_svix_are_read_but_never_mixed() {
    let svix = |id: &str, signature: &str| {
        [("svix-id", id), ("svix-timestamp", "1614265330"), (signature, GOOD)]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect::<BTreeMap<_, _>>()
    };
    assert!(check(&[key(OTHER)], &svix(ID, "svix-signature"), BODY, AT).is_ok());
    let mixed = check(&[key(OTHER)], &svix(ID, "webhook-signature"), BODY, AT);
    assert_eq!(mixed, Err(Refusal::HeaderMissing("webhook-id")));
}

#[test]
fn keys_that_are_none_are_refused() {
    let short = KeyFault::SecretLength { bytes: 3 };
    for (text, fault) in [
        ("", KeyFault::Empty),
        ("  ", KeyFault::Empty),
        ("whsec_", KeyFault::Empty),
        ("whpk_", KeyFault::Empty),
        ("whsec_not base64", KeyFault::NotBase64),
        ("whsec_AAAA", short),
        ("AAAA", short),
        ("whpk_AAAA", KeyFault::KeyLength { bytes: 3, expected: 32 }),
        ("whsk_AAAA", KeyFault::KeyLength { bytes: 3, expected: 64 }),
        ("whpk_AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", KeyFault::NotACurvePoint),
    ] {
        assert_eq!(WebhookKey::parse(text).unwrap_err(), fault, "{text}");
    }
    assert_eq!(WebhookKey::shared(&[7; 65]).unwrap_err(), KeyFault::SecretLength { bytes: 65 });
    assert_eq!(sign(&key(PUBLIC), ID, at(AT), BODY), Err(KeyFault::CannotSign));
}

#[test]
fn a_key_does_not_print_itself() {
    for text in [SECRET, PRIVATE, PUBLIC] {
        let shown = format!("{:?}", key(text));
        assert!(shown == "WebhookKey(v1, …)" || shown == "WebhookKey(v1a, …)", "{shown}");
    }
}

proptest! {
    #[test]
    fn what_is_signed_verifies_and_what_is_changed_does_not(
        secret in proptest::collection::vec(any::<u8>(), 24..=64),
        id in "[a-zA-Z0-9_-]{1,40}",
        seconds in 0_i64..4_000_000_000,
        body in proptest::collection::vec(any::<u8>(), 0..200),
        flip in any::<(prop::sample::Index, u8)>(),
    ) {
        let keys = [WebhookKey::shared(&secret).unwrap()];
        let signed: BTreeMap<String, String> = signed_headers(&keys[0], &id, at(seconds), &body)
            .unwrap()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        prop_assert!(check(&keys, &signed, &body, seconds).is_ok());

        let mut other = body.clone();
        other.push(flip.1);
        prop_assert_eq!(check(&keys, &signed, &other, seconds), Err(Refusal::SignatureWrong));
        if !body.is_empty() && flip.1 != 0 {
            let mut other = body.clone();
            other[flip.0.index(body.len())] ^= flip.1;
            prop_assert_eq!(check(&keys, &signed, &other, seconds), Err(Refusal::SignatureWrong));
        }
        let mut renamed = signed.clone();
        renamed.insert("webhook-id".into(), format!("{id}x"));
        prop_assert_eq!(check(&keys, &renamed, &body, seconds), Err(Refusal::SignatureWrong));
    }

    #[test]
    fn headers_of_any_kind_are_refused_without_a_panic(
        id in any::<String>(), timestamp in any::<String>(), signature in any::<String>(), now in any::<i64>(),
    ) {
        let keys = [key(OTHER), key(PUBLIC)];
        let headers = headers(&id, &timestamp, &signature);
        let outcome = verify(&keys, |name| headers.get(name).map(String::as_str), BODY, Timestamp::from_micros(now));
        prop_assert!(outcome.is_err());
        prop_assert!(!outcome.unwrap_err().to_string().is_empty());
    }
}
