//! What can be asked about controls. They are changed by what grants them, never directly.

use kernel::app::ReadCx;
use kernel::{Error, Page, PartnerId, Query, Result, Route, Timestamp, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::compose::Effective;
use crate::grants::{effective, effective_at};

/// The limits and rights of a partner, each with where it comes from.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ListControls {
    pub partner: PartnerId,
    /// As they were at this instant; now if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

impl Query for ListControls {
    const NAME: &'static str = "controls.list";
    const ROUTE: Route = get("/partners/{partner}/controls");
    type Output = Page<Effective>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Effective>> {
        if cx.scope.partner.is_some_and(|own| own != self.partner) {
            return Err(Error::not_found("partner", self.partner));
        }
        let items = match self.at {
            Some(at) => effective_at(cx.tx, &cx.scope, self.partner, at).await?,
            None => effective(cx.tx, &cx.scope, self.partner).await?,
        };
        Ok(Page { items, next: None })
    }
}
