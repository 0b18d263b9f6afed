//! Who acts, with which rights, and which rows they may reach.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{OrganizationId, PartnerId, PersonId, TokenId};

/// On which side of the agreement a person stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Vendor,
    Partner,
    /// Nobody in particular: sign-in, applications, public pages.
    Public,
}

/// A named set of permissions. A permission is the name of an operation or query; `deals.*` stands for all of an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Role {
    pub name: &'static str,
    pub title: &'static str,
    pub side: Side,
    pub grants: &'static [&'static str],
}

/// What somebody may do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Grants(pub Vec<String>);

impl Grants {
    pub fn of(patterns: &[&str]) -> Self {
        Self(patterns.iter().map(|p| (*p).to_owned()).collect())
    }

    pub fn allow(&self, permission: &str) -> bool {
        self.0.iter().any(|pattern| matches(pattern, permission))
    }
}

/// Whether a pattern such as `deals.*`, `*.list` or `*` covers a permission.
pub fn matches(pattern: &str, permission: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == permission,
        Some((head, tail)) => {
            permission.len() >= head.len() + tail.len() && permission.starts_with(head) && permission.ends_with(tail)
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum ActorKind {
    Person(PersonId),
    Token(TokenId),
    /// Concord itself: clocks, schedules, the demo.
    System(String),
    Anonymous,
}

/// Somebody who acts, as far as permission is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub kind: ActorKind,
    /// For people: the name that the audit trail shows.
    pub name: String,
    pub organization: OrganizationId,
    /// Set for people and tokens of a partner; they reach this partner's rows only.
    pub partner: Option<PartnerId>,
    pub grants: Grants,
    /// A service token's scopes narrow the grants further.
    pub scopes: Option<Grants>,
    /// Role names, for rules that name a role ("only the head of partnerships re-opens").
    pub roles: Vec<String>,
}

impl Actor {
    /// Concord itself, which may do everything within the organization.
    pub fn system(organization: OrganizationId, why: &str) -> Self {
        Self {
            kind: ActorKind::System(why.to_owned()),
            name: format!("Concord ({why})"),
            organization,
            partner: None,
            grants: Grants::of(&["*"]),
            scopes: None,
            roles: vec!["system".to_owned()],
        }
    }

    pub fn may(&self, permission: &str) -> bool {
        self.grants.allow(permission) && self.scopes.as_ref().is_none_or(|scopes| scopes.allow(permission))
    }

    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|r| r == role)
    }

    pub fn scope(&self) -> Scope {
        Scope { organization: self.organization, partner: self.partner }
    }

    /// The actor's identity as text: `per_…`, `tok_…`, `system:clocks` or `anonymous`.
    pub fn reference(&self) -> String {
        match &self.kind {
            ActorKind::Person(id) => id.to_string(),
            ActorKind::Token(id) => id.to_string(),
            ActorKind::System(why) => format!("system:{why}"),
            ActorKind::Anonymous => "anonymous".to_owned(),
        }
    }

    pub fn is_system(&self) -> bool {
        matches!(self.kind, ActorKind::System(_))
    }
}

/// The rows that somebody may reach: one organization, perhaps one partner of it. It is the first argument of every
/// read of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    pub organization: OrganizationId,
    pub partner: Option<PartnerId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_what_they_say() {
        for (pattern, permission, covered) in [
            ("deals.*", "deals.register", true),
            ("deals.*", "dealsX", false),
            ("*", "anything", true),
            ("*.list", "deals.list", true),
            ("deals.list", "deals.list", true),
            ("deals.list", "deals.list_all", false),
        ] {
            assert_eq!(matches(pattern, permission), covered, "{pattern} {permission}");
        }
    }
}
