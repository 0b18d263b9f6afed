//! The tables of credentials, sessions, used codes and failures.

use kernel::{OrganizationId, PersonId, Result, Row, Scope, Timestamp, Tx, params};

use super::session::{IDLE, Session, SessionSummary, State};
use super::throttle::{Counter, REMEMBERED, wait_seconds};

/// How a person proves who they are: hashes, and sealed seeds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Credential {
    pub password_hash: Option<String>,
    pub password_changed_at: Option<Timestamp>,
    pub second_factor: Option<Vec<u8>>,
    pub second_factor_at: Option<Timestamp>,
    pub pending_factor: Option<Vec<u8>>,
    pub recovery_hashes: Vec<String>,
}

fn read_credential(row: &Row) -> Result<Credential> {
    Ok(Credential {
        password_hash: row.get("password_hash")?,
        password_changed_at: row.get("password_changed_at")?,
        second_factor: row.get("second_factor")?,
        second_factor_at: row.get("second_factor_at")?,
        pending_factor: row.get("pending_factor")?,
        recovery_hashes: row.json("recovery_hashes")?,
    })
}

pub(crate) async fn credential(tx: &mut Tx, person: PersonId) -> Result<Option<Credential>> {
    tx.one("SELECT * FROM sign_in_credential WHERE id = $1", params![person], read_credential).await
}

pub(crate) async fn save_credential(
    tx: &mut Tx,
    scope: &Scope,
    person: PersonId,
    credential: &Credential,
) -> Result<()> {
    tx.save(
        "sign_in_credential",
        &[
            ("id", person.into()),
            ("organization", scope.organization.into()),
            ("password_hash", credential.password_hash.clone().into()),
            ("password_changed_at", credential.password_changed_at.into()),
            ("second_factor", credential.second_factor.clone().into()),
            ("second_factor_at", credential.second_factor_at.into()),
            ("pending_factor", credential.pending_factor.clone().into()),
            ("recovery_hashes", serde_json::to_string(&credential.recovery_hashes)?.into()),
        ],
    )
    .await
}

fn read_session(row: &Row) -> Result<Session> {
    Ok(Session {
        id: row.get("id")?,
        person: row.get("person")?,
        state: State::read(&row.get::<String>("state")?)?,
        created_at: row.get("created_at")?,
        last_seen_at: row.get("last_seen_at")?,
        expires_at: row.get("expires_at")?,
    })
}

pub async fn open_session(tx: &mut Tx, organization: OrganizationId, session: &Session) -> Result<()> {
    let sql = "INSERT INTO session (id, organization, person, state, created_at, last_seen_at, expires_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let Session { id, person, state, created_at, last_seen_at, expires_at } = session;
    let values = params![id, organization, person, state.name(), *created_at, *last_seen_at, *expires_at];
    tx.run(sql, values).await?;
    Ok(())
}

/// The session of that hash, unless it has expired.
pub async fn session(tx: &mut Tx, id: &str, now: Timestamp) -> Result<Option<Session>> {
    let sql = "SELECT * FROM session WHERE id = $1 AND expires_at > $2 AND last_seen_at > $3";
    tx.one(sql, params![id, now, now.plus_micros(-IDLE)], read_session).await
}

pub async fn sessions_of(tx: &mut Tx, person: PersonId, now: Timestamp) -> Result<Vec<SessionSummary>> {
    let sql = "SELECT * FROM session WHERE person = $1 AND expires_at > $2 AND last_seen_at > $3
               AND state <> 'awaiting_code' ORDER BY created_at DESC LIMIT 50";
    tx.all(sql, params![person, now, now.plus_micros(-IDLE)], |row| {
        let Session { created_at, last_seen_at, expires_at, .. } = read_session(row)?;
        Ok(SessionSummary { created_at, last_seen_at, expires_at })
    })
    .await
}

pub async fn activate_session(tx: &mut Tx, id: &str, person: PersonId) -> Result<()> {
    let sql = "UPDATE session SET state = 'active' WHERE id = $1 AND person = $2 AND state = 'enroll_second_factor'";
    tx.run(sql, params![id, person]).await?;
    Ok(())
}

pub async fn end_session(tx: &mut Tx, id: &str, person: PersonId) -> Result<u64> {
    tx.run("DELETE FROM session WHERE id = $1 AND person = $2", params![id, person]).await
}

/// Ends the sessions of a person, all or all but one.
pub(crate) async fn end_sessions(tx: &mut Tx, person: PersonId, but: Option<&str>) -> Result<u64> {
    tx.run("DELETE FROM session WHERE person = $1 AND id <> $2", params![person, but.unwrap_or_default()]).await
}

pub async fn seen(tx: &mut Tx, id: &str, now: Timestamp) -> Result<()> {
    tx.run("UPDATE session SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2", params![id, now]).await?;
    Ok(())
}

/// Uses up the code of a step; false when it, or a later one, was used before.
pub async fn use_step(tx: &mut Tx, person: PersonId, step: i64) -> Result<bool> {
    let sql = "INSERT INTO second_factor_use (person, step) VALUES ($1, $2)
               ON CONFLICT (person) DO UPDATE SET step = excluded.step WHERE second_factor_use.step < excluded.step";
    Ok(tx.run(sql, params![person, step]).await? > 0)
}

/// The longest wait of the counters; 0 when the next attempt may be made.
pub async fn wait(tx: &mut Tx, counters: &[Counter], now: Timestamp) -> Result<i64> {
    let mut longest = 0;
    for counter in counters {
        let sql = "SELECT failures, last_at FROM sign_in_failure WHERE id = $1";
        let found = tx.one(sql, params![&counter.id], |row| Ok((row.get("failures")?, row.get("last_at")?))).await?;
        if let Some((failures, last_at)) = found {
            longest = longest.max(wait_seconds(failures, counter.free, last_at, now));
        }
    }
    Ok(longest)
}

pub async fn count_failure(tx: &mut Tx, counters: &[Counter], now: Timestamp) -> Result<()> {
    for counter in counters {
        let sql = "INSERT INTO sign_in_failure (id, failures, last_at) VALUES ($1, 1, $2)
                   ON CONFLICT (id) DO UPDATE SET last_at = excluded.last_at,
                   failures = CASE WHEN sign_in_failure.last_at <= $3 THEN 1 ELSE sign_in_failure.failures + 1 END";
        tx.run(sql, params![&counter.id, now, now.plus_micros(-REMEMBERED)]).await?;
    }
    Ok(())
}

pub async fn forget_failures(tx: &mut Tx, counter: &Counter) -> Result<()> {
    tx.run("DELETE FROM sign_in_failure WHERE id = $1", params![&counter.id]).await?;
    Ok(())
}

/// Removes sessions and failures that no longer count.
pub async fn sweep(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    let sessions = tx.run("DELETE FROM session WHERE expires_at <= $1", params![now]).await?;
    let old = params![now.plus_micros(-REMEMBERED)];
    Ok(sessions + tx.run("DELETE FROM sign_in_failure WHERE last_at <= $1", old).await?)
}
