//! Deal registration: a partner claims an end customer, the program decides, and the claim lives until it is closed.
//!
//! The customer is recognized by its normalized identity ([`crate::matching`]); who gets it is decided by one pure rule
//! ([`ClaimRule`]). An approved claim is protected for its window: clocks warn before it ends and expire it, a renewal
//! with proof prolongs it. Claims that lose wait behind the winner and move up when it goes. Neither side of a conflict
//! learns from any reason, event or answer who the other one is.

mod activity;
mod approvals;
mod bulk;
mod claim;
mod closing;
pub(crate) mod contest;
mod deal;
mod facts;
mod hearing;
mod impact;
mod importing;
mod keeping;
mod matcher;
mod merging;
mod merits;
mod metrics;
mod pages;
mod precedence;
mod protection;
mod queries;
mod register;
mod renewal;
mod review;
mod ruling;
mod second;
mod store;
mod summary;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod text;

pub use activity::{IntroduceCustomer, RecordActivity, RenewDeal};
pub use approvals::{ApprovalFacts, ApprovalRule, ApprovalTerms, Awaited, LapseApproval, Step};
pub use bulk::{Act, DecideEach, Result as ActResult};
pub use claim::{
    Claim, ClaimFacts, ClaimTerms, Class, Look, Match, Occasion, Outcome, OwnSale, Recognized, Rival, Standing,
    recognize,
};
pub use closing::{LoseDeal, LossReason, WinDeal, WithdrawDeal};
pub use deal::{Deal, Qualification, Role, Source, State, number_of};
pub use facts::first_products_of_won;
pub use matcher::Matcher;
pub use merits::Earns;
pub(crate) use merits::weigh;
pub use precedence::{Merits, Place, Relationship, RelationshipKind, in_order, leader, places, precedence};
pub use protection::{AdjudicateClaims, Cause, ExpireDeal, ReopenDeal, WarnExpiry};
pub(crate) use queries::one_of;
pub use queries::{DealInFull, DealListed, GetDeal, ListDeals, Resembling, Waiting};
pub use register::{EndCustomer, RegisterDeal, Registered, ResubmitDeal};
pub use renewal::{RenewalFacts, RenewalRule, RenewalTerms, ReopeningFacts, ReopeningRule, ReopeningTerms};
pub use review::{ApproveDeal, LapseAnswer, RejectDeal, RejectionCode, ReturnDeal};
pub use ruling::ClaimRule;
pub use second::{SecondFacts, SecondRegistrantRule, SecondTerms};
pub use store::{get, list, won_by_customer};
pub use summary::{StateCount, SummarizeDeals};
pub(crate) use text::vendor_only;

kernel::ids! { DealId = DealKind "deal", ApprovalId = ApprovalKind "appr" }

pub fn install(registry: &mut kernel::Registry) {
    importing::install(registry);
    merging::install(registry);
    registry
        .migration("deals/001", include_str!("../../migrations/001_deals.sql"))
        .migration("deals/002", include_str!("../../migrations/002_lists.sql"))
        .sealed("deal", "id")
        .sealed("deal_approval", "id")
        .rule::<ClaimRule>()
        .rule::<RenewalRule>()
        .rule::<ReopeningRule>()
        .rule::<ApprovalRule>()
        .rule::<SecondRegistrantRule>()
        .operation::<RegisterDeal>()
        .operation::<ResubmitDeal>()
        .operation::<ApproveDeal>()
        .operation::<RejectDeal>()
        .operation::<ReturnDeal>()
        .operation::<DecideEach>()
        .operation::<LapseApproval>()
        .operation::<LapseAnswer>()
        .operation::<IntroduceCustomer>()
        .operation::<RenewDeal>()
        .operation::<RecordActivity>()
        .operation::<ExpireDeal>()
        .operation::<WarnExpiry>()
        .operation::<ReopenDeal>()
        .operation::<AdjudicateClaims>()
        .operation::<WinDeal>()
        .operation::<LoseDeal>()
        .operation::<WithdrawDeal>()
        .query::<GetDeal>()
        .query::<ListDeals>()
        .query::<SummarizeDeals>()
        .add(register::SLOTS)
        .add(Matcher::default())
        .add(impact::OPEN_DEALS);
    facts::install(registry);
    metrics::install(registry);
    pages::install(registry);
    registry.follow(|app, events| {
        if let Ok(matcher) = app.registry().part::<Matcher>() {
            matcher.follow(events);
        }
    });
}
