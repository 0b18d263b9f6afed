//! The HTTP faces: API, console and portal, protocol doors, and what operators look at. One router, one way in.

mod api;
mod caller;
mod export;
mod forms;
mod limit;
pub mod openapi;
mod operational;
mod problem;
pub mod proxy;
mod reference;
mod site;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use axum::middleware::{self, Next};
use axum::routing::{MethodFilter, MethodRouter, on};
use ipnet::IpNet;
use kernel::operation::Method;
use kernel::{App, OrganizationId};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tracing::Instrument as _;

/// The largest body that is read, in bytes.
pub const LARGEST_BODY: usize = 8 * 1024 * 1024;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What every handler shares.
#[derive(Clone)]
pub struct Server {
    pub app: App,
    pub organization: OrganizationId,
    /// Whether cookies may travel over plain HTTP (loopback and demo).
    pub secure_cookies: bool,
    /// A line over every page, such as the demo's.
    pub banner: Option<Arc<str>>,
    /// Networks of the proxies whose word on the client's address counts.
    trusted_proxies: Arc<[IpNet]>,
    limiter: Arc<limit::Limiter>,
    readiness: Arc<operational::Readiness>,
    metrics: Option<metrics_exporter_prometheus::PrometheusHandle>,
}

impl Server {
    pub fn new(app: App, organization: OrganizationId) -> Self {
        Self {
            app,
            organization,
            secure_cookies: false,
            banner: None,
            trusted_proxies: Arc::new([]),
            limiter: Arc::default(),
            readiness: Arc::default(),
            metrics: None,
        }
    }

    #[must_use]
    pub fn metrics(mut self, handle: metrics_exporter_prometheus::PrometheusHandle) -> Self {
        self.metrics = Some(handle);
        self
    }

    #[must_use]
    pub fn banner(mut self, line: &str) -> Self {
        self.banner = Some(line.into());
        self
    }

    #[must_use]
    pub fn secure_cookies(mut self, secure: bool) -> Self {
        self.secure_cookies = secure;
        self
    }

    /// Believes `X-Forwarded-For` of requests that come from these networks.
    #[must_use]
    pub fn trusted_proxies(mut self, networks: Vec<IpNet>) -> Self {
        self.trusted_proxies = networks.into();
        self
    }

    /// From now on `/readyz` says that the node is leaving, so that a balancer sends no more.
    pub fn drain(&self) {
        self.readiness.drain();
    }

    /// The whole router.
    pub fn router(&self) -> Router {
        let mut router = Router::new();
        for (path, methods) in api::routes(self) {
            router = router.route(&path, methods);
        }
        router = operational::routes(router, self);
        router = site::routes(router, self);
        router = forms::routes(router, self);
        router = reference::routes(router, self);
        router
            .fallback(not_found)
            .method_not_allowed_fallback(wrong_method)
            .layer(DefaultBodyLimit::max(LARGEST_BODY))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(CompressionLayer::new())
            .layer(middleware::from_fn_with_state(self.clone(), around))
    }
}

/// Around every request: its id, its span, security headers.
async fn around(
    axum::extract::State(server): axum::extract::State<Server>,
    mut request: Request,
    next: Next,
) -> Response<Body> {
    let given = request.headers().get(&REQUEST_ID).and_then(|v| v.to_str().ok()).filter(|v| well_formed(v));
    let id = given.map_or_else(|| format!("req_{}", kernel::db::hex(&server.app.random::<10>())), str::to_owned);
    request.extensions_mut().insert(RequestId(id.clone().into()));
    let path = request.extensions().get::<axum::extract::MatchedPath>().map(|p| p.as_str().to_owned());
    let shown = loggable(request.uri().path(), path.as_deref());
    let span = tracing::info_span!("request", method = %request.method(), path = shown, request_id = %id);
    #[allow(clippy::disallowed_methods)] // measures the request for metrics and the access log
    let started = std::time::Instant::now();
    let method = request.method().to_string();
    let mut response = next.run(request).instrument(span.clone()).await;
    let seconds = started.elapsed().as_secs_f64();
    let status = response.status().as_u16();
    metrics::histogram!("concord_http_seconds", "route" => path.unwrap_or_default(), "method" => method, "status" => status.to_string())
        .record(seconds);
    span.in_scope(|| tracing::info!(status, ms = seconds * 1000.0, "answered"));
    secure(response.headers_mut(), &id);
    response
}

/// The path as the log may show it: what a link proves (`/invitations/{token}`) must not reach the log.
fn loggable<'p>(path: &'p str, matched: Option<&'p str>) -> &'p str {
    matched.filter(|pattern| !pattern.starts_with("/v1") && pattern.contains("{token}")).unwrap_or(path)
}

fn secure(headers: &mut axum::http::HeaderMap, request_id: &str) {
    let fixed = [
        ("content-security-policy", ui::CONTENT_SECURITY_POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ];
    for (name, value) in fixed {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

fn well_formed(id: &str) -> bool {
    (1..=100).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
}

/// The id of a request, in its headers, its problems and its log lines.
#[derive(Clone)]
pub struct RequestId(pub Arc<str>);

pub fn request_id(request: &Request) -> String {
    request.extensions().get::<RequestId>().map(|id| id.0.to_string()).unwrap_or_default()
}

fn wants_page(request: &Request) -> bool {
    let accepts = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    accepts.contains("text/html") && !request.uri().path().starts_with("/v1")
}

async fn not_found(request: Request) -> Response<Body> {
    let detail = format!("There is nothing at {}.", request.uri().path());
    if wants_page(&request) {
        return site::error_page(StatusCode::NOT_FOUND, &detail);
    }
    let detail = format!("{detail} The API is described at /reference.");
    problem::plain(StatusCode::NOT_FOUND, "not_found", &detail, &request_id(&request))
}

async fn wrong_method(request: Request) -> Response<Body> {
    let detail = format!("{} is not possible at {}; see /reference.", request.method(), request.uri().path());
    problem::plain(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", &detail, &request_id(&request))
}

fn panicked(panic: Box<dyn std::any::Any + Send + 'static>) -> Response<Body> {
    let what = panic.downcast_ref::<String>().cloned();
    let what = what.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default();
    tracing::error!(what, "a request handler panicked");
    let detail = "Something went wrong on our side; the log of the server says what.";
    problem::plain(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail, "")
}

fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Put => MethodFilter::PUT,
        Method::Patch => MethodFilter::PATCH,
        Method::Delete => MethodFilter::DELETE,
    }
}

/// Adds a method to what is already routed at a path.
fn mount<H>(routes: &mut HashMap<String, MethodRouter>, path: String, method: Method, handler: H)
where
    H: AsyncHandler,
{
    let existing = routes.remove(&path).unwrap_or_default();
    let mounted = existing.merge(on(filter(method), move |request: Request| {
        let handler = handler.clone();
        async move { handler.answer(request).await }
    }));
    routes.insert(path, mounted);
}

/// A handler made from a declaration, cloned for each request.
trait AsyncHandler: Clone + Send + Sync + 'static {
    fn answer(self, request: Request) -> impl Future<Output = Response<Body>> + Send;
}

/// Path parameters by name, decoded.
async fn path_params(request: &mut axum::http::request::Parts) -> BTreeMap<String, String> {
    use axum::extract::{FromRequestParts as _, RawPathParams};
    match RawPathParams::from_request_parts(request, &()).await {
        Ok(params) => params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        Err(_) => BTreeMap::new(),
    }
}

/// The query string, decoded, in order.
fn query_pairs(uri: &axum::http::Uri) -> Vec<(String, String)> {
    axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri).map(|query| query.0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::loggable;

    #[test]
    fn the_token_of_a_link_is_not_logged() {
        for (path, matched, shown) in [
            ("/invitations/s3cret", Some("/invitations/{token}"), "/invitations/{token}"),
            ("/v1/deals/deal_1", Some("/v1/deals/{deal}"), "/v1/deals/deal_1"),
            ("/nowhere", None, "/nowhere"),
        ] {
            assert_eq!(loggable(path, matched), shown);
        }
    }
}
