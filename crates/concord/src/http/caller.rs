//! Who is calling: a service token, a session, or nobody in particular.
//!
//! A session comes in the cookie of a browser, or as `Authorization: Bearer` from the command line and other programs.
//! Only the cookie is sent by a browser on its own, so only with it a write must show the token against forgery.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, header};
use kernel::{Actor, ActorKind, Error, Result, Secret};
use serde_json::Value as Json;

use super::{Server, limit, proxy};

pub const SESSION_COOKIE: &str = "concord_session";
/// The control that a tier grants to a partner's API use.
const QUOTA_CONTROL: &str = "api_requests_per_minute";

/// The caller of one request.
pub struct Caller {
    pub actor: Actor,
    /// Set for a person who is signed in.
    pub signed: Option<people::Signed>,
    /// The token of the session that the request came with.
    pub session: Option<Secret>,
    /// Whether a browser sent the session in its cookie.
    by_cookie: bool,
    /// The address that the request came from.
    source: Option<IpAddr>,
}

/// The caller of a request; the request itself is only looked at before anything is waited for.
pub fn of<'s>(server: &'s Server, request: &Request) -> impl Future<Output = Result<Caller>> + Send + use<'s> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let source = peer.map(|peer| proxy::client(peer, request.headers(), &server.trusted_proxies));
    let authorization = request.headers().get(header::AUTHORIZATION).map(|v| v.to_str().unwrap_or_default().to_owned());
    let session = cookie(request.headers(), SESSION_COOKIE);
    async move {
        if let Some(text) = authorization {
            return bearer(server, &text, source).await;
        }
        if let Some(token) = session
            && let Some(signed) = people::authenticate_session(&server.app, &token).await?
        {
            return Ok(Caller { by_cookie: true, ..Caller::signed(signed, &token, source) });
        }
        Ok(Caller::of(server.anonymous(), source))
    }
}

async fn bearer(server: &Server, authorization: &str, source: Option<IpAddr>) -> Result<Caller> {
    let (scheme, token) = authorization.split_once(' ').unwrap_or((authorization, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        let words = "send `Authorization: Bearer …` with a service token or the token of a session";
        return Err(Error::Unauthenticated(words.to_owned()));
    }
    let token = token.trim();
    if let Some(actor) = people::authenticate_token(&server.app, token).await? {
        return Ok(Caller::of(actor, source));
    }
    if let Some(signed) = people::authenticate_session(&server.app, token).await? {
        return Ok(Caller::signed(signed, token, source));
    }
    Err(Error::Unauthenticated("the token is unknown, revoked or expired, or its session has ended".to_owned()))
}

impl Caller {
    fn of(actor: Actor, source: Option<IpAddr>) -> Self {
        Self { actor, signed: None, session: None, by_cookie: false, source }
    }

    fn signed(signed: people::Signed, token: &str, source: Option<IpAddr>) -> Self {
        let session = Some(Secret::new(token));
        Self { session, actor: signed.actor.clone(), signed: Some(signed), by_cookie: false, source }
    }

    pub fn is_partner(&self) -> bool {
        self.actor.partner.is_some() || self.actor.kind == ActorKind::Anonymous
    }

    /// A browser sends its cookie by itself, so a write must also show what only our pages know.
    pub fn check_csrf(&self, headers: &HeaderMap) -> Result<()> {
        if self.shows(headers.get("x-csrf-token").and_then(|v| v.to_str().ok())) {
            return Ok(());
        }
        Err(Error::Forbidden {
            permission: String::new(),
            message:
                "the X-CSRF-Token header is missing or of another session; outside a browser send the session or a \
                      service token as `Authorization: Bearer …`"
                    .to_owned(),
        })
    }

    /// Whether this is what the pages of the session carry; nobody else needs to show it.
    pub fn shows(&self, csrf: Option<&str>) -> bool {
        let asked = self.signed.as_ref().filter(|_| self.by_cookie);
        asked.is_none_or(|signed| csrf == Some(signed.csrf.as_str()))
    }

    /// Somebody who must set up a second factor first is told so, and not that permissions are missing.
    pub fn check_second_factor(&self, permission: &str) -> Result<()> {
        let open = self.actor.may(permission) || self.signed.as_ref().is_none_or(|signed| !signed.needs_second_factor);
        if open {
            return Ok(());
        }
        Err(Error::Forbidden {
            permission: permission.to_owned(),
            message: "the program asks a second factor of you before anything else: begin with \
                      `people.set_up_second_factor` and end with `people.confirm_second_factor`, or open /me in a browser"
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

    /// Where the request comes from, as far as attempts and requests are counted by it.
    pub fn source(&self) -> String {
        self.source.map(proxy::place).unwrap_or_default()
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
pub fn fill(operation: &str, input: &mut Json, caller: &Caller) {
    if people::TAKE_SESSION.contains(&operation) {
        let session = caller.session.as_ref();
        input["session"] = session.map_or(Json::Null, |token| Json::String(token.expose().to_owned()));
    }
    if people::TAKE_SOURCE.contains(&operation) {
        input["source"] = Json::String(caller.source());
    }
}
