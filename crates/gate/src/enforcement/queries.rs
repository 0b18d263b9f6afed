//! Trying an assignment without consequences, and the list of decisions.

use kernel::app::ReadCx;
use kernel::{DecisionId, Page, PageRequest, Query, Result, Route, Timestamp, Verdict, get};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::books::Book;
use super::evaluate::vendor_only;
use super::operations::order;
use super::rule::{is_overridden, overrule};
use super::snapshot::Known;
use super::store;
use crate::drivers::held;
use crate::policy::{Answer, Dispatch, HeldCredential, Question};

/// Try an assignment: what the gate would say now. Nothing is recorded.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CheckAssignment {
    /// The driver, under the id that dispatch and providers use.
    pub driver: String,
    /// The id of the order.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub order: String,
    /// What the order asks of its driver, separated by commas, such as `medical, insurance`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub requires: String,
    /// The fleet segment of the order, such as `long_haul`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub segment: String,
}

/// What the gate would say.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Checked {
    #[serde(flatten)]
    pub verdict: Verdict<Dispatch>,
    pub overridden: bool,
    pub law: String,
    /// What the policies read.
    pub credentials: Vec<HeldCredential>,
}

impl Query for CheckAssignment {
    const NAME: &'static str = "gate.check";
    const ROUTE: Route = get("/gate/check");
    type Output = Checked;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Checked> {
        vendor_only(&cx.scope, Self::NAME)?;
        let requires: Vec<String> = self.requires.split(',').map(str::to_owned).collect();
        let id = if self.order.is_empty() { "trial" } else { &self.order };
        let order = order(&self.driver, id, &requires, &self.segment)?;
        let book = Book::of(&cx.law().await?)?;
        let known = Known::read(cx.tx, &cx.scope, &self.driver, cx.now).await?;
        let overrides = known.overrides_for(&order.id, cx.now);
        let credentials = held(&known.statements, &book.law.zone());
        let question = Question { driver: self.driver, credentials, order, now: cx.now };
        let verdict = overrule(book.compiled.decide(&question), &overrides);
        Ok(Checked {
            overridden: is_overridden(&verdict),
            verdict,
            law: book.law.citation(),
            credentials: question.credentials.to_vec(),
        })
    }
}

/// List the decisions of the gate, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListDecisions {
    /// Only those with this answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// Only those about this driver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    #[serde(flatten)]
    pub page: PageRequest,
}

/// A decision in the list.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RecordedDecision {
    pub id: DecisionId,
    pub driver: String,
    pub order: String,
    pub segment: String,
    pub answer: Answer,
    /// Whether it would have been denied if every policy were enforced.
    pub would_deny: bool,
    pub overridden: bool,
    /// The keys of the policies that spoke against it.
    pub policies: String,
    pub law: String,
    pub asked_by: String,
    pub latency_micros: i64,
    pub decided_at: Timestamp,
}

impl Query for ListDecisions {
    const NAME: &'static str = "gate.list";
    const ROUTE: Route = get("/gate/decisions");
    type Output = Page<RecordedDecision>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<RecordedDecision>> {
        vendor_only(&cx.scope, Self::NAME)?;
        store::list(cx.tx, &cx.scope, &self.page, self.answer, self.driver).await
    }
}
