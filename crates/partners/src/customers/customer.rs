//! What a customer is. Its fields stay as they were written; what makes two of them the same company is for the matching
//! of deals to say.

use kernel::{PersonId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::CustomerId;
use crate::company;

/// An end customer of the vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Customer {
    pub id: CustomerId,
    pub name: String,
    pub domain: Option<String>,
    /// ISO 3166 code of two letters, where it is known.
    pub country: Option<String>,
    pub vat_number: Option<String>,
    pub registration_number: Option<String>,
    /// Where the record comes from, such as `deal`, `import` or `console`.
    pub source: String,
    /// The person of the vendor who owns the account.
    pub account_owner: Option<PersonId>,
    pub created_at: Timestamp,
}

/// A customer to be added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewCustomer {
    pub name: String,
    pub domain: Option<String>,
    pub country: Option<String>,
    pub vat_number: Option<String>,
    pub registration_number: Option<String>,
    pub source: String,
    pub account_owner: Option<PersonId>,
}

impl Customer {
    /// Where searches look.
    pub(crate) fn search_key(&self) -> String {
        company::search_key(&[Some(&self.name), self.domain.as_deref(), self.vat_number.as_deref()])
    }
}
