//! A person and the rules about names, addresses, zones and roles.

use kernel::{Error, OrganizationId, PartnerId, PersonId, Result, Side, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::NewPerson;
use crate::roles::{role, roles};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Active,
    Deactivated,
}

impl Status {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deactivated => "deactivated",
        }
    }

    pub(super) fn read(text: &str) -> Result<Self> {
        match text {
            "active" => Ok(Self::Active),
            "deactivated" => Ok(Self::Deactivated),
            other => Err(Error::internal(format!("`{other}` is no status of a person"))),
        }
    }
}

/// Somebody who signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    pub id: PersonId,
    pub organization: OrganizationId,
    /// The partner that the person belongs to; absent for the vendor's staff.
    pub partner: Option<PartnerId>,
    pub name: String,
    pub email: String,
    pub role: String,
    pub status: Status,
    /// IANA name of the time zone in which the person reads times.
    pub zone: String,
    pub created_at: Timestamp,
    pub invited_by: Option<String>,
    pub deactivated_at: Option<Timestamp>,
    pub deactivated_by: Option<String>,
}

/// Who somebody is, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonSummary {
    pub id: PersonId,
    pub name: String,
    pub email: String,
    pub role: String,
    pub partner: Option<PartnerId>,
}

impl Person {
    pub(super) fn new(
        id: PersonId,
        organization: OrganizationId,
        new: &NewPerson,
        by: String,
        now: Timestamp,
    ) -> Result<Self> {
        let zone = new.zone.clone().unwrap_or_else(|| "UTC".to_owned());
        check_zone(&zone)?;
        check_side(&new.role, new.partner)?;
        Ok(Self {
            id,
            organization,
            partner: new.partner,
            name: check_name(&new.name)?,
            email: check_email(&new.email)?,
            role: new.role.clone(),
            status: Status::Active,
            zone,
            created_at: now,
            invited_by: Some(by),
            deactivated_at: None,
            deactivated_by: None,
        })
    }

    pub fn summary(&self) -> PersonSummary {
        PersonSummary {
            id: self.id,
            name: self.name.clone(),
            email: self.email.clone(),
            role: self.role.clone(),
            partner: self.partner,
        }
    }

    pub(crate) fn email_key(&self) -> String {
        email_key(&self.email)
    }

    pub(super) fn search_key(&self) -> String {
        format!("{} {}", self.name.to_lowercase(), self.email_key())
    }

    pub(super) fn deactivate(&mut self, by: String, now: Timestamp) -> Result<()> {
        if self.status == Status::Deactivated {
            return Err(Error::conflict("already_deactivated", format!("{} was deactivated before", self.name)));
        }
        self.status = Status::Deactivated;
        self.deactivated_at = Some(now);
        self.deactivated_by = Some(by);
        Ok(())
    }

    pub(super) fn reactivate(&mut self) -> Result<()> {
        if self.status == Status::Active {
            return Err(Error::conflict("already_active", format!("{} is active", self.name)));
        }
        self.status = Status::Active;
        self.deactivated_at = None;
        self.deactivated_by = None;
        Ok(())
    }
}

/// Addresses are compared without regard to case.
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// A role of the right side for somebody of that partner, or of the vendor.
fn check_side(name: &str, partner: Option<PartnerId>) -> Result<()> {
    let side = if partner.is_some() { Side::Partner } else { Side::Vendor };
    if role(name).is_some_and(|role| role.side == side) {
        return Ok(());
    }
    let fitting: Vec<&str> = roles().iter().filter(|role| role.side == side).map(|role| role.name).collect();
    Err(Error::invalid("role", format!("`{name}` is not a role here; choose one of {}", fitting.join(", "))))
}

pub(crate) fn check_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 120 || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", "a name has 1 to 120 characters on one line"));
    }
    Ok(name.to_owned())
}

/// What can be an address; whether it is one, the mail that is sent to it shows.
pub(crate) fn check_email(email: &str) -> Result<String> {
    let email = email.trim();
    let fits = email.len() <= 254
        && !email
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"' | ':'))
        && email.split_once('@').is_some_and(|(local, domain)| {
            let labels: Vec<&str> = domain.split('.').collect();
            !local.is_empty() && labels.len() >= 2 && labels.iter().all(|l| !l.is_empty()) && !domain.contains('@')
        });
    if fits {
        return Ok(email.to_owned());
    }
    let shown: String = email.chars().take(80).collect();
    Err(Error::invalid("email", format!("`{shown}` is not an e-mail address such as name@company.example")))
}

pub(crate) fn check_zone(zone: &str) -> Result<()> {
    jiff::tz::TimeZone::get(zone).map(|_| ()).map_err(|_| {
        let shown: String = zone.chars().take(80).collect();
        Error::invalid("zone", format!("`{shown}` is not a time zone; use an IANA name such as Europe/Berlin"))
    })
}
