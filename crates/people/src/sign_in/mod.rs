//! Sign-in: passwords, second factors, sessions, and patience with those who guess.
//!
//! A password is kept as an Argon2id hash and costs the same work whether the address is known or not. The second factor
//! is a time-based code (RFC 6238) that works once; ten recovery codes stand in for a lost device. A session is a random
//! token of which only the hash is stored. Failures in a row, by address and by place, make the next attempt wait.

mod authenticate;
mod operations;
mod pages;
pub(crate) mod password;
mod second_factor;
mod session;
mod store;
#[cfg(test)]
mod tests;
mod throttle;

pub use authenticate::{Signed, anonymous, authenticate_session, organization_of_email};
use kernel::{App, Cx, PersonId, Registry, Result, Secret, Timestamp, Tx};
pub use operations::{
    ChangePassword, ConfirmSecondFactor, FinishSignIn, SecondFactorReady, SetUpSecondFactor, SignIn,
    SignInWithPassword, SignOut, Sweep,
};
pub(crate) use pages::{BRAND, own_cards, shown_once};
pub use pages::{code_page, sign_in_page};
use schemars::JsonSchema;
pub use second_factor::PendingFactor;
use serde::{Deserialize, Serialize};
pub use session::SessionSummary;
pub(crate) use session::{token_hash, token_text};
pub(crate) use store::{Credential, end_sessions};

use crate::members::Person;

const SECONDS_PER_DAY: i64 = 86_400;

pub fn install(registry: &mut Registry) {
    registry
        .migration("people/002", include_str!("../../migrations/002_sign_in.sql"))
        .sealed("sign_in_credential", "id")
        .operation::<SignInWithPassword>()
        .operation::<FinishSignIn>()
        .operation::<SignOut>()
        .operation::<SetUpSecondFactor>()
        .operation::<ConfirmSecondFactor>()
        .operation::<ChangePassword>()
        .operation::<Sweep>()
        .schedule(SECONDS_PER_DAY, "people.sweep", serde_json::json!({}));
}

/// How a person signs in, without the secrets.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// Whether a second factor is set up.
    pub second_factor: bool,
    pub second_factor_at: Option<Timestamp>,
    pub recovery_codes_left: usize,
    pub password_changed_at: Option<Timestamp>,
    /// Sessions that are open now, the newest first.
    pub sessions: Vec<SessionSummary>,
}

pub(crate) async fn account(tx: &mut Tx, person: PersonId, now: Timestamp) -> Result<Account> {
    let credential = store::credential(tx, person).await?.unwrap_or_default();
    Ok(Account {
        second_factor: credential.second_factor.is_some(),
        second_factor_at: credential.second_factor_at,
        recovery_codes_left: credential.recovery_hashes.len(),
        password_changed_at: credential.password_changed_at,
        sessions: store::sessions_of(tx, person, now).await?,
    })
}

/// The second factor that the person has begun to set up: shown until it is confirmed.
pub(crate) async fn pending_factor(tx: &mut Tx, app: &App, person: &Person) -> Result<Option<PendingFactor>> {
    let sealed = store::credential(tx, person.id).await?.and_then(|credential| credential.pending_factor);
    sealed.map(|sealed| second_factor::pending(&app.vault().open(&sealed)?, &person.email)).transpose()
}

/// Gives somebody another password: failures are forgotten, and every session ends.
pub(crate) async fn replace_password(cx: &mut Cx<'_>, person: &Person, password: Secret) -> Result<()> {
    let mut credential = store::credential(cx.tx, person.id).await?.unwrap_or_default();
    credential.password_hash = Some(password::hash(password, cx.app.random()).await?);
    credential.password_changed_at = Some(cx.now);
    store::save_credential(cx.tx, &cx.scope, person.id, &credential).await?;
    store::forget_failures(cx.tx, &throttle::Counter::of_address(&person.email)).await?;
    store::end_sessions(cx.tx, person.id, None).await?;
    Ok(())
}

/// Forgets the second factor of somebody, also one that is not confirmed yet, with its recovery codes; every session
/// ends. False when there is none.
pub(crate) async fn forget_second_factor(cx: &mut Cx<'_>, person: PersonId) -> Result<bool> {
    let before = store::credential(cx.tx, person).await?.unwrap_or_default();
    if before.second_factor.is_none() && before.pending_factor.is_none() {
        return Ok(false);
    }
    let Credential { password_hash, password_changed_at, .. } = before;
    let after = Credential { password_hash, password_changed_at, ..Credential::default() };
    store::save_credential(cx.tx, &cx.scope, person, &after).await?;
    store::end_sessions(cx.tx, person, None).await?;
    Ok(true)
}

/// The credential of somebody new, with or without a password.
pub(crate) async fn store_credential(cx: &mut Cx<'_>, person: PersonId, password_hash: Option<String>) -> Result<()> {
    let password_changed_at = password_hash.as_ref().map(|_| cx.now);
    let credential = Credential { password_hash, password_changed_at, ..Credential::default() };
    store::save_credential(cx.tx, &cx.scope, person, &credential).await
}
