//! Companies that could exist, from a seed, and the ways in which people misspell them.
//!
//! Shared by the matching tests and the benchmark: the same seed always gives the same companies.

// Each of the two uses its own part.
#![allow(dead_code)]

use super::CustomerIdentity;

/// SplitMix64: enough to be fair, small enough to be the same everywhere.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.roll() % limit.max(1) as u64) as usize
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.roll() % 100 < chance
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }

    fn word<'a>(&mut self, list: &'a str) -> &'a str {
        let words: Vec<&str> = list.split(' ').collect();
        words[self.below(words.len())]
    }

    /// As with real words, the front of a list is used far more often than its end.
    fn skewed<'a>(&mut self, list: &'a str) -> &'a str {
        let words: Vec<&str> = list.split(' ').collect();
        let at = self.below(words.len()).min(self.below(words.len()));
        words[at]
    }
}

struct Land {
    codes: &'static [(&'static str, &'static str)],
    families: &'static str,
    places: &'static str,
    trades: &'static str,
    forms: &'static [&'static str],
}

const LANDS: &[Land] = &[
    Land {
        codes: &[("DE", "de"), ("AT", "at"), ("CH", "ch"), ("DE", "com")],
        families: "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein \
            Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Krause Meier Lehmann \
            Köhler Maier Kaiser Fuchs Scholz Möller Weiß Jung Hahn Vogel Friedrich Keller Günther Berger Winkler Roth Beck Lorenz \
            Baumann Franke Albrecht Schuster Simon Ludwig Böhm Winter Kraus Vogt Stein Jäger Groß Sommer Brandt Haas Schreiber \
            Dietrich Ziegler Kuhn Kühn Pohl Engel Horn Busch Bergmann Voigt Sauer Arnold Pfeiffer Obermüller Grünwald Reichenbach",
        places: "Berlin Hamburg München Köln Frankfurt Stuttgart Düsseldorf Leipzig Dortmund Bremen Dresden Hannover Nürnberg \
            Duisburg Wuppertal Bielefeld Bonn Münster Karlsruhe Mannheim Augsburg Wien Graz Linz Salzburg Innsbruck Zürich Basel Bern \
            Luzern Winterthur Chemnitz Kiel Lübeck Freiburg Mainz Rostock Kassel Regensburg Ulm Würzburg Göttingen",
        trades: "Logistik Maschinenbau Elektrotechnik Bau Werkzeugbau Spedition Druckerei Metallbau Handel Consulting Software \
            Immobilien Gebäudetechnik Gartenbau Autohaus Möbel Verpackungen Kunststofftechnik Automation Messtechnik Medizintechnik \
            Lebensmittel Anlagenbau Tiefbau Solartechnik Textil Vertrieb Beratung Fahrzeugtechnik Systemhaus Brauerei Bäckerei \
            Holzbau Heizungsbau Reinigung Umwelttechnik Feinmechanik Optik Pharma Verlag",
        forms: &["GmbH", "GmbH & Co. KG", "AG", "UG (haftungsbeschränkt)", "KG", "e.K.", "OHG"],
    },
    Land {
        codes: &[("GB", "co.uk"), ("IE", "ie"), ("GB", "com"), ("AU", "com.au"), ("NZ", "co.nz")],
        families: "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White Roberts Green \
            Hall Wood Jackson Clarke Patel Khan Lewis James Phillips Mason Mitchell Rose Davis Rodgers Cooper Ward Morris Moore Clark \
            Hughes Edwards Turner Hill Watson Harrison Bennett Cook Carter Bailey Shaw Bell Murphy Miller Cox Richardson Marshall \
            Simpson Anderson Parker Collins Price Webb Rogers Gray Fletcher Barnes Knight Chapman Pearce Hargreaves Featherstone",
        places: "London Manchester Leeds Glasgow Birmingham Bristol Liverpool Edinburgh Sheffield Cardiff Belfast Leicester Coventry \
            Nottingham Newcastle Sunderland Brighton Hull Plymouth Derby Dublin Cork Galway Limerick Sydney Melbourne Perth Auckland \
            Wellington Swansea Norwich Exeter York Oxford Cambridge Ipswich",
        trades: "Engineering Logistics Construction Software Foods Textiles Plumbing Electrical Packaging Printing Consulting \
            Haulage Properties Motors Furniture Joinery Scaffolding Recruitment Marketing Accounting Roofing Interiors Catering \
            Bakery Brewing Pharma Diagnostics Energy Renewables Instruments Fabrications Plastics Timber Security Cleaning Media \
            Design Architects Surveyors Freight",
        forms: &["Ltd", "Limited", "PLC", "LLP", "Ltd.", "Pty Ltd"],
    },
    Land {
        codes: &[("US", "com"), ("US", "net"), ("CA", "ca"), ("US", "io")],
        families: "Johnson Williams Brown Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson Thomas Taylor \
            Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright \
            Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Phillips Evans \
            Turner Parker Collins Stewart Morris Murphy Peterson Kowalski Feldman Goldstein Vanderbilt Whitaker Kendrick Lockhart",
        places: "Chicago Houston Dallas Austin Denver Seattle Portland Boston Atlanta Miami Phoenix Detroit Memphis Nashville \
            Baltimore Milwaukee Tucson Fresno Omaha Oakland Tulsa Toronto Vancouver Montreal Calgary Cleveland Tampa Orlando Cincinnati \
            Pittsburgh Anchorage Buffalo Lincoln Toledo Plano Laredo Reno Boise Spokane Richmond",
        trades: "Manufacturing Software Logistics Construction Healthcare Analytics Robotics Foods Trucking Insurance Plumbing Roofing \
            Landscaping Electric Aerospace Semiconductor Biotech Pharmaceuticals Staffing Marketing Realty Auto Dental Steel Oilfield \
            Farms Bakery Brewing Outfitters Apparel Furniture Hardware Supply Packaging Printing Networks Security Medical Labs Freight",
        forms: &["Inc.", "LLC", "Corp.", "Inc", "Corporation", "L.P.", "Co."],
    },
    Land {
        codes: &[("FR", "fr"), ("BE", "be"), ("LU", "lu"), ("CH", "ch")],
        families: "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefèvre Michel Garcia David \
            Bertrand Roux Vincent Fournier Morel Girard André Lefebvre Mercier Dupont Lambert Bonnet François Martinez Legrand Garnier \
            Faure Rousseau Blanc Guérin Muller Henry Roussel Nicolas Perrin Morin Mathieu Clément Gauthier Dumont Lopez Fontaine \
            Chevalier Robin Masson Sanchez Gérard Nguyen Boyer Denis Lemaire Duval Joly Gautier Roger Renaud Béranger Châtelain",
        places: "Paris Lyon Marseille Toulouse Nice Nantes Strasbourg Montpellier Bordeaux Lille Rennes Reims Toulon Grenoble Dijon \
            Angers Nîmes Bruxelles Liège Namur Genève Lausanne Brest Limoges Tours Amiens Perpignan Metz Besançon Orléans Rouen Caen",
        trades: "Transports Bâtiment Électricité Plomberie Conseil Informatique Menuiserie Boulangerie Imprimerie Mécanique \
            Distribution Immobilier Emballages Textile Métallurgie Maçonnerie Peinture Automobiles Assurances Ingénierie Paysages \
            Restauration Nettoyage Sécurité Énergie Charpente Couverture Traiteur Vignobles Pharmacie Optique Éditions Meubles Chauffage",
        forms: &["SARL", "SAS", "S.A.", "SASU", "EURL", "S.à r.l.", "S.A.S."],
    },
    Land {
        codes: &[("IT", "it"), ("IT", "com"), ("ES", "es"), ("PT", "pt"), ("BR", "com.br"), ("MX", "com.mx")],
        families: "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti Mancini Costa Giordano Rizzo \
            Lombardi Moretti Barbieri García Fernández González Rodríguez López Martínez Sánchez Pérez Gómez Jiménez Ruiz Hernández Díaz \
            Moreno Álvarez Muñoz Romero Alonso Gutiérrez Navarro Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Sousa \
            Fernandes Gonçalves Gomes Lopes Marques Almeida Ribeiro Pinto Carvalho Teixeira Moreira Fontana Caruso Ferrara Galli",
        places: "Milano Roma Torino Napoli Bologna Firenze Verona Padova Bari Genova Palermo Madrid Barcelona Valencia Sevilla Zaragoza \
            Málaga Bilbao Alicante Córdoba Lisboa Porto Braga Coimbra Curitiba Recife Salvador Brasília Monterrey Puebla Guadalajara Mérida",
        trades: "Costruzioni Trasporti Meccanica Alimentari Tessile Ceramiche Arredamenti Impianti Servizi Logistica Informatica \
            Construcciones Transportes Alimentación Seguros Ingeniería Muebles Hostelería Viajes Energía Consultores Distribuciones \
            Construções Engenharia Tecnologia Têxteis Vinhos Cerâmicas Metalurgia Farmacêutica Agrícola Inmobiliaria Automóviles Pinturas",
        forms: &["S.r.l.", "S.p.A.", "S.L.", "S.A.", "Lda", "Ltda", "S.A. de C.V.", "SRL"],
    },
    Land {
        codes: &[("SE", "se"), ("FI", "fi"), ("DK", "dk"), ("NO", "no"), ("NL", "nl"), ("BE", "be")],
        families: "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Pettersson Jonsson Jansson \
            Hansson Bengtsson Jönsson Lindberg Jakobsson Magnusson Olofsson Korhonen Virtanen Mäkinen Nieminen Mäkelä Hämäläinen Laine \
            Heikkinen Koskinen Järvinen Jensen Nielsen Hansen Pedersen Andersen Christensen Larsen Sørensen Rasmussen Jørgensen Møller \
            Olsen Berg Haugen Hagen Johannessen Bakker Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Brouwer Dijkstra Kuiper",
        places: "Stockholm Göteborg Malmö Uppsala Västerås Örebro Linköping Helsinki Tampere Turku Oulu Espoo København Aarhus Odense \
            Aalborg Oslo Bergen Trondheim Stavanger Amsterdam Rotterdam Utrecht Eindhoven Groningen Tilburg Almere Breda Nijmegen Gent \
            Antwerpen Brugge Leuven Haarlem Arnhem",
        trades: "Bygg Transport Elektronik Måleri Fastigheter Konsult Verkstad Livsmedel Möbler Energi Rakennus Kuljetus Konepaja \
            Ohjelmisto Sähkö Kiinteistöt Byg Møbler Fisk Skibe Rederi Bouw Techniek Installatie Vastgoed Bloemen Logistiek Advies \
            Verpakkingen Metaal Groothandel Schilders Automatisering Zuivel Tuinbouw",
        forms: &["AB", "Oy", "A/S", "AS", "ApS", "B.V.", "N.V.", "BVBA"],
    },
    Land {
        codes: &[("PL", "pl"), ("CZ", "cz"), ("SK", "sk"), ("HU", "hu"), ("RO", "ro"), ("HR", "hr")],
        families: "Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski Kozłowski \
            Jankowski Mazur Kwiatkowski Krawczyk Piotrowski Novák Svoboda Novotný Dvořák Černý Procházka Kučera Veselý Horák Němec Marek \
            Pokorný Horváth Kováč Varga Tóth Nagy Szabó Kovács Kiss Molnár Németh Farkas Balogh Papp Popescu Ionescu Popa Radu Dumitru \
            Stan Stoica Gheorghe Rusu Munteanu Matei Babić Marić Jurić Kovačević Vuković Knežević Marković Petrović Matić Božić",
        places: "Warszawa Kraków Łódź Wrocław Poznań Gdańsk Szczecin Lublin Katowice Praha Brno Ostrava Plzeň Liberec Olomouc Bratislava \
            Košice Žilina Nitra Budapest Debrecen Szeged Pécs Győr București Cluj Timișoara Iași Brașov Zagreb Split Rijeka Osijek",
        trades: "Budowa Transport Meble Elektronika Usługi Handel Drukarnia Spożywcze Stavby Doprava Nábytok Potraviny Strojírna Sklo \
            Pivovar Építő Szállítás Gépgyár Bútor Élelmiszer Construcții Transporturi Mobilă Alimente Consultanță Gradnja Trgovina \
            Turizam Drvo Brodogradnja Informatyka Nieruchomości Opakowania Tworzywa",
        forms: &["Sp. z o.o.", "S.A.", "s.r.o.", "a.s.", "Kft.", "Zrt.", "SRL", "d.o.o."],
    },
    Land {
        codes: &[("RU", "ru"), ("UA", "ua"), ("BG", "bg"), ("RS", "rs"), ("KZ", "kz")],
        families: "Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов Волков Алексеев Лебедев \
            Семёнов Егоров Павлов Козлов Степанов Николаев Орлов Андреев Макаров Никитин Захаров Зайцев Соловьёв Борисов Яковлев \
            Григорьев Романов Воробьёв Сергеев Шевченко Коваленко Бондаренко Ткаченко Кравченко Димитров Георгиев",
        places: "Москва Казань Самара Омск Пермь Воронеж Волгоград Краснодар Саратов Тюмень Киев Харьков Одесса Днепр Львов София Пловдив \
            Варна Бургас Белград Алматы Астана Томск Тула Рязань Курск Сочи Вологда",
        trades: "Строй Логистика Транс Энерго Металл Торг Техника Мебель Продукты Электро Сервис Инвест Проект Монтаж Химия Лес Агро \
            Медицина Текстиль Автоматика Связь Нефть Упаковка Печать",
        forms: &["ООО", "АО", "ЗАО", "ОАО", "ТОВ", "ЕООД"],
    },
];

const COMMON: &str =
    "Group International Services Solutions Holding Systems Technologies Global Trading Partners Industries Europe";
const STARTS: &str = "Al An Ar Az Ba Be Bo Bri Ca Ce Cor Cy Da De Do Du El En Er Eu Fa Fi Flo Ga Ge Gly Ha He Hy In Is Ja Ju Ka Ke Kor \
    La Le Lo Lu Ma Me Mo Na Ne No Nu Ob Om Or Pa Pe Pro Qua Ra Re Ro Sa Se So Sy Ta Te Tri Ul Un Va Ve Vi Wa Xe Ya Ze Zo";
const MIDDLES: &str = "bi ca cro da do fa fi ga go la le li lo ma me mi mo na ne ni no pa pe po ra re ri ro sa se si so ta te ti to va ve vi vo";
const ENDS: &str = "bex bra cel cor dex dia don fex gen go gon kon la lex lin lis lon lux man max mer mix na nix nor nova pex qua ra ris ron \
    sys ta tec tex tia tis tor tra trix va via vis vox xa xis zan";

/// The `n`-th company of a world.
pub fn company(dice: &mut Dice) -> CustomerIdentity {
    let land = &LANDS[dice.below(LANDS.len()).min(dice.below(LANDS.len() + 3))];
    let (country, ending) = land.codes[dice.below(land.codes.len())];
    let name = trading_name(dice, land);
    let form = dice.pick(land.forms);
    let full = match land.forms[0] == "ООО" && dice.percent(80) {
        true => format!("{form} «{name}»"),
        false => format!("{name} {form}"),
    };
    let host: String =
        deunicode::deunicode(&name).to_lowercase().chars().filter(char::is_ascii_alphanumeric).take(24).collect();
    CustomerIdentity {
        name: full,
        domain: dice.percent(80).then(|| format!("https://www.{host}.{ending}/")),
        email: None,
        country: Some(country.to_owned()),
        vat_number: None,
        registration_number: dice.percent(60).then(|| format!("{:08}", 10_000_000 + dice.below(89_999_999))),
    }
}

fn trading_name(dice: &mut Dice, land: &Land) -> String {
    let (family, trade) = (dice.skewed(land.families), dice.skewed(land.trades));
    let (place, common) = (dice.skewed(land.places), dice.skewed(COMMON));
    let brand = brand(dice);
    match dice.below(12) {
        0 => format!("{family} {trade} {place}"),
        1 | 2 => format!("{brand} {trade}"),
        3 => brand,
        4 => format!("{family} & {} {trade}", dice.skewed(land.families)),
        5 => format!("{trade} {family} {place}"),
        6 => format!("{brand} {common}"),
        7 => format!("{brand} {trade} {place}"),
        8 => format!("{brand} {common} {place}"),
        9 => format!("{family} & {} {common} {place}", dice.skewed(land.families)),
        10 => format!("{}. {family} {trade} {place}", (b'A' + dice.below(26) as u8) as char),
        _ => format!("{family} {brand} {common} {trade}"),
    }
}

fn brand(dice: &mut Dice) -> String {
    let mut brand = dice.word(STARTS).to_owned();
    for _ in 0..=dice.below(2) {
        brand.push_str(dice.word(MIDDLES));
    }
    brand.push_str(dice.word(ENDS));
    brand
}

/// What a partner types who means this company: one slip, or two, and no number.
pub fn misspelled(dice: &mut Dice, known: &CustomerIdentity) -> CustomerIdentity {
    let mut name = known.name.clone();
    for _ in 0..=dice.below(2) {
        name = slip(dice, &name);
    }
    CustomerIdentity { name, country: known.country.clone(), ..CustomerIdentity::default() }
}

fn slip(dice: &mut Dice, name: &str) -> String {
    match dice.below(10) {
        0..=2 => typo(dice, name),
        3 => without_form(name),
        4 => swapped(dice, name),
        5 => transliterated(dice, name),
        6 => shortened(dice, name),
        7 => {
            let once = typo(dice, name);
            typo(dice, &once)
        }
        8 => other_form(dice, name),
        _ => name.to_uppercase(),
    }
}

fn typo(dice: &mut Dice, name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let spots: Vec<usize> =
        (1..letters.len()).filter(|at| letters[*at].is_alphabetic() && letters[at - 1].is_alphabetic()).collect();
    if spots.is_empty() {
        return name.to_owned();
    }
    let at = spots[dice.below(spots.len())];
    match dice.below(4) {
        0 => letters.swap(at - 1, at),
        1 => {
            letters.remove(at);
        }
        2 => letters.insert(at, (b'a' + dice.below(26) as u8) as char),
        _ => letters[at] = (b'a' + dice.below(26) as u8) as char,
    }
    letters.into_iter().collect()
}

fn all_forms() -> impl Iterator<Item = &'static str> {
    LANDS.iter().flat_map(|land| land.forms.iter().copied())
}

fn without_form(name: &str) -> String {
    let form = all_forms().filter(|form| name.ends_with(&format!(" {form}"))).max_by_key(|form| form.len());
    match form {
        Some(form) => name[..name.len() - form.len() - 1].to_owned(),
        None => name.to_owned(),
    }
}

fn other_form(dice: &mut Dice, name: &str) -> String {
    let forms: Vec<&str> = all_forms().collect();
    format!("{} {}", without_form(name), dice.pick(&forms))
}

fn swapped(dice: &mut Dice, name: &str) -> String {
    let name = without_form(name);
    let mut words: Vec<&str> = name.split(' ').collect();
    if words.len() > 1 {
        let at = dice.below(words.len() - 1);
        words.swap(at, at + 1);
    }
    words.join(" ")
}

fn transliterated(dice: &mut Dice, name: &str) -> String {
    if dice.percent(50) {
        return deunicode::deunicode(name);
    }
    let spelled = name.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue").replace('ø', "oe").replace('å', "aa");
    deunicode::deunicode(&spelled.replace('Ö', "Oe").replace('ß', "ss").replace("ё", "yo"))
}

fn shortened(dice: &mut Dice, name: &str) -> String {
    const SHORT: &[(&str, &str)] = &[
        ("International", "Intl"),
        ("Manufacturing", "Mfg"),
        ("Services", "Svcs"),
        ("Technologies", "Tech"),
        ("Group", "Grp"),
        ("&", "and"),
    ];
    if let Some((long, short)) = SHORT.iter().find(|(long, _)| name.contains(long)) {
        return name.replace(long, short);
    }
    let mut words: Vec<String> = name.split(' ').map(str::to_owned).collect();
    let at = dice.below(words.len());
    let length = words[at].chars().count();
    if length >= 7 {
        let kept = 4 + dice.below(length - 5);
        words[at] = words[at].chars().take(kept).chain(['.']).collect();
    }
    words.join(" ")
}
