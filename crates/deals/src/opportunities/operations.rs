//! Recording what the CRM says, and listing it.

use kernel::app::ReadCx;
use kernel::{
    Access, Cx, Error, EventRecord, Filter, Operation, Page, PageRequest, Query, Result, Route, Timestamp, Value, get,
    put,
};
use partners::{CustomerId, customers};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OpportunityId;
use super::store::{self, Opportunity, Stage};
use crate::registration::text::{optional, required};
use crate::registration::{DealListed, ListDeals, one_of, vendor_only};

/// Events on the page of an opportunity.
const TIMELINE: u32 = 50;

/// Record an opportunity of the vendor's own sales, or what has changed about it: the same reference is the same one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RecordOpportunity {
    /// The id in the CRM, such as `0065g00000ABCDE`.
    pub reference: String,
    pub customer: CustomerId,
    /// What it is about, in a few words.
    pub title: String,
    /// Where it stands.
    pub stage: Stage,
    /// The person of the vendor who sells, as the CRM names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_name: Option<String>,
    /// Since when it is open; now if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Timestamp>,
}

impl Operation for RecordOpportunity {
    const NAME: &'static str = "deals.record_opportunity";
    const ROUTE: Route = put("/opportunities/{reference}");
    const ACCESS: Access = Access::Open;
    type Output = Opportunity;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Opportunity> {
        vendor_only(&cx.scope, Self::NAME)?;
        let scope = cx.scope;
        let reference = required("reference", &self.reference)?;
        customers::get(cx.tx, &scope, self.customer).await?;
        if self.opened_at.is_some_and(|at| at > cx.now) {
            return Err(Error::invalid("opened_at", "lies in the future; give when it was opened"));
        }
        let known = store::by_reference(cx.tx, &scope, &reference).await?;
        let closed = (self.stage != Stage::Open).then_some(cx.now);
        let opportunity = Opportunity {
            id: known.as_ref().map_or_else(|| cx.id(), |known| known.id),
            reference,
            customer: self.customer,
            title: required("title", &self.title)?,
            stage: self.stage,
            owner_name: optional("owner_name", self.owner_name)?,
            opened_at: self.opened_at.or(known.as_ref().map(|known| known.opened_at)).unwrap_or(cx.now),
            closed_at: closed.map(|now| known.as_ref().and_then(|known| known.closed_at).unwrap_or(now)),
            recorded_at: cx.now,
        };
        store::save(cx.tx, &scope, &opportunity).await?;
        let summary = format!("Opportunity “{}” is {}", opportunity.title, opportunity.stage.name());
        cx.emit("opportunity.recorded", opportunity.id, None, summary, &opportunity);
        Ok(opportunity)
    }
}

/// List the opportunities of the vendor's own sales, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListOpportunities {
    /// Only opportunities with this customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// Only opportunities that stand there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListOpportunities {
    const NAME: &'static str = "opportunities.list";
    const ROUTE: Route = get("/opportunities");
    type Output = Page<Opportunity>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Opportunity>> {
        vendor_only(&cx.scope, Self::NAME)?;
        let filters = vec![
            Filter::OneOf("customer", one_of(cx, self.customer).await?),
            Filter::Is("stage", self.stage.map(Value::from)),
        ];
        store::page(cx.tx, &cx.scope, &self.page, filters).await
    }
}

/// Show an opportunity with the claims of partners on the same customer.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetOpportunity {
    pub opportunity: OpportunityId,
}

/// An opportunity with everything that its page shows.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct OpportunityInFull {
    pub opportunity: Opportunity,
    pub customer_name: String,
    /// The deals of partners with the same customer, newest first.
    pub deals: Vec<DealListed>,
    pub timeline: Vec<EventRecord>,
}

impl Query for GetOpportunity {
    const NAME: &'static str = "opportunities.get";
    const ROUTE: Route = get("/opportunity-records/{opportunity}");
    type Output = OpportunityInFull;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("vendor_opportunity", self.opportunity.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<OpportunityInFull> {
        let scope = cx.scope;
        let found = match scope.partner {
            None => store::find(cx.tx, &scope, self.opportunity).await?,
            // That the vendor sells there itself is not for partners to know.
            Some(_) => None,
        };
        let opportunity = found.ok_or_else(|| Error::not_found("opportunity", self.opportunity))?;
        let subject = opportunity.id.to_string();
        let customer_name = customers::get(cx.tx, &scope, opportunity.customer).await?.name;
        let timeline = kernel::event::of_subject(cx.tx, &scope, &subject, TIMELINE).await?;
        let claims = ListDeals { customer: Some(opportunity.customer), ..ListDeals::default() };
        let deals = claims.run(cx).await?.items;
        Ok(OpportunityInFull { opportunity, customer_name, deals, timeline })
    }
}
