//! Keeping a protection: renewal with proof, activity, and the introduction of the vendor to the customer.

use kernel::{Cx, Error, Operation, Result, Route, Rule as _, post, put};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::DealId;
use super::claim::ClaimTerms;
use super::deal::Deal;
use super::hearing::{announce, everywhere, meant, not_now, save};
use super::keeping::{INTRODUCTION, await_activity, protect, terms_of};
use super::renewal::{RenewalFacts, RenewalRule, RenewalTerms};
use super::text::{optional, required};

/// Renew the protection of a deal, with proof that it is being worked on.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RenewDeal {
    pub deal: DealId,
    /// What shows that you work on the deal: a meeting, an offer, a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

impl Operation for RenewDeal {
    const NAME: &'static str = "deals.renew";
    const ROUTE: Route = post("/deals/{deal}/renewals");
    type Output = Deal;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("deal", self.deal.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Deal> {
        let mut deal = meant(cx, self.deal).await?;
        let proof = optional("proof", self.proof)?;
        let law = cx.law().await?;
        let scope = everywhere(cx);
        let terms = RenewalTerms::of(&terms_of(cx.tx, &scope, &deal, &law).await?);
        let facts = RenewalFacts {
            now: cx.now,
            state: deal.state,
            protected_until: deal.protected_until,
            renewals: deal.renewals,
            proof: proof.clone(),
        };
        let refusal = |reasons| Error::refused("not_renewable", "the protection cannot be renewed", reasons);
        let verdict = RenewalRule::decide(&terms, &facts);
        let Some(until) = verdict.outcome else { return Err(refusal(verdict.reasons)) };
        cx.decide::<RenewalRule>(deal.id, Some(deal.partner), &law.citation(), &terms, &facts)?;
        deal.protected_until = Some(until);
        deal.renewals += 1;
        deal.last_activity_at = cx.now;
        save(cx, &deal).await?;
        protect(cx, &deal, &law).await?;
        let day = ClaimTerms::of(&law.program).day(until);
        let proof = proof.map(|proof| format!(" (proof: {proof})")).unwrap_or_default();
        announce(cx, &deal, "deal.renewed", format!("Renewed; protected until {day}{proof}"));
        Ok(deal.seen_by(&cx.scope))
    }
}

/// Record that something happened on a deal; without any activity its protection ends early.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RecordActivity {
    pub deal: DealId,
    /// What happened: a call, a demonstration, an offer.
    pub note: String,
}

impl Operation for RecordActivity {
    const NAME: &'static str = "deals.record_activity";
    const ROUTE: Route = post("/deals/{deal}/activities");
    type Output = Deal;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Deal> {
        let mut deal = meant(cx, self.deal).await?;
        let note = required("note", &self.note)?;
        if !deal.state.is_open() {
            return Err(not_now(&deal, "activity", "an open deal"));
        }
        deal.last_activity_at = cx.now;
        save(cx, &deal).await?;
        if deal.is_protected(cx.now) {
            let law = cx.law().await?;
            await_activity(cx, &deal, &law).await?;
        }
        announce(cx, &deal, "deal.activity_recorded", note);
        Ok(deal.seen_by(&cx.scope))
    }
}

/// Introduce the vendor to the customer of a deal, where the program asks for it within some business days.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct IntroduceCustomer {
    pub deal: DealId,
    /// Whom the vendor was introduced to, and how.
    pub note: String,
}

impl Operation for IntroduceCustomer {
    const NAME: &'static str = "deals.introduce";
    const ROUTE: Route = put("/deals/{deal}/introduction");
    type Output = Deal;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Deal> {
        let mut deal = meant(cx, self.deal).await?;
        let note = required("note", &self.note)?;
        if !deal.is_protected(cx.now) {
            return Err(not_now(&deal, "an introduction", "a deal that is protected"));
        }
        if let Some(at) = deal.introduced_at {
            return Err(Error::conflict("introduced", format!("the introduction of {} was made on {at}", deal.number)));
        }
        deal.introduced_at = Some(cx.now);
        deal.last_activity_at = cx.now;
        save(cx, &deal).await?;
        clocks::stop(cx, INTRODUCTION, &deal.id.to_string()).await?;
        let law = cx.law().await?;
        await_activity(cx, &deal, &law).await?;
        announce(cx, &deal, "deal.introduced", format!("Introduced: {note}"));
        Ok(deal.seen_by(&cx.scope))
    }
}
