//! Reading and accepting terms, and the effect of a completed onboarding.

use kernel::app::ReadCx;
use kernel::{Access, ActorKind, Cx, Error, Operation, PartnerId, Query, Reason, Result, Route, get, post};
use law::{Program, Terms};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::profile::{self, AcceptedTerms, Partner, Status, store};
use crate::{standing, tiers};

/// The terms that the archetype of a partner calls for, with their key.
pub(crate) fn terms_of<'p>(program: &'p Program, partner: &Partner) -> Option<(&'p str, &'p Terms)> {
    let archetype = program.archetype(partner.archetype.as_deref()?)?;
    let (key, terms) = program.terms.get_key_value(&archetype.terms)?;
    Some((key, terms))
}

/// Terms as a partner reads them, and what it has accepted.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct TermsInForce {
    pub partner: PartnerId,
    /// Such as `standard`.
    pub key: String,
    pub title: String,
    /// SHA-256 of the text; the acceptance names it.
    pub version: String,
    /// The text in Markdown.
    pub text: String,
    /// What the partner has accepted, if anything.
    pub accepted: Option<AcceptedTerms>,
    /// Whether that is the version in force.
    pub current: bool,
}

/// Show the terms in force for a partner, and what it has accepted.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetTerms {
    pub partner: PartnerId,
}

impl Query for GetTerms {
    const NAME: &'static str = "partners.terms";
    const ROUTE: Route = get("/partners/{partner}/terms");
    type Output = TermsInForce;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<TermsInForce> {
        let partner = profile::get(cx.tx, &cx.scope, self.partner).await?;
        let law = cx.law().await?;
        let (key, terms) = terms_of(&law.program, &partner).ok_or_else(|| no_archetype(&partner))?;
        let current = partner.terms.as_ref().is_some_and(|accepted| accepted.version == terms.version);
        Ok(TermsInForce {
            partner: partner.id,
            key: key.to_owned(),
            title: terms.title.clone(),
            version: terms.version.clone(),
            text: terms.text.clone(),
            accepted: partner.terms,
            current,
        })
    }
}

fn no_archetype(partner: &Partner) -> Error {
    let message = format!(
        "{} has no archetype of the program in force, and so no terms; they come with the archetype",
        partner.name
    );
    Error::conflict("no_archetype", message)
}

/// Accept the terms in force for your company. Only a person of the partner can do it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AcceptTerms {
    pub partner: PartnerId,
    /// Which terms; those of the archetype, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms_key: Option<String>,
    /// SHA-256 of the text that you have read.
    pub version: String,
}

impl Operation for AcceptTerms {
    const NAME: &'static str = "partners.accept_terms";
    const ROUTE: Route = post("/partners/{partner}/terms");
    const ACCESS: Access = Access::Open;
    type Output = AcceptedTerms;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("partner", self.partner.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<AcceptedTerms> {
        let partner = profile::get(cx.tx, &cx.scope, self.partner).await?;
        if cx.actor.partner != Some(partner.id) || !matches!(cx.actor.kind, ActorKind::Person(_)) {
            return Err(Error::Forbidden {
                permission: Self::NAME.to_owned(),
                message: format!("only a person of {} can accept its terms", partner.name),
            });
        }
        if !matches!(partner.status, Status::Onboarding | Status::Active | Status::Suspended) {
            let message = format!("{} is {}: there are no terms to accept", partner.name, partner.status.name());
            return Err(Error::conflict("wrong_status", message));
        }
        let law = cx.law().await?;
        let (key, terms) = terms_of(&law.program, &partner).ok_or_else(|| no_archetype(&partner))?;
        refuse_other(key, terms, self.terms_key.as_deref(), &self.version)?;
        let accepted = AcceptedTerms {
            key: key.to_owned(),
            version: terms.version.clone(),
            accepted_at: cx.now,
            accepted_by: cx.actor.reference(),
        };
        store::set_terms(cx.tx, partner.id, &accepted).await?;
        let summary = format!("{} accepted the {}", partner.name, terms.title);
        cx.emit("partner.terms_accepted", partner.id, Some(partner.id), summary, &accepted);
        Ok(accepted)
    }
}

/// What is accepted is a text, not a name: the one in force, word for word.
fn refuse_other(key: &str, terms: &Terms, given_key: Option<&str>, given_version: &str) -> Result<()> {
    let given_key = given_key.filter(|given| !given.is_empty()).unwrap_or(key);
    if given_key == key && given_version == terms.version {
        return Ok(());
    }
    let text = format!("In force are the {} (`{key}`), version {}.", terms.title, terms.version);
    let reason = Reason::new("other_terms", text)
        .citing(format!("terms.toml: terms.{key}"))
        .resting_on(&terms.version)
        .remedy("Read them at /terms and accept that version.");
    let message = "these are not the terms in force for your company: read and accept the current version";
    Err(Error::refused("other_terms", message, vec![reason]))
}

/// Activate a partner whose onboarding is complete: it gets the entry tier and what the tier grants.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ActivatePartner {
    pub partner: PartnerId,
    /// The onboarding that was completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<procedures::RunId>,
}

impl Operation for ActivatePartner {
    const NAME: &'static str = "partners.activate";
    const ROUTE: Route = post("/partners/{partner}/activation");
    const ACCESS: Access = Access::Open;
    type Output = Partner;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("partner", self.partner.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Partner> {
        let mut partner = profile::get(cx.tx, &cx.scope, self.partner).await?;
        if partner.status != Status::Onboarding {
            let message =
                format!("{} is {}: only a partner in onboarding can be activated", partner.name, partner.status.name());
            return Err(Error::conflict("wrong_status", message));
        }
        let law = cx.law().await?;
        let lacking =
            standing::missing(&Partner { status: Status::Active, tier: Some(String::new()), ..partner.clone() });
        if !lacking.is_empty() {
            let message = format!("{} cannot be activated yet", partner.name);
            return Err(Error::refused("not_ready", message, lacking));
        }
        super::witness::onboarding_complete(cx, &partner, self.run).await?;
        let entry = law.program.entry_tier().ok_or_else(|| Error::conflict("no_tiers", "the program has no tiers"))?;
        partner.status = Status::Active;
        partner.activated_at = Some(cx.now);
        store::set_status(cx.tx, &partner).await?;
        let summary = format!("{} is active", partner.name);
        cx.emit("partner.activated", partner.id, Some(partner.id), summary, &partner);
        tiers::give(cx, &law, partner.id, entry).await?;
        partner.tier = Some(entry.key.clone());
        partner.tier_since = Some(cx.now);
        procedures::happened(cx, law::Trigger::Activated, partner.id).await?;
        Ok(partner)
    }
}
