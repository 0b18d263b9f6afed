//! Requests, for both sides; the vendor sees who asks and what their revenue is.

use kernel::app::ReadCx;
use kernel::{EventRecord, Filter, Money, Page, PageRequest, PartnerId, Query, Result, Route, Value, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::request::{Request, State, Voice};
use super::{RequestId, store};

const TIMELINE: u32 = 50;
/// The metric by which voices weigh.
const REVENUE: &str = "revenue_12m";

/// List requests for the roadmap, newest first; a partner sees those that are triaged, or its own.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListRequests {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Only what this partner asks for; a partner sees its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListRequests {
    const NAME: &'static str = "roadmap.list";
    const ROUTE: Route = get("/roadmap");
    type Output = Page<Request>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Request>> {
        let scope = cx.scope;
        if let Some(partner) = self.partner {
            partners::get(cx.tx, &scope, partner).await?;
            let mut items = store::asked_by(cx.tx, &scope, partner).await?;
            items.retain(|request| self.state.is_none_or(|state| state == request.state));
            return Ok(Page { items, next: None });
        }
        let filters = vec![Filter::Is("state", self.state.map(Value::from))];
        store::page(cx.tx, &scope, &self.page, filters).await
    }
}

/// A voice with its name and weight.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Weighed {
    #[serde(flatten)]
    pub voice: Voice,
    pub name: String,
    /// The revenue of the partner in twelve months.
    pub revenue: Option<Money>,
}

/// A request with who is behind it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RequestDetail {
    pub request: Request,
    /// A partner sees its own voice alone.
    pub voices: Vec<Weighed>,
    /// The revenue of all partners behind it; the vendor's own.
    pub weight: Option<Money>,
    pub timeline: Vec<EventRecord>,
}

/// Show a request for the roadmap with who is behind it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetRequest {
    pub request: RequestId,
}

impl Query for GetRequest {
    const NAME: &'static str = "roadmap.get";
    const ROUTE: Route = get("/roadmap/{request}");
    type Output = RequestDetail;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("roadmap_request", self.request.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<RequestDetail> {
        let scope = cx.scope;
        let request = store::get(cx.tx, &scope, self.request).await?;
        let voices = store::voices(cx.tx, &scope, request.id).await?;
        let ids: Vec<PartnerId> = voices.iter().map(|voice| voice.partner).collect();
        let names = partners::names(cx.tx, &scope, &ids).await?;
        let measured = match scope.partner {
            None => scoring::measure_all(cx.app, cx.tx, scope.organization, cx.now).await?,
            Some(_) => std::collections::BTreeMap::new(),
        };
        let revenue = |partner: &PartnerId| match measured.get(partner)?.get(REVENUE)? {
            law::Value::Money(amount) => amount.to_string().parse().ok(),
            _ => None,
        };
        let voices: Vec<Weighed> = voices
            .into_iter()
            .map(|voice| Weighed {
                name: names.get(&voice.partner).cloned().unwrap_or_default(),
                revenue: revenue(&voice.partner),
                voice,
            })
            .collect();
        let sum = |sum: Money, more: Money| sum.checked_add(more);
        let mut amounts = voices.iter().filter_map(|voice| voice.revenue);
        let weight = match amounts.next() {
            Some(first) => Some(amounts.try_fold(first, sum)?),
            None => None,
        };
        let timeline = kernel::event::of_subject(cx.tx, &scope, &request.id.to_string(), TIMELINE).await?;
        Ok(RequestDetail { request, voices, weight, timeline })
    }
}
