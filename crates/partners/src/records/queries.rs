//! Reading recorded facts.

use kernel::app::ReadCx;
use kernel::{EventRecord, Filter, Page, PageRequest, PartnerId, Query, Result, Route, Value, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FactId;
use super::fact::{Fact, State};
use super::store;

/// A fact with the name of its partner.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FactLine {
    #[serde(flatten)]
    pub fact: Fact,
    pub partner_name: String,
}

/// Events of a fact that are shown.
const TIMELINE: u32 = 50;

/// List the recorded facts about partners, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListFacts {
    /// Only facts of this kind, such as `certificates`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Only facts about this partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Only facts in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListFacts {
    const NAME: &'static str = "facts.list";
    const ROUTE: Route = get("/facts");
    type Output = Page<FactLine>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<FactLine>> {
        let filters = vec![
            Filter::Is("f.kind", self.kind.map(Value::from)),
            Filter::Is("f.partner", self.partner.map(Value::from)),
            Filter::Is("f.state", self.state.map(Value::from)),
        ];
        store::page(cx.tx, &cx.scope, &self.page, filters).await
    }
}

/// A fact with its history.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FactDetail {
    #[serde(flatten)]
    pub line: FactLine,
    pub timeline: Vec<EventRecord>,
}

/// Read one recorded fact.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetFact {
    pub fact: FactId,
}

impl Query for GetFact {
    const NAME: &'static str = "facts.get";
    const ROUTE: Route = get("/facts/{fact}");
    type Output = FactDetail;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("partner_fact", self.fact.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<FactDetail> {
        let fact = store::get(cx.tx, &cx.scope, self.fact).await?;
        let partner_name = crate::profile::get(cx.tx, &cx.scope, fact.partner).await?.name;
        let timeline = kernel::event::of_subject(cx.tx, &cx.scope, &fact.id.to_string(), TIMELINE).await?;
        Ok(FactDetail { line: FactLine { fact, partner_name }, timeline })
    }
}
