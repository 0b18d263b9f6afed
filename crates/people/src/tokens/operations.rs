//! Making, listing and revoking tokens.

use kernel::app::ReadCx;
use kernel::{
    Actor, Cx, Error, Filter, Operation, Page, PageRequest, PersonId, Query, Result, Route, Timestamp, TokenId, delete,
    get, post,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::store;
use super::token::{PREFIX, ServiceToken, check_scopes, expiry};
use crate::members::{self, Status, check_name, forbidden, own_id};
use crate::sign_in::{token_hash, token_text};

/// Make a token with which a program acts for you, within scopes of your choice.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateToken {
    /// What the token is for.
    pub name: String,
    /// Permissions or patterns, such as `deals.list` or `usage.*`; each within the rights of its person.
    pub scopes: Vec<String>,
    /// Days until the token expires, at most 365.
    #[schemars(range(min = 1, max = 365))]
    pub expires_after_days: u32,
    /// Whose rights the token has. Everyone makes tokens for themselves; only the operator on the data directory names
    /// somebody, and must.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
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
        let holder = holder(cx, self.person).await?;
        let text = format!("{PREFIX}{}", token_text(cx.app.random()));
        let token = ServiceToken {
            id: cx.id(),
            organization: cx.scope.organization,
            partner: holder.partner,
            person: own_id(&holder)?,
            name: check_name(&self.name)?,
            scopes: check_scopes(&holder, &self.scopes)?,
            created_at: cx.now,
            expires_at: expiry(self.expires_after_days, cx.now)?,
            revoked_at: None,
            revoked_by: None,
            last_used_at: None,
        };
        store::insert(cx.tx, &token, &token_hash(&text)).await?;
        let whose = if cx.actor.is_system() { format!(" in the name of {}", holder.name) } else { String::new() };
        let scopes = token.scopes.join(", ");
        let summary = format!("{} made the token `{}` for {scopes}{whose}", cx.actor.name, token.name);
        cx.emit("token.created", token.id, token.partner, summary, &token);
        Ok(CreatedToken { id: token.id, token: text, expires_at: token.expires_at })
    }
}

/// The person whose rights a new token has. The first token of an installation is made by its operator, who has no
/// account: it names a person, and the token gets no more than that person's rights.
async fn holder(cx: &mut Cx<'_>, wanted: Option<PersonId>) -> Result<Actor> {
    if !cx.actor.is_system() {
        let own = own_id(cx.actor)?;
        if wanted.is_some_and(|wanted| wanted != own) {
            return Err(forbidden(CreateToken::NAME, "everyone makes tokens for themselves; leave `person` out"));
        }
        return Ok(cx.actor.clone());
    }
    let Some(wanted) = wanted else {
        let rule =
            "is required on the data directory: name whose rights the token has, `per_…` of `concord people list`";
        return Err(Error::invalid("person", rule));
    };
    let person = members::by_id(cx.tx, &cx.scope, wanted).await?.ok_or_else(|| Error::not_found("person", wanted))?;
    if person.status != Status::Active {
        let message = format!("{} was deactivated and cannot have a token; reactivate first", person.name);
        return Err(Error::conflict("person_deactivated", message));
    }
    Ok(members::actor(&person))
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
