//! Applying, inviting, and answering applications.

use kernel::app::ReadCx;
use kernel::{Access, ActorKind, Cx, Error, Operation, PartnerId, PersonId, Query, Result, Route, get, post};
use law::Program;
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::CompanyFacts;
use crate::company;
use crate::profile::{self, Note, Partner, Status, store};

/// Apply to become a partner.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Apply {
    #[serde(flatten)]
    pub company: CompanyFacts,
    /// The kind of partner that the company wants to be, such as `reseller`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archetype: Option<String>,
    /// What the company wants to do together with the vendor, in a few sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The receipt of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Applied {
    /// The id under which the application is kept.
    pub partner: PartnerId,
    pub status: Status,
}

impl Operation for Apply {
    const NAME: &'static str = "partners.apply";
    const ROUTE: Route = post("/applications");
    const ACCESS: Access = Access::Open;
    type Output = Applied;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Applied> {
        if cx.actor.partner.is_some() {
            return Err(Error::conflict("partner_already", "your company is in the program already"));
        }
        let mut partner = self.company.into_partner(cx.id(), Status::Applied, cx.now)?;
        partner.message =
            company::prose(self.message.as_deref(), 2000).map_err(|rule| Error::invalid("message", rule))?;
        if let Some(wanted) = self.archetype.filter(|key| !key.trim().is_empty()) {
            let law = cx.law().await?;
            archetype_of(&law.program, &wanted)?;
            partner.wanted = Some(wanted);
        }
        refuse_second(cx, &partner).await?;
        store::insert(cx.tx, &cx.scope, &partner).await?;
        let summary = format!("{} applied to become a partner", partner.name);
        cx.emit("partner.applied", partner.id, Some(partner.id), summary, &partner);
        procedures::happened(cx, law::Trigger::Applied, partner.id).await?;
        Ok(Applied { partner: partner.id, status: partner.status })
    }
}

/// Invite a company to become a partner: it starts with the onboarding of its archetype.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Invite {
    #[serde(flatten)]
    pub company: CompanyFacts,
    /// The kind of partner that it becomes, such as `reseller`.
    pub archetype: String,
    /// The person of the vendor who looks after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<PersonId>,
}

impl Operation for Invite {
    const NAME: &'static str = "partners.invite";
    const ROUTE: Route = post("/partners");
    const ACCESS: Access = Access::Open;
    type Output = Partner;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Partner> {
        let mut partner = self.company.into_partner(cx.id(), Status::Onboarding, cx.now)?;
        let law = cx.law().await?;
        archetype_of(&law.program, &self.archetype)?;
        partner.archetype = Some(self.archetype);
        if let Some(manager) = self.manager {
            crate::lifecycle::of_the_vendor(cx, manager).await?;
        }
        partner.manager = self.manager;
        refuse_second(cx, &partner).await?;
        store::insert(cx.tx, &cx.scope, &partner).await?;
        let summary = format!("{} was invited to the program", partner.name);
        cx.emit("partner.invited", partner.id, Some(partner.id), summary, &partner);
        take_in(cx, &law.program, &partner).await?;
        Ok(partner)
    }
}

/// Accept an application: the company gets its archetype and begins the onboarding that belongs to it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AcceptApplication {
    pub partner: PartnerId,
    /// The kind of partner that it becomes, such as `reseller`.
    pub archetype: String,
}

impl Operation for AcceptApplication {
    const NAME: &'static str = "partners.accept_application";
    const ROUTE: Route = post("/partners/{partner}/acceptance");
    const ACCESS: Access = Access::Open;
    type Output = Partner;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("partner", self.partner.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Partner> {
        let mut partner = applicant(cx, self.partner).await?;
        let law = cx.law().await?;
        archetype_of(&law.program, &self.archetype)?;
        partner.archetype = Some(self.archetype);
        partner.status = Status::Onboarding;
        store::set_status(cx.tx, &partner).await?;
        let summary = format!("The application of {} was accepted", partner.name);
        cx.emit("partner.accepted", partner.id, Some(partner.id), summary, &partner);
        take_in(cx, &law.program, &partner).await?;
        Ok(partner)
    }
}

/// Why an application is turned down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RejectionReason {
    /// The company does what no archetype of the program is about.
    NoFit,
    /// The facts could not be verified.
    Unverified,
    /// The region or segment has enough partners for now.
    NoCapacity,
    /// It competes with the vendor or with an exclusive partner.
    Conflict,
    /// Sanctions, reputation or security stand against it.
    Compliance,
    /// Another reason, given in words.
    Other,
}

impl RejectionReason {
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoFit => "no_fit",
            Self::Unverified => "unverified",
            Self::NoCapacity => "no_capacity",
            Self::Conflict => "conflict",
            Self::Compliance => "compliance",
            Self::Other => "other",
        }
    }
}

/// Turn down an application, with a reason that the applicant may read.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RejectApplication {
    pub partner: PartnerId,
    pub reason_code: RejectionReason,
    /// The reason in a sentence or two.
    pub text: String,
}

impl Operation for RejectApplication {
    const NAME: &'static str = "partners.reject_application";
    const ROUTE: Route = post("/partners/{partner}/rejection");
    const ACCESS: Access = Access::Open;
    type Output = Partner;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("partner", self.partner.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Partner> {
        let mut partner = applicant(cx, self.partner).await?;
        let text = crate::lifecycle::reason_text(&self.text)?;
        partner.note = Some(Note { code: self.reason_code.name().to_owned(), text, contact: None });
        partner.status = Status::Rejected;
        store::set_status(cx.tx, &partner).await?;
        let summary = format!("The application of {} was turned down", partner.name);
        cx.emit("partner.rejected", partner.id, Some(partner.id), summary, &partner);
        Ok(partner)
    }
}

/// What the program offers to those who think of applying.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Offer {
    pub title: String,
    pub description: String,
    pub vendor: String,
    pub archetypes: Vec<OfferedArchetype>,
}

/// A kind of partner that the program takes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct OfferedArchetype {
    pub key: String,
    pub title: String,
    pub description: String,
}

/// Show what the program offers to those who think of applying.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetOffer {}

impl Query for GetOffer {
    const NAME: &'static str = "partners.offer";
    const ROUTE: Route = get("/offer");
    type Output = Offer;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Offer> {
        let law = cx.law().await?;
        let settings = &law.program.settings;
        let archetypes = law.program.archetypes.iter().map(|(key, archetype)| OfferedArchetype {
            key: key.clone(),
            title: archetype.title.clone(),
            description: archetype.description.clone(),
        });
        Ok(Offer {
            title: settings.title.clone(),
            description: settings.description.clone(),
            vendor: settings.vendor.clone(),
            archetypes: archetypes.collect(),
        })
    }
}

fn archetype_of<'p>(program: &'p Program, key: &str) -> Result<&'p law::Archetype> {
    program.archetype(key).ok_or_else(|| {
        let shown: String = key.chars().take(80).collect();
        let known: Vec<&str> = program.archetypes.keys().map(String::as_str).collect();
        Error::invalid(
            "archetype",
            format!("`{shown}` is no archetype of the program; choose one of {}", known.join(", ")),
        )
    })
}

/// One company, one partner. Strangers learn no more than that they should ask.
async fn refuse_second(cx: &mut Cx<'_>, partner: &Partner) -> Result<()> {
    let Some(domain) = &partner.domain else { return Ok(()) };
    if !store::domain_taken(cx.tx, &cx.scope, domain).await? {
        return Ok(());
    }
    let message = match cx.actor.kind {
        ActorKind::Anonymous => format!(
            "we cannot take this application for {domain}: if your company is in touch with us already, ask your colleagues \
             or your contact here"
        ),
        _ => format!(
            "a company with the domain {domain} is in the program or on its way into it; look it up under partners"
        ),
    };
    Err(Error::conflict("company_known", message))
}

async fn applicant(cx: &mut Cx<'_>, id: PartnerId) -> Result<Partner> {
    let partner = profile::get(cx.tx, &cx.scope, id).await?;
    match partner.status {
        Status::Applied => Ok(partner),
        status => Err(Error::conflict(
            "not_applied",
            format!("{} is {}: only an open application can be answered", partner.name, status.name()),
        )),
    }
}

/// Starts the onboarding of the archetype and invites the contact to look after it.
async fn take_in(cx: &mut Cx<'_>, program: &Program, partner: &Partner) -> Result<()> {
    let archetype = partner.archetype.as_deref().and_then(|key| program.archetype(key));
    let archetype = archetype.ok_or_else(|| Error::internal(format!("{} has no archetype", partner.id)))?;
    procedures::start(cx, &archetype.onboarding, partner.id.to_string(), Some(partner.id)).await?;
    procedures::happened(cx, law::Trigger::TakenIn, partner.id).await?;
    let Some(contact) = &partner.contact else { return Ok(()) };
    let invitation = people::invitations::Invite {
        email: contact.email.clone(),
        name: contact.name.clone(),
        role: "partner_admin".to_owned(),
        partner: Some(partner.id),
    };
    cx.call(invitation).await?;
    Ok(())
}
