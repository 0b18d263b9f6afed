//! Granting, ending and listing overrides.

use kernel::app::ReadCx;
use kernel::{Access, Cx, Error, Operation, Page, PageRequest, Query, Result, Route, delete, get, post};
use programs::Law as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::grant::{Override, check_hours, check_reason, may_override};
use super::{CHANGED, store};
use crate::OverrideId;
use crate::drivers::subject;
use crate::enforcement::{checked_id, vendor_only};

/// Let a driver pass a policy that denies, for some hours and with a reason.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GrantOverride {
    /// The driver, under the id that dispatch uses.
    pub driver: String,
    /// The order that it is for; every order of the driver if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// The key of the policy to pass, such as `licence-valid`.
    pub policy: String,
    /// Why the driver may pass.
    pub reason: String,
    /// For how many hours, at most 168.
    #[schemars(range(min = 1, max = 168))]
    pub hours: u32,
}

impl Operation for GrantOverride {
    const NAME: &'static str = "gate.override";
    const ROUTE: Route = post("/gate/overrides");
    const ACCESS: Access = Access::Open;
    type Output = Override;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Override> {
        vendor_only(&cx.scope, Self::NAME)?;
        let law = cx.law().await?;
        may_override(&law.program, &self.policy, cx.actor)?;
        let granted = Override {
            id: cx.id(),
            driver: checked_id("driver", &self.driver)?,
            order: self.order.filter(|order| !order.is_empty()).map(|order| checked_id("order", &order)).transpose()?,
            policy: self.policy,
            reason: check_reason(&self.reason)?,
            granted_by: cx.actor.reference(),
            granted_by_name: cx.actor.name.clone(),
            granted_at: cx.now,
            expires_at: cx.now.plus_hours(check_hours(self.hours)?),
        };
        store::insert(cx.tx, &cx.scope, &granted).await?;
        let order = granted.order.as_ref().map(|order| format!(" for order {order}")).unwrap_or_default();
        let summary = format!(
            "{} lets driver {} pass `{}`{order} until {}: {}",
            granted.granted_by_name, granted.driver, granted.policy, granted.expires_at, granted.reason
        );
        cx.emit(CHANGED[0], subject(&granted.driver), None, summary, &granted);
        Ok(granted)
    }
}

/// End an override before it expires.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct EndOverride {
    #[serde(rename = "override")]
    pub granted: OverrideId,
}

impl Operation for EndOverride {
    const NAME: &'static str = "gate.end_override";
    const ROUTE: Route = delete("/gate/overrides/{override}");
    const ACCESS: Access = Access::Open;
    type Output = Override;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("gate_override", self.granted.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Override> {
        vendor_only(&cx.scope, Self::NAME)?;
        let found = store::find(cx.tx, &cx.scope, self.granted).await?;
        let mut granted = found.ok_or_else(|| Error::not_found("override", self.granted))?;
        if granted.expires_at <= cx.now {
            return Err(Error::conflict("override_ended", format!("the override ended at {}", granted.expires_at)));
        }
        granted.expires_at = cx.now;
        store::end(cx.tx, granted.id, cx.now).await?;
        let summary =
            format!("{} ended the override of `{}` for driver {}", cx.actor.name, granted.policy, granted.driver);
        cx.emit(CHANGED[1], subject(&granted.driver), None, summary, &granted);
        Ok(granted)
    }
}

/// List the overrides of policies.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListOverrides {
    /// Only those of this driver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// Also those that have ended.
    #[serde(default)]
    pub ended: bool,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListOverrides {
    const NAME: &'static str = "overrides.list";
    const ROUTE: Route = get("/gate/overrides");
    type Output = Page<Override>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Override>> {
        vendor_only(&cx.scope, Self::NAME)?;
        let ending_after = (!self.ended).then_some(cx.now);
        store::list(cx.tx, &cx.scope, &self.page, self.driver, ending_after).await
    }
}
