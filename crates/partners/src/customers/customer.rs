//! What a customer is. Its fields stay as they were written; what makes two of them the same company is for the matching
//! of deals to say.

use kernel::{PersonId, Scope, Timestamp};
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
    /// The customer that it turned out to be, where the two were merged; for the vendor's eyes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<CustomerId>,
    /// The end of the chain of merges.
    #[serde(skip)]
    pub(crate) root: Option<CustomerId>,
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
    /// The customer that this one counts as: itself, unless it was merged into another one.
    pub fn stands_for(&self) -> CustomerId {
        self.root.unwrap_or(self.id)
    }

    /// Merges are the vendor's: a partner sees the record that it has a deal with, and nothing else of the company.
    pub(crate) fn seen_by(self, scope: &Scope) -> Self {
        if scope.partner.is_none() { self } else { Self { merged_into: None, root: None, ..self } }
    }

    /// Where searches look.
    pub(crate) fn search_key(&self) -> String {
        company::search_key(&[Some(&self.name), self.domain.as_deref(), self.vat_number.as_deref()])
    }
}
