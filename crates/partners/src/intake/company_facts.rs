//! What a company says about itself when it comes in, and what an application must contain.

use kernel::{PartnerId, Result, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::company::{self, Faults};
use crate::profile::{Contact, Partner, Status};

/// A company and whom to write to there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CompanyFacts {
    /// The name that people use.
    pub name: String,
    /// The name in the commercial register, if it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_name: Option<String>,
    /// The domain of the company's own site, such as `brandt.example`.
    pub domain: String,
    /// The country of registration, as its two letters, such as `DE`.
    pub country: String,
    /// The VAT or tax number, with its country code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_number: Option<String>,
    /// The number in the commercial register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<String>,
    /// The person who looks after the partnership at the company.
    pub contact_name: String,
    /// The business address of that person; the invitation goes there.
    #[schemars(extend("format" = "email"))]
    pub contact_email: String,
    /// The company's time zone, such as `Europe/Berlin`; UTC if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

impl CompanyFacts {
    /// A partner made of these facts, or everything that is wrong with them at once.
    pub fn into_partner(self, id: PartnerId, status: Status, now: Timestamp) -> Result<Partner> {
        let mut faults = Faults::default();
        let partner = Partner {
            id,
            name: faults.keep("name", company::line(&self.name, 120)),
            legal_name: faults.keep("legal_name", company::optional_line(self.legal_name.as_deref(), 200)),
            domain: Some(faults.keep("domain", company::domain(&self.domain))),
            country: faults.keep("country", company::country(&self.country)),
            vat_number: faults.keep("vat_number", company::optional_line(self.vat_number.as_deref(), 30)),
            registration_number: faults
                .keep("registration_number", company::optional_line(self.registration_number.as_deref(), 60)),
            status,
            note: None,
            wanted: None,
            archetype: None,
            tier: None,
            tier_since: None,
            segment: None,
            segment_since: None,
            terms: None,
            manager: None,
            contact: Some(Contact {
                name: faults.keep("contact_name", company::line(&self.contact_name, 120)),
                email: faults.keep("contact_email", company::email(&self.contact_email)),
            }),
            message: None,
            time_zone: faults.keep("time_zone", company::time_zone(self.time_zone.as_deref())),
            applied_at: now,
            activated_at: None,
            ended_at: None,
        };
        faults.done()?;
        Ok(partner)
    }
}
