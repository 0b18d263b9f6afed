//! Reviews, for both sides.

use kernel::app::ReadCx;
use kernel::{EventRecord, Filter, Page, PageRequest, PartnerId, Query, Result, Route, Value, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::review::{Action, Review, State};
use super::{ReviewId, store};

const TIMELINE: u32 = 50;

/// List business reviews, the latest first; a partner sees its own.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListReviews {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Only reviews with this partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListReviews {
    const NAME: &'static str = "reviews.list";
    const ROUTE: Route = get("/reviews");
    type Output = Page<Review>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Review>> {
        let filters = vec![
            Filter::Is("state", self.state.map(Value::from)),
            Filter::Is("partner", self.partner.map(Value::from)),
        ];
        store::page(cx.tx, &cx.scope, &self.page, filters).await
    }
}

/// A review with its actions: those agreed in it, those carried forward into it, and those done since the one before.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ReviewDetail {
    pub review: Review,
    pub actions: Vec<Action>,
    pub clocks: Vec<clocks::Clock>,
    pub timeline: Vec<EventRecord>,
}

/// Show a business review with its actions.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetReview {
    pub review: ReviewId,
}

impl Query for GetReview {
    const NAME: &'static str = "reviews.get";
    const ROUTE: Route = get("/reviews/{review}");
    type Output = ReviewDetail;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("business_review", self.review.to_string()))
    }

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<ReviewDetail> {
        let scope = cx.scope;
        let review = store::get(cx.tx, &scope, self.review).await?;
        let since = store::last_held(cx.tx, &scope, review.partner, review.meeting_at).await?;
        let actions = store::actions(cx.tx, &scope, review.partner, since.unwrap_or(review.created_at)).await?;
        let id = review.id.to_string();
        Ok(ReviewDetail {
            clocks: clocks::of(cx.tx, &scope, &id).await?,
            timeline: kernel::event::of_subject(cx.tx, &scope, &id, TIMELINE).await?,
            actions,
            review,
        })
    }
}
