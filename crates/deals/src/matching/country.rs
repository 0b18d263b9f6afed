//! Countries as people write them (`UK`, `DEU`, `Österreich`) to ISO 3166-1 alpha-2.

use super::name::latin;

/// Every assigned alpha-2 code, and `XK`, which banks and tax offices use for Kosovo.
const CODES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI \
    FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR \
    IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM \
    MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT \
    PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM \
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// Code, then the other ways in which forms and spreadsheets write the country, in plain lower-case letters.
const SPELLINGS: &[(&str, &[&str])] = &[
    ("AE", &["are", "uae", "united arab emirates", "emirates"]),
    ("AR", &["arg", "argentina"]),
    ("AT", &["aut", "austria", "osterreich", "oesterreich"]),
    ("AU", &["aus", "australia"]),
    ("BE", &["bel", "belgium", "belgie", "belgique", "belgien"]),
    ("BG", &["bgr", "bulgaria", "balgariya"]),
    ("BR", &["bra", "brazil", "brasil"]),
    ("CA", &["can", "canada"]),
    ("CH", &["che", "switzerland", "schweiz", "suisse", "svizzera", "sui"]),
    ("CL", &["chl", "chile"]),
    ("CN", &["chn", "china", "prc", "peoples republic of china"]),
    ("CO", &["col", "colombia"]),
    ("CY", &["cyp", "cyprus"]),
    ("CZ", &["cze", "czechia", "czech republic", "cesko", "ceska republika"]),
    ("DE", &["deu", "ger", "germany", "deutschland", "allemagne"]),
    ("DK", &["dnk", "denmark", "danmark"]),
    ("EE", &["est", "estonia", "eesti"]),
    ("EG", &["egy", "egypt"]),
    ("ES", &["esp", "spain", "espana", "spanien"]),
    ("FI", &["fin", "finland", "suomi"]),
    ("FR", &["fra", "france", "frankreich"]),
    ("GB", &["uk", "gbr", "united kingdom", "great britain", "england", "scotland", "wales", "northern ireland"]),
    ("GR", &["el", "grc", "greece", "hellas", "ellada"]),
    ("HK", &["hkg", "hong kong"]),
    ("HR", &["hrv", "croatia", "hrvatska"]),
    ("HU", &["hun", "hungary", "magyarorszag"]),
    ("ID", &["idn", "indonesia"]),
    ("IE", &["irl", "ireland", "eire", "republic of ireland"]),
    ("IL", &["isr", "israel"]),
    ("IN", &["ind", "india", "bharat"]),
    ("IS", &["isl", "iceland"]),
    ("IT", &["ita", "italy", "italia", "italien"]),
    ("JP", &["jpn", "japan", "nippon"]),
    ("KR", &["kor", "korea", "south korea", "republic of korea"]),
    ("KZ", &["kaz", "kazakhstan"]),
    ("LI", &["lie", "liechtenstein"]),
    ("LT", &["ltu", "lithuania", "lietuva"]),
    ("LU", &["lux", "luxembourg", "luxemburg"]),
    ("LV", &["lva", "latvia", "latvija"]),
    ("MT", &["mlt", "malta"]),
    ("MX", &["mex", "mexico"]),
    ("MY", &["mys", "malaysia"]),
    ("NL", &["nld", "netherlands", "the netherlands", "nederland", "holland"]),
    ("NO", &["nor", "norway", "norge"]),
    ("NZ", &["nzl", "new zealand"]),
    ("PH", &["phl", "philippines"]),
    ("PL", &["pol", "poland", "polska"]),
    ("PT", &["prt", "portugal"]),
    ("RO", &["rou", "romania"]),
    ("RS", &["srb", "serbia", "srbija"]),
    ("RU", &["rus", "russia", "russian federation", "rossiya"]),
    ("SA", &["sau", "saudi arabia", "ksa"]),
    ("SE", &["swe", "sweden", "sverige"]),
    ("SG", &["sgp", "singapore"]),
    ("SI", &["svn", "slovenia", "slovenija"]),
    ("SK", &["svk", "slovakia", "slovensko"]),
    ("TH", &["tha", "thailand"]),
    ("TR", &["tur", "turkey", "turkiye"]),
    ("TW", &["twn", "taiwan"]),
    ("UA", &["ukr", "ukraine", "ukraina"]),
    ("US", &["usa", "united states", "united states of america", "america"]),
    ("VN", &["vnm", "vietnam", "viet nam"]),
    ("ZA", &["zaf", "south africa", "rsa"]),
];

/// The alpha-2 code in capitals, or nothing if the text names no country that we know.
pub(super) fn code(written: &str) -> Option<String> {
    let spelled = latin(written);
    if let Some((code, _)) = SPELLINGS.iter().find(|(_, ways)| ways.contains(&spelled.as_str())) {
        return Some((*code).to_owned());
    }
    let code = spelled.to_ascii_uppercase();
    (code.len() == 2 && CODES.split_ascii_whitespace().any(|known| known == code)).then_some(code)
}
