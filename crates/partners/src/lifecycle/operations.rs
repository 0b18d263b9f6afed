//! What changes a partner that is in the program.

use kernel::{Access, Cx, Error, Operation, PartnerId, PersonId, Result, Route, post, put};
use people::members::GetPerson;
use procedures::RunId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::company::{self, Faults};
use crate::profile::{self, Note, Partner, Status, store};
use crate::{cadence, exit};

/// Why a partner is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuspensionReason {
    /// The terms were broken.
    TosViolation,
    /// Claims, traffic or revenue were made up.
    Fraud,
    /// Customers were written to without consent.
    Spam,
    /// Name or marks were used against the rules.
    BrandAbuse,
    /// Access or data are at risk.
    SecurityIncident,
    /// An invoice is overdue.
    OverduePayment,
    /// Facts about the company have to be verified again.
    Verification,
    /// Another reason, given in words.
    #[default]
    Other,
}

impl SuspensionReason {
    pub const fn name(self) -> &'static str {
        match self {
            Self::TosViolation => "tos_violation",
            Self::Fraud => "fraud",
            Self::Spam => "spam",
            Self::BrandAbuse => "brand_abuse",
            Self::SecurityIncident => "security_incident",
            Self::OverduePayment => "overdue_payment",
            Self::Verification => "verification",
            Self::Other => "other",
        }
    }
}

/// Hold a partner: every door is closed for it until it is reinstated.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SuspendPartner {
    pub partner: PartnerId,
    #[serde(default)]
    pub reason_code: SuspensionReason,
    /// The reason in a sentence or two; the partner reads it. Only a procedure may leave it out.
    #[serde(default)]
    pub text: String,
    /// Whom the partner asks about it; you, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// The run of the procedure that calls for it, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
}

impl Operation for SuspendPartner {
    const NAME: &'static str = "partners.suspend";
    const ROUTE: Route = post("/partners/{partner}/suspension");
    const ACCESS: Access = Access::Open;
    type Output = Partner;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("partner", self.partner.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Partner> {
        let mut partner = expect(cx, self.partner, &[Status::Active, Status::Onboarding], "be suspended").await?;
        let contact = company::optional_line(self.contact.as_deref(), 120)
            .map_err(|rule| Error::invalid("contact", rule))?
            .unwrap_or_else(|| cx.actor.name.clone());
        let text = match self.run {
            Some(run) if self.text.trim().is_empty() => format!("A procedure of the program calls for it ({run})."),
            _ => reason_text(&self.text)?,
        };
        partner.note = Some(Note { code: self.reason_code.name().to_owned(), text, contact: Some(contact) });
        partner.status = Status::Suspended;
        store::set_status(cx.tx, &partner).await?;
        let summary =
            format!("{} was suspended ({})", partner.name, ui::humanize(self.reason_code.name()).to_lowercase());
        cx.emit("partner.suspended", partner.id, Some(partner.id), summary, &partner);
        Ok(partner)
    }
}

/// Take a suspended partner back: it stands where it stood before.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ReinstatePartner {
    pub partner: PartnerId,
}

impl Operation for ReinstatePartner {
    const NAME: &'static str = "partners.reinstate";
    const ROUTE: Route = post("/partners/{partner}/reinstatement");
    const ACCESS: Access = Access::Open;
    type Output = Partner;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("partner", self.partner.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Partner> {
        let mut partner = expect(cx, self.partner, &[Status::Suspended], "be reinstated").await?;
        // A partner that was held during its onboarding goes on with it.
        partner.status = if partner.activated_at.is_some() { Status::Active } else { Status::Onboarding };
        partner.note = None;
        store::set_status(cx.tx, &partner).await?;
        let summary = format!("{} was reinstated", partner.name);
        cx.emit("partner.reinstated", partner.id, Some(partner.id), summary, &partner);
        Ok(partner)
    }
}

/// Why a partnership ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The partner wants to leave.
    PartnerLeaves,
    /// Nothing came of it.
    Inactive,
    /// The terms were broken for good.
    TermsBroken,
    /// The company was bought or closed.
    CompanyGone,
    /// The remediation has not helped.
    #[default]
    Remediation,
    /// Another reason, given in words.
    Other,
}

impl EndReason {
    pub const fn name(self) -> &'static str {
        match self {
            Self::PartnerLeaves => "partner_leaves",
            Self::Inactive => "inactive",
            Self::TermsBroken => "terms_broken",
            Self::CompanyGone => "company_gone",
            Self::Remediation => "remediation",
            Self::Other => "other",
        }
    }
}

/// End a partnership: the record stays, its rights end now.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct EndPartnership {
    pub partner: PartnerId,
    #[serde(default)]
    pub reason_code: EndReason,
    /// The reason in a sentence or two; the partner reads it. Only a procedure may leave it out.
    #[serde(default)]
    pub text: String,
    /// The run of the procedure that calls for it, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
}

impl Operation for EndPartnership {
    const NAME: &'static str = "partners.end";
    const ROUTE: Route = post("/partners/{partner}/end");
    const ACCESS: Access = Access::Open;
    type Output = Partner;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("partner", self.partner.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Partner> {
        let from = [Status::Active, Status::Suspended, Status::Onboarding];
        let mut partner = expect(cx, self.partner, &from, "leave the program").await?;
        if matches!(self.reason_code, EndReason::Inactive | EndReason::TermsBroken | EndReason::Remediation) {
            exit::ladder_first(cx, &partner).await?;
        }
        let text = match self.run {
            Some(run) if self.text.trim().is_empty() => format!("The remediation has not helped ({run})."),
            _ => reason_text(&self.text)?,
        };
        partner.note = Some(Note { code: self.reason_code.name().to_owned(), text, contact: None });
        partner.status = Status::Ended;
        partner.ended_at = Some(cx.now);
        store::set_status(cx.tx, &partner).await?;
        let summary = format!("The partnership with {} ended", partner.name);
        cx.emit("partner.ended", partner.id, Some(partner.id), summary, &partner);
        controls::replace(cx, partner.id, "tier", "", "", Vec::new()).await?;
        cadence::forget(cx, partner.id).await?;
        exit::ended(cx, &partner).await?;
        Ok(partner)
    }
}

/// Say who of the vendor looks after a partner.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AssignManager {
    pub partner: PartnerId,
    /// The person of the vendor; nobody if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<PersonId>,
}

impl Operation for AssignManager {
    const NAME: &'static str = "partners.assign";
    const ROUTE: Route = put("/partners/{partner}/manager");
    const ACCESS: Access = Access::Open;
    type Output = Partner;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("partner", self.partner.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Partner> {
        let mut partner = profile::get(cx.tx, &cx.scope, self.partner).await?;
        if let Some(manager) = self.manager {
            of_the_vendor(cx, manager).await?;
        }
        partner.manager = self.manager;
        store::set_manager(cx.tx, partner.id, partner.manager).await?;
        let summary = match partner.manager {
            Some(_) => format!("{} got a partner manager", partner.name),
            None => format!("{} has no partner manager any more", partner.name),
        };
        cx.emit("partner.assigned", partner.id, Some(partner.id), summary, &partner);
        Ok(partner)
    }
}

/// Correct what is known about a partner's company. Fields that are left out stay as they are.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct UpdateProfile {
    pub partner: PartnerId,
    /// The name that people use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name in the commercial register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_name: Option<String>,
    /// The country of registration, as its two letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The VAT or tax number, with its country code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_number: Option<String>,
    /// The number in the commercial register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<String>,
    /// The company's time zone, such as `Europe/Berlin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

impl Operation for UpdateProfile {
    const NAME: &'static str = "partners.update_profile";
    const ROUTE: Route = put("/partners/{partner}");
    const ACCESS: Access = Access::Open;
    type Output = Partner;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("partner", self.partner.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Partner> {
        let from = [Status::Applied, Status::Onboarding, Status::Active];
        let mut partner = expect(cx, self.partner, &from, "change its profile").await?;
        let mut faults = Faults::default();
        if let Some(name) = &self.name {
            partner.name = faults.keep("name", company::line(name, 120));
        }
        if let Some(country) = &self.country {
            partner.country = faults.keep("country", company::country(country));
        }
        if let Some(zone) = &self.time_zone {
            partner.time_zone = faults.keep("time_zone", company::time_zone(Some(zone)));
        }
        for (field, given, most, kept) in [
            ("legal_name", &self.legal_name, 200, &mut partner.legal_name),
            ("vat_number", &self.vat_number, 30, &mut partner.vat_number),
            ("registration_number", &self.registration_number, 60, &mut partner.registration_number),
        ] {
            if given.is_some() {
                *kept = faults.keep(field, company::optional_line(given.as_deref(), most));
            }
        }
        faults.done()?;
        store::set_profile(cx.tx, &partner).await?;
        let summary = format!("The profile of {} was updated", partner.name);
        cx.emit("partner.updated", partner.id, Some(partner.id), summary, &partner);
        Ok(partner)
    }
}

/// The partner, if it stands where this can happen to it.
async fn expect(cx: &mut Cx<'_>, id: PartnerId, from: &[Status], what: &str) -> Result<Partner> {
    let partner = profile::get(cx.tx, &cx.scope, id).await?;
    if from.contains(&partner.status) {
        return Ok(partner);
    }
    let allowed: Vec<&str> = from.iter().map(|status| status.name()).collect();
    let message =
        format!("{} is {}: it can {what} only while {}", partner.name, partner.status.name(), allowed.join(" or "));
    Err(Error::conflict("wrong_status", message))
}

/// Refuses to let somebody look after partners who is not one of the vendor's people.
pub(crate) async fn of_the_vendor(cx: &mut Cx<'_>, manager: PersonId) -> Result<()> {
    let refuse = || Error::invalid("manager", format!("{manager} is nobody of the vendor; choose one of its people"));
    match cx.ask(GetPerson { person: manager }).await {
        Ok(found) if found.person.partner.is_none() => Ok(()),
        Ok(_) | Err(Error::NotFound { .. }) => Err(refuse()),
        Err(error) => Err(error),
    }
}

/// A reason in words; never left out, because somebody has to read it.
pub(crate) fn reason_text(text: &str) -> Result<String> {
    company::prose(Some(text), 1000)
        .and_then(|text| text.ok_or_else(|| "say why in a sentence; the other side reads it".to_owned()))
        .map_err(|rule| Error::invalid("text", rule))
}
