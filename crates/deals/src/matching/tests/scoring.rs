//! What likeness is worth.

use super::*;

fn score(a: [&str; 5], b: [&str; 5]) -> Score {
    compare(&identity(a).normalized(), &identity(b).normalized())
}

#[test]
fn zones_follow_the_evidence() {
    use Zone::{Different, Review, Same};
    let table = [
        // A number settles it, whatever else is said.
        (["Acme GmbH", "", "DE", "DE136695976", ""], ["Totally Else", "else.com", "AT", "DE136695976", ""], Same),
        (["Acme", "", "GB", "", "01234567"], ["Emca", "", "GB", "", "1234567"], Same),
        // The same register number of two countries is two numbers.
        (["Acme", "", "GB", "", "01234567"], ["Emca", "", "IE", "", "01234567"], Different),
        (["Acme GmbH", "acme.com", "DE", "", ""], ["ACME", "www.acme.com", "DE", "", ""], Same),
        (["Acme Logistik", "acme.com", "", "", ""], ["Acme Logistics", "acme.com", "", "", ""], Same),
        // One site, two names: a brand or a sister company.
        (["Acme", "acme.com", "DE", "", ""], ["Zenith", "acme.com", "DE", "", ""], Review),
        (["Acme Logistik GmbH", "", "DE", "", ""], ["Acme Logistik AG", "", "DE", "", ""], Review),
        (["Acme Logistik", "", "DE", "", ""], ["Acme Logistik", "", "US", "", ""], Review),
        (["Acme Logistik", "a.com", "DE", "", ""], ["Acme Logistik", "b.com", "US", "", ""], Different),
        (["Jo Roe", "gmail.com", "", "", ""], ["Ann Poe", "gmail.com", "", "", ""], Different),
        (["International Group", "", "DE", "", ""], ["International Services", "", "DE", "", ""], Different),
        (["", "", "DE", "", ""], ["", "", "DE", "", ""], Different),
    ];
    for (a, b, zone) in table {
        let score = score(a, b);
        assert_eq!(score.zone(Thresholds::default()), zone, "{a:?} {b:?} {score:#?}");
    }
}

#[test]
fn names_are_alike_in_spite_of_spelling() {
    let alike = [
        ("Müller Logistik", "Mueller Logistics", 880),
        ("Weber Fischer Bau", "Bau Fischer Weber", 970),
        ("Blue Sky", "Bluesky", 980),
        ("Acme Intl", "Acme International", 1000),
        ("International Business Machines", "IBM", 780),
        ("Schmidt Maschinenbau", "Schmit Maschinenbau", 950),
        ("Acme Marketing", "Acme Mrktng", 890),
        ("John Morgan Foods", "J. Morgan Foods", 850),
        ("Иванов Строй", "Ivanov Stroy", 900),
        ("Acme", "Acme Group", 850),
    ];
    let name_points = |a: &str, b: &str| {
        let score = compare(&named(a).normalized(), &named(b).normalized());
        score.parts[0].points
    };
    for (a, b, least) in alike {
        let wanted = (least - 400) * 700 / 600;
        assert!(name_points(a, b) >= wanted, "{a} / {b}: {} < {wanted}", name_points(a, b));
    }
    let apart = [
        ("Acme Logistics", "Zenith Logistics"),
        ("Plant 4 Foods", "Plant 5 Foods"),
        ("Global Services Group", "Global Trading Group"),
        ("Berlin Bau", "Hamburg Bau"),
        ("Acme", "Zenith"),
    ];
    for (a, b) in apart {
        assert!(name_points(a, b) <= 450, "{a} / {b}: {}", name_points(a, b));
    }
}

#[test]
fn the_parts_say_why_and_a_discreet_sentence_names_no_value() {
    let score = score(
        ["Müller Logistik GmbH", "müller.de", "DE", "", ""],
        ["Mueller Logistics", "xn--mller-kva.de", "AT", "", ""],
    );
    let sentences: Vec<&str> = score.parts.iter().map(|part| part.evidence.as_str()).collect();
    assert_eq!(
        sentences,
        [
            "Both use the domain müller.de.",
            "The names are 94 % alike: “muller logistik” and “mueller logistics”.",
            "The countries differ: DE and AT.",
        ]
    );
    let discreet: Vec<&str> = score.parts.iter().map(|part| part.discreet.as_str()).collect();
    assert_eq!(discreet, ["Both use the same domain.", "The names are 94 % alike.", "The countries differ."]);
}

proptest! {
    #[test]
    fn scores_are_symmetric_bounded_and_add_up(a in any_identity(), b in any_identity()) {
        let (a, b) = (a.normalized(), b.normalized());
        let (there, back) = (compare(&a, &b), compare(&b, &a));
        prop_assert_eq!(there.total, back.total);
        let points = |score: &Score| score.parts.iter().map(|part| (part.what, part.points)).collect::<Vec<_>>();
        prop_assert_eq!(points(&there), points(&back));
        let sum: i32 = there.parts.iter().map(|part| part.points).sum();
        prop_assert_eq!(i32::from(there.total), sum.clamp(0, 1000));
        prop_assert!(there.parts.iter().all(|part| part.points <= part.max));
    }

    #[test]
    fn nothing_scores_above_itself(a in any_identity(), b in any_identity()) {
        let (a, b) = (a.normalized(), b.normalized());
        prop_assert!(compare(&a, &b).total <= compare(&a, &a).total.max(compare(&b, &b).total));
    }
}
