//! The end of a deal: won, lost or withdrawn. Whoever waited behind it moves up, or is told that the customer is sold.

use kernel::{Cx, Error, Money, Operation, Result, Route, put};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::DealId;
use super::approvals::APPROVAL;
use super::deal::{Deal, State};
use super::hearing::{announce, meant, not_now, save, settle_around};
use super::keeping::release;
use super::review::ANSWER;
use super::second::credit_runner_up;
use super::text::required;

/// Close a deal as won: from now on the customer's revenue is its partner's.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct WinDeal {
    pub deal: DealId,
    /// What it was sold for, if that differs from what was registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Money>,
}

impl Operation for WinDeal {
    const NAME: &'static str = "deals.win";
    const ROUTE: Route = put("/deals/{deal}/win");
    type Output = Deal;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("deal", self.deal.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Deal> {
        let mut deal = meant(cx, self.deal).await?;
        if !deal.is_protected(cx.now) {
            return Err(not_now(&deal, "winning", "a deal that is protected"));
        }
        if let Some(value) = self.value {
            if value.currency != deal.value.currency || value.minor <= 0 {
                let rule = format!("{value} has to be an amount above zero in {}", deal.value.currency);
                return Err(Error::invalid("value", rule));
            }
            deal.value = value;
        }
        deal.state = State::ClosedWon;
        let law = cx.law().await?;
        credit_runner_up(cx, &deal, &law).await?;
        let summary = format!("Won: {}", deal.value.pretty());
        close(cx, deal, "deal.won", summary).await
    }
}

/// Why a deal was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LossReason {
    Competitor,
    Price,
    NoBudget,
    NoDecision,
    MissingFeature,
    Other,
}

impl LossReason {
    const fn name(self) -> &'static str {
        match self {
            Self::Competitor => "competitor",
            Self::Price => "price",
            Self::NoBudget => "no_budget",
            Self::NoDecision => "no_decision",
            Self::MissingFeature => "missing_feature",
            Self::Other => "other",
        }
    }
}

/// Close a deal as lost.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LoseDeal {
    pub deal: DealId,
    pub reason: LossReason,
    /// What happened, if more is to be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Operation for LoseDeal {
    const NAME: &'static str = "deals.lose";
    const ROUTE: Route = put("/deals/{deal}/loss");
    type Output = Deal;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("deal", self.deal.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Deal> {
        let mut deal = meant(cx, self.deal).await?;
        if deal.state != State::Approved {
            return Err(not_now(&deal, "closing it as lost", "an approved deal"));
        }
        deal.state = State::ClosedLost;
        deal.reason_code = Some(self.reason.name().to_owned());
        deal.reason_text = super::text::optional("text", self.text)?;
        let summary = format!("Lost: {}", self.reason.name().replace('_', " "));
        close(cx, deal, "deal.lost", summary).await
    }
}

/// Withdraw a registration.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct WithdrawDeal {
    pub deal: DealId,
    /// Why it is withdrawn.
    pub reason: String,
}

impl Operation for WithdrawDeal {
    const NAME: &'static str = "deals.withdraw";
    const ROUTE: Route = put("/deals/{deal}/withdrawal");
    type Output = Deal;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("deal", self.deal.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Deal> {
        let mut deal = meant(cx, self.deal).await?;
        let reason = required("reason", &self.reason)?;
        if !deal.state.is_open() {
            return Err(not_now(&deal, "withdrawal", "an open deal"));
        }
        deal.state = State::Withdrawn;
        deal.behind = None;
        deal.approval = None;
        deal.reason_code = Some("withdrawn".to_owned());
        deal.reason_text = Some(reason.clone());
        close(cx, deal, "deal.withdrawn", format!("Withdrawn: {reason}")).await
    }
}

async fn close(cx: &mut Cx<'_>, mut deal: Deal, kind: &str, summary: String) -> Result<Deal> {
    deal.closed_at = Some(cx.now);
    save(cx, &deal).await?;
    release(cx, &deal).await?;
    for kind in [APPROVAL, ANSWER] {
        clocks::stop(cx, kind, &deal.id.to_string()).await?;
    }
    announce(cx, &deal, kind, summary);
    settle_around(cx, &deal).await?;
    Ok(deal.seen_by(&cx.scope))
}
