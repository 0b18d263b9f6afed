//! Scheduling a review, bringing something to it, issuing its pack and holding it.

use clocks::NewClock;
use kernel::time::HOUR;
use kernel::{Access, Cx, Error, Operation, PartnerId, Result, Route, Timestamp, post, put};
use partners::Status;
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::review::{Review, State};
use super::{ReviewId, figures, pack, store};
use crate::{vendor_only, words};

/// The clock of the pack, and the clock of the meeting.
pub(crate) const PREREAD: &str = "reviews.preread";

/// Schedule the next business review with a partner, or move the one that is scheduled.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ScheduleReview {
    pub partner: PartnerId,
    /// When both sides meet; far enough ahead for everyone to read the pack.
    pub meeting_at: Timestamp,
}

impl Operation for ScheduleReview {
    const NAME: &'static str = "reviews.schedule";
    const ROUTE: Route = post("/partners/{partner}/reviews");
    const ACCESS: Access = Access::Open;
    type Output = Review;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Review> {
        vendor_only(&cx.scope, Self::NAME)?;
        let partner = partners::get(cx.tx, &cx.scope, self.partner).await?;
        if !matches!(partner.status, Status::Active | Status::Suspended) {
            let message = format!("{} is {}: a review is held with partners", partner.name, partner.status.name());
            return Err(Error::conflict("wrong_status", message));
        }
        let terms = cx.law().await?.program.partnership.review.clone().unwrap_or_default();
        let preread_at = self.meeting_at.plus_micros(-i64::from(terms.preread_hours) * HOUR);
        if preread_at <= cx.now {
            let rule = format!(
                "{} is too soon: the pack is due {} hours before; choose a later time",
                self.meeting_at, terms.preread_hours
            );
            return Err(Error::invalid("meeting_at", rule));
        }
        let open = store::open(cx.tx, &cx.scope, partner.id).await?;
        let review = Review {
            id: open.as_ref().map_or_else(|| cx.id(), |review| review.id),
            partner: partner.id,
            about: partner.name,
            state: open.as_ref().map_or(State::Scheduled, |review| review.state),
            meeting_at: self.meeting_at,
            preread_at,
            agenda: terms.agenda,
            risks: open.as_ref().and_then(|review| review.risks.clone()),
            asks: open.as_ref().and_then(|review| review.asks.clone()),
            document: open.as_ref().and_then(|review| review.document),
            issued_at: open.as_ref().and_then(|review| review.issued_at),
            minutes: None,
            held_at: None,
            created_at: open.as_ref().map_or(cx.now, |review| review.created_at),
        };
        store::save(cx.tx, &cx.scope, &review).await?;
        if review.issued_at.is_none() {
            watch(cx, &review).await?;
        }
        let summary = format!("The business review with {} is on {}", review.about, review.meeting_at);
        cx.emit("review.scheduled", review.id, Some(review.partner), summary, &review);
        Ok(review)
    }
}

/// The clock of the pack reminds a week, three days and a day before it is due.
async fn watch(cx: &mut Cx<'_>, review: &Review) -> Result<()> {
    let clock = NewClock {
        kind: PREREAD,
        subject: review.id.to_string(),
        partner: Some(review.partner),
        title: format!("Pack for the review with {}", review.about),
        due_at: review.preread_at,
        warn_at: [7, 3, 1].map(|days| review.preread_at.plus_days(-days)).to_vec(),
        on_lapse: ChasePreread::NAME,
        on_warn: None,
        input: json!({ "review": review.id }),
    };
    clocks::start(cx, clock).await.map(|_| ())
}

/// Bring risks and asks to the next review; they stand in its pack.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Contribute {
    pub review: ReviewId,
    /// What you see coming.
    #[serde(default)]
    pub risks: String,
    /// What you ask the other side for.
    #[serde(default)]
    pub asks: String,
}

impl Operation for Contribute {
    const NAME: &'static str = "reviews.contribute";
    const ROUTE: Route = put("/reviews/{review}/contribution");
    const ACCESS: Access = Access::Open;
    type Output = Review;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Review> {
        let mut review = store::get(cx.tx, &cx.scope, self.review).await?;
        if review.state != State::Scheduled {
            let message = format!("the pack of this review is {}; bring it up in the meeting", review.state.name());
            return Err(Error::conflict("issued", message));
        }
        let given = |field: &str, text: &str| match text.trim() {
            "" => Ok(None),
            text => words(field, text, 4000, "").map(Some),
        };
        let (risks, asks) = (given("risks", &self.risks)?, given("asks", &self.asks)?);
        if risks.is_none() && asks.is_none() {
            return Err(Error::invalid("asks", "write what you ask for or what you see as a risk; both are empty"));
        }
        review.risks = risks.or(review.risks);
        review.asks = asks.or(review.asks);
        store::save(cx.tx, &cx.scope, &review).await?;
        let summary = format!("{} brought something to the review", cx.actor.name);
        cx.emit("review.contributed", review.id, Some(review.partner), summary, &review);
        Ok(review)
    }
}

/// Issue the pack of a review from what is measured now; both sides get it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct IssuePreread {
    pub review: ReviewId,
}

impl Operation for IssuePreread {
    const NAME: &'static str = "reviews.issue";
    const ROUTE: Route = post("/reviews/{review}/pack");
    const ACCESS: Access = Access::Open;
    type Output = Review;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Review> {
        vendor_only(&cx.scope, Self::NAME)?;
        let mut review = store::get(cx.tx, &cx.scope, self.review).await?;
        if review.state != State::Scheduled {
            let message = format!("this review is {}; its pack stays as it was read", review.state.name());
            return Err(Error::conflict("issued", message));
        }
        let law = cx.law().await?;
        let figures = figures::of_partner(cx, &review).await?;
        let new = documents::NewDocument {
            partner: Some(review.partner),
            kind: "review-pack",
            series: pack::series(&law.program.settings.key, "QBR"),
            title: format!("Business review with {}", review.about),
        };
        let today = cx.now.day_in(&law.zone());
        let stored =
            documents::issue(cx, new, |number| pack::of_partner(&review, &figures, &law, today, number)).await?;
        review.document = Some(stored.id);
        review.issued_at = Some(cx.now);
        review.state = State::Issued;
        store::save(cx.tx, &cx.scope, &review).await?;
        clocks::stop(cx, PREREAD, &review.id.to_string()).await?;
        let late = if cx.now > review.preread_at { ", late" } else { "" };
        let summary = format!("The pack {} was issued{late}", stored.number);
        cx.emit("review.issued", review.id, Some(review.partner), summary, &review);
        Ok(review)
    }
}

/// Note that the pack of a review is late; it is chased until it is issued.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ChasePreread {
    pub review: ReviewId,
}

impl Operation for ChasePreread {
    const NAME: &'static str = "reviews.chase";
    const ROUTE: Route = post("/reviews/{review}/reminders");
    const ACCESS: Access = Access::Open;
    type Output = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        vendor_only(&cx.scope, Self::NAME)?;
        let review = store::get(cx.tx, &cx.scope, self.review).await?;
        if review.issued_at.is_some() || review.preread_at > cx.now {
            return Ok(());
        }
        let summary = format!("The pack for the review with {} is overdue", review.about);
        cx.emit("review.preread_overdue", review.id, None, summary, &review);
        // Every day until it is there or the meeting is over.
        let next = cx.now.plus_days(1);
        if next < review.meeting_at {
            watch(cx, &Review { preread_at: next, ..review }).await?;
        }
        Ok(())
    }
}

/// Note what a review came to; it is closed, and its open actions are carried forward to the next one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct HoldReview {
    pub review: ReviewId,
    /// What was said and decided; both sides read it.
    pub minutes: String,
}

impl Operation for HoldReview {
    const NAME: &'static str = "reviews.hold";
    const ROUTE: Route = post("/reviews/{review}/minutes");
    const ACCESS: Access = Access::Open;
    type Output = Review;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Review> {
        vendor_only(&cx.scope, Self::NAME)?;
        let mut review = store::get(cx.tx, &cx.scope, self.review).await?;
        match review.state {
            State::Held => return Err(Error::conflict("held", "this review was held; schedule the next one")),
            State::Scheduled => {
                let message = "nobody has a pack yet; issue it first, so that the meeting rests on the same figures";
                return Err(Error::conflict("no_pack", message));
            }
            State::Issued => {}
        }
        review.minutes = Some(words("minutes", &self.minutes, 8000, "write what was decided; both sides rely on it")?);
        review.held_at = Some(cx.now);
        review.state = State::Held;
        store::save(cx.tx, &cx.scope, &review).await?;
        let summary = format!("The business review with {} was held", review.about);
        cx.emit("review.completed", review.id, Some(review.partner), summary, &review);
        Ok(review)
    }
}
