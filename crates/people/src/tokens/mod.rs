//! Service tokens: with one, a program acts for the person who made it, within narrower scopes and never without an end.
//!
//! A token's rights are those of its person's role, as far as its scopes reach: a person who loses a right takes it from
//! the tokens too. The token is shown once and stored as a hash. It holds no role, so that what a rule asks of a role is
//! done by people.

mod authenticate;
mod operations;
mod pages;
mod proven;
mod store;
#[cfg(test)]
mod tests;
mod token;

pub use authenticate::authenticate_token;
use kernel::{Cx, PersonId, Registry, Result};
pub use operations::{CreateToken, CreatedToken, ListTokens, RevokeToken};
pub(crate) use pages::shown_once;
pub use token::ServiceToken;

pub fn install(registry: &mut Registry) {
    registry
        .migration("people/004", include_str!("../../migrations/004_tokens.sql"))
        .sealed("service_token", "id")
        .operation::<CreateToken>()
        .operation::<RevokeToken>()
        .query::<ListTokens>()
        .add(proven::Proven::default())
        .follow(proven::follow);
    pages::install(registry);
}

/// Revokes the tokens of somebody who leaves.
pub(crate) async fn revoke_all_of(cx: &mut Cx<'_>, person: PersonId) -> Result<usize> {
    let tokens = store::in_use_of(cx.tx, &cx.scope, person, cx.now).await?;
    for token in &tokens {
        operations::revoke(cx, token.clone()).await?;
    }
    Ok(tokens.len())
}
