//! What somebody typed about an end customer, and the keys that it boils down to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::host::{self, Address};
use super::{country, name, register, vat};

/// The end customer as written in a form, a spreadsheet or a CRM. Everything may be missing or misspelled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CustomerIdentity {
    /// Legal or trading name, in any script.
    pub name: String,
    /// Domain, host name or URL of the company's site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// A business e-mail address, used where no domain is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// ISO 3166 code or name of the country of registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// VAT or tax number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_number: Option<String>,
    /// Number in the company register.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<String>,
}

/// The keys of an identity. Absent means "no evidence": not given, not readable, or worth nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Normalized {
    /// Words of the name without legal form, lower-case ASCII, separated by single spaces; may be empty.
    pub name: String,
    /// Registrable domain in ASCII form; never a public mailbox or a shared site.
    pub domain: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// VAT number with prefix, form and check digits verified where the country's rule is known.
    pub vat_number: Option<String>,
    /// Register number, to be read together with the country.
    pub registration_number: Option<String>,
}

/// A field that could not be used as evidence: which, what it said, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Doubt {
    pub field: String,
    pub value: String,
    /// A sentence for the person who typed it.
    pub text: String,
}

impl Doubt {
    pub(super) fn new(field: &str, written: &str, rule: &str) -> Self {
        let value: String = written.chars().take(80).collect();
        Self {
            field: field.to_owned(),
            text: format!("`{value}` does not help to recognize the customer: {rule}."),
            value,
        }
    }
}

impl CustomerIdentity {
    /// The keys alone.
    pub fn normalized(&self) -> Normalized {
        self.examined().0
    }

    /// The keys, and a word about every field that was given but cannot serve as one.
    pub fn examined(&self) -> (Normalized, Vec<Doubt>) {
        let mut doubts = Vec::new();
        let mut keep = |result: Result<String, Doubt>| match result {
            Ok(key) => Some(key),
            Err(doubt) => {
                doubts.push(doubt);
                None
            }
        };
        let name = name::core(&self.name);
        let domain = given(&self.domain)
            .and_then(|written| keep(evidence("domain", written)))
            .or_else(|| given(&self.email).and_then(|written| keep(evidence("email", written))));
        let mut country = given(&self.country).and_then(|written| {
            keep(country::code(written).ok_or_else(|| {
                Doubt::new("country", written, "it is no country that we know; give its two-letter code, such as `DE`")
            }))
        });
        let vat_number = given(&self.vat_number).and_then(|written| keep(vat::number(written, country.as_deref())));
        if country.is_none() {
            country = vat_number.as_deref().and_then(vat::country_of).map(str::to_owned);
        }
        let registration_number =
            given(&self.registration_number).and_then(|written| keep(register::number(written, country.as_deref())));
        let normalized = Normalized { name, domain, country, vat_number, registration_number };
        (normalized, doubts)
    }
}

impl Normalized {
    /// The keys written as an identity again; normalizing that changes nothing.
    pub fn as_identity(&self) -> CustomerIdentity {
        CustomerIdentity {
            name: self.name.clone(),
            domain: self.domain.clone(),
            email: None,
            country: self.country.clone(),
            vat_number: self.vat_number.clone(),
            registration_number: self.registration_number.clone(),
        }
    }

    /// True if there is nothing to recognize the customer by.
    pub fn is_anonymous(&self) -> bool {
        self.name.is_empty() && self.domain.is_none() && self.vat_number.is_none() && self.registration_number.is_none()
    }

    pub(super) fn view(&self) -> View<'_> {
        View {
            name: &self.name,
            domain: self.domain.as_deref(),
            country: self.country.as_deref(),
            vat_number: self.vat_number.as_deref(),
            registration_number: self.registration_number.as_deref(),
        }
    }
}

/// [`Normalized`], borrowed from wherever its text is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) name: &'a str,
    pub(super) domain: Option<&'a str>,
    pub(super) country: Option<&'a str>,
    pub(super) vat_number: Option<&'a str>,
    pub(super) registration_number: Option<&'a str>,
}

fn given(field: &Option<String>) -> Option<&str> {
    field.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

fn evidence(field: &str, written: &str) -> Result<String, Doubt> {
    match host::address(written) {
        Address::Registrable(domain) => Ok(domain),
        Address::Shared(domain) => Err(Doubt::new(
            field,
            written,
            &format!("{domain} is used by many companies; give the customer's own domain"),
        )),
        Address::None => Err(Doubt::new(field, written, "it holds no public domain name; write it as `customer.com`")),
    }
}
