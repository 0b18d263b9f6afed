//! Business reviews: a meeting with each partner every quarter, a pack that is made from data and is due 72 hours before, what
//! both sides bring, and actions that are carried forward until they are done; and the same pack for the program as a whole.

mod actions;
mod figures;
mod operations;
mod pack;
mod pages;
mod program;
mod queries;
mod review;
mod store;
#[cfg(test)]
mod tests;

pub use actions::{AddAction, FinishAction};
use findings::{Check, Severity};
pub(crate) use operations::PREREAD;
pub use operations::{ChasePreread, Contribute, HoldReview, IssuePreread, ScheduleReview};
pub use program::IssuePack;
pub use queries::{GetReview, ListReviews, ReviewDetail};
pub use review::{Action, Review, State};

kernel::ids! { ReviewId = ReviewKind "qbr", ActionId = ActionKind "act" }

const LATE: &str = "SELECT id AS subject, partner, 'The pack for ' || about || ' is late' AS title,
           CAST(NULL AS BIGINT) AS amount_minor, CAST(NULL AS TEXT) AS currency
    FROM business_review WHERE organization = $1 AND held_at IS NULL AND issued_at IS NULL AND preread_at <= $2";

pub fn install(registry: &mut kernel::Registry) {
    registry
        .operation::<ScheduleReview>()
        .operation::<Contribute>()
        .operation::<IssuePreread>()
        .operation::<ChasePreread>()
        .operation::<HoldReview>()
        .operation::<AddAction>()
        .operation::<FinishAction>()
        .operation::<IssuePack>()
        .query::<ListReviews>()
        .query::<GetReview>()
        .add(Check {
            key: "governance.preread_late",
            title: "Review pack is late",
            severity: Severity::Warning,
            help: "Everyone reads the pack before the meeting, so that the meeting decides. Issue it on the page of the \
                   review, or move the meeting.",
            sql: LATE,
        });
    pages::install(registry);
}
