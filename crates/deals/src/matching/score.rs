//! How likely two identities are one customer, in points that add up and sentences that say why.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::host;
use super::identity::{Normalized, View};
use super::similarity::{Likeness, Pattern};

/// A likeness of names below this is coincidence and earns nothing.
const NAME_FLOOR: Likeness = 400;
const NAME_MOST: i32 = 700;
const DOMAIN_SAME: i32 = 550;
const DOMAIN_DIFFERS: i32 = -100;
const COUNTRY_SAME: i32 = 100;
const COUNTRY_DIFFERS: i32 = -150;
const NUMBER_SAME: i32 = 1000;
const NUMBER_DIFFERS: i32 = -200;

/// What a part of a score looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    VatNumber,
    RegistrationNumber,
    Domain,
    Name,
    Country,
}

/// One kind of evidence and what it is worth here; only what both sides give is evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    pub what: Evidence,
    /// Negative where it speaks against one customer.
    pub points: i32,
    /// The most that this kind of evidence can earn.
    pub max: i32,
    /// A sentence with the values of both sides, for those who may see both.
    pub evidence: String,
    /// The same without any value, for a reader who must not learn the other side's data.
    pub discreet: String,
}

/// The sum of the parts, held between 0 and 1000.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// Per mille: 0 is surely different, 1000 is surely the same.
    pub total: u16,
    pub parts: Vec<Part>,
}

/// What a program makes of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Zone {
    /// Treat as one customer.
    Same,
    /// A person should look.
    Review,
    Different,
}

/// Where the zones begin, in points of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Thresholds {
    /// From here on it is the same customer.
    pub same: u16,
    /// From here on a person should look.
    pub review: u16,
}

impl Default for Thresholds {
    /// An equal name and country alone asks for a look; with the domain it is settled.
    fn default() -> Self {
        Self { same: 850, review: 550 }
    }
}

impl Score {
    pub fn zone(&self, thresholds: Thresholds) -> Zone {
        if self.total >= thresholds.same {
            Zone::Same
        } else if self.total >= thresholds.review {
            Zone::Review
        } else {
            Zone::Different
        }
    }
}

/// Scores two identities. Symmetric in everything but the order in which sentences name the two sides.
///
/// ```
/// use deals::matching::{CustomerIdentity, Thresholds, Zone, compare};
///
/// let typed = CustomerIdentity { name: "Mueller Logistics".into(), email: Some("a@mueller-logistik.de".into()), ..Default::default() };
/// let known = CustomerIdentity { name: "Müller Logistik GmbH".into(), domain: Some("mueller-logistik.de".into()), ..Default::default() };
/// let score = compare(&typed.normalized(), &known.normalized());
/// assert_eq!(score.zone(Thresholds::default()), Zone::Same);
/// ```
pub fn compare(a: &Normalized, b: &Normalized) -> Score {
    let (a, b) = (a.view(), b.view());
    Tally::of(&a, &Pattern::new(a.name), &b, &Pattern::new(b.name)).explained(&a, &b)
}

/// The points without the sentences, for ranking many candidates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tally {
    vat_number: Option<i32>,
    registration_number: Option<i32>,
    domain: Option<i32>,
    name: Option<(i32, Likeness)>,
    country: Option<i32>,
}

impl Tally {
    pub(super) fn of(a: &View<'_>, a_name: &Pattern<'_>, b: &View<'_>, b_name: &Pattern<'_>) -> Self {
        let same_country = both(a.country, b.country).map(|(a, b)| a == b);
        let same_vat = both(a.vat_number, b.vat_number)
            // A company has one number per country: numbers of two countries say nothing either way.
            .filter(|(a, b)| a.get(..2) == b.get(..2))
            .map(|(a, b)| a == b);
        let same_registration = both(a.registration_number, b.registration_number)
            .filter(|_| same_country == Some(true))
            .map(|(a, b)| a == b);
        let settled = same_vat == Some(true) || same_registration == Some(true);
        // Beside a number that settles it, nothing counts against.
        let points = |same: bool, yes: i32, no: i32| match same {
            true => yes,
            false if settled => 0,
            false => no,
        };
        let name = (!a.name.is_empty() && !b.name.is_empty()).then(|| {
            let likeness = a_name.likeness(b_name);
            (name_points(likeness), likeness)
        });
        Self {
            vat_number: same_vat.map(|same| points(same, NUMBER_SAME, NUMBER_DIFFERS)),
            registration_number: same_registration.map(|same| points(same, NUMBER_SAME, NUMBER_DIFFERS)),
            domain: both(a.domain, b.domain).map(|(a, b)| points(a == b, DOMAIN_SAME, DOMAIN_DIFFERS)),
            name,
            country: same_country.map(|same| points(same, COUNTRY_SAME, COUNTRY_DIFFERS)),
        }
    }

    pub(super) fn total(&self) -> u16 {
        self.sum().clamp(0, 1000) as u16
    }

    /// Not held to 1000, so that of two sure matches the one with more evidence ranks first.
    pub(super) fn sum(&self) -> i32 {
        [self.vat_number, self.registration_number, self.domain, self.name.map(|(points, _)| points), self.country]
            .into_iter()
            .flatten()
            .sum()
    }

    pub(super) fn explained(&self, a: &View<'_>, b: &View<'_>) -> Score {
        let mut parts = Vec::new();
        if let (Some(points), Some((a, b))) = (self.vat_number, both(a.vat_number, b.vat_number)) {
            parts.push(number_part(Evidence::VatNumber, "VAT number", points, a, b));
        }
        if let (Some(points), Some((a, b))) =
            (self.registration_number, both(a.registration_number, b.registration_number))
        {
            parts.push(number_part(Evidence::RegistrationNumber, "register number", points, a, b));
        }
        if let (Some(points), Some((a, b))) = (self.domain, both(a.domain, b.domain)) {
            parts.push(domain_part(points, a, b));
        }
        if let Some((points, likeness)) = self.name {
            parts.push(name_part(points, likeness, a.name, b.name));
        }
        if let (Some(points), Some((a, b))) = (self.country, both(a.country, b.country)) {
            parts.push(country_part(points, a, b));
        }
        Score { total: self.total(), parts }
    }
}

fn both<'a>(a: Option<&'a str>, b: Option<&'a str>) -> Option<(&'a str, &'a str)> {
    a.zip(b)
}

fn name_points(likeness: Likeness) -> i32 {
    let above = likeness.saturating_sub(NAME_FLOOR) as i32;
    above * NAME_MOST / (1000 - NAME_FLOOR as i32)
}

fn number_part(what: Evidence, called: &str, points: i32, a: &str, b: &str) -> Part {
    let (evidence, discreet) = if a == b {
        (
            format!("Both have the {called} {a}, which settles it."),
            format!("Both have the same {called}, which settles it."),
        )
    } else {
        let weight = if points == 0 { ", but another number settles it" } else { "" };
        (format!("The {called}s differ: {a} and {b}{weight}."), format!("The {called}s differ{weight}."))
    };
    Part { what, points, max: NUMBER_SAME, evidence, discreet }
}

fn domain_part(points: i32, a: &str, b: &str) -> Part {
    let (evidence, discreet) = if a == b {
        (format!("Both use the domain {}.", host::readable(a)), "Both use the same domain.".to_owned())
    } else {
        (
            format!("The domains differ: {} and {}.", host::readable(a), host::readable(b)),
            "The domains differ.".to_owned(),
        )
    };
    Part { what: Evidence::Domain, points, max: DOMAIN_SAME, evidence, discreet }
}

fn name_part(points: i32, likeness: Likeness, a: &str, b: &str) -> Part {
    let percent = likeness / 10;
    let (evidence, discreet) = if a == b {
        (
            format!("The names are equal once legal forms and spelling habits are set aside: “{a}”."),
            "The names are equal once legal forms and spelling habits are set aside.".to_owned(),
        )
    } else if points == 0 {
        (format!("The names are different: “{a}” and “{b}”."), "The names are different.".to_owned())
    } else {
        (format!("The names are {percent} % alike: “{a}” and “{b}”."), format!("The names are {percent} % alike."))
    };
    Part { what: Evidence::Name, points, max: NAME_MOST, evidence, discreet }
}

fn country_part(points: i32, a: &str, b: &str) -> Part {
    let (evidence, discreet) = if a == b {
        (format!("Both are in {a}."), "Both are in the same country.".to_owned())
    } else {
        (format!("The countries differ: {a} and {b}."), "The countries differ.".to_owned())
    };
    Part { what: Evidence::Country, points, max: COUNTRY_SAME, evidence, discreet }
}
