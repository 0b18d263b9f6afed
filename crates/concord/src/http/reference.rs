//! The API reference: every operation and query with its fields, and a form to try it as the one who is signed in.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use axum::routing::get;
use kernel::Endpoint;
use kernel::operation::Method;
use kernel::registry::Declaration;
use serde_json::Value as Json;
use ui::{Frame, Markup, Render as _, Side, html};

use super::{Server, caller, openapi, site};

pub fn routes(router: Router, server: &Server) -> Router {
    router.merge(
        Router::new().route("/reference", get(index)).route("/reference/{area}", get(area)).with_state(server.clone()),
    )
}

/// Problem codes that have no operation of their own.
const PROBLEMS: [(&str, &str); 12] = [
    ("unauthenticated", "401: sign in or send a service token."),
    ("forbidden", "403: your roles or the token's scopes do not hold the permission that `permission` names."),
    (
        "not_enrolled",
        "403: the partner is not enrolled yet; `reasons` say what is missing (archetype, tier, accepted terms).",
    ),
    (
        "not_found",
        "404: no such thing within your reach. What belongs to others looks the same as what does not exist.",
    ),
    ("method_not_allowed", "405: the path exists, the method does not."),
    ("too_large", "413: send less at once."),
    ("invalid", "422: `errors` name each field and the rule that it breaks. Nothing was written."),
    ("precondition_failed", "412: `If-Match` is not the current version; read again."),
    ("quota_exceeded", "429: wait as long as `Retry-After` says."),
    ("try_again", "503: another change came first more often than we retry; send it again."),
    ("internal", "500: our fault; tell support the `request_id`."),
    ("no_program", "409: no program is in force yet."),
];

async fn index(State(server): State<Server>, request: Request) -> Response<Body> {
    let mut areas: Vec<(&str, usize)> = Vec::new();
    for declaration in server.app.registry().catalogue() {
        let area = declaration.name.split('.').next().unwrap_or_default();
        match areas.iter_mut().find(|(known, _)| *known == area) {
            Some((_, count)) => *count += 1,
            None => areas.push((area, 1)),
        }
    }
    let body = html! {
        p { "Everything that Concord can do, it does over this API: console, portal and command line use the same operations. "
            "The machine-readable description is " a href="/openapi.json" { "openapi.json" } " (OpenAPI 3.1)." }
        (ui::section("Areas", &html! { ul { @for (area, count) in &areas {
            li { a href={ "/reference/" (area) } { (ui::humanize(area)) } " " span.muted { (count) " entries" } }
        } } }))
        (ui::section("Conventions", &html! { ul {
            li { "Send " code { "Authorization: Bearer TOKEN" } " with a service token, or be signed in." }
            li { "Amounts are text with their currency, " code { "EUR 1250.00" } "; rates " code { "20%" } "; instants RFC 3339 in UTC; days " code { "2026-03-01" } "." }
            li { "Lists are paged: send " code { "cursor" } " = the " code { "next" } " of the page before; " code { "limit" } " is 500 at most; " code { "sort=-field" } " sorts downwards. " code { "format=csv" } " or " code { "format=jsonl" } " streams all pages." }
            li { "A write with an " code { "Idempotency-Key" } " can be repeated safely; one with " code { "If-Match" } " is refused if the thing has changed." }
            li { "Every error is a problem document (RFC 9457)." }
        } }))
        (ui::section("Protocol doors", &html! { ul { @for endpoint in server.app.registry().parts::<Endpoint>() {
            li { code { (endpoint.route.method.name()) " " (endpoint.route.path) } " " (endpoint.summary) }
        } } }))
        (ui::section("Problems", &html! { dl { @for (code, text) in PROBLEMS {
            dt id={ "problem-" (code) } { code { (code) } } dd { (text) }
        } } }))
    };
    page(&server, request, "API reference", None, body).await
}

async fn area(State(server): State<Server>, request: Request) -> Response<Body> {
    let wanted = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
    let catalogue = server.app.registry().catalogue();
    let entries: Vec<&Declaration> =
        catalogue.into_iter().filter(|d| d.name.split('.').next() == Some(wanted.as_str())).collect();
    if entries.is_empty() {
        return site::error_page(StatusCode::NOT_FOUND, "There is no such area in the API reference.");
    }
    let csrf = match caller::of(&server, &request).await {
        Ok(caller) => caller.signed.map(|s| s.csrf).unwrap_or_default(),
        Err(_) => String::new(),
    };
    let body = html! { @for declaration in &entries { (entry(declaration, &csrf)) } };
    page(&server, request, &ui::humanize(&wanted), Some(()), body).await
}

fn entry(declaration: &Declaration, csrf: &str) -> Markup {
    let route = declaration.route;
    html! {
        section.card id=(declaration.name) {
            h2 { code { (route.method.name()) " /v1" (route.path) } }
            p { (declaration.summary) }
            p.muted { "Permission " code { (declaration.name) } " · command " code { "concord " (declaration.name.replace('.', " ").replace('_', "-")) }
                " · answers " (openapi::success(declaration)) }
            (fields(&declaration.input))
            details {
                summary { "Try it" }
                form.form data-try=(route.method.name()) data-path={ "/v1" (route.path) } data-csrf=(csrf)
                    method="get" action={ "/v1" (route.path) } {
                    (ui::form::from_schema(&declaration.input, &Default::default(), &[], &[]))
                    (ui::button(ui::Tone::Accent, if route.method == Method::Get { "Ask" } else { "Run" }))
                    pre.try-answer hidden tabindex="0" {}
                }
            }
            details { summary { "Schema of the answer" } pre { (pretty(&declaration.output)) } }
        }
    }
}

fn fields(schema: &Json) -> Markup {
    let required = schema.get("required").and_then(Json::as_array).cloned().unwrap_or_default();
    let properties = schema.get("properties").and_then(Json::as_object);
    html! {
        @if let Some(properties) = properties.filter(|p| !p.is_empty()) {
            dl.fields { @for (name, property) in properties {
                dt { code { (name) } @if required.iter().any(|r| r == name) { " " span.muted { "required" } } }
                dd { (property.get("description").and_then(Json::as_str).unwrap_or_default()) }
            } }
        } @else { p.muted { "No fields." } }
    }
}

fn pretty(json: &Json) -> String {
    serde_json::to_string_pretty(json).unwrap_or_default()
}

async fn page(server: &Server, request: Request, title: &str, below: Option<()>, body: Markup) -> Response<Body> {
    let caller = caller::of(server, &request).await.ok();
    let side = match caller {
        Some(caller) if caller.actor.partner.is_some() => Side::Portal,
        _ => Side::Console,
    };
    let mut frame = Frame::new(title, side).body(body);
    if below.is_some() {
        frame = frame.crumb("API reference", "/reference");
    }
    site::html_response(StatusCode::OK, frame.render())
}
