//! A mapping proposed from the headers of a file: same names, known aliases, near names.

use crate::mapping::{Mapping, Rule};
use crate::target::Target;
use crate::value::Shapes;

/// How near two names must be, of 1.
const NEAR: f64 = 0.88;

/// Letters and digits alone, in lower case.
fn plain(name: &str) -> String {
    name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Words that mean a field whatever the target is.
const COMMON: &[(&str, &[&str])] = &[
    (
        "name",
        &["company", "company name", "account name", "account", "customer", "organization", "legal name", "full name"],
    ),
    ("domain", &["website", "company domain name", "web site", "url", "homepage"]),
    ("country", &["country region", "billing country", "country code"]),
    ("vat_number", &["vat", "vat id", "tax id", "vat no", "ust id"]),
    ("registration_number", &["register number", "company number"]),
    ("title", &["deal name", "opportunity name", "subject", "deal title"]),
    ("value", &["amount", "deal value", "est revenue"]),
    ("expected_close", &["close date", "est close date", "expected close date"]),
    ("email", &["e-mail", "email address", "contact email"]),
];

/// The nearest mapping of these headers.
pub fn propose(target: &Target, shapes: &Shapes, headers: &[String]) -> Mapping {
    let mut mapping = Mapping { target: target.key.to_owned(), source: "file".to_owned(), ..Mapping::default() };
    let mut taken: Vec<&String> = Vec::new();
    let mut offers: Vec<(f64, &str, &String)> = Vec::new();
    for field in shapes.names() {
        for header in headers {
            let score = nearness(target, field, header);
            if score >= NEAR {
                offers.push((score, field, header));
            }
        }
    }
    offers.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (_, field, header) in offers {
        if !taken.contains(&header) && !mapping.fields.contains_key(field) {
            taken.push(header);
            mapping.fields.insert(field.to_owned(), Rule::Column(header.clone()));
        }
    }
    // Our own exports name things by their ids.
    if let Some(id) = headers.iter().find(|header| plain(header) == "id") {
        mapping.fields.insert("id".to_owned(), Rule::Column(id.clone()));
    }
    mapping
}

fn nearness(target: &Target, field: &str, header: &str) -> f64 {
    let (wanted, given) = (plain(field), plain(header));
    if field == header {
        return 3.0;
    }
    if target.aliases.iter().any(|(alias, of)| *of == field && plain(alias) == given) {
        return 2.5;
    }
    if wanted == given {
        return 2.0;
    }
    let last = field.rsplit('.').next().unwrap_or(field);
    let common = COMMON.iter().find(|(name, _)| *name == last);
    if common.is_some_and(|(_, names)| names.iter().any(|name| plain(name) == given)) {
        return 1.0;
    }
    // Short names are near to everything.
    if wanted.len() < 5 { 0.0 } else { strsim::jaro_winkler(&wanted, &given).min(0.99) }
}

/// The column whose cells tell rows apart, by its name.
pub fn key_of(headers: &[String]) -> Option<&String> {
    let known = ["recordid", "accountid", "opportunityid", "leadid", "contactid", "externalid", "key", "reference"];
    known.iter().find_map(|name| headers.iter().find(|header| plain(header) == *name))
}
