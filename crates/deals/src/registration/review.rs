//! What the vendor's people decide about registrations: approve, reject, ask for more.

use clocks::NewClock;
use kernel::{Access, Cx, Error, Operation, Result, Route, post, put};
use partners::{CustomerId, customers};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::approvals::{APPROVAL, give};
use super::claim::{Occasion, Recognized};
use super::deal::{Deal, State};
use super::hearing::{Hearing, Said, announce, everywhere, meant, not_now, save, settle_around};
use super::keeping::zone_of;
use super::text::required;
use super::{DealId, store};

/// The clock that waits for the partner's answer.
pub(crate) const ANSWER: &str = "deals.answer";

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
        if deal.state == State::PendingApproval {
            // The step is recorded, and the claim heard once more with it.
            let law = cx.law().await?;
            give(cx, &deal, &law).await?;
        }
        let hearing = match deal.approval {
            Some(_) => Hearing::of(cx, &deal, Occasion::Approval, said).await?,
            None => hearing,
        };
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
        deal.approval = None;
        deal.closed_at = Some(cx.now);
        deal.reason_code = Some(self.reason_code.name().to_owned());
        deal.reason_text = Some(text.clone());
        save(cx, &deal).await?;
        for kind in [APPROVAL, ANSWER] {
            clocks::stop(cx, kind, &deal.id.to_string()).await?;
        }
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
        // The vendor's time stands still while it is the partner's turn.
        clocks::pause(cx, APPROVAL, &deal.id.to_string()).await?;
        await_answer(cx, &deal).await?;
        announce(cx, &deal, "deal.returned", format!("Returned: {text}"));
        settle_around(cx, &deal).await?;
        Ok(deal.seen_by(&cx.scope))
    }
}

/// Starts the wait for the answer, in business days of the partner's zone, where the program sets a time.
async fn await_answer(cx: &mut Cx<'_>, deal: &Deal) -> Result<()> {
    let law = cx.law().await?;
    let Some(days) = law.program.deals.registration.answer_within_days else { return Ok(()) };
    let scope = everywhere(cx);
    let partner = partners::get(cx.tx, &scope, deal.partner).await?;
    let due_at = law.program.deals.calendar.end_of(days, cx.now, &zone_of(&partner, &law));
    let clock = NewClock {
        kind: ANSWER,
        subject: deal.id.to_string(),
        partner: Some(deal.partner),
        title: format!("An answer about {} is due", deal.identity.name),
        due_at,
        warn_at: vec![due_at.plus_days(-1)],
        on_lapse: LapseAnswer::NAME,
        on_warn: None,
        input: json!({ "deal": deal.id }),
    };
    clocks::start(cx, clock).await.map(|_| ())
}

/// Withdraw a returned deal whose partner has not answered in time.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LapseAnswer {
    pub deal: DealId,
}

impl Operation for LapseAnswer {
    const NAME: &'static str = "deals.lapse_answer";
    const ROUTE: Route = post("/deals/{deal}/answer-lapses");
    const ACCESS: Access = Access::Open;
    type Output = Deal;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Deal> {
        if !cx.actor.is_system() {
            let message = "an answer is late by its clock alone; reject the deal instead".to_owned();
            return Err(Error::Forbidden { permission: Self::NAME.to_owned(), message });
        }
        let mut deal = meant(cx, self.deal).await?;
        if deal.state != State::Returned {
            return Err(not_now(&deal, "the lapse of an answer", "a returned deal"));
        }
        deal.state = State::Withdrawn;
        deal.approval = None;
        deal.closed_at = Some(cx.now);
        deal.reason_code = Some("no_answer".to_owned());
        deal.reason_text = Some("what we asked was not answered in time".to_owned());
        save(cx, &deal).await?;
        clocks::stop(cx, APPROVAL, &deal.id.to_string()).await?;
        announce(cx, &deal, "deal.withdrawn", "Withdrawn: what we asked was not answered in time");
        settle_around(cx, &deal).await?;
        Ok(deal.seen_by(&cx.scope))
    }
}
