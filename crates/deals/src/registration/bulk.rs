//! Deciding about several registrations in one request: each as if alone, with a result per deal.

use kernel::{Cx, Error, Operation, Reason, Result as Fallible, Route, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::DealId;
use super::deal::State;
use super::review::{ApproveDeal, RejectDeal, RejectionCode, ReturnDeal};
use super::text::{optional, vendor_only};

/// How many are decided at once.
const MOST: usize = 100;

/// What is done with each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Approve,
    Reject,
    Return,
}

/// Approve, reject or return several registrations. One that cannot be decided so stays as it is and says why; the others
/// are decided.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DecideEach {
    pub deals: Vec<DealId>,
    pub act: Act,
    /// For a rejection: its code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<RejectionCode>,
    /// For a rejection the reason, for a return what is missing; the partners read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What became of one of them.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Result {
    pub deal: DealId,
    /// Where it stands now; absent if it was left as it is.
    pub state: Option<State>,
    /// Why it was left as it is: a word for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Why it was left as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

impl Operation for DecideEach {
    const NAME: &'static str = "deals.decide_each";
    const ROUTE: Route = post("/deal-decisions");
    type Output = Vec<Result>;

    async fn run(self, cx: &mut Cx<'_>) -> Fallible<Vec<Result>> {
        vendor_only(&cx.scope, Self::NAME)?;
        if self.deals.is_empty() || self.deals.len() > MOST {
            let rule = format!("names {} deals; choose 1 to {MOST}", self.deals.len());
            return Err(Error::invalid("deals", rule));
        }
        let text = optional("text", self.text)?;
        if text.is_none() && self.act != Act::Approve {
            return Err(Error::invalid("text", "is empty; write what the partners should read"));
        }
        let text = text.unwrap_or_default();
        let mut deals = self.deals;
        let mut seen = std::collections::BTreeSet::new();
        deals.retain(|deal| seen.insert(*deal));
        let mut results = Vec::with_capacity(deals.len());
        for deal in deals {
            let text = text.clone();
            let done = match self.act {
                Act::Approve => cx.call(ApproveDeal { deal, customer: None, new_customer: false }).await,
                Act::Reject => {
                    let reason_code = self.reason_code.unwrap_or(RejectionCode::Other);
                    cx.call(RejectDeal { deal, reason_code, text }).await
                }
                Act::Return => cx.call(ReturnDeal { deal, text }).await,
            };
            results.push(match done {
                Ok(done) => Result { deal, state: Some(done.state), code: None, message: None, reasons: Vec::new() },
                Err(error) => left(deal, error)?,
            });
        }
        Ok(results)
    }
}

/// These refuse before they have written anything, so that one that is refused leaves no trace; what fails for another
/// cause undoes everything.
fn left(deal: DealId, error: Error) -> Fallible<Result> {
    let (code, message) = (error.code().to_owned(), error.to_string());
    let reasons = match error {
        Error::Refused { reasons, .. } => reasons,
        Error::Conflict { .. } | Error::NotFound { .. } | Error::Invalid(_) => Vec::new(),
        other => return Err(other),
    };
    Ok(Result { deal, state: None, code: Some(code), message: Some(message), reasons })
}
