//! What identities boil down to.

use super::*;

#[test]
fn names_lose_legal_form_script_and_punctuation() {
    let table = [
        ("Müller Logistik GmbH", "muller logistik"),
        ("Müller Logistik GmbH & Co. KG", "muller logistik"),
        ("MÜLLER LOGISTIK UG (haftungsbeschränkt)", "muller logistik"),
        ("Gebr. Weiß Gesellschaft mit beschränkter Haftung", "gebruder weiss"),
        ("Société Générale S.A.", "generale"),
        ("L'Oréal S.A.", "loreal"),
        ("Dupont S.à r.l.", "dupont"),
        ("Acme, Inc.", "acme"),
        ("The Acme Company Limited", "acme"),
        ("Acme Holdings (UK) Ltd", "acme holdings uk"),
        ("J.P. Morgan & Co.", "jp morgan"),
        ("J P Morgan", "jp morgan"),
        ("Škoda Auto a.s.", "skoda auto"),
        ("Novák s.r.o.", "novak"),
        ("Novák, spol. s r.o.", "novak"),
        ("Kowalski Sp. z o.o.", "kowalski"),
        ("Nokia Oyj", "nokia"),
        ("Nordea Bank Abp", "nordea bank abp"),
        ("AB Volvo", "volvo"),
        ("Volvo AB (publ)", "volvo"),
        ("Møller A/S", "moller"),
        ("Ferrari S.p.A.", "ferrari"),
        ("Rossi e Figli S.r.l.", "rossi figli"),
        ("Cruz y Hijos, S.L.", "cruz hijos"),
        ("Grupo Bimbo S.A.B. de C.V.", "grupo bimbo"),
        ("Petróleo Brasileiro Ltda.", "petroleo brasileiro"),
        ("ООО «Ромашка»", "romashka"),
        ("Общество с ограниченной ответственностью Ромашка", "romashka"),
        ("株式会社日立", "ri li"),
        ("日立(株)", "ri li"),
        ("㈱日立", "ri li"),
        ("주식회사 삼성", "samseong"),
        ("Türk Hava Yolları A.Ş.", "turk hava yollari"),
        ("Reliance Industries Pvt. Ltd.", "reliance industries"),
        ("Sime Darby Sdn. Bhd.", "sime darby"),
        ("ＡＣＭＥ　Ｌｔｄ", "acme"),
        ("Smith and Sons", "smith sons"),
        ("Smith & Sons Intl.", "smith sons international"),
        ("H&M", "hm"),
        ("GmbH", "gmbh"),
        ("", ""),
        ("???", ""),
    ];
    for (written, wanted) in table {
        assert_eq!(named(written).normalized().name, wanted, "{written}");
    }
}

#[test]
fn addresses_become_registrable_domains_and_shared_ones_are_no_evidence() {
    let table = [
        ("acme.com", Some("acme.com")),
        ("https://www.shop.acme.co.uk:8443/a?b#c", Some("acme.co.uk")),
        ("WWW.Acme.COM.", Some("acme.com")),
        ("mailto:jo@sales.acme.de", Some("acme.de")),
        ("Jo Roe <jo@acme.de>", Some("acme.de")),
        ("user:pw@acme.de/x", Some("acme.de")),
        ("https://müller.de", Some("xn--mller-kva.de")),
        ("xn--mller-kva.de", Some("xn--mller-kva.de")),
        ("MÜLLER.DE", Some("xn--mller-kva.de")),
        ("www.食狮.中国", Some("xn--85x722f.xn--fiqs8s")),
        ("gmail.com", None),
        ("jo@GMX.de", None),
        ("https://www.facebook.com/acme", None),
        ("acme.github.io", Some("acme.github.io")),
        ("github.io", None),
        ("co.uk", None),
        ("localhost", None),
        ("intranet.local", None),
        ("192.168.0.1", None),
        ("[::1]:80", None),
        ("not a domain", None),
    ];
    for (written, wanted) in table {
        let found = identity(["", written, "", "", ""]).normalized().domain;
        assert_eq!(found.as_deref(), wanted, "{written}");
    }
}

#[test]
fn a_business_mailbox_stands_in_for_a_missing_or_useless_domain() {
    let mut customer = named("Acme");
    customer.email = Some("jo@mail.acme.com".to_owned());
    assert_eq!(customer.normalized().domain.as_deref(), Some("acme.com"));
    customer.domain = Some("https://linkedin.com/company/acme".to_owned());
    assert_eq!(customer.normalized().domain.as_deref(), Some("acme.com"));
    customer.domain = Some("acme.io".to_owned());
    assert_eq!(customer.normalized().domain.as_deref(), Some("acme.io"));
}

#[test]
fn countries_are_read_in_the_ways_people_write_them() {
    let table = [
        ("de", Some("DE")),
        ("DEU", Some("DE")),
        ("Deutschland", Some("DE")),
        ("Österreich", Some("AT")),
        ("U.K.", None),
        ("UK", Some("GB")),
        ("EL", Some("GR")),
        ("United States of America", Some("US")),
        ("Türkiye", Some("TR")),
        ("ZZ", None),
        ("Narnia", None),
    ];
    for (written, wanted) in table {
        let found = identity(["", "", written, "", ""]).normalized().country;
        assert_eq!(found.as_deref(), wanted, "{written}");
    }
}

#[test]
fn vat_numbers_are_checked_by_country() {
    let sound = [
        ("ATU13585627", "AT"),
        ("BE0428759497", "BE"),
        ("BE428759497", "BE"),
        ("BG175074752", "BG"),
        ("CHE-107.787.577 MWST", "CH"),
        ("CY10259033P", "CY"),
        ("CZ25123891", "CZ"),
        ("DE136695976", "DE"),
        ("DE 136 695 976", "DE"),
        ("DK13585628", "DK"),
        ("EE100931558", "EE"),
        ("EL094259216", "GR"),
        ("ESB58378431", "ES"),
        ("FI20774740", "FI"),
        ("FR40303265045", "FR"),
        ("GB980780684", "GB"),
        ("HR33392005961", "HR"),
        ("HU12892312", "HU"),
        ("IE6433435F", "IE"),
        ("IE6433435OA", "IE"),
        ("IT00743110157", "IT"),
        ("LT119511515", "LT"),
        ("LU15027442", "LU"),
        ("LV40003521600", "LV"),
        ("MT11679112", "MT"),
        ("NL004495445B01", "NL"),
        ("NL123456789B13", "NL"),
        ("NO995525828MVA", "NO"),
        ("PL8567346215", "PL"),
        ("PT501964843", "PT"),
        ("RO18547290", "RO"),
        ("SE123456789701", "SE"),
        ("SI50223054", "SI"),
        ("SK2022749619", "SK"),
    ];
    for (written, country) in sound {
        let found = identity(["", "", "", written, ""]).normalized();
        assert!(found.vat_number.is_some(), "{written} is sound");
        assert_eq!(found.country.as_deref(), Some(country), "{written} tells its country");
        // One digit off: the check digits notice, except where a country has none.
        if !["ES", "LV"].contains(&country) {
            let at = written.match_indices(|c: char| c.is_ascii_digit()).nth(3).unwrap().0;
            let digit = written[at..].chars().next().unwrap().to_digit(10).unwrap();
            let wrong = format!("{}{}{}", &written[..at], (digit + 1) % 10, &written[at + 1..]);
            let (found, doubts) = identity(["", "", country, &wrong, ""]).examined();
            assert_eq!(found.vat_number, None, "{wrong}");
            assert_eq!(doubts[0].field, "vat_number");
        }
    }
}

#[test]
fn numbers_get_their_country_and_one_form() {
    let table = [
        (["", "", "DE", "136695976", ""], Some("DE136695976"), None),
        (["", "", "GR", "GR094259216", ""], Some("EL094259216"), None),
        (["", "", "BE", "428.759.497", ""], Some("BE0428759497"), None),
        (["", "", "US", "12-3456789", ""], Some("US123456789"), None),
        (["", "", "US", "US123456789", ""], Some("US123456789"), None),
        (["", "", "", "123456789", ""], None, None),
        (["", "", "DE", "000000000", ""], None, None),
        (["", "", "GB", "", "01234567"], None, Some("1234567")),
        (["", "", "GB", "", "sc 123 456"], None, Some("SC123456")),
        (["", "", "DE", "", "HRB 12345"], None, None),
        (["", "", "DE", "", "HRB 12345, Amtsgericht München"], None, Some("HRB12345MUNCHEN")),
        (["", "", "DE", "", "Amtsgericht München HRB 012345"], None, Some("HRB12345MUNCHEN")),
        (["", "", "", "", "01234567"], None, None),
        (["", "", "GB", "", "11111111"], None, None),
        (["", "", "GB", "", "n/a"], None, None),
    ];
    for (fields, vat, register) in table {
        let found = identity(fields).normalized();
        assert_eq!(found.vat_number.as_deref(), vat, "{fields:?}");
        assert_eq!(found.registration_number.as_deref(), register, "{fields:?}");
    }
}

#[test]
fn a_field_that_does_not_help_is_named_with_what_to_do() {
    let (_, doubts) = identity(["Acme", "gmail.com", "Narnia", "DE123", "HRB 1"]).examined();
    let texts: Vec<&str> = doubts.iter().map(|doubt| doubt.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "`gmail.com` does not help to recognize the customer: gmail.com is used by many companies; give the \
             customer's own domain.",
            "`Narnia` does not help to recognize the customer: it is no country that we know; give its two-letter code, \
             such as `DE`.",
            "`DE123` does not help to recognize the customer: it does not have the form or the check digits of a VAT \
             number of DE; compare it with an invoice.",
            "`HRB 1` does not help to recognize the customer: a register number needs its country; give the customer's \
             country.",
        ]
    );
}

proptest! {
    #[test]
    fn normalizing_twice_changes_nothing(customer in any_identity()) {
        let once = customer.normalized();
        prop_assert_eq!(once.as_identity().normalized(), once);
    }

    #[test]
    fn case_and_outer_space_do_not_matter(customer in any_identity()) {
        prop_assume!(customer.name.is_ascii());
        let mut shouted = customer.clone();
        shouted.name = format!("  {} ", customer.name.to_uppercase());
        prop_assert_eq!(shouted.normalized().name, customer.normalized().name);
    }

    #[test]
    fn any_digits_are_a_number_or_a_doubt(
        prefix in prop::sample::select("AT BE BG CH CY CZ DE DK EE EL ES FI FR GB HR HU IE IT LT LU LV MT NL NO PL PT RO SE SI SK"
            .split(' ').collect::<Vec<_>>()),
        number in "U?[0-9]{2,13}(B[0-9]{2}|[A-Z]{0,2})",
    ) {
        let (found, doubts) = identity(["", "", prefix, &format!("{prefix}{number}"), ""]).examined();
        prop_assert!(found.vat_number.is_some() || !doubts.is_empty());
        prop_assert_eq!(found.as_identity().normalized(), found);
    }

    #[test]
    fn no_text_is_too_strange(a in "\\PC{0,60}", b in "\\PC{0,30}", c in "\\PC{0,30}", d in "[A-Z]{2}[0-9A-Z ]{0,14}") {
        let found = identity([&a, &b, &c, &d, &b]).normalized();
        prop_assert!(found.name.is_ascii());
        prop_assert_eq!(found.as_identity().normalized(), found);
    }
}
