//! The names of the world: people, companies and places, all invented. Every domain ends in `.example`, which nobody
//! can own.

use std::collections::BTreeSet;

use crate::dice::Dice;

/// A country of the world with what is different there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Country {
    pub code: &'static str,
    pub zone: &'static str,
    pub legal_forms: &'static [&'static str],
    /// Words for companies that move goods.
    pub fleet_words: &'static [&'static str],
    pub first_names: &'static [&'static str],
    pub last_names: &'static [&'static str],
    pub weight: usize,
}

const GERMAN_FIRST: &[&str] = &[
    "Anke", "Bernd", "Carla", "Dirk", "Elke", "Falk", "Gesa", "Holger", "Imke", "Jörn", "Katrin", "Lennart", "Maren",
    "Nils", "Petra", "Ralf", "Silke", "Torsten", "Ulrike", "Volker",
];
const GERMAN_LAST: &[&str] = &[
    "Ackerfeld",
    "Brinkhoff",
    "Dornbach",
    "Ebersthal",
    "Falkenrath",
    "Grüneberg",
    "Hollweide",
    "Jostmann",
    "Kettler",
    "Lindhorst",
    "Moorkamp",
    "Niedrath",
    "Oberwald",
    "Pfeilstick",
    "Quastmann",
    "Röhrkamp",
    "Stubbenau",
    "Tannhof",
    "Uhlenbrock",
    "Wesselkamp",
];
const ENGLISH_FIRST: &[&str] = &[
    "Amelia", "Blake", "Carmen", "Dwayne", "Elena", "Frank", "Grace", "Hector", "Irene", "Jamal", "Kelly", "Logan",
    "Monica", "Nathan", "Olivia", "Priya", "Quinn", "Rosa", "Samuel", "Tessa",
];
const ENGLISH_LAST: &[&str] = &[
    "Ashgrove",
    "Birchall",
    "Coldwater",
    "Drayford",
    "Eastlake",
    "Fenwood",
    "Garrowby",
    "Hartwell",
    "Ironside",
    "Jessop",
    "Kirkdale",
    "Langmere",
    "Marlowe",
    "Northcott",
    "Oakhurst",
    "Pemberly",
    "Quarrier",
    "Redfern",
    "Stonebridge",
    "Thornbury",
];
const FRENCH_FIRST: &[&str] =
    &["Adèle", "Bastien", "Camille", "Denis", "Élodie", "Fabien", "Gaëlle", "Hugo", "Inès", "Julien", "Léa", "Mathis"];
const FRENCH_LAST: &[&str] = &[
    "Aubremont",
    "Bellecour",
    "Chantreau",
    "Delvaux",
    "Estienne",
    "Fontanel",
    "Garrigue",
    "Hautecœur",
    "Lavergne",
    "Montclar",
    "Rocheval",
    "Villandry",
];
const IBERIAN_FIRST: &[&str] =
    &["Alba", "Bruno", "Celia", "Diego", "Elisa", "Fermín", "Gloria", "Hugo", "Irene", "Jorge", "Lucía", "Mateo"];
const IBERIAN_LAST: &[&str] = &[
    "Alcorán",
    "Benavente",
    "Cifuentes",
    "Doñana",
    "Escalera",
    "Fuentemar",
    "Garcimuñoz",
    "Herrador",
    "Lobatón",
    "Montalvo",
    "Requena",
    "Valdemoro",
];
const NORDIC_FIRST: &[&str] =
    &["Astrid", "Bjarne", "Dagny", "Eskil", "Frida", "Gunnar", "Hedda", "Ivar", "Jorunn", "Kalle", "Liv", "Magnus"];
const NORDIC_LAST: &[&str] = &[
    "Almgren",
    "Björkvall",
    "Dalström",
    "Ekhammar",
    "Fjellstad",
    "Granlund",
    "Havstein",
    "Isaksen",
    "Kvarnholm",
    "Lindeskog",
    "Nordhav",
    "Solbakken",
];
const SLAVIC_FIRST: &[&str] =
    &["Agata", "Borys", "Celina", "Dawid", "Ewa", "Filip", "Grażyna", "Henryk", "Iga", "Jakub", "Kinga", "Lech"];
const SLAVIC_LAST: &[&str] = &[
    "Borowik", "Czernik", "Dąbrowa", "Gajewicz", "Hajduk", "Jaworek", "Kalinok", "Lipowicz", "Mroczyk", "Olszan",
    "Rybacki", "Zarębik",
];

/// Where partners and customers are, and how many of them.
pub(crate) const COUNTRIES: &[Country] = &[
    Country {
        code: "DE",
        zone: "Europe/Berlin",
        legal_forms: &["GmbH", "GmbH & Co. KG", "AG", "KG"],
        fleet_words: &["Logistik", "Spedition", "Transporte", "Fuhrpark", "Kurier", "Frachtdienst", "Güterverkehr"],
        first_names: GERMAN_FIRST,
        last_names: GERMAN_LAST,
        weight: 26,
    },
    Country {
        code: "US",
        zone: "America/Chicago",
        legal_forms: &["Inc.", "LLC", "Corp."],
        fleet_words: &["Freight", "Trucking", "Logistics", "Haulage", "Carriers", "Express", "Cartage"],
        first_names: ENGLISH_FIRST,
        last_names: ENGLISH_LAST,
        weight: 22,
    },
    Country {
        code: "GB",
        zone: "Europe/London",
        legal_forms: &["Ltd", "PLC"],
        fleet_words: &["Haulage", "Logistics", "Couriers", "Removals", "Distribution", "Freight Services"],
        first_names: ENGLISH_FIRST,
        last_names: ENGLISH_LAST,
        weight: 10,
    },
    Country {
        code: "FR",
        zone: "Europe/Paris",
        legal_forms: &["SAS", "SARL", "SA"],
        fleet_words: &["Transports", "Logistique", "Messagerie", "Affrètement", "Distribution"],
        first_names: FRENCH_FIRST,
        last_names: FRENCH_LAST,
        weight: 9,
    },
    Country {
        code: "ES",
        zone: "Europe/Madrid",
        legal_forms: &["SL", "SA"],
        fleet_words: &["Transportes", "Logística", "Mensajería", "Cargas", "Distribuciones"],
        first_names: IBERIAN_FIRST,
        last_names: IBERIAN_LAST,
        weight: 8,
    },
    Country {
        code: "NL",
        zone: "Europe/Amsterdam",
        legal_forms: &["B.V.", "N.V."],
        fleet_words: &["Transport", "Logistiek", "Expeditie", "Koeriers", "Vrachtdienst"],
        first_names: GERMAN_FIRST,
        last_names: GERMAN_LAST,
        weight: 8,
    },
    Country {
        code: "SE",
        zone: "Europe/Stockholm",
        legal_forms: &["AB"],
        fleet_words: &["Åkeri", "Logistik", "Frakt", "Transport", "Spedition"],
        first_names: NORDIC_FIRST,
        last_names: NORDIC_LAST,
        weight: 6,
    },
    Country {
        code: "PL",
        zone: "Europe/Warsaw",
        legal_forms: &["Sp. z o.o.", "S.A."],
        fleet_words: &["Transport", "Logistyka", "Spedycja", "Przewozy"],
        first_names: SLAVIC_FIRST,
        last_names: SLAVIC_LAST,
        weight: 6,
    },
    Country {
        code: "CA",
        zone: "America/Toronto",
        legal_forms: &["Inc.", "Ltd."],
        fleet_words: &["Freight", "Trucking", "Cartage", "Logistics"],
        first_names: ENGLISH_FIRST,
        last_names: ENGLISH_LAST,
        weight: 5,
    },
];

const HEADS: &[&str] = &[
    "Al", "Bren", "Cor", "Dal", "Els", "Fal", "Gar", "Hal", "Ister", "Jor", "Kest", "Lin", "Mar", "Nor", "Os", "Pel",
    "Quar", "Rav", "Sel", "Tor", "Ulv", "Var", "Wes", "Yar", "Zel", "Ard", "Bel", "Cal", "Dor", "Ever", "Fen", "Grim",
    "Holm", "Kor", "Lor", "Mont", "Ner", "Orl", "Pram", "Stel",
];
const TAILS: &[&str] = &[
    "vald", "row", "mark", "dane", "bach", "wick", "gard", "mond", "stett", "vik", "ora", "heim", "lund", "mere",
    "tova", "brück", "nau", "rath", "sund", "trop", "vera", "wyn", "zia", "keld", "fors", "holt", "dorf", "berg",
    "stad", "ley",
];
/// What companies call themselves that sell or extend software for fleets.
const PARTNER_WORDS: &[(&str, &[&str])] = &[
    ("platform", &["Telematics", "Fleet Cloud", "Fuelcards", "Loadboard", "Trackpoint", "Connect"]),
    ("si", &["Consulting", "Integrations", "Advisory", "Solutions", "Engineering", "Partners"]),
    ("reseller", &["Systems", "Software", "Distribution", "IT Services", "Business Solutions", "Technologies"]),
    ("oem", &["Vehicle Systems", "Devices", "Onboard", "Mobility Tech", "Telemetry"]),
    ("data", &["Verify", "Credentials", "Compliance Data", "Screening", "Attest"]),
];

/// Makes names and remembers which are taken.
pub(crate) struct Names {
    dice: Dice,
    companies: BTreeSet<String>,
    people: BTreeSet<String>,
}

/// A company as its register and its site know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Company {
    pub name: String,
    pub legal_name: String,
    pub domain: String,
    pub country: usize,
    pub vat_number: Option<String>,
    pub registration_number: String,
}

/// Somebody with an address at a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Human {
    pub name: String,
    pub email: String,
}

impl Names {
    pub fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed, "names"), companies: BTreeSet::new(), people: BTreeSet::new() }
    }

    /// A company that moves goods.
    pub fn customer(&mut self) -> Company {
        let country = self.country();
        let words = COUNTRIES[country].fleet_words;
        self.company(country, words, true)
    }

    /// A company of that archetype.
    pub fn partner(&mut self, archetype: &str) -> Company {
        let country = self.country();
        let words =
            PARTNER_WORDS.iter().find(|(key, _)| *key == archetype).map_or(PARTNER_WORDS[2].1, |(_, words)| words);
        self.company(country, words, false)
    }

    fn country(&mut self) -> usize {
        let weights: Vec<(usize, usize)> = COUNTRIES.iter().enumerate().map(|(n, c)| (n, c.weight)).collect();
        self.dice.weighted(&weights)
    }

    fn company(&mut self, country: usize, words: &[&str], family: bool) -> Company {
        let place = &COUNTRIES[country];
        let name = loop {
            let stem = if family && self.dice.happens(250) {
                (*self.dice.pick(place.last_names)).to_owned()
            } else {
                format!("{}{}", self.dice.pick(HEADS), self.dice.pick(TAILS))
            };
            let word = self.dice.pick(words);
            let name = match self.dice.below(6) {
                0 if family => format!("{stem} & {} {word}", self.dice.pick(place.last_names)),
                _ => format!("{stem} {word}"),
            };
            // Names with one and the same domain would be one company to everybody.
            if self.companies.insert(label(&name)) {
                break name;
            }
        };
        let legal_name = format!("{name} {}", self.dice.pick(place.legal_forms));
        let domain = format!("{}.example", label(&name));
        let vat_number = (place.code == "DE").then(|| german_vat(&self.dice.digits(8)));
        let registration_number = match place.code {
            "DE" => {
                format!("HRB {} {}", self.dice.digits(6), self.dice.pick(&["Hamburg", "Köln", "München", "Leipzig"]))
            }
            code => format!("{code}{}", self.dice.digits(9)),
        };
        Company { name, legal_name, domain, country, vat_number, registration_number }
    }

    /// Somebody who works at a company of that domain in that country.
    pub fn human(&mut self, country: usize, domain: &str) -> Human {
        let place = &COUNTRIES[country];
        loop {
            let (first, last) = (*self.dice.pick(place.first_names), *self.dice.pick(place.last_names));
            let email = format!("{}.{}@{domain}", label(first), label(last));
            if self.people.insert(email.clone()) {
                return Human { name: format!("{first} {last}"), email };
            }
        }
    }
}

/// A text as a part of a domain: plain lower-case letters, digits and hyphens.
fn label(text: &str) -> String {
    let mut plain = String::new();
    for letter in text.to_lowercase().chars() {
        match letter {
            'ä' => plain.push_str("ae"),
            'ö' => plain.push_str("oe"),
            'ü' => plain.push_str("ue"),
            'œ' => plain.push_str("oe"),
            'å' | 'à' | 'á' | 'ą' => plain.push('a'),
            'é' | 'è' | 'ë' | 'ę' => plain.push('e'),
            'í' => plain.push('i'),
            'ó' => plain.push('o'),
            'ú' => plain.push('u'),
            'ñ' => plain.push('n'),
            'ż' => plain.push('z'),
            letter if letter.is_ascii_alphanumeric() => plain.push(letter),
            _ => plain.push(' '),
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join("-")
}

/// A German VAT number whose check digit is right (ISO 7064 mod 11, 10).
fn german_vat(digits: &str) -> String {
    let product = digits.bytes().fold(10, |product, digit| {
        let sum = (u32::from(digit - b'0') + product) % 10;
        2 * if sum == 0 { 10 } else { sum } % 11
    });
    format!("DE{digits}{}", (11 - product) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_repeat_and_read_like_names() {
        let mut names = Names::new(7);
        let companies: Vec<Company> = (0..2500).map(|_| names.customer()).collect();
        let domains: BTreeSet<&str> = companies.iter().map(|c| c.domain.as_str()).collect();
        assert_eq!(domains.len(), companies.len());
        for company in &companies {
            assert!(company.domain.ends_with(".example") && !company.domain.contains(' '), "{}", company.domain);
            assert!(company.legal_name.starts_with(&company.name), "{}", company.legal_name);
        }
    }

    #[test]
    fn the_check_digit_is_right() {
        assert_eq!(german_vat("13669597"), "DE136695976");
    }
}
