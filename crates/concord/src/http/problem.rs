//! Errors on the wire: RFC 9457 problem details, for every failure including those of the router and the body parser.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use kernel::{Audience, Error};
use serde_json::{Value as Json, json};

/// Where the meaning of each code is documented, relative to the server.
const TYPES: &str = "/reference#problem-";

/// The problem document of an error. Internal causes stay in the log.
pub fn document(error: &Error, request_id: &str, for_partner: bool) -> Json {
    let detail = match error {
        Error::Internal(_) => format!("Something went wrong on our side; tell support the request id {request_id}."),
        Error::Refused { message, .. } => message.clone(),
        other => other.to_string(),
    };
    let mut problem = json!({
        "type": type_uri(error),
        "title": title(error),
        "status": error.status(),
        "code": error.code(),
        "detail": detail,
        "request_id": request_id,
    });
    match error {
        Error::Invalid(fields) => problem["errors"] = json!(fields),
        Error::Refused { reasons, .. } => {
            let shown: Vec<_> = reasons.iter().filter(|r| !for_partner || r.audience == Audience::Both).collect();
            problem["reasons"] = json!(shown);
        }
        Error::Forbidden { permission, .. } => problem["permission"] = json!(permission),
        Error::PreconditionFailed { current } => problem["current"] = json!(current),
        _ => {}
    }
    problem
}

fn type_uri(error: &Error) -> String {
    match error {
        Error::TooMany { .. } => "https://iana.org/assignments/http-problem-types#quota-exceeded".to_owned(),
        other => format!("{TYPES}{}", other.code()),
    }
}

fn title(error: &Error) -> &'static str {
    match error {
        Error::Unauthenticated(_) => "Sign in first",
        Error::Forbidden { .. } => "Permission missing",
        Error::NotFound { .. } => "Not found",
        Error::Invalid(_) => "The input breaks a rule",
        Error::Conflict { .. } => "The state does not allow it",
        Error::Refused { .. } => "Refused by the program's rules",
        Error::PreconditionFailed { .. } => "It has changed since you read it",
        Error::TooMany { .. } => "Too many requests",
        Error::Lost(_) => "Try again",
        Error::Internal(_) => "Internal error",
    }
}

/// The whole response.
pub fn response(error: &Error, request_id: &str, for_partner: bool) -> Response<Body> {
    let mut response = of(error.status(), &document(error, request_id, for_partner));
    let headers = response.headers_mut();
    match error {
        Error::Unauthenticated(_) => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"concord\""));
        }
        Error::TooMany { retry_after_seconds, .. } => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(*retry_after_seconds));
        }
        Error::Lost(_) => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    response
}

/// A problem that the HTTP layer itself finds: no route, wrong method, unreadable body.
pub fn plain(status: StatusCode, code: &str, detail: &str, request_id: &str) -> Response<Body> {
    let title = status.canonical_reason().unwrap_or("Error");
    of(
        status.as_u16(),
        &json!({
            "type": format!("{TYPES}{code}"), "title": title, "status": status.as_u16(), "code": code,
            "detail": detail, "request_id": request_id,
        }),
    )
}

fn of(status: u16, document: &Json) -> Response<Body> {
    let mut response = Response::new(Body::from(document.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
