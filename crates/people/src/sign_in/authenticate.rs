//! Who is asking: from the token of a session to an actor, once for each request and by one indexed read.

use kernel::{Actor, ActorKind, App, Grants, OrganizationId, Result, Timestamp, params};

use super::session::{IDLE, SEEN_EVERY, State, csrf, token_hash};
use super::store;
use crate::members::{self, PersonSummary, email_key};
use crate::roles::{ENROLLING, role};

/// Somebody with an open session.
#[derive(Debug, Clone)]
pub struct Signed {
    pub actor: Actor,
    pub person: PersonSummary,
    /// What the forms of this session must carry.
    pub csrf: String,
    /// IANA name of the person's time zone.
    pub zone: String,
    /// The program wants a second factor that is not set up yet: nothing else is allowed before (`/me` sets it up).
    pub needs_second_factor: bool,
}

/// Nobody in particular, who may sign in and accept an invitation.
pub fn anonymous(organization: OrganizationId) -> Actor {
    Actor {
        kind: ActorKind::Anonymous,
        name: "Nobody in particular".to_owned(),
        organization,
        partner: None,
        grants: role("anonymous").map(|role| Grants::of(role.grants)).unwrap_or_default(),
        scopes: None,
        roles: vec!["anonymous".to_owned()],
    }
}

/// The person behind the token of a session; `None` when it is unknown or has ended.
pub async fn authenticate_session(app: &App, token: &str) -> Result<Option<Signed>> {
    let (now, id) = (app.now(), token_hash(token));
    let mut tx = app.db().read().await?;
    let sql = "SELECT p.*, s.state AS session_state, s.last_seen_at AS seen_at FROM session s
               JOIN person p ON p.id = s.person
               WHERE s.id = $1 AND s.expires_at > $2 AND s.last_seen_at > $3 AND p.status = 'active'";
    let found = tx
        .one(sql, params![&id, now, now.plus_micros(-IDLE)], |row| {
            let state = State::read(&row.get::<String>("session_state")?)?;
            Ok((members::read(row)?, state, row.get::<Timestamp>("seen_at")?))
        })
        .await?;
    tx.rollback().await?;
    let Some((person, state, seen_at)) = found else { return Ok(None) };
    if state == State::AwaitingCode {
        return Ok(None);
    }
    if now.since(seen_at) >= SEEN_EVERY {
        note_use(app, &id, now).await;
    }
    let needs_second_factor = state == State::EnrollSecondFactor;
    let mut actor = members::actor(&person);
    if needs_second_factor {
        actor.scopes = Some(Grants::of(ENROLLING));
        actor.roles.clear();
    }
    let (person, zone) = (person.summary(), person.zone);
    Ok(Some(Signed { actor, person, csrf: csrf(token), zone, needs_second_factor }))
}

/// Notes that a session is in use. A request does not fail because this could not be noted.
async fn note_use(app: &App, id: &str, now: Timestamp) {
    let noted = async {
        let mut tx = app.db().write().await?;
        store::seen(&mut tx, id, now).await?;
        tx.commit().await
    };
    if let Err(error) = noted.await {
        tracing::debug!(%error, "the use of a session was not noted");
    }
}

/// The organization that the address belongs to, so that sign-in happens there.
pub async fn organization_of_email(app: &App, email: &str) -> Result<Option<OrganizationId>> {
    let mut tx = app.db().read().await?;
    let sql = "SELECT organization FROM person WHERE email_key = $1";
    let found = tx.one(sql, params![email_key(email)], |row| row.get("organization")).await;
    tx.rollback().await?;
    found
}
