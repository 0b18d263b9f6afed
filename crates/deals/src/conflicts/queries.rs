//! Reading cases: the evidence side by side, and how such questions were decided before.

use kernel::app::ReadCx;
use kernel::{EventRecord, Filter, Page, PageRequest, Query, Result, Route, Value, get};
use partners::CustomerId;
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::conflict::Conflict;
use super::{ConflictId, store};
use crate::registration::{Claim, ClaimTerms, Deal, GetDeal, in_order, one_of, vendor_only, weigh};

const TIMELINE: u32 = 100;

/// List conflicts, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListConflicts {
    /// Only conflicts over this customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// Only conflicts about this way of the precedence, such as `tier`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListConflicts {
    const NAME: &'static str = "conflicts.list";
    const ROUTE: Route = get("/conflicts");
    type Output = Page<Conflict>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Conflict>> {
        vendor_only(&cx.scope, Self::NAME)?;
        let filters = vec![
            Filter::OneOf("customer", one_of(cx, self.customer).await?),
            Filter::Is("issue", self.issue.map(Value::from)),
        ];
        store::page(cx.tx, &cx.scope, &self.page, filters).await
    }
}

/// Show a conflict with the evidence of each side and earlier decisions about the same question.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetConflict {
    pub conflict: ConflictId,
}

/// One side of a conflict.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SideOfConflict {
    pub deal: Deal,
    /// What the order of the program looks at.
    pub claim: Claim,
    /// What happened on the deal.
    pub timeline: Vec<EventRecord>,
}

/// A conflict with everything that its page shows.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ConflictInFull {
    #[serde(flatten)]
    pub conflict: Conflict,
    /// In the order of the program, the one that it would put first at the front.
    pub sides: Vec<SideOfConflict>,
    /// Earlier decisions about the same way of the precedence.
    pub precedents: Vec<Conflict>,
    pub timeline: Vec<EventRecord>,
}

impl Query for GetConflict {
    const NAME: &'static str = "conflicts.get";
    const ROUTE: Route = get("/conflicts/{conflict}");
    type Output = ConflictInFull;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("deal_conflict", self.conflict.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<ConflictInFull> {
        vendor_only(&cx.scope, Self::NAME)?;
        let scope = cx.scope;
        let conflict = store::get(cx.tx, &scope, self.conflict).await?;
        let law = cx.law().await?;
        let mut sides = Vec::new();
        for deal in &conflict.deals {
            let full = cx.ask(GetDeal { deal: *deal }).await?;
            let claim = weigh(cx, &law.program, &full.deal).await?;
            sides.push(SideOfConflict { deal: full.deal, claim, timeline: full.timeline });
        }
        in_order(&ClaimTerms::of(&law.program), &mut sides, |side| &side.claim);
        Ok(ConflictInFull {
            sides,
            precedents: store::precedents(cx.tx, &scope, &conflict).await?,
            timeline: kernel::event::of_subject(cx.tx, &scope, &conflict.id.to_string(), TIMELINE).await?,
            conflict,
        })
    }
}
