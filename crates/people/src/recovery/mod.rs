//! Recovery: how somebody who forgot the password or lost the second factor comes in again.
//!
//! An administrator helps, never the person alone: a link lets choose a new password once within a day, and a second
//! factor that was lost is reset. Each helps with one of the two only, so that whoever finds a link does not get past the
//! second factor. The same rules hold as for changing somebody's rights, and the operator on the data directory may help
//! anybody, the last owner too.

mod operations;
mod pages;
mod store;
#[cfg(test)]
mod tests;

use kernel::{App, Registry, Result};
pub use operations::{ChoosePassword, PasswordReset, ResetPassword, ResetSecondFactor};
pub use pages::choose_password_page;
pub(crate) use pages::shown_once;
pub(crate) use store::{end_reset, sweep};

use crate::members::PersonSummary;
use crate::sign_in::token_hash;

pub fn install(registry: &mut Registry) {
    registry
        .migration("people/005", include_str!("../../migrations/005_recovery.sql"))
        .migration("people/006", include_str!("../../migrations/006_orders.sql"))
        .operation::<ResetPassword>()
        .operation::<ChoosePassword>()
        .operation::<ResetSecondFactor>();
}

/// Whose password the link is for, for the public page; `None` when it no longer works.
pub async fn open_password_reset(app: &App, token: &str) -> Result<Option<PersonSummary>> {
    let mut tx = app.db().read().await?;
    let found = store::person_of(&mut tx, &token_hash(token), app.now()).await;
    tx.rollback().await?;
    Ok(found?.map(|person| person.summary()))
}
