//! Doors for other protocols: requests whose shape a standard fixes (webhooks, AuthZEN), answered by an area.

use std::collections::BTreeMap;

use futures::future::BoxFuture;

use crate::actor::Actor;
use crate::app::App;
use crate::operation::Route;

/// A request as it came in; the body is not read by anyone else.
pub struct RawRequest {
    pub app: App,
    /// Who the bearer token or session says it is; anonymous where there is none.
    pub actor: Actor,
    /// Header names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Parts of the path by name.
    pub params: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

/// What goes back.
#[derive(Debug, Default)]
pub struct RawResponse {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// One such door; added to the registry with `registry.add(Endpoint { … })`. The path is the whole path.
#[derive(Clone, Copy)]
pub struct Endpoint {
    pub route: Route,
    /// One line for the API description.
    pub summary: &'static str,
    pub answer: fn(RawRequest) -> BoxFuture<'static, RawResponse>,
}
