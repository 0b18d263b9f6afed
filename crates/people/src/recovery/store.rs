//! The table of links for a new password.

use kernel::{OrganizationId, PersonId, Result, Timestamp, Tx, params};

use crate::members::{self, Person};

/// Keeps a link; an earlier one of the same person stops working.
pub async fn open_reset(
    tx: &mut Tx,
    organization: OrganizationId,
    person: PersonId,
    hash: &str,
    expires_at: Timestamp,
) -> Result<()> {
    end_reset(tx, person).await?;
    let sql = "INSERT INTO password_reset (id, organization, person, expires_at) VALUES ($1, $2, $3, $4)";
    tx.run(sql, params![hash, organization, person, expires_at]).await?;
    Ok(())
}

/// The person whom the link of that hash lets choose a password: active, and the link not yet used or expired.
pub async fn person_of(tx: &mut Tx, hash: &str, now: Timestamp) -> Result<Option<Person>> {
    let sql = "SELECT p.* FROM password_reset r JOIN person p ON p.id = r.person
               WHERE r.id = $1 AND r.expires_at > $2 AND p.status = 'active'";
    tx.one(sql, params![hash, now], members::read).await
}

/// Ends the open link of a person, if there is one.
pub(crate) async fn end_reset(tx: &mut Tx, person: PersonId) -> Result<()> {
    tx.run("DELETE FROM password_reset WHERE person = $1", params![person]).await?;
    Ok(())
}

/// Removes links that have expired.
pub(crate) async fn sweep(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    tx.run("DELETE FROM password_reset WHERE expires_at <= $1", params![now]).await
}
