#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

mod finding;
mod keys;
mod scoring;

fn named(name: &str) -> CustomerIdentity {
    CustomerIdentity { name: name.to_owned(), ..CustomerIdentity::default() }
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Name, domain, country, VAT number, register number; empty is absent.
fn identity([name, domain, country, vat, register]: [&str; 5]) -> CustomerIdentity {
    CustomerIdentity {
        name: name.to_owned(),
        domain: given(domain),
        email: None,
        country: given(country),
        vat_number: given(vat),
        registration_number: given(register),
    }
}

/// Identities from few parts, so that some of them have much in common, and from wild text.
fn any_identity() -> impl Strategy<Value = CustomerIdentity> {
    let word = prop::sample::select(vec![
        "Müller",
        "Mueller",
        "Logistik",
        "Logistics",
        "Group",
        "International",
        "Acme",
        "Akme",
        "GmbH",
        "Ltd.",
        "S.A.",
        "&",
        "and",
        "A",
        "B.",
        "7",
        "ООО",
        "Ромашка",
        "株式会社",
        "日立",
        "Blue",
        "Sky",
        "Bluesky",
        "y",
        "the",
    ]);
    let name = prop_oneof![
        8 => prop::collection::vec(word, 0..6).prop_map(|words| words.join(" ")),
        1 => "\\PC{0,40}",
        1 => "[a-zA-ZäöüßéñŁø .,&()'-]{0,40}",
    ];
    let domain =
        prop::sample::select(vec!["", "acme.com", "https://www.müller.de/", "gmail.com", "x.co.uk", "localhost"]);
    let country = prop::sample::select(vec!["", "DE", "GB", "France", "EL", "Narnia"]);
    let vat =
        prop::sample::select(vec!["", "DE136695976", "136695976", "GB 980 7806 84", "FR40303265045", "000000000"]);
    let register = prop::sample::select(vec!["", "HRB 12345", "HRB 0123 München", "01234567", "SC123456", "1111"]);
    (name, domain, country, vat, register)
        .prop_map(|(name, domain, country, vat, register)| identity([&name, domain, country, vat, register]))
}
