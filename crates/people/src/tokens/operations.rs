//! Making, listing and revoking tokens.

use kernel::app::ReadCx;
use kernel::{
    Cx, Error, Filter, Operation, Page, PageRequest, PersonId, Query, Result, Route, Timestamp, TokenId, delete, get,
    post,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::store;
use super::token::{PREFIX, ServiceToken, check_scopes, expiry};
use crate::members::{check_name, forbidden, own_id};
use crate::sign_in::{token_hash, token_text};

/// Make a token with which a program acts for you, within scopes of your choice.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateToken {
    /// What the token is for.
    pub name: String,
    /// Permissions or patterns, such as `deals.list` or `usage.*`; each within your own rights.
    pub scopes: Vec<String>,
    /// Days until the token expires, at most 365.
    #[schemars(range(min = 1, max = 365))]
    pub expires_after_days: u32,
}

/// A token just made.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreatedToken {
    pub id: TokenId,
    /// The token. It is shown here and nowhere else.
    pub token: String,
    pub expires_at: Timestamp,
}

impl Operation for CreateToken {
    const NAME: &'static str = "tokens.create";
    const ROUTE: Route = post("/tokens");
    type Output = CreatedToken;

    async fn run(self, cx: &mut Cx<'_>) -> Result<CreatedToken> {
        let text = format!("{PREFIX}{}", token_text(cx.app.random()));
        let token = ServiceToken {
            id: cx.id(),
            organization: cx.scope.organization,
            partner: cx.scope.partner,
            person: own_id(cx.actor)?,
            name: check_name(&self.name)?,
            scopes: check_scopes(cx.actor, &self.scopes)?,
            created_at: cx.now,
            expires_at: expiry(self.expires_after_days, cx.now)?,
            revoked_at: None,
            revoked_by: None,
            last_used_at: None,
        };
        store::insert(cx.tx, &token, &token_hash(&text)).await?;
        let summary = format!("{} made the token `{}` for {}", cx.actor.name, token.name, token.scopes.join(", "));
        cx.emit("token.created", token.id, token.partner, summary, &token);
        Ok(CreatedToken { id: token.id, token: text, expires_at: token.expires_at })
    }
}

/// Revoke a token: it stops working at once.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RevokeToken {
    pub token: TokenId,
}

impl Operation for RevokeToken {
    const NAME: &'static str = "tokens.revoke";
    const ROUTE: Route = delete("/tokens/{token}");
    const ACCESS: kernel::Access = kernel::Access::Open;
    type Output = ServiceToken;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("service_token", self.token.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<ServiceToken> {
        let token = store::by_id(cx.tx, &cx.scope, self.token).await?;
        let token = token.ok_or_else(|| Error::not_found("token", self.token))?;
        if !token.may_be_revoked_by(cx.actor) {
            return Err(forbidden(Self::NAME, "this token is somebody else's; ask them or an administrator"));
        }
        revoke(cx, token).await
    }
}

pub(super) async fn revoke(cx: &mut Cx<'_>, mut token: ServiceToken) -> Result<ServiceToken> {
    token.revoke(cx.actor.reference(), cx.now)?;
    store::end(cx.tx, &token).await?;
    let summary = format!("The token `{}` was revoked", token.name);
    cx.emit("token.revoked", token.id, token.partner, summary, &token);
    Ok(token)
}

/// List the service tokens.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListTokens {
    /// The tokens of one person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListTokens {
    const NAME: &'static str = "tokens.list";
    const ROUTE: Route = get("/tokens");
    type Output = Page<ServiceToken>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<ServiceToken>> {
        let filters = vec![Filter::Is("t.person", self.person.map(Into::into))];
        store::page(cx.tx, &cx.scope, &self.page, filters).await
    }
}
