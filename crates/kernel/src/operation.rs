//! Operations and queries: one thing that someone can do or ask, declared once for every surface.
//!
//! An operation is a value whose fields are its input. Its name is its permission, its doc comment is its summary, its
//! route is its place in the HTTP API; OpenAPI, the command line and console forms are derived from the declaration.

use std::future::Future;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::{Cx, ReadCx};
use crate::error::Result;
use crate::ids::PartnerId;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, PartialOrd, Ord)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Method and path below `/v1`; `{name}` in the path fills the field of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, PartialOrd, Ord)]
pub struct Route {
    pub method: Method,
    pub path: &'static str,
}

pub const fn get(path: &'static str) -> Route {
    Route { method: Method::Get, path }
}
pub const fn post(path: &'static str) -> Route {
    Route { method: Method::Post, path }
}
pub const fn put(path: &'static str) -> Route {
    Route { method: Method::Put, path }
}
pub const fn patch(path: &'static str) -> Route {
    Route { method: Method::Patch, path }
}
pub const fn delete(path: &'static str) -> Route {
    Route { method: Method::Delete, path }
}

/// Whether a partner must be fully enrolled (archetype, tier, accepted terms) before the door opens (B1.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// The acting partner, or the partner that the operation is for, must be enrolled.
    Enrolled,
    /// Open before enrollment: applying, accepting terms, signing in, the vendor's own housekeeping.
    Open,
}

/// One write.
pub trait Operation: Clone + Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// Permission, CLI command and metric label: `deals.register`.
    const NAME: &'static str;
    const ROUTE: Route;
    const ACCESS: Access = Access::Enrolled;
    type Output: Serialize + DeserializeOwned + JsonSchema + Send;

    /// The partner on whose behalf a vendor acts, so that the same doors are closed for it.
    fn partner(&self) -> Option<PartnerId> {
        None
    }

    /// The table and id of the row that `If-Match` guards.
    fn subject(&self) -> Option<(&'static str, String)> {
        None
    }

    fn run(self, cx: &mut Cx<'_>) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// One read.
pub trait Query: Serialize + DeserializeOwned + JsonSchema + Send + 'static {
    const NAME: &'static str;
    const ROUTE: Route;
    const ACCESS: Access = Access::Open;
    type Output: Serialize + DeserializeOwned + JsonSchema + Send;

    /// The table and id of the row whose digest is the `ETag`.
    fn subject(&self) -> Option<(&'static str, String)> {
        None
    }

    fn run(self, cx: &mut ReadCx<'_>) -> impl Future<Output = Result<Self::Output>> + Send;
}
