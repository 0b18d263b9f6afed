//! Actions that a review agrees on.

use kernel::{Access, Cx, Error, Operation, Result, Route, Timestamp, post};
use law::Party;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::review::Action;
use super::{ActionId, ReviewId, store};
use crate::{vendor_only, words};

/// Agree on an action in a review; it is carried forward until it is done.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AddAction {
    pub review: ReviewId,
    /// What is to be done.
    pub text: String,
    /// Who does it.
    pub side: Party,
    /// By when.
    pub due_at: Timestamp,
}

impl Operation for AddAction {
    const NAME: &'static str = "reviews.add_action";
    const ROUTE: Route = post("/reviews/{review}/actions");
    const ACCESS: Access = Access::Open;
    type Output = Action;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Action> {
        vendor_only(&cx.scope, Self::NAME)?;
        let review = store::get(cx.tx, &cx.scope, self.review).await?;
        if self.due_at <= cx.now {
            return Err(Error::invalid("due_at", format!("{} has passed; choose a time that is to come", self.due_at)));
        }
        let action = Action {
            id: cx.id(),
            partner: review.partner,
            review: review.id,
            text: words("text", &self.text, 1000, "say what is to be done")?,
            side: self.side,
            due_at: self.due_at,
            raised_at: cx.now,
            note: None,
            done_by_name: None,
            done_at: None,
        };
        store::save_action(cx.tx, &cx.scope, &action).await?;
        cx.emit("review.action_added", review.id, Some(review.partner), format!("Agreed: {}", action.text), &action);
        Ok(action)
    }
}

/// Note that an action is done; each side notes its own.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FinishAction {
    pub action: ActionId,
    /// What came of it.
    pub note: String,
}

impl Operation for FinishAction {
    const NAME: &'static str = "reviews.finish_action";
    const ROUTE: Route = post("/review-actions/{action}/completion");
    const ACCESS: Access = Access::Open;
    type Output = Action;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Action> {
        let mut action = store::action(cx.tx, &cx.scope, self.action).await?;
        if action.done_at.is_some() {
            return Err(Error::conflict("done", "this action is done already"));
        }
        if cx.scope.partner.is_some() && action.side == Party::Vendor {
            return Err(Error::conflict("other_side", "this action is the vendor's; its people note that it is done"));
        }
        action.note = Some(words("note", &self.note, 1000, "say what came of it")?);
        action.done_by_name = Some(cx.actor.name.clone());
        action.done_at = Some(cx.now);
        store::save_action(cx.tx, &cx.scope, &action).await?;
        let summary = format!("Done: {}", action.text);
        cx.emit("review.action_completed", action.review, Some(action.partner), summary, &action);
        Ok(action)
    }
}
