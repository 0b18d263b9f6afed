//! A service token and the rules about its scopes and its end.

use kernel::{Actor, Error, OrganizationId, PartnerId, PersonId, Result, Timestamp, TokenId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::roles::{holds, is_pattern};

/// What a token begins with, so that secret scanners know it.
pub const PREFIX: &str = "cct_";
pub const LONGEST_DAYS: u32 = 365;
const MOST_SCOPES: usize = 40;

/// A token with which a program acts for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceToken {
    pub id: TokenId,
    pub organization: OrganizationId,
    pub partner: Option<PartnerId>,
    /// Whose rights it has.
    pub person: PersonId,
    pub name: String,
    /// Patterns of permissions, such as `deals.*` or `usage.record`.
    pub scopes: Vec<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    pub revoked_by: Option<String>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl ServiceToken {
    /// `active`, `revoked` or `expired`.
    pub fn state_at(&self, now: Timestamp) -> &'static str {
        match self.revoked_at {
            Some(_) => "revoked",
            None if now >= self.expires_at => "expired",
            None => "active",
        }
    }

    pub(super) fn revoke(&mut self, by: String, now: Timestamp) -> Result<()> {
        if self.revoked_at.is_some() {
            return Err(Error::conflict("already_revoked", format!("the token `{}` was revoked before", self.name)));
        }
        self.revoked_at = Some(now);
        self.revoked_by = Some(by);
        Ok(())
    }

    /// Everyone ends their own tokens; those who answer for others end theirs too.
    pub(super) fn may_be_revoked_by(&self, actor: &Actor) -> bool {
        const ANSWERS: [&str; 4] = ["owner", "head_of_partnerships", "security", "partner_admin"];
        actor.is_system()
            || actor.reference() == self.person.to_string()
            || ANSWERS.iter().any(|role| actor.has_role(role))
    }
}

/// The scopes of a new token, in order and without repeats: each within what its person may do.
pub fn check_scopes(actor: &Actor, scopes: &[String]) -> Result<Vec<String>> {
    let mut checked: Vec<String> = scopes.iter().map(|scope| scope.trim().to_owned()).collect();
    checked.sort();
    checked.dedup();
    if checked.is_empty() || checked.len() > MOST_SCOPES {
        let rule = format!("name 1 to {MOST_SCOPES} permissions, such as `deals.list` or `deals.*`");
        return Err(Error::invalid("scopes", rule));
    }
    for scope in &checked {
        if !is_pattern(scope) {
            let shown: String = scope.chars().take(80).collect();
            let rule = format!("`{shown}` is not a permission or a pattern such as `deals.*`");
            return Err(Error::invalid("scopes", rule));
        }
        if !holds(actor, scope) {
            let whose = &actor.name;
            let rule = format!("`{scope}` reaches beyond the rights of {whose}; a token does no more than its person");
            return Err(Error::invalid("scopes", rule));
        }
    }
    Ok(checked)
}

pub fn expiry(days: u32, now: Timestamp) -> Result<Timestamp> {
    if days == 0 || days > LONGEST_DAYS {
        let rule = format!("`{days}` is not 1 to {LONGEST_DAYS} days; a token always expires");
        return Err(Error::invalid("expires_after_days", rule));
    }
    Ok(now.plus_days(i64::from(days)))
}
