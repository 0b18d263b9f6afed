//! What an override is, and who may grant one.

use kernel::{Actor, Error, Reason, Result, Timestamp};
use law::Program;
use law::model::PolicyMode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::OverrideId;

/// A longer need is a change of the policy.
pub const LONGEST_HOURS: u32 = 168;
const LONGEST_REASON: usize = 500;

/// Permission for one driver to pass one policy until it expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Override {
    pub id: OverrideId,
    pub driver: String,
    /// The only order that it is for; absent for every order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// The key of the policy.
    pub policy: String,
    pub reason: String,
    pub granted_by: String,
    pub granted_by_name: String,
    pub granted_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Override {
    /// Whether it covers that order at `now`.
    pub fn covers(&self, order: &str, now: Timestamp) -> bool {
        self.granted_at <= now && now < self.expires_at && self.order.as_deref().is_none_or(|own| own == order)
    }
}

/// Whether the actor may override that policy; it must be one that denies.
pub(super) fn may_override(program: &Program, policy: &str, actor: &Actor) -> Result<()> {
    let policies = &program.gate.policies;
    let Some(found) = policies.iter().find(|each| each.key == policy) else {
        let keys: Vec<&str> = policies.iter().map(|each| each.key.as_str()).collect();
        return Err(Error::invalid("policy", format!("`{policy}` is no policy; choose one of {}", keys.join(", "))));
    };
    let place = format!("gate.toml: policy {policy}: override_roles");
    if !found.override_roles.iter().any(|role| actor.has_role(role)) {
        let (text, remedy) = match found.override_roles.as_slice() {
            [] => {
                (format!("Nobody may override `{policy}`."), "Name roles in `override_roles` of the policy.".to_owned())
            }
            roles => (format!("Only {} may override `{policy}`.", roles.join(" or ")), "Ask one of them.".to_owned()),
        };
        let reason = Reason::new("not_an_override_role", text).citing(place).remedy(remedy);
        return Err(Error::refused("not_an_override_role", "you may not override this policy", vec![reason]));
    }
    if found.mode != PolicyMode::Enforce {
        let message = format!("the policy `{policy}` denies nothing in its mode, so there is nothing to override");
        return Err(Error::conflict("policy_not_enforced", message));
    }
    Ok(())
}

pub(super) fn check_reason(reason: &str) -> Result<String> {
    let reason = reason.trim();
    let length = reason.chars().count();
    if !(3..=LONGEST_REASON).contains(&length) || reason.chars().any(|c| c.is_control() && c != '\n') {
        let rule = format!("3 to {LONGEST_REASON} characters that say why the driver may pass");
        return Err(Error::invalid("reason", rule));
    }
    Ok(reason.to_owned())
}

pub(super) fn check_hours(hours: u32) -> Result<i64> {
    if !(1..=LONGEST_HOURS).contains(&hours) {
        let rule = format!("1 to {LONGEST_HOURS} hours; for longer, change the policy; got {hours}");
        return Err(Error::invalid("hours", rule));
    }
    Ok(i64::from(hours))
}
