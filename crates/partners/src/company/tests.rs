#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

#[test]
fn a_domain_is_read_from_whatever_people_paste() {
    for (text, expected) in [
        ("brandt.example", Some("brandt.example")),
        ("  HTTPS://www.Brandt.example/de/?a=b#c ", Some("brandt.example")),
        ("shop.brandt.example:8443", Some("shop.brandt.example")),
        ("müller.example.", Some("müller.example")),
        ("brandt", None),
        ("-brandt.example", None),
        ("brandt..example", None),
        ("192.168.0.1", None),
        ("brandt .example", None),
        ("", None),
    ] {
        assert_eq!(domain(text).ok().as_deref(), expected, "{text}");
    }
}

#[test]
fn an_e_mail_address_needs_a_name_and_a_domain() {
    for (text, fits) in [
        ("ana@brandt.example", true),
        ("ana.brandt+partner@mail.brandt.example", true),
        ("ana@brandt", false),
        ("@brandt.example", false),
        ("ana@@brandt.example", false),
        ("ana brandt@brandt.example", false),
        ("Ana <ana@brandt.example>", false),
        ("ana@www.brandt.example/path", false),
    ] {
        assert_eq!(email(text).is_ok(), fits, "{text}");
    }
}

#[test]
fn a_country_is_its_code() {
    assert_eq!(country(" de ").as_deref(), Ok("DE"));
    for wrong in ["", "D", "DEU", "ZZ", "D E", "é"] {
        assert!(country(wrong).unwrap_err().contains("ISO 3166"), "{wrong}");
    }
}

#[test]
fn a_search_key_forgets_accents_script_and_case() {
    let key = search_key(&[Some("Müller & Söhne, GmbH"), None, Some("Логистика")]);
    assert_eq!(key, "muller & sohne gmbh logistika");
}

proptest! {
    #[test]
    fn no_text_upsets_the_checks(text in any::<String>()) {
        let _ = (domain(&text), email(&text), country(&text), line(&text, 5), time_zone(Some(&text)));
        let key = search_key(&[Some(&text)]);
        prop_assert_eq!(key.to_lowercase(), key);
    }

    #[test]
    fn a_checked_domain_stays_what_it_is(text in "[a-zA-Z.:/-]{0,40}") {
        if let Ok(found) = domain(&text) {
            prop_assert_eq!(domain(&found), Ok(found.clone()));
        }
    }
}
