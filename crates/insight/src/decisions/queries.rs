//! Asking for decisions and recomputing them.

use kernel::app::ReadCx;
use kernel::decision::Explanation;
use kernel::log::{explain, read_decision};
use kernel::{
    DecisionId, DecisionRecord, Error, Filter, Listing, Page, PageRequest, PartnerId, Query, Result, Route, Row,
    Timestamp, get, params,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const LISTING: Listing = Listing {
    from: "decision",
    select: "id, partner, kind, subject, law, outcome, decided_at, decided_by",
    organization: "organization",
    partner: Some("partner"),
    id: "id",
    sorts: &[("decided_at", "decided_at")],
    newest_first: true,
};

/// One decision in a list.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DecisionLine {
    pub id: DecisionId,
    pub partner: Option<PartnerId>,
    /// The rule, such as `deals.claim`.
    pub kind: String,
    /// The id of the thing decided about.
    pub subject: String,
    /// The version of the program that it was made under.
    pub law: String,
    pub outcome: serde_json::Value,
    pub decided_at: Timestamp,
    pub decided_by: String,
}

fn line(row: &Row) -> Result<DecisionLine> {
    Ok(DecisionLine {
        id: row.get("id")?,
        partner: row.get("partner")?,
        kind: row.get("kind")?,
        subject: row.get("subject")?,
        law: row.get("law")?,
        outcome: row.json("outcome")?,
        decided_at: row.get("decided_at")?,
        decided_by: row.get("decided_by")?,
    })
}

/// List decisions, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListDecisions {
    /// Only those of this rule, such as `deals.claim`.
    #[serde(default)]
    pub kind: Option<String>,
    /// Only those about the thing with this id.
    #[serde(default)]
    pub subject: Option<String>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListDecisions {
    const NAME: &'static str = "decisions.list";
    const ROUTE: Route = get("/decisions");
    type Output = Page<DecisionLine>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<DecisionLine>> {
        let filters =
            vec![Filter::Is("kind", self.kind.map(Into::into)), Filter::Is("subject", self.subject.map(Into::into))];
        LISTING.page(cx.tx, &cx.scope, &self.page, filters, line).await
    }
}

async fn stored(cx: &mut ReadCx<'_>, id: DecisionId) -> Result<DecisionRecord> {
    let sql = "SELECT * FROM decision WHERE organization = $1 AND id = $2
               AND (partner = $3 OR CAST($3 AS TEXT) IS NULL)";
    let found = cx.tx.one(sql, params![cx.scope.organization, id, cx.scope.partner], read_decision).await?;
    found.ok_or_else(|| Error::not_found("decision", id))
}

/// Show a decision: the rule, the law, the reasons and what would have changed it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetDecision {
    pub decision: DecisionId,
}

impl Query for GetDecision {
    const NAME: &'static str = "decisions.get";
    const ROUTE: Route = get("/decisions/{decision}");
    type Output = DecisionRecord;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("decision", self.decision.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<DecisionRecord> {
        Ok(stored(cx, self.decision).await?.seen_by(&cx.scope))
    }
}

/// Recompute a decision from its stored terms and facts and say whether it comes out the same.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ExplainDecision {
    pub decision: DecisionId,
}

impl Query for ExplainDecision {
    const NAME: &'static str = "decisions.explain";
    const ROUTE: Route = get("/decisions/{decision}/explanation");
    type Output = Explanation;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Explanation> {
        let decision = stored(cx, self.decision).await?;
        let mut explained = explain(cx.app, cx.tx, decision).await?;
        if cx.scope.partner.is_some() {
            explained.recomputed = None;
        }
        explained.decision = explained.decision.seen_by(&cx.scope);
        Ok(explained)
    }
}
