//! From the bearer token of a request to an actor: from memory, or by one indexed read.

use std::sync::Arc;

use kernel::time::MINUTE;
use kernel::{Actor, ActorKind, App, Grants, Result, Timestamp, TokenId, params};
use sha2::{Digest as _, Sha256};

use super::proven::Proven;
use super::store;
use super::token::PREFIX;
use crate::members;

/// The program behind a bearer token; `None` when the token is unknown, revoked or expired, or its person has left.
pub async fn authenticate_token(app: &App, bearer: &str) -> Result<Option<Actor>> {
    if !bearer.starts_with(PREFIX) {
        return Ok(None);
    }
    let (now, digest) = (app.now(), Sha256::digest(bearer).into());
    let proven = app.registry().part::<Proven>()?;
    let generation = match proven.look(&digest, now) {
        Ok(actor) => return Ok(Some(Actor::clone(&actor))),
        Err(generation) => generation,
    };
    let Some(found) = find(app, &digest, now).await? else { return Ok(None) };
    proven.keep(digest, generation, Arc::new(found.actor.clone()), now, found.expires_at);
    if found.last_used_at.is_none_or(|last| now.since(last) >= MINUTE) {
        note_use(app, found.id, now).await;
    }
    Ok(Some(found.actor))
}

struct Found {
    id: TokenId,
    actor: Actor,
    expires_at: Timestamp,
    last_used_at: Option<Timestamp>,
}

async fn find(app: &App, digest: &[u8; 32], now: Timestamp) -> Result<Option<Found>> {
    let sql = "SELECT p.*, t.id AS token, t.name AS token_name, t.scopes AS scopes, t.expires_at AS expires_at,
                      u.last_used_at AS last_used_at
               FROM service_token t JOIN person p ON p.id = t.person
               LEFT JOIN service_token_use u ON u.token = t.id
               WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND t.expires_at > $2 AND p.status = 'active'";
    let mut tx = app.db().read().await?;
    let found = tx
        .one(sql, params![kernel::db::hex(digest), now], |row| {
            let person = members::read(row)?;
            let id: TokenId = row.get("token")?;
            let actor = Actor {
                kind: ActorKind::Token(id),
                name: format!("{} ({})", row.get::<String>("token_name")?, person.name),
                scopes: Some(Grants(row.json("scopes")?)),
                roles: Vec::new(),
                ..members::actor(&person)
            };
            Ok(Found { id, actor, expires_at: row.get("expires_at")?, last_used_at: row.get("last_used_at")? })
        })
        .await?;
    tx.rollback().await?;
    Ok(found)
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
