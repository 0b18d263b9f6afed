//! Errors of the gate's protocol doors as RFC 9457 problem details.

use kernel::{Error, RawResponse};
use serde_json::{Value, json};

/// A JSON answer.
pub(crate) fn json(status: u16, body: &Value) -> RawResponse {
    RawResponse {
        status,
        headers: vec![("content-type", "application/json".to_owned())],
        body: body.to_string().into_bytes(),
    }
}

/// A problem in a word and a sentence.
pub(crate) fn plain(status: u16, code: &str, detail: &str) -> RawResponse {
    with(status, code, detail, json!({}))
}

/// An error, under its own status or another one that the protocol asks for.
pub(crate) fn of(error: &Error, status: Option<u16>) -> RawResponse {
    let status = status.unwrap_or_else(|| error.status());
    match error {
        Error::Internal(message) => {
            tracing::error!(message, "a door of the gate failed");
            plain(status, error.code(), "Something went wrong here; it is in the log.")
        }
        Error::Invalid(fields) => with(status, error.code(), &error.to_string(), json!({ "errors": fields })),
        Error::Refused { message, reasons, .. } => with(status, error.code(), message, json!({ "reasons": reasons })),
        _ => plain(status, error.code(), &error.to_string()),
    }
}

fn with(status: u16, code: &str, detail: &str, more: Value) -> RawResponse {
    let mut body = json!({
        "type": format!("/reference#problem-{code}"),
        "title": code.replace('_', " "),
        "status": status,
        "code": code,
        "detail": detail,
    });
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    let mut response = json(status, &body);
    response.headers = vec![("content-type", "application/problem+json".to_owned())];
    if status == 401 {
        response.headers.push(("www-authenticate", "Bearer realm=\"concord\"".to_owned()));
    }
    response
}
