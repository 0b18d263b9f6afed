//! What can be asked about partners.

use clocks::Clock;
use controls::Effective;
use kernel::app::ReadCx;
use kernel::list::LARGEST_LIMIT;
use kernel::{
    DecisionRecord, Error, EventRecord, Filter, Page, PageRequest, PartnerId, PersonId, Query, Reason, Result, Route,
    Scope, Timestamp, Value, get,
};
use people::members::{GetPerson, ListPeople};
use programs::Law as _;
use schemars::JsonSchema;
use scoring::{GetScorecard, Scorecard};
use serde::{Deserialize, Serialize};

use super::partner::{Partner, Status};
use super::store;
use crate::{company, enrollment, standing};

/// Events on the page of a partner.
const TIMELINE: u32 = 50;

/// A partner as a line of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PartnerSummary {
    pub id: PartnerId,
    pub name: String,
    pub domain: Option<String>,
    pub country: String,
    pub status: Status,
    pub archetype: Option<String>,
    pub tier: Option<String>,
    pub tier_since: Option<Timestamp>,
    pub manager: Option<PersonId>,
    pub applied_at: Timestamp,
    pub activated_at: Option<Timestamp>,
}

impl From<Partner> for PartnerSummary {
    fn from(partner: Partner) -> Self {
        Self {
            id: partner.id,
            name: partner.name,
            domain: partner.domain,
            country: partner.country,
            status: partner.status,
            archetype: partner.archetype,
            tier: partner.tier,
            tier_since: partner.tier_since,
            manager: partner.manager,
            applied_at: partner.applied_at,
            activated_at: partner.activated_at,
        }
    }
}

/// List partners by name. A partner sees itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListPartners {
    /// Part of a name or domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Key of a tier, such as `gold`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// Key of an archetype, such as `reseller`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archetype: Option<String>,
    /// ISO 3166 code of two letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListPartners {
    const NAME: &'static str = "partners.list";
    const ROUTE: Route = get("/partners");
    type Output = Page<PartnerSummary>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<PartnerSummary>> {
        let filters = vec![
            Filter::Contains("search_key", self.q.map(|text| company::search_key(&[Some(&text)]))),
            Filter::Is("status", self.status.map(Value::from)),
            Filter::Is("tier", self.tier.map(Value::from)),
            Filter::Is("archetype", self.archetype.map(Value::from)),
            Filter::Is("country", self.country.map(|code| Value::from(code.to_uppercase()))),
        ];
        let page = store::page(cx.tx, &cx.scope, &self.page, filters).await?;
        Ok(Page { items: page.items.into_iter().map(PartnerSummary::from).collect(), next: page.next })
    }
}

/// A partner with everything that its page shows.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PartnerDetail {
    pub partner: Partner,
    /// What it lacks before the doors open; nothing for an enrolled partner.
    pub missing: Vec<Reason>,
    /// The name of the person of the vendor who looks after it.
    pub manager_name: Option<String>,
    /// Whether the terms in force are those that it accepted; absent while it has no archetype.
    pub terms_current: Option<bool>,
    /// Limits and rights, with where each comes from.
    pub controls: Vec<Effective>,
    /// How many people of it are members; 500 stands for more, too.
    pub people: usize,
    /// Its measured values, and the way to the next tier.
    pub scorecard: Scorecard,
    /// The run of its onboarding, if there was one.
    pub onboarding: Option<procedures::RunId>,
    pub clocks: Vec<Clock>,
    pub timeline: Vec<EventRecord>,
    pub decisions: Vec<DecisionRecord>,
}

/// Show a partner: facts, standing, controls, history and decisions.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetPartner {
    pub partner: PartnerId,
}

impl Query for GetPartner {
    const NAME: &'static str = "partners.get";
    const ROUTE: Route = get("/partners/{partner}");
    type Output = PartnerDetail;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("partner", self.partner.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<PartnerDetail> {
        let scope = cx.scope;
        let partner = store::get(cx.tx, &scope, self.partner).await?;
        let subject = partner.id.to_string();
        let most = PageRequest { limit: Some(LARGEST_LIMIT), ..PageRequest::default() };
        let terms_current = match cx.law().await {
            Ok(law) => enrollment::terms_of(&law.program, &partner)
                .map(|(_, terms)| partner.terms.as_ref().is_some_and(|accepted| accepted.version == terms.version)),
            Err(Error::Conflict { .. }) => None,
            Err(error) => return Err(error),
        };
        let manager_name = match partner.manager {
            Some(manager) => name_of(cx, manager).await?,
            None => None,
        };
        let members = cx.ask(ListPeople { partner: Some(partner.id), page: most, ..ListPeople::default() }).await?;
        let scorecard = cx.ask(GetScorecard { partner: partner.id }).await?;
        Ok(PartnerDetail {
            missing: standing::missing(&partner),
            manager_name,
            terms_current,
            controls: controls::effective(cx.tx, &scope, partner.id).await?,
            people: members.items.len(),
            scorecard,
            onboarding: enrollment::onboarding_of(cx.tx, &scope, partner.id).await?.map(|run| run.id),
            clocks: clocks::of(cx.tx, &scope, &subject).await?,
            timeline: kernel::event::of_subject(cx.tx, &scope, &subject, TIMELINE).await?,
            decisions: kernel::log::decisions_of(cx.tx, &scope, &subject).await?,
            partner,
        })
    }
}

/// The name of somebody of the vendor. A partner may know who looks after it, though it reaches none of the vendor's people.
async fn name_of(cx: &mut ReadCx<'_>, person: PersonId) -> Result<Option<String>> {
    let scope = Scope { partner: None, ..cx.scope };
    let mut vendor = ReadCx { tx: cx.tx, now: cx.now, actor: cx.actor, scope, app: cx.app };
    match vendor.ask(GetPerson { person }).await {
        Ok(found) => Ok(Some(found.person.name)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
