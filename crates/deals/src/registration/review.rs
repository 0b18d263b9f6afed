//! What the vendor's people decide about registrations: approve, reject, ask for more.

use kernel::{Cx, Error, Operation, Result, Route, put};
use partners::{CustomerId, customers};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::claim::{Occasion, Recognized};
use super::deal::{Deal, State};
use super::hearing::{Hearing, Said, announce, everywhere, meant, not_now, save, settle_around};
use super::text::required;
use super::{DealId, store};

/// Approve a registration. If another claim for the customer comes first, it queues behind that one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ApproveDeal {
    pub deal: DealId,
    /// For a doubtful match: the known customer that this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// For a doubtful match: it is none of the known customers.
    #[serde(default)]
    pub new_customer: bool,
}

impl Operation for ApproveDeal {
    const NAME: &'static str = "deals.approve";
    const ROUTE: Route = put("/deals/{deal}/approval");
    type Output = Deal;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("deal", self.deal.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Deal> {
        let mut deal = meant(cx, self.deal).await?;
        let said = match (deal.state, self.customer, self.new_customer) {
            (State::PendingApproval, _, _) => Said::Nothing,
            (State::UnderReview, Some(_), true) => {
                return Err(Error::invalid("new_customer", "contradicts `customer`; give one of them"));
            }
            (State::UnderReview, Some(customer), false) => {
                let scope = cx.scope;
                customers::get(cx.tx, &scope, customer).await?;
                Said::IsKnown(customer)
            }
            (State::UnderReview, None, true) => Said::IsNew,
            (State::UnderReview, None, false) => Said::Nothing,
            (State::Submitted, _, _) => {
                return Err(not_now(&deal, "approval", "the claim before it to end: it moves up by itself"));
            }
            _ => return Err(not_now(&deal, "approval", "a deal that waits for a person")),
        };
        let hearing = Hearing::of(cx, &deal, Occasion::Approval, said).await?;
        match (said, hearing.recognized()) {
            (Said::Nothing, Recognized::Doubtful) => {
                let rule = "is required: say which known customer it is, or set `new_customer`";
                return Err(Error::invalid("customer", rule));
            }
            (Said::IsNew, Recognized::Known(known)) => {
                let message = format!("{} is now known as {known}; approve it with that customer", deal.identity.name);
                return Err(Error::conflict("customer_known", message));
            }
            _ => {}
        }
        hearing.decide(cx, &mut deal).await?;
        settle_around(cx, &deal).await?;
        let scope = everywhere(cx);
        Ok(store::stored(cx.tx, &scope, deal.id).await?.seen_by(&cx.scope))
    }
}

/// Why a person rejects a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RejectionCode {
    /// The vendor works with the customer already.
    ExistingRelationship,
    NotQualified,
    Duplicate,
    OutOfTerritory,
    NotCompliant,
    Other,
}

impl RejectionCode {
    const fn name(self) -> &'static str {
        match self {
            Self::ExistingRelationship => "existing_relationship",
            Self::NotQualified => "not_qualified",
            Self::Duplicate => "duplicate",
            Self::OutOfTerritory => "out_of_territory",
            Self::NotCompliant => "not_compliant",
            Self::Other => "other",
        }
    }
}

/// Reject a registration with a reason that the partner reads.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RejectDeal {
    pub deal: DealId,
    pub reason_code: RejectionCode,
    /// A sentence for the partner.
    pub text: String,
}

impl Operation for RejectDeal {
    const NAME: &'static str = "deals.reject";
    const ROUTE: Route = put("/deals/{deal}/rejection");
    type Output = Deal;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("deal", self.deal.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Deal> {
        let mut deal = meant(cx, self.deal).await?;
        let text = required("text", &self.text)?;
        if !deal.state.is_undecided() {
            return Err(not_now(&deal, "rejection", "a deal that is not decided yet"));
        }
        deal.state = State::Rejected;
        deal.behind = None;
        deal.closed_at = Some(cx.now);
        deal.reason_code = Some(self.reason_code.name().to_owned());
        deal.reason_text = Some(text.clone());
        save(cx, &deal).await?;
        announce(cx, &deal, "deal.rejected", format!("Rejected: {text}"));
        settle_around(cx, &deal).await?;
        Ok(deal.seen_by(&cx.scope))
    }
}

/// Return a registration to its partner for more information. Its claim counts again from when it is complete.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ReturnDeal {
    pub deal: DealId,
    /// What is missing.
    pub text: String,
}

impl Operation for ReturnDeal {
    const NAME: &'static str = "deals.return_for_information";
    const ROUTE: Route = put("/deals/{deal}/return");
    type Output = Deal;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("deal", self.deal.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Deal> {
        let mut deal = meant(cx, self.deal).await?;
        let text = required("text", &self.text)?;
        if !deal.state.is_undecided() || deal.state == State::Returned {
            return Err(not_now(&deal, "a question to its partner", "a deal that waits for a decision"));
        }
        deal.state = State::Returned;
        deal.behind = None;
        deal.reason_code = Some("information_needed".to_owned());
        deal.reason_text = Some(text.clone());
        save(cx, &deal).await?;
        announce(cx, &deal, "deal.returned", format!("Returned: {text}"));
        settle_around(cx, &deal).await?;
        Ok(deal.seen_by(&cx.scope))
    }
}
