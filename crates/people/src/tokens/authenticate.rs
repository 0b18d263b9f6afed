//! From the bearer token of a request to an actor, by one indexed read.

use kernel::time::MINUTE;
use kernel::{Actor, ActorKind, App, Grants, Result, Timestamp, TokenId, params};

use super::store;
use super::token::PREFIX;
use crate::members;
use crate::sign_in::token_hash;

/// The program behind a bearer token; `None` when the token is unknown, revoked or expired, or its person has left.
pub async fn authenticate_token(app: &App, bearer: &str) -> Result<Option<Actor>> {
    if !bearer.starts_with(PREFIX) {
        return Ok(None);
    }
    let now = app.now();
    let mut tx = app.db().read().await?;
    let sql = "SELECT p.*, t.id AS token, t.name AS token_name, t.scopes AS scopes, u.last_used_at AS last_used_at
               FROM service_token t JOIN person p ON p.id = t.person
               LEFT JOIN service_token_use u ON u.token = t.id
               WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND t.expires_at > $2 AND p.status = 'active'";
    let found = tx
        .one(sql, params![token_hash(bearer), now], |row| {
            let person = members::read(row)?;
            let id: TokenId = row.get("token")?;
            let name = format!("{} ({})", row.get::<String>("token_name")?, person.name);
            let scopes = Grants(row.json("scopes")?);
            let actor = Actor {
                kind: ActorKind::Token(id),
                name,
                scopes: Some(scopes),
                roles: Vec::new(),
                ..members::actor(&person)
            };
            Ok((id, actor, row.get::<Option<Timestamp>>("last_used_at")?))
        })
        .await?;
    tx.rollback().await?;
    let Some((id, actor, last_used_at)) = found else { return Ok(None) };
    if last_used_at.is_none_or(|last| now.since(last) >= MINUTE) {
        note_use(app, id, now).await;
    }
    Ok(Some(actor))
}

/// Notes that a token is in use. A request does not fail because this could not be noted.
async fn note_use(app: &App, id: TokenId, now: Timestamp) {
    let noted = async {
        let mut tx = app.db().write().await?;
        store::used(&mut tx, id, now).await?;
        tx.commit().await
    };
    if let Err(error) = noted.await {
        tracing::debug!(%error, "the use of a token was not noted");
    }
}
