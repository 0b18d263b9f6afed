//! Who is calling: a bearer token, a session cookie, or nobody in particular.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, header};
use kernel::{Actor, ActorKind, Error, Result};
use serde_json::Value as Json;

use super::{Server, limit};

pub const SESSION_COOKIE: &str = "concord_session";
/// The control that a tier grants to a partner's API use.
const QUOTA_CONTROL: &str = "api_requests_per_minute";

/// The caller of one request.
pub struct Caller {
    pub actor: Actor,
    /// Set for a signed-in browser: its writes must show the token of the session.
    pub signed: Option<people::Signed>,
    /// The address that the request came from.
    source: Option<IpAddr>,
}

/// The caller of a request; the request itself is only looked at before anything is waited for.
pub fn of<'s>(server: &'s Server, request: &Request) -> impl Future<Output = Result<Caller>> + Send + use<'s> {
    let source = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let authorization = request.headers().get(header::AUTHORIZATION).map(|v| v.to_str().unwrap_or_default().to_owned());
    let session = cookie(request.headers(), SESSION_COOKIE);
    async move {
        if let Some(text) = authorization {
            return Ok(Caller { actor: bearer(server, &text).await?, signed: None, source });
        }
        if let Some(token) = session
            && let Some(signed) = people::authenticate_session(&server.app, &token).await?
        {
            return Ok(Caller { actor: signed.actor.clone(), signed: Some(signed), source });
        }
        Ok(Caller { actor: server.anonymous(), signed: None, source })
    }
}

async fn bearer(server: &Server, authorization: &str) -> Result<Actor> {
    let (scheme, token) = authorization.split_once(' ').unwrap_or((authorization, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Error::Unauthenticated("send `Authorization: Bearer TOKEN` with a service token".to_owned()));
    }
    let actor = people::authenticate_token(&server.app, token.trim()).await?;
    actor.ok_or_else(|| Error::Unauthenticated("the token is unknown, revoked or expired".to_owned()))
}

impl Caller {
    pub fn is_partner(&self) -> bool {
        self.actor.partner.is_some() || self.actor.kind == ActorKind::Anonymous
    }

    /// A browser sends its cookie by itself, so a write must also show what only our pages know.
    pub fn check_csrf(&self, headers: &HeaderMap) -> Result<()> {
        let Some(signed) = &self.signed else { return Ok(()) };
        let shown = headers.get("x-csrf-token").and_then(|v| v.to_str().ok()).unwrap_or_default();
        if shown == signed.csrf {
            return Ok(());
        }
        Err(Error::Forbidden {
            permission: String::new(),
            message: "the X-CSRF-Token header is missing or of another session; use a service token outside a browser"
                .to_owned(),
        })
    }

    /// The name under which requests are counted.
    pub fn key(&self) -> String {
        match self.actor.partner {
            Some(partner) => partner.to_string(),
            None if self.actor.kind == ActorKind::Anonymous => format!("anonymous:{}", self.source()),
            None => self.actor.reference(),
        }
    }

    pub fn source(&self) -> String {
        self.source.map(|ip| ip.to_string()).unwrap_or_default()
    }

    /// Requests per minute: what the partner's tier grants, or the fixed quota of people.
    pub async fn quota(&self, server: &Server) -> Result<u32> {
        let Some(partner) = self.actor.partner else {
            let anonymous = self.actor.kind == ActorKind::Anonymous;
            return Ok(if anonymous { limit::ANONYMOUS_PER_MINUTE } else { limit::PEOPLE_PER_MINUTE });
        };
        let mut tx = server.app.db().read().await?;
        let granted = controls::value(&mut tx, &self.actor.scope(), partner, QUOTA_CONTROL).await?;
        tx.rollback().await?;
        Ok(match granted {
            Some(law::BenefitValue::Count(count)) => u32::try_from(count).unwrap_or(limit::PEOPLE_PER_MINUTE),
            _ => limit::ANONYMOUS_PER_MINUTE,
        })
    }
}

/// A cookie by name.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
}

/// Some fields are the server's to fill: the session that a request came with, the address that it came from.
pub fn fill(operation: &str, input: &mut Json, caller: &Caller, session: Option<&str>) {
    if people::TAKE_SESSION.contains(&operation) {
        input["session"] = session.map_or(Json::Null, |token| Json::String(token.to_owned()));
    }
    if people::TAKE_SOURCE.contains(&operation) {
        input["source"] = Json::String(caller.source());
    }
}
