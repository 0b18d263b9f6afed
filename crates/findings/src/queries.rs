//! Lists of findings and checks, and one finding in full.

use kernel::app::ReadCx;
use kernel::{EventRecord, Filter, Money, Page, PageRequest, PartnerId, Query, Result, Route, Value, event, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{Check, Severity};
use crate::finding::{Finding, State};
use crate::{FindingId, store};

/// Events of a finding on its page.
const TIMELINE: u32 = 50;

/// List findings, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListFindings {
    /// Only findings in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Only findings of this severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Only findings of this check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// Only findings about this partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListFindings {
    const NAME: &'static str = "findings.list";
    const ROUTE: Route = get("/findings");
    type Output = Page<Finding>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Finding>> {
        let filters = vec![
            Filter::Is("state", self.state.map(Value::from)),
            Filter::Is("severity", self.severity.map(Value::from)),
            Filter::Is("check_key", self.check.map(Value::from)),
            Filter::Is("partner", self.partner.map(Value::from)),
        ];
        store::page(cx.tx, &cx.scope, &self.page, filters).await
    }
}

/// A check with what it has found.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CheckSummary {
    pub key: String,
    pub title: String,
    pub severity: Severity,
    /// Why it matters and what to do about it.
    pub help: String,
    /// The query that shows it.
    pub sql: String,
    pub open: u64,
    pub accepted: u64,
    /// What is at stake in the open findings, one amount per currency.
    pub at_risk: Vec<Money>,
}

impl CheckSummary {
    fn of(check: &Check, tallies: &[store::Tally]) -> Self {
        let own = || tallies.iter().filter(|tally| tally.check == check.key);
        let count = |state| own().filter(|tally| tally.state == state).map(|tally| tally.count).sum();
        Self {
            key: check.key.to_owned(),
            title: check.title.to_owned(),
            severity: check.severity,
            help: check.help.to_owned(),
            sql: check.sql.to_owned(),
            open: count(State::Open),
            accepted: count(State::Accepted),
            at_risk: own().filter(|tally| tally.state == State::Open).filter_map(|tally| tally.amount).collect(),
        }
    }
}

/// List the checks with the number of their findings and the amounts at stake.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListChecks {}

impl Query for ListChecks {
    const NAME: &'static str = "findings.checks";
    const ROUTE: Route = get("/finding-checks");
    type Output = Vec<CheckSummary>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Vec<CheckSummary>> {
        let tallies = store::tallies(cx.tx, &cx.scope).await?;
        let checks = cx.app.registry().parts::<Check>();
        Ok(checks.iter().map(|check| CheckSummary::of(check, &tallies)).collect())
    }
}

/// A finding with the check that found it and what has happened to it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FindingDetail {
    #[serde(flatten)]
    pub finding: Finding,
    /// Why it matters and what to do about it; absent when the check is no longer installed.
    pub help: Option<String>,
    /// The query that shows it.
    pub sql: Option<String>,
    pub timeline: Vec<EventRecord>,
}

/// Get a finding.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetFinding {
    pub finding: FindingId,
}

impl Query for GetFinding {
    const NAME: &'static str = "findings.get";
    const ROUTE: Route = get("/findings/{finding}");
    type Output = FindingDetail;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("finding", self.finding.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<FindingDetail> {
        let finding = store::get(cx.tx, &cx.scope, self.finding).await?;
        let checks = cx.app.registry().parts::<Check>();
        let check = checks.iter().find(|check| check.key == finding.check);
        let timeline = event::of_subject(cx.tx, &cx.scope, &finding.id.to_string(), TIMELINE).await?;
        Ok(FindingDetail {
            help: check.map(|check| check.help.to_owned()),
            sql: check.map(|check| check.sql.to_owned()),
            finding,
            timeline,
        })
    }
}
