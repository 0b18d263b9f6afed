//! The end of a protection: warning, expiry, and re-opening by the one role that may.

use kernel::{Access, Cx, Error, Operation, Result, Route, Rule as _, Timestamp, post};
use partners::{CustomerId, customers};
use programs::Law;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::claim::{ClaimTerms, Occasion};
use super::deal::{Deal, State};
use super::hearing::{Hearing, Said, announce, everywhere, meant, not_now, save, settle, settle_around};
use super::keeping::{introduction_due, release, terms_of};
use super::renewal::{ReopeningFacts, ReopeningRule, ReopeningTerms};
use super::text::required;
use super::{DealId, store};

/// Why a claim expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Its window has ended.
    #[default]
    Protection,
    /// Nothing happened for too long.
    Inactivity,
    /// The vendor was not introduced to the customer in time.
    NotIntroduced,
}

/// Expire a deal whose protection has ended or on which nothing has happened for too long.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ExpireDeal {
    pub deal: DealId,
    #[serde(default)]
    pub cause: Cause,
}

impl Operation for ExpireDeal {
    const NAME: &'static str = "deals.expire";
    const ROUTE: Route = post("/deals/{deal}/expiries");
    const ACCESS: Access = Access::Open;
    type Output = Deal;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Deal> {
        let mut deal = meant(cx, self.deal).await?;
        if deal.state != State::Approved {
            return Err(not_now(&deal, "expiry", "an approved deal"));
        }
        let law = cx.law().await?;
        let scope = everywhere(cx);
        let (registration, _) = terms_of(cx.tx, &scope, &deal, &law).await?;
        let partner = partners::get(cx.tx, &scope, deal.partner).await?;
        let days = registration.inactivity_days.map(i64::from);
        let due = match self.cause {
            Cause::Protection => deal.protected_until,
            Cause::Inactivity => days.map(|days| deal.last_activity_at.plus_days(days)),
            Cause::NotIntroduced => introduction_due(&deal, &partner, &law).filter(|_| deal.introduced_at.is_none()),
        };
        if due.is_none_or(|due| cx.now < due) {
            return Err(Error::conflict("not_due", format!("{} is still protected", deal.number)));
        }
        let (code, text) = match self.cause {
            Cause::Protection => ("window_ended", "its protection ended without a renewal".to_owned()),
            Cause::Inactivity => ("inactivity", format!("nothing happened on it for {} days", days.unwrap_or(0))),
            Cause::NotIntroduced => ("not_introduced", "we were not introduced to the customer in time".to_owned()),
        };
        deal.state = State::Expired;
        deal.closed_at = Some(cx.now);
        // Claims that are hoarded cost their slot for a while.
        let forfeit = registration.forfeit_days.filter(|_| self.cause != Cause::Protection);
        deal.forfeit_until = forfeit.map(|days| cx.now.plus_days(i64::from(days)));
        deal.reason_code = Some(code.to_owned());
        deal.reason_text = Some(text.clone());
        save(cx, &deal).await?;
        release(cx, &deal).await?;
        announce(cx, &deal, "deal.expired", format!("Expired: {text}"));
        settle_around(cx, &deal).await?;
        Ok(deal.seen_by(&cx.scope))
    }
}

/// Warn the partner that the protection of a deal ends soon.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct WarnExpiry {
    pub deal: DealId,
}

impl Operation for WarnExpiry {
    const NAME: &'static str = "deals.warn_expiry";
    const ROUTE: Route = post("/deals/{deal}/warnings");
    const ACCESS: Access = Access::Open;
    type Output = Deal;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Deal> {
        let deal = meant(cx, self.deal).await?;
        let Some(until) = deal.protected_until.filter(|_| deal.is_protected(cx.now)) else {
            return Err(not_now(&deal, "a warning", "a protected deal"));
        };
        let law = cx.law().await?;
        let scope = everywhere(cx);
        let (registration, _) = terms_of(cx.tx, &scope, &deal, &law).await?;
        let day = ClaimTerms::of(&law.program).day(until);
        let left = registration.renewals_max.saturating_sub(deal.renewals);
        let help = match (left, registration.proof_required) {
            (0, _) => "it cannot be renewed again",
            (_, true) => "renew it with proof of activity",
            (_, false) => "renew it",
        };
        let days = ui::words::counted(u64::try_from(cx.now.days_until(until)).unwrap_or(0), "day");
        announce(cx, &deal, "deal.expiry_warned", format!("Protection ends on {day}, in {days}: {help}"));
        Ok(deal.seen_by(&cx.scope))
    }
}

/// Re-open a deal that has expired; only the role that the program names may do it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ReopenDeal {
    pub deal: DealId,
    /// Why it deserves a second chance.
    pub reason: String,
}

impl Operation for ReopenDeal {
    const NAME: &'static str = "deals.reopen";
    const ROUTE: Route = post("/deals/{deal}/reopenings");
    type Output = Deal;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("deal", self.deal.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Deal> {
        let mut deal = meant(cx, self.deal).await?;
        let reason = required("reason", &self.reason)?;
        let law = cx.law().await?;
        let terms = ReopeningTerms { role: law.program.deals.registration.reopen_role.clone() };
        let facts = ReopeningFacts { state: deal.state, roles: cx.actor.roles.clone() };
        let verdict = ReopeningRule::decide(&terms, &facts);
        if !verdict.outcome {
            return Err(Error::refused("not_reopened", "the deal cannot be re-opened", verdict.reasons));
        }
        cx.decide::<ReopeningRule>(deal.id, Some(deal.partner), &law.citation(), &terms, &facts)?;
        announce(cx, &deal, "deal.reopened", format!("Re-opened: {reason}"));
        // The claim is valid again from now on: those that came while it was gone keep their place before it.
        deal.valid_at = cx.now;
        deal.renewals = 0;
        deal.closed_at = None;
        deal.forfeit_until = None;
        (deal.reason_code, deal.reason_text) = (None, None);
        let hearing = Hearing::of(cx, &deal, Occasion::Reopening, Said::Nothing).await?;
        hearing.decide(cx, &mut deal).await?;
        settle_around(cx, &deal).await?;
        Ok(deal.seen_by(&cx.scope))
    }
}

/// Put the claims on a customer in order: the one that leads moves up, the others wait behind it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AdjudicateClaims {
    pub customer: CustomerId,
}

impl Operation for AdjudicateClaims {
    const NAME: &'static str = "deals.adjudicate";
    const ROUTE: Route = post("/customers/{customer}/adjudications");
    const ACCESS: Access = Access::Open;
    type Output = usize;

    async fn run(self, cx: &mut Cx<'_>) -> Result<usize> {
        let scope = cx.scope;
        customers::get(cx.tx, &scope, self.customer).await?;
        settle(cx, self.customer).await?;
        let scope = everywhere(cx);
        Ok(store::claims_on(cx.tx, &scope, self.customer).await?.len())
    }
}

/// The instant before which a renewal is too early.
pub(crate) fn renewable_from(until: Timestamp, open_days: u32) -> Timestamp {
    until.plus_days(-i64::from(open_days))
}
