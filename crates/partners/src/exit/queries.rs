//! Partnerships in question, for both sides: a partner sees its own once the ladder has begun.

use kernel::app::ReadCx;
use kernel::{Filter, Page, PageRequest, PartnerId, Query, Result, Route, Value, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::case::{Case, State};
use super::{CaseId, store};

/// List partnerships in question, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListExits {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Only cases of this partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListExits {
    const NAME: &'static str = "exits.list";
    const ROUTE: Route = get("/exits");
    type Output = Page<Case>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Case>> {
        let filters = vec![
            Filter::Is("state", self.state.map(Value::from)),
            Filter::Is("partner", self.partner.map(Value::from)),
        ];
        store::page(cx.tx, &cx.scope, &self.page, filters).await
    }
}

/// Show a partnership in question: why, where it stands, and what was said.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetExit {
    pub case: CaseId,
}

impl Query for GetExit {
    const NAME: &'static str = "exits.get";
    const ROUTE: Route = get("/exits/{case}");
    type Output = Case;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("exit_case", self.case.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Case> {
        store::get(cx.tx, &cx.scope, self.case).await
    }
}
